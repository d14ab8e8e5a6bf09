package io.loomkeeper.net;

/**
 * The bounds of the client port.
 *
 * @param frameBytesMax jute.maxbuffer: the longest payload a client may send
 * @param perAddressMax maxClientCnxns: connections from one address; 0 is no bound
 * @param connectionsMax maxCnxns: connections in all; 0 is no bound
 * @param outstandingMax globalOutstandingLimit: requests in flight, of all connections together,
 *     beyond which a connection that has some is not read
 * @param outboxBytesMax what may wait for one slow reader before its connection is cut; with half
 *     of it waiting, the connection is not read
 * @param sessionlessMs how long a connection may be without a session, or linger after its last
 *     reply
 * @param handshakes how many clients may come in a time
 */
public record ClientLimits(
        int frameBytesMax,
        int perAddressMax,
        int connectionsMax,
        int outstandingMax,
        long outboxBytesMax,
        long sessionlessMs,
        Handshakes handshakes) {

    /**
     * A bucket of tokens, one for each ConnectRequest; without one it is refused.
     *
     * @param tokens it holds, and has at the start; 0 is no bound
     * @param fillTimeMs between two fillings, at least 1
     * @param fillCount tokens that each filling adds, at least 1
     */
    public record Handshakes(int tokens, int fillTimeMs, int fillCount) {
        public static final Handshakes UNBOUNDED = new Handshakes(0, 1, 1);

        public Handshakes {
            if (tokens < 0 || fillTimeMs < 1 || fillCount < 1) {
                throw new IllegalArgumentException(
                        "tokens=%d fillTimeMs=%d fillCount=%d"
                                .formatted(tokens, fillTimeMs, fillCount));
            }
        }
    }

    /** Apache's, and 16 MiB for a slow reader, where Apache has no bound. */
    public static final ClientLimits DEFAULT =
            new ClientLimits(0xfffff, 60, 0, 1000, 16L << 20, 10_000, Handshakes.UNBOUNDED);

    public ClientLimits {
        if (frameBytesMax < 1 || frameBytesMax > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("frameBytesMax=" + frameBytesMax);
        }
        if (perAddressMax < 0 || connectionsMax < 0 || outstandingMax < 1) {
            throw new IllegalArgumentException(
                    "perAddressMax=%d connectionsMax=%d outstandingMax=%d"
                            .formatted(perAddressMax, connectionsMax, outstandingMax));
        }
        if (outboxBytesMax < 1 || sessionlessMs < 1) {
            throw new IllegalArgumentException(
                    "outboxBytesMax=%d sessionlessMs=%d".formatted(outboxBytesMax, sessionlessMs));
        }
    }
}
