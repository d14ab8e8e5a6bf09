package io.loomkeeper.net;

import io.loomkeeper.net.ClientLimits.Handshakes;

/**
 * The tokens of which each handshake takes one (protocol 2.4, 1), so that a whole fleet of clients
 * that comes back at once is let in little by little. Any thread may ask; time is an argument.
 */
final class HandshakeBucket {
    private final Handshakes limits;

    // guarded by this
    private long tokens;
    private long filledMs;

    HandshakeBucket(Handshakes limits, long nowMs) {
        this.limits = limits;
        tokens = limits.tokens();
        filledMs = nowMs;
    }

    /** Takes a token; false when there is none, and the client has to come again. */
    boolean take(long nowMs) {
        return limits.tokens() == 0 || takeOne(nowMs);
    }

    /** Tokens that it has less than it may have, as of the last one that was asked for. */
    long deficit() {
        return limits.tokens() == 0 ? 0 : missing();
    }

    private synchronized long missing() {
        return limits.tokens() - tokens;
    }

    private synchronized boolean takeOne(long nowMs) {
        long fills = (nowMs - filledMs) / limits.fillTimeMs();
        if (fills > 0) {
            filledMs += fills * limits.fillTimeMs();
            tokens =
                    fills < limits.tokens() ? tokens + fills * limits.fillCount() : limits.tokens();
            tokens = Math.min(tokens, limits.tokens());
        }
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }
}
