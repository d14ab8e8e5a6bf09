package io.loomkeeper.conformance;

import io.loomkeeper.conformance.Side.Frames;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern HOME = Pattern.compile(" path='/t(\\d+)[/']");
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
        if (!(step instanceof Step.Together)) {
            return compareAll(step, apache, tested);
        }
        long first = latestZxid(apache);
        long second = latestZxid(tested);
        if (!twins.beginDisorder(first, second)) {
            String last = Long.toHexString(first);
            return new Difference(
                    "after it", "the number of transactions", last, Long.toHexString(second));
        }
        Difference difference = compareAll(step, apache, tested);
        twins.endDisorder();
        return difference;
    }

    private static long latestZxid(Frames frames) {
        return frames.byClient().values().stream()
                .flatMap(List::stream)
                .mapToLong(Comparison::zxid)
                .max()
                .orElse(0);
    }

    private static long zxid(byte[] frame) {
        return frame.length < 12 ? 0 : ByteBuffer.wrap(frame).getLong(4);
    }

    private @Nullable Difference compareAll(Step step, Frames apache, Frames tested) {
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
        if (step instanceof Step.Together together) {
            return compareApart(client, together, apache, tested);
        }
        List<Read> first = read(client, step, apache.of(client));
        List<Read> second = read(client, step, tested.of(client));
        if (endsSession(step)) {
            // a closing session's ephemerals go in no particular order (protocol 12)
            sortEvents(first);
            sortEvents(second);
        }
        return compare(client, first, second);
    }

    private @Nullable Difference compare(int client, List<Read> first, List<Read> second) {
        for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
            Difference difference = compare(client, at(first, i), at(second, i));
            if (difference != null) {
                return difference.after(first.subList(Math.max(0, i - SHOWN_BEFORE), i));
            }
        }
        return null;
    }

    /**
     * What a client heard of its own doings and of each other client's, each by itself: only how
     * they are mixed depends on who came first.
     */
    private @Nullable Difference compareApart(
            int client, Step.Together step, Frames apache, Frames tested) {
        if (!rises(apache.of(client), latestZxid(apache))
                || !rises(tested.of(client), latestZxid(tested))) {
            return new Difference("client " + client, "zxids that do not rise to the last", "", "");
        }
        Map<Integer, List<Read>> first = apart(client, read(client, step, apache.of(client)));
        Map<Integer, List<Read>> second = apart(client, read(client, step, tested.of(client)));
        TreeSet<Integer> origins = new TreeSet<>(first.keySet());
        origins.addAll(second.keySet());
        return origins.stream()
                .map(
                        origin ->
                                compare(
                                        client,
                                        first.getOrDefault(origin, List.of()),
                                        second.getOrDefault(origin, List.of())))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /**
     * Whether the zxids that one connection was shown never go back (0 and −1 are none) and end at
     * the last of the step, which the ping that ends it must see.
     */
    private static boolean rises(List<byte[]> frames, long last) {
        long seen = 0;
        for (byte[] frame : frames) {
            long zxid = zxid(frame);
            if (zxid > 0 && zxid < seen) {
                return false;
            }
            seen = Math.max(seen, zxid);
        }
        return frames.isEmpty() || zxid(frames.getLast()) == last;
    }

    /** By the client in whose home the event was; replies are the client's own. */
    private static Map<Integer, List<Read>> apart(int client, List<Read> reads) {
        Map<Integer, List<Read>> byOrigin = new TreeMap<>();
        for (Read read : reads) {
            int origin = read.isEvent() ? homeOf(read.reading().text(), client) : client;
            byOrigin.computeIfAbsent(origin, _ -> new ArrayList<>()).add(read);
        }
        return byOrigin;
    }

    private static int homeOf(String event, int otherwise) {
        Matcher home = HOME.matcher(event);
        return home.find() ? Integer.parseInt(home.group(1)) : otherwise;
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
        List<Op> ops = step.ops(client);
        boolean isConnecting = client == step.client() && isConnect(step);
        int replies = 0;
        for (byte[] frame : frames) {
            Op op = replies < ops.size() ? ops.get(replies) : SETTLING_PING;
            if (Side.isNotification(frame)) {
                reads.add(new Read(op, ReplyReader.notification(frame), true));
            } else if (isConnecting && reads.isEmpty()) {
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
