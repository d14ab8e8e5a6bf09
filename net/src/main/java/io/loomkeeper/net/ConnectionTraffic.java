package io.loomkeeper.net;

import io.loomkeeper.net.ConnectionStats.Latency;
import io.loomkeeper.tree.Op;
import org.jspecify.annotations.Nullable;

/** Counts and latencies of one connection; what is counted here is counted in the total too. */
final class ConnectionTraffic {
    private final Traffic total;
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

    ConnectionTraffic(Traffic total, long establishedMs) {
        this.total = total;
        this.establishedMs = establishedMs;
    }

    void onReceived() {
        total.onReceived();
        synchronized (this) {
            received++;
        }
    }

    /** A frame that answers nothing. */
    void onSent() {
        total.onSent();
        synchronized (this) {
            sent++;
        }
    }

    void onAnswered(Op op, int xid, long zxid, long receivedNs) {
        long nowNs = System.nanoTime();
        long latencyNs = Math.max(0, nowNs - receivedNs);
        total.onSent();
        total.onAnswered(latencyNs);
        synchronized (this) {
            sent++;
            lastOp = op;
            lastCxid = xid;
            lastZxid = zxid;
            lastReplyNs = nowNs;
            latencyMinNs = latencyCount == 0 ? latencyNs : Math.min(latencyMinNs, latencyNs);
            latencyMaxNs = Math.max(latencyMaxNs, latencyNs);
            latencyLastNs = latencyNs;
            latencySumNs += latencyNs;
            latencyCount++;
        }
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
