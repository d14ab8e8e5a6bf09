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
 * constant distance apart, since both servers must count the same writes; sessions pair up one to
 * one; the time of a transaction is one and the same wherever it shows, and close to now.
 */
final class Twins {
    private static final long CLOCK_SLACK_MS = 600_000;

    private final TreeMap<Long, Long> offsetFrom = new TreeMap<>();
    private final Map<Long, Long> sessions = new HashMap<>();
    private final Map<Long, Long> sessionsBack = new HashMap<>();
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
                        case ZXID -> other.kind() == Kind.ZXID && sameZxid(one, other);
                        case TIME -> sameTime(firstTimes, one) && sameTime(secondTimes, other);
                        case SESSION -> samePair(one.value(), other.value());
                    };
            if (!isSame) {
                return one.kind() + " " + Long.toHexString(one.value());
            }
        }
        return null;
    }

    private boolean sameZxid(Mark one, Mark other) {
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

    private boolean samePair(long one, long other) {
        Long known = sessions.putIfAbsent(one, other);
        Long knownBack = sessionsBack.putIfAbsent(other, one);
        return (known == null || known == other) && (knownBack == null || knownBack == one);
    }

    private static boolean sameTime(Map<Long, Long> times, Mark time) {
        long now = System.currentTimeMillis();
        Long known = times.putIfAbsent(time.ofZxid(), time.value());
        return (known == null || known == time.value())
                && Math.abs(now - time.value()) < CLOCK_SLACK_MS;
    }
}
