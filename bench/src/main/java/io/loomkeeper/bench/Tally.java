package io.loomkeeper.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/** What one thread of a load counts. Belongs to that thread until it has ended. */
final class Tally {
    /** Longer ones are counted as this long. */
    static final long LATENCY_NS_MAX = TimeUnit.MINUTES.toNanos(2);

    private static final int DIGITS = 3;
    private static final int FAILURES_MAX = 5;

    private final Window window;
    private final boolean byStart;
    private final BooleanSupplier apart;
    private final Histogram latencies = histogram();
    private final Histogram apartLatencies = histogram();
    private final SortedMap<Integer, Long> errors = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private long lastReplyNs;
    private long unanswered;

    /**
     * @param byStart whether an operation belongs to the window when it was to start in it (open
     *     loop), and not when it ended in it (closed loop)
     */
    Tally(Window window, boolean byStart) {
        this(window, byStart, () -> false);
    }

    /**
     * @param apart asked at each reply whether it is one of those to be looked at by themselves too
     */
    Tally(Window window, boolean byStart, BooleanSupplier apart) {
        this.window = window;
        this.byStart = byStart;
        this.apart = apart;
        lastReplyNs = window.startNs();
    }

    static Histogram histogram() {
        return new Histogram(LATENCY_NS_MAX, DIGITS);
    }

    /** An operation was answered with the error code {@code err}, 0 for none. */
    void onReply(long startNs, long nowNs, int err) {
        if (window.contains(byStart ? startNs : nowNs)) {
            record(nowNs - startNs);
            if (apart.getAsBoolean()) {
                apartLatencies.recordValue(clamped(nowNs - startNs));
            }
            lastReplyNs = nowNs;
        }
        if (err != 0) {
            errors.merge(err, 1L, Long::sum);
        }
    }

    /** No answer came until {@code nowNs}: as slow as that at least, where starts are counted. */
    void onUnanswered(long startNs, long nowNs) {
        unanswered++;
        if (byStart && window.contains(startNs)) {
            record(nowNs - startNs);
        }
    }

    /** A connection broke or spoke out of turn. */
    void onFailure(String what) {
        if (failures.size() < FAILURES_MAX) {
            failures.add(what);
        }
    }

    Histogram latencies() {
        return latencies;
    }

    /** Those of {@link #latencies} that are to be looked at by themselves. */
    Histogram apartLatencies() {
        return apartLatencies;
    }

    /** By code, the whole time, warm-up included. */
    SortedMap<Integer, Long> errors() {
        return errors;
    }

    List<String> failures() {
        return failures;
    }

    long unanswered() {
        return unanswered;
    }

    /** When the last operation in the window ended; its start, before there was any. */
    long lastReplyNs() {
        return lastReplyNs;
    }

    private void record(long latencyNs) {
        latencies.recordValue(clamped(latencyNs));
    }

    private static long clamped(long latencyNs) {
        return Math.clamp(latencyNs, 1, LATENCY_NS_MAX);
    }
}
