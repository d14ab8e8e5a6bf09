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
        return inFlight >= freeCount && canBeLong(op);
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

    private static boolean canBeLong(Op op) {
        return switch (op) {
            case GET_DATA,
                    GET_CHILDREN,
                    GET_CHILDREN2,
                    GET_EPHEMERALS,
                    GET_ACL,
                    MULTI_READ,
                    MULTI ->
                    true;
            case PING,
                    EXISTS,
                    GET_ALL_CHILDREN_NUMBER,
                    WHO_AM_I,
                    CREATE,
                    CREATE2,
                    CREATE_CONTAINER,
                    CREATE_TTL,
                    DELETE,
                    DELETE_CONTAINER,
                    SET_DATA,
                    SET_ACL,
                    CHECK,
                    RECONFIG,
                    SYNC,
                    CREATE_SESSION,
                    CLOSE_SESSION,
                    AUTH,
                    SASL,
                    SET_WATCHES,
                    SET_WATCHES2,
                    ADD_WATCH,
                    CHECK_WATCHES,
                    REMOVE_WATCHES ->
                    false;
        };
    }
}
