package io.loomkeeper.net;

import io.loomkeeper.net.ConnectionStats.Latency;
import io.loomkeeper.tree.Op;
import org.jspecify.annotations.Nullable;

/** Counts and latencies of one connection; the server's meter is told of each as well. */
final class ConnectionTraffic {
    private final ClientMeter meter;
    private final long establishedMs;

    // All below is guarded by this.
    private long received;
    private long sent;
    private @Nullable Op lastOp;
    private int lastCxid;
    private long lastZxid;
    private long lastReplyNs;
    private long latencyCount;
    private long latencyLastNs;
    private long latencyMinNs;
    private long latencyMaxNs;
    private long latencySumNs;

    ConnectionTraffic(ClientMeter meter, long establishedMs) {
        this.meter = meter;
        this.establishedMs = establishedMs;
    }

    void onReceived(int bytes) {
        meter.onReceived(bytes);
        synchronized (this) {
            received++;
        }
    }

    void onEvent(int bytes) {
        meter.onEvent(bytes);
        countSent();
    }

    void onSentBeside(int bytes) {
        meter.onSentBeside(bytes);
        countSent();
    }

    private synchronized void countSent() {
        sent++;
    }

    /** Returns how long after the request's arrival that is, in ns. */
    long onReplied(Asked asked, long zxid, int bytes) {
        long nowNs = System.nanoTime();
        long latencyNs = Math.max(0, nowNs - asked.receivedNs());
        meter.onReplied(asked.op(), latencyNs, bytes);
        synchronized (this) {
            sent++;
            lastOp = asked.op();
            lastCxid = asked.xid();
            lastZxid = zxid;
            lastReplyNs = nowNs;
            latencyMinNs = latencyCount == 0 ? latencyNs : Math.min(latencyMinNs, latencyNs);
            latencyMaxNs = Math.max(latencyMaxNs, latencyNs);
            latencyLastNs = latencyNs;
            latencySumNs += latencyNs;
            latencyCount++;
        }
        return latencyNs;
    }

    synchronized void reset() {
        received = 0;
        sent = 0;
        latencyCount = 0;
        latencyLastNs = 0;
        latencyMinNs = 0;
        latencyMaxNs = 0;
        latencySumNs = 0;
    }

    synchronized ConnectionStats stats(int queued, int timeoutMs) {
        return new ConnectionStats(
                queued,
                received,
                sent,
                establishedMs,
                timeoutMs,
                lastOp,
                lastCxid,
                lastZxid,
                lastReplyNs,
                new Latency(latencyCount, latencyLastNs, latencyMinNs, latencyMaxNs, latencySumNs));
    }
}
