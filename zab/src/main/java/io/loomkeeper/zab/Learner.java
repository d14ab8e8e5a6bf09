package io.loomkeeper.zab;

/**
 * One learner, as its leader sees it: a follower, an observer, or a joiner that counts for neither.
 */
final class Learner {
    /** In the order in which they are passed. */
    enum Phase {
        CONNECTED,
        /** Has said who it is, waits for the epoch. */
        INTRODUCED,
        /** Was told the epoch. */
        PROMISING,
        /** Has promised the epoch, waits until a quorum has. */
        PROMISED,
        /** Waits for our disk to say where its history ends in ours. */
        LOCATING,
        /** Gets our history, and whatever is proposed from now on (S9). */
        SYNCING,
        /** Has acked the epoch: all that it got before is durable there. */
        READY,
        SERVING
    }

    final long link;
    Phase phase = Phase.CONNECTED;
    long heardMs;
    long sid = -1;
    boolean isObserver;

    /** Whether its promises and acks count (S23, S24). */
    boolean counts;

    /**
     * Whether it is of our kind: it may be left what it has of our outstanding proposals, and shows
     * signs of life while it is busy (L4).
     */
    boolean isOurs;

    /** The end of its history, as it said. */
    long lastZxid;

    /**
     * What it has of our outstanding proposals and was left; an observer that was a follower may
     * have some (S9).
     */
    long keptUpTo;

    /** Durable there as soon as it has acked the epoch. */
    long hardenedUpTo;

    /** Durable there. */
    long acked;

    /** A proposal that it has not acked, and when it was sent; 0: none. */
    private long watchedZxid;

    private long watchedMs;
    private long newestZxid;
    private long newestMs;

    Learner(long link, long nowMs) {
        this.link = link;
        this.heardMs = nowMs;
    }

    /** Whether it is an observer that has not been sent this before it is committed. */
    boolean lacks(long zxid) {
        return isObserver && zxid > keptUpTo;
    }

    boolean isAtLeast(Phase other) {
        return phase.compareTo(other) >= 0;
    }

    void enter(Phase next, long nowMs) {
        assert next.compareTo(phase) > 0 || next == Phase.SYNCING : phase + " to " + next;
        phase = next;
        heardMs = nowMs;
    }

    void onProposed(long zxid, long nowMs) {
        if (watchedZxid == 0) {
            watchedZxid = zxid;
            watchedMs = nowMs;
        }
        newestZxid = zxid;
        newestMs = nowMs;
    }

    void onAck(long zxid) {
        acked = Math.max(acked, zxid);
        if (watchedZxid != 0 && acked >= watchedZxid) {
            watchedZxid = acked >= newestZxid ? 0 : newestZxid;
            watchedMs = newestMs;
        }
    }

    /** Its proposals are due from now on. */
    void restartWatch(long nowMs) {
        watchedMs = nowMs;
        newestMs = nowMs;
    }

    /** Whether a proposal was sent that long ago and is not acked (protocol 15.8). */
    boolean lags(long limitMs, long nowMs) {
        return watchedZxid != 0 && nowMs - watchedMs > limitMs;
    }

    /** Whether it has been silent for too long, while it was its turn to speak. */
    boolean isSilent(Peer.Timing timing, long nowMs) {
        long silentMs = nowMs - heardMs;
        return switch (phase) {
            case CONNECTED, PROMISING -> silentMs > timing.initMs();
            case SYNCING -> silentMs > timing.initMs() + timing.syncMs();
            case SERVING -> silentMs > timing.syncMs();
            case INTRODUCED, PROMISED, LOCATING, READY -> false;
        };
    }
}
