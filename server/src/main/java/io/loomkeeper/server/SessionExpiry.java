package io.loomkeeper.server;

import java.util.function.LongConsumer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;

/**
 * Decides which sessions are due (protocol 2.6): deadlines are rounded up to whole ticks, and all
 * sessions of one tick form a bucket, so time passing costs one look a tick and not one per
 * session.
 *
 * <p>Pipeline thread only; time is what it is told.
 */
final class SessionExpiry {
    private static final long NONE = Long.MIN_VALUE;

    private final long tickMs;
    private final Long2LongHashMap deadlineOf = new Long2LongHashMap(NONE);
    private final Long2ObjectHashMap<LongHashSet> buckets = new Long2ObjectHashMap<>();
    private long nextBucket = NONE;

    SessionExpiry(long tickMs) {
        assert tickMs > 0 : tickMs;
        this.tickMs = tickMs;
    }

    /**
     * The session was heard at {@code heardMs}: it is due {@code timeoutMs} later, rounded up to a
     * tick.
     */
    void touch(long sessionId, long heardMs, long timeoutMs) {
        long deadline = roundUp(heardMs + timeoutMs);
        long previous = deadlineOf.get(sessionId);
        if (previous == deadline) {
            return;
        }
        if (previous != NONE) {
            if (deadline < previous) {
                return;
            }
            leaveBucket(sessionId, previous);
        }
        deadlineOf.put(sessionId, deadline);
        buckets.computeIfAbsent(deadline, _ -> new LongHashSet()).add(sessionId);
        nextBucket = nextBucket == NONE ? deadline : Math.min(nextBucket, deadline);
    }

    /** The session has ended: it is never due again. */
    void forget(long sessionId) {
        long deadline = deadlineOf.remove(sessionId);
        if (deadline != NONE) {
            leaveBucket(sessionId, deadline);
        }
    }

    boolean tracks(long sessionId) {
        return deadlineOf.containsKey(sessionId);
    }

    int count() {
        return deadlineOf.size();
    }

    /**
     * Takes every session out whose bucket is due at {@code nowMs} and gives it to {@code due},
     * which touches it again when it was heard since, or ends it.
     */
    void expire(long nowMs, LongConsumer due) {
        while (nextBucket != NONE && nextBucket <= nowMs) {
            LongHashSet bucket = buckets.remove(nextBucket);
            advance();
            if (bucket == null) {
                continue;
            }
            LongHashSet.LongIterator sessions = bucket.iterator();
            while (sessions.hasNext()) {
                long sessionId = sessions.nextValue();
                deadlineOf.remove(sessionId);
                due.accept(sessionId);
            }
        }
    }

    /** Gives each session and its deadline in ms, for {@code dump}. */
    void forEachSession(Visitor visitor) {
        Long2LongHashMap.EntryIterator entries = deadlineOf.entrySet().iterator();
        while (entries.hasNext()) {
            entries.next();
            visitor.onSession(entries.getLongKey(), entries.getLongValue());
        }
    }

    interface Visitor {
        void onSession(long sessionId, long deadlineMs);
    }

    private void leaveBucket(long sessionId, long deadline) {
        LongHashSet bucket = buckets.get(deadline);
        if (bucket != null) {
            bucket.remove(sessionId);
            if (bucket.isEmpty()) {
                buckets.remove(deadline);
            }
        }
    }

    /**
     * Steps to the next tick: empty ticks cost one lookup each, and there is one per tick of real
     * time.
     */
    private void advance() {
        nextBucket = buckets.isEmpty() ? NONE : nextBucket + tickMs;
    }

    private long roundUp(long timeMs) {
        return (Math.floorDiv(timeMs, tickMs) + 1) * tickMs;
    }
}
