package io.loomkeeper.net;

import io.loomkeeper.tree.Op;

/**
 * How long the replies may be, together, that one connection has asked the pipeline for and not got
 * yet. Of the outbox one half is full before the reader stops, a quarter is for the first few
 * requests, however long their replies, and a quarter for all others: so whoever reads its replies
 * is never cut off for having asked for many at once. The connection's reader only.
 */
final class ReplyBudget {
    /** The most that a multi grows: of 23 bytes with a setData 77 are made. */
    static final long MULTI_GROWTH = 4;

    private final long bytesMax;
    private final long freeCount;
    private long taken;

    ReplyBudget(ClientLimits limits) {
        bytesMax = limits.outboxBytesMax() / 4;
        freeCount = bytesMax / limits.frameBytesMax();
    }

    /** Whether the reply to this counts, with so many requests in flight already. */
    boolean looksAt(Op op, int inFlight) {
        return inFlight >= freeCount && (op.kind() == Op.Kind.READ || op == Op.MULTI);
    }

    /** False when nothing may be in flight before this is asked for; counts it in any case. */
    boolean take(long bytes) {
        taken += bytes;
        if (taken <= bytesMax) {
            return true;
        }
        taken = bytes;
        return false;
    }
}
