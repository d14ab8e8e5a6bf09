package io.loomkeeper.conformance;

import io.loomkeeper.conformance.Reading.Kind;
import io.loomkeeper.conformance.Reading.Mark;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers of one server stand for which of the other, learnt while a script runs. Zxids lie a
 * constant distance apart, since both servers must count the same writes; only those of clients
 * that wrote at the same time pair up one to one, in any order. So do sessions. The time of a
 * transaction is one and the same wherever it shows, and close to now.
 */
final class Twins {
    private static final long CLOCK_SLACK_MS = 600_000;

    private final TreeMap<Long, Long> offsetFrom = new TreeMap<>();
    private final Pairs sessions = new Pairs();

    /** First and last zxid, at the first server, of what several clients wrote at the same time. */
    private final TreeMap<Long, Long> disorders = new TreeMap<>();

    private final Pairs disordered = new Pairs();
    private boolean isInDisorder;
    private long disorderAfter;
    private long latest;
    private final Map<Long, Long> firstTimes = new HashMap<>();
    private final Map<Long, Long> secondTimes = new HashMap<>();

    /** Null when the two mean the same; else what differs. */
    @Nullable String difference(Reading first, Reading second) {
        if (!first.text().equals(second.text())) {
            return "text";
        }
        List<Mark> marks = first.marks();
        for (int i = 0; i < marks.size(); i++) {
            Mark one = marks.get(i);
            Mark other = second.marks().get(i);
            boolean isSame =
                    switch (one.kind()) {
                        case ZXID, SEEN -> other.kind() == one.kind() && sameZxid(one, other);
                        case TIME -> sameTime(firstTimes, one) && sameTime(secondTimes, other);
                        case SESSION -> sessions.fit(one.value(), other.value());
                    };
            if (!isSame) {
                return one.kind() + " " + Long.toHexString(one.value());
            }
        }
        return null;
    }

    /**
     * What is compared from here on, several clients made happen at the same time.
     *
     * @param first the last zxid of it at the first server
     * @param second the last zxid of it at the second
     * @return whether both servers counted as many transactions
     */
    boolean beginDisorder(long first, long second) {
        if (offsetFrom.isEmpty()) {
            offsetFrom.put(first, second - first);
        }
        isInDisorder = true;
        disorderAfter = latest;
        if (first > latest) {
            disorders.put(latest + 1, first);
            latest = first;
        }
        return second - first == offsetFrom.lastEntry().getValue();
    }

    /** Order is back; what was written meanwhile stays in the order in which it was written. */
    void endDisorder() {
        isInDisorder = false;
    }

    /** Those who read meanwhile may have seen any of the states in between. */
    private boolean isSeenMeanwhile(Mark one, Mark other) {
        long like = other.value() - offsetFrom.lastEntry().getValue();
        return Math.min(one.value(), like) >= disorderAfter
                && Math.max(one.value(), like) <= latest;
    }

    private boolean sameZxid(Mark one, Mark other) {
        if (isInDisorder && one.kind() == Kind.SEEN) {
            return isSeenMeanwhile(one, other);
        }
        latest = Math.max(latest, one.value());
        Map.Entry<Long, Long> range = disorders.floorEntry(one.value());
        if (range != null && one.value() <= range.getValue() && one.kind() == Kind.ZXID) {
            long like = other.value() - offsetFrom.floorEntry(range.getValue()).getValue();
            boolean isWithin = like >= range.getKey() && like <= range.getValue();
            return isWithin && disordered.fit(one.value(), other.value());
        }
        if (offsetFrom.isEmpty()) {
            offsetFrom.put(one.value(), other.value() - one.value());
        }
        Map.Entry<Long, Long> offset = offsetFrom.floorEntry(one.value());
        if (offset == null) {
            // older than this script: it only has to be older on both sides
            long start = offsetFrom.firstKey();
            return other.value() < start + offsetFrom.firstEntry().getValue();
        }
        // right after a shift both distances are right: a new transaction has not shown itself yet
        long distance = other.value() - one.value();
        long later = offsetFrom.floorEntry(one.value() + 1).getValue();
        return distance >= offset.getValue() && distance <= later;
    }

    /** How far the second of two zxids lies beyond what was known. */
    long ahead(long first, long second) {
        return second - first - (offsetFrom.isEmpty() ? 0 : offsetFrom.lastEntry().getValue());
    }

    /** From the zxid after {@code first} on, the second server is {@code by} further ahead. */
    void shift(long first, long by) {
        offsetFrom.put(first + 1, offsetFrom.lastEntry().getValue() + by);
    }

    private static boolean sameTime(Map<Long, Long> times, Mark time) {
        long now = System.currentTimeMillis();
        Long known = times.putIfAbsent(time.ofZxid(), time.value());
        return (known == null || known == time.value())
                && Math.abs(now - time.value()) < CLOCK_SLACK_MS;
    }

    /** Numbers of one server and of the other that belong together, each to one only. */
    private static final class Pairs {
        private final Map<Long, Long> forth = new HashMap<>();
        private final Map<Long, Long> back = new HashMap<>();

        boolean fit(long one, long other) {
            Long known = forth.putIfAbsent(one, other);
            Long knownBack = back.putIfAbsent(other, one);
            return (known == null || known == other) && (knownBack == null || knownBack == one);
        }
    }
}
