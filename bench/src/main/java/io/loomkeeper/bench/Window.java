package io.loomkeeper.bench;

import java.util.concurrent.TimeUnit;

/** The measured time of a load, on the clock of System.nanoTime. */
record Window(long startNs, long endNs, long graceEndNs) {

    /** The window of a load that begins at {@code nowNs} with {@code warmupMs} unmeasured. */
    static Window from(long nowNs, int warmupMs, LoadPlan.Timing timing) {
        long start = nowNs + TimeUnit.MILLISECONDS.toNanos(warmupMs);
        long end = start + TimeUnit.MILLISECONDS.toNanos(timing.windowMs());
        return new Window(start, end, end + TimeUnit.MILLISECONDS.toNanos(timing.graceMs()));
    }

    boolean contains(long timeNs) {
        return timeNs - startNs >= 0 && timeNs - endNs < 0;
    }

    boolean endedBy(long timeNs) {
        return timeNs - endNs >= 0;
    }

    boolean graceEndedBy(long timeNs) {
        return timeNs - graceEndNs >= 0;
    }
}
