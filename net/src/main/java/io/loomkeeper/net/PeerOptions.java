package io.loomkeeper.net;

import io.loomkeeper.tree.TreeOptions;
import org.jspecify.annotations.Nullable;

/**
 * How this server speaks to the others.
 *
 * @param sid of this server
 * @param tree for the trees that come as images
 * @param tls null: nobody speaks it
 * @param proof null: nobody has to prove anything else
 */
public record PeerOptions(
        long sid,
        Timeouts timeouts,
        Limits limits,
        Sockets sockets,
        TreeOptions tree,
        @Nullable PeerTls tls,
        @Nullable PeerProof proof) {

    /**
     * When a silent peer is given up, in ms.
     *
     * @param connectMs cnxTimeout: for one address to accept a connection, and for several
     *     notifications to be answered at all
     * @param helloMs for whoever connected to say who it is
     * @param initMs initLimit: between any two signs of life until a learner is up to date
     * @param syncMs syncLimit: from then on
     */
    public record Timeouts(int connectMs, int helloMs, int initMs, int syncMs) {
        /** Apache's, with initLimit 10 and syncLimit 5. */
        public static Timeouts ofTick(int tickTimeMs) {
            return new Timeouts(5000, 5000, 10 * tickTimeMs, 5 * tickTimeMs);
        }
    }

    /**
     * What may pile up.
     *
     * @param queueBytesMax what may wait for one learner before it is cut off
     * @param packetBytesMax the longest packet that a known server may send
     * @param strangersMax connections of each port that have not said yet who they are; one more
     *     drops the oldest
     */
    public record Limits(long queueBytesMax, int packetBytesMax, int strangersMax) {
        /** For a transaction of up to 64 MiB, and a learner that loads an image for a while. */
        public static final Limits DEFAULT = new Limits(256L << 20, 64 << 20, 64);
    }

    /**
     * How sockets are opened.
     *
     * @param listensOnAllIps quorumListenOnAllIPs: the ports of this server's addresses, on each
     *     interface
     * @param bindRetries electionPortBindRetry: how often a port that is taken is tried again, a
     *     second apart; 0 means without end
     * @param noDelay leader.nodelay and follower.nodelay
     * @param keepAlive tcpKeepAlive
     * @param multiAddress whether to tell others of all addresses of this server's election port
     */
    public record Sockets(
            boolean listensOnAllIps,
            int bindRetries,
            boolean noDelay,
            boolean keepAlive,
            boolean multiAddress) {
        /** Apache's. */
        public static final Sockets DEFAULT = new Sockets(false, 3, true, false, false);
    }
}
