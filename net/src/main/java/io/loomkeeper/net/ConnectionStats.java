package io.loomkeeper.net;

import io.loomkeeper.tree.Op;
import org.jspecify.annotations.Nullable;

/**
 * What {@code cons} tells of a connection (protocol 21).
 *
 * @param queued requests in flight
 * @param received frames that came
 * @param sent frames that went, notifications included
 * @param establishedMs wall clock, ms since 1970
 * @param timeoutMs the session's; 0 without one
 * @param lastOp of the last request answered
 * @param lastReplyNs System.nanoTime of the last reply, 0 before there was one
 */
public record ConnectionStats(
        int queued,
        long received,
        long sent,
        long establishedMs,
        int timeoutMs,
        @Nullable Op lastOp,
        int lastCxid,
        long lastZxid,
        long lastReplyNs,
        Latency latency) {

    /**
     * Latencies of the requests answered, from arrival of the frame to the queueing of its reply.
     */
    public record Latency(long count, long lastNs, long minNs, long maxNs, long sumNs) {
        static final Latency NONE = new Latency(0, 0, 0, 0, 0);

        public double averageNs() {
            return count == 0 ? 0 : (double) sumNs / count;
        }
    }
}
