package io.loomkeeper.server;

import java.util.function.LongUnaryOperator;

/**
 * When the next snapshot is due: after between half and all of {@code snapCount} transactions, by
 * chance, so that the servers of an ensemble do not write theirs at one moment; likewise for the
 * bytes logged. And not before a rest of {@value #REST} times what the last one took: under a load
 * that logs {@code snapCount} transactions a second, snapshots of a large tree would follow one
 * upon the other and take a core from those who wait for answers. What a start has to replay stays
 * within what {@value #REST} snapshots' time can log.
 *
 * <p>One thread counts; {@link #onEnded} may come from another.
 */
final class SnapshotPace {
    private static final int REST = 3;

    private final long snapCount;
    private final long bytesMax;
    private final LongUnaryOperator random;

    private long writesSince;
    private long writesDue;
    private long bytesSince;
    private long bytesDue;

    private volatile boolean rests;
    private volatile long restUntilNs;

    /**
     * @param bytesMax 0 for no limit
     * @param random draws from 0 to below its argument
     */
    SnapshotPace(long snapCount, long bytesMax, LongUnaryOperator random) {
        this.snapCount = snapCount;
        this.bytesMax = bytesMax;
        this.random = random;
        draw();
    }

    private void draw() {
        writesDue = upperHalf(snapCount);
        bytesDue = bytesMax == 0 ? Long.MAX_VALUE : upperHalf(bytesMax);
    }

    private long upperHalf(long limit) {
        long half = Math.max(1, limit / 2);
        return half + random.applyAsLong(half);
    }

    void onLogged(long writes, long bytes) {
        writesSince += writes;
        bytesSince += bytes;
    }

    /**
     * @param nowNs of a clock that does not go back
     */
    boolean isDue(long nowNs) {
        return (writesSince >= writesDue || bytesSince >= bytesDue)
                && !(rests && nowNs - restUntilNs < 0);
    }

    /** A snapshot begins: what was logged until now is in it. */
    void onBegun() {
        writesSince = 0;
        bytesSince = 0;
        draw();
    }

    /** The snapshot is written, or has failed. */
    void onEnded(long begunNs, long nowNs) {
        restUntilNs = nowNs + REST * (nowNs - begunNs);
        rests = true;
    }
}
