package io.loomkeeper.net;

import io.loomkeeper.net.ConnectionStats.Latency;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Counts and latencies over all client connections of this server, closed ones included. */
public final class Traffic {
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder latencyCount = new LongAdder();
    private final LongAdder latencySumNs = new LongAdder();
    private final LongAccumulator latencyMinNs = new LongAccumulator(Math::min, Long.MAX_VALUE);
    private final LongAccumulator latencyMaxNs = new LongAccumulator(Math::max, 0);

    /** Frames that came. */
    public long received() {
        return received.sum();
    }

    /** Frames that went, notifications included. */
    public long sent() {
        return sent.sum();
    }

    /** Of all requests since the start or the last {@link #reset}; {@code lastNs} is 0. */
    public Latency latency() {
        long count = latencyCount.sum();
        return count == 0
                ? Latency.NONE
                : new Latency(count, 0, latencyMinNs.get(), latencyMaxNs.get(), latencySumNs.sum());
    }

    /** What {@code srst} does. */
    public void reset() {
        received.reset();
        sent.reset();
        latencyCount.reset();
        latencySumNs.reset();
        latencyMinNs.reset();
        latencyMaxNs.reset();
    }

    void onReceived() {
        received.increment();
    }

    void onSent() {
        sent.increment();
    }

    void onAnswered(long latencyNs) {
        latencyCount.increment();
        latencySumNs.add(latencyNs);
        latencyMinNs.accumulate(latencyNs);
        latencyMaxNs.accumulate(latencyNs);
    }
}
