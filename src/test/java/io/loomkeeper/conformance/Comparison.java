package io.loomkeeper.conformance;

import io.loomkeeper.conformance.Side.Frames;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Holds what two servers sent in the steps of one script against each other. */
final class Comparison {
    /** The first place at which two servers part, told for people. */
    record Difference(String where, String what, String apache, String tested) {
        private Difference after(List<Read> agreed) {
            StringBuilder context = new StringBuilder("after these, the same on both:\n");
            agreed.forEach(
                    read -> context.append("  %s\n    %s\n".formatted(read.op().text(), read)));
            return new Difference(context + where, what, apache, tested);
        }

        @Override
        public String toString() {
            return "%s\n  differs in %s\n  apache: %s\n  tested: %s"
                    .formatted(where, what, apache, tested);
        }
    }

    private static final int SHOWN_BEFORE = 12;
    private static final Op SETTLING_PING =
            Op.of(Op.PING, new FrameOut().int4(-2).int4(Op.PING), "the ping that ends the step");

    private final boolean isKnownAllowed;
    private final Twins twins = new Twins();
    private final Map<KnownDifference, Integer> known = new EnumMap<>(KnownDifference.class);

    /**
     * Prepares to compare.
     *
     * @param isKnownAllowed whether {@link KnownDifference}s pass; false when both servers are
     *     Apache's
     */
    Comparison(boolean isKnownAllowed) {
        this.isKnownAllowed = isKnownAllowed;
    }

    /** How often each known difference showed. */
    Map<KnownDifference, Integer> known() {
        return known;
    }

    /** The first difference in what one step brought, or null. */
    @Nullable Difference compare(Step step, Frames apache, Frames tested) {
        TreeSet<Integer> clients = new TreeSet<>(apache.byClient().keySet());
        clients.addAll(tested.byClient().keySet());
        clients.remove(step.client());
        Difference difference = compareClient(step.client(), step, apache, tested);
        for (int client : clients) {
            if (difference == null) {
                difference = compareClient(client, step, apache, tested);
            }
        }
        return difference;
    }

    private @Nullable Difference compareClient(
            int client, Step step, Frames apache, Frames tested) {
        List<Read> first = read(client, step, apache.of(client));
        List<Read> second = read(client, step, tested.of(client));
        if (endsSession(step)) {
            // a closing session's ephemerals go in no particular order (protocol 12)
            sortEvents(first);
            sortEvents(second);
        }
        for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
            Difference difference = compare(client, at(first, i), at(second, i));
            if (difference != null) {
                return difference.after(first.subList(Math.max(0, i - SHOWN_BEFORE), i));
            }
        }
        return null;
    }

    private static @Nullable Read at(List<Read> reads, int i) {
        return i < reads.size() ? reads.get(i) : null;
    }

    private @Nullable Difference compare(int client, @Nullable Read one, @Nullable Read other) {
        Read either = one != null ? one : other;
        String where = "client " + client + ", " + (either == null ? "" : described(either.op()));
        if (one == null || other == null) {
            return new Difference(where, "frames", String.valueOf(one), String.valueOf(other));
        }
        String what = twins.difference(one.reading(), other.reading());
        if (what == null) {
            return null;
        }
        if (isKnownAllowed) {
            var why = KnownDifference.explaining(one.op(), one.reading(), other.reading(), twins);
            if (why.isPresent()) {
                known.merge(why.get(), 1, Integer::sum);
                return null;
            }
        }
        return new Difference(where, what, one.toString(), other.toString());
    }

    private static String described(Op op) {
        String hex = HexFormat.of().formatHex(op.bytes(_ -> 0));
        return op.text() + "\n  request: " + hex.substring(0, Math.min(hex.length(), 600));
    }

    /** A frame, and the request whose reply it is or before whose reply it came. */
    private record Read(Op op, Reading reading, boolean isEvent) {
        @Override
        public String toString() {
            return reading.toString();
        }
    }

    private static List<Read> read(int client, Step step, List<byte[]> frames) {
        List<Read> reads = new ArrayList<>();
        boolean isOwn = client == step.client();
        List<Op> ops = isOwn && step instanceof Step.Batch batch ? batch.ops() : List.of();
        int replies = 0;
        for (byte[] frame : frames) {
            Op op = replies < ops.size() ? ops.get(replies) : SETTLING_PING;
            if (Side.isNotification(frame)) {
                reads.add(new Read(op, ReplyReader.notification(frame), true));
            } else if (isOwn && isConnect(step) && reads.isEmpty()) {
                reads.add(new Read(op, ReplyReader.connectResponse(frame), false));
            } else {
                reads.add(new Read(op, ReplyReader.reply(op, frame), false));
                replies++;
            }
        }
        return reads;
    }

    private static boolean isConnect(Step step) {
        return step instanceof Step.Open || step instanceof Step.Reopen;
    }

    private static boolean endsSession(Step step) {
        return step instanceof Step.Batch batch && batch.ops().getLast().type() == Op.CLOSE_SESSION;
    }

    private static void sortEvents(List<Read> reads) {
        int from = 0;
        while (from < reads.size()) {
            int to = from;
            while (to < reads.size() && reads.get(to).isEvent()) {
                to++;
            }
            Collections.sort(
                    reads.subList(from, to),
                    (a, b) -> a.reading().text().compareTo(b.reading().text()));
            from = to + 1;
        }
    }
}
