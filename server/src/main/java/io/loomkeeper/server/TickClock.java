package io.loomkeeper.server;

/**
 * The time that the server goes by: read from the machine once per duty cycle, by the pipeline
 * thread, which hands it on.
 */
final class TickClock {
    private static final long NS_PER_MS = 1_000_000;

    private volatile long nowMs = System.nanoTime() / NS_PER_MS;
    private volatile long wallMs = System.currentTimeMillis();

    /** Reads the clocks; returns whether a millisecond has begun since. Pipeline thread only. */
    boolean advance() {
        long readMs = System.nanoTime() / NS_PER_MS;
        if (readMs == nowMs) {
            return false;
        }
        wallMs = System.currentTimeMillis();
        nowMs = readMs;
        return true;
    }

    /** Monotonic, in ms from an arbitrary start. */
    long nowMs() {
        return nowMs;
    }

    /** Ms since 1970. */
    long wallMs() {
        return wallMs;
    }
}
