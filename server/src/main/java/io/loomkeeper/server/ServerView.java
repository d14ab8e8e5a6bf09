package io.loomkeeper.server;

import io.loomkeeper.tree.TreeVersion;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What the four-letter words and other reports want to know of a running server. Its methods are
 * called on a connection's own thread, never on the pipeline; each answer is of some recent moment,
 * and two answers need not be of the same one. An implementation may wait for the pipeline or the
 * disk.
 */
interface ServerView {
    /** One connection, for stat, cons and dump. */
    interface Connection {
        InetSocketAddress remoteAddress();

        /** Whether it is by TLS. */
        boolean isEncrypted();

        /**
         * 1 while its packets are read, 0 while they are not, plus 4 while replies wait for the
         * socket.
         */
        int interestOps();

        /** Requests of it under way. */
        long queued();

        long packetsReceived();

        long packetsSent();

        /** 0 before it has a session; the rest then means nothing. */
        long sessionId();

        int sessionTimeoutMs();

        /** When it came, in milliseconds of the wall clock. */
        long establishedMs();

        /** The opcode that was answered last; {@link FourLetterWords#NO_OP} when none was. */
        int lastOp();

        /** The xid that was answered last and was not negative; -1 when there is none. */
        long lastCxid();

        /** The zxid of the last reply; -1 when there is none. */
        long lastZxid();

        /** When the last reply was made, in milliseconds of the monotonic clock. */
        long lastResponseTimeMs();

        long lastLatencyMs();

        /** 0 when there was no reply, like the two below. */
        long minLatencyMs();

        /** Rounded down. */
        long avgLatencyMs();

        long maxLatencyMs();
    }

    /** Takes sessions. */
    interface SessionVisitor {
        /**
         * One session.
         *
         * @param expiresAtMs the end of its bucket, in milliseconds of the wall clock
         */
        void onSession(long sessionId, long expiresAtMs);
    }

    /** Takes what binds a session and a path: an ephemeral node, a watch. */
    interface PathVisitor {
        void onPath(long sessionId, String path);
    }

    /** Takes digests of the tree. */
    interface DigestVisitor {
        void onDigest(long zxid, long digest);
    }

    /**
     * The size of the data watches' table, the only one that wchs reports.
     *
     * @param connections that have a watch
     * @param paths that are watched
     * @param watches pairs of the two
     */
    record WatchSummary(long connections, long paths, long watches) {}

    /**
     * A leader's learners and proposals.
     *
     * @param learners that are connected
     * @param syncedFollowers that have the leader's history and vote
     * @param syncedObservers that have it and do not vote
     * @param pendingSyncs of learners, which wait for a commit
     * @param uptimeMs since it leads
     * @param sizes of its proposals
     */
    record Leadership(
            int learners,
            int syncedFollowers,
            int syncedObservers,
            int pendingSyncs,
            long uptimeMs,
            ProposalSizes.Seen sizes) {}

    /** Voters of the ensemble; 0 on a server that stands alone. */
    int quorumSize();

    /** The active configuration as text (protocol 17.2); empty on a server that stands alone. */
    String configuration();

    /** Empty on every server that does not lead an ensemble. */
    Optional<Leadership> leadership();

    /** Whom an observer hears from, which is the leader; empty on every other server. */
    OptionalLong observedServer();

    /** False while the server takes no requests: starting, stopping, without a quorum. */
    boolean isServing();

    /** {@code standalone}; in an ensemble leader, follower, observer or read-only. */
    String mode();

    /** The port that is listened on, which differs from the configured one if that is 0. */
    int clientPort();

    /** Where TLS alone is spoken; -1: nowhere. */
    int secureClientPort();

    /** The id that conf prints: 0 for a standalone server. */
    long serverId();

    long uptimeMs();

    long lastZxid();

    long outstandingRequests();

    /** TLS handshakes of clients that are not done yet. */
    int outstandingHandshakes();

    int connectionCount();

    int sessionCount();

    long nodeCount();

    long ephemeralsCount();

    /** Of paths and data. */
    long approximateDataSizeBytes();

    /** Of both tables. */
    long watchCount();

    /** The directory that holds the snapshots. */
    Path dataDir();

    /** The directory that holds the transaction log. */
    Path dataLogDir();

    /** The bytes of all files under {@link #dataDir}. */
    long dataDirSizeBytes();

    /** The bytes of all files under {@link #dataLogDir}. */
    long logDirSizeBytes();

    void eachConnection(Consumer<Connection> visitor);

    void eachSession(SessionVisitor visitor);

    void eachEphemeral(PathVisitor visitor);

    WatchSummary watchSummary();

    /** Every entry of the data watches' table: data, exists, persistent and recursive watches. */
    void eachWatch(PathVisitor visitor);

    /** Every quota of the published state. */
    void eachQuota(TreeVersion.QuotaVisitor visitor);

    /** The digests kept of every 128th zxid, rising. */
    void eachDigest(DigestVisitor visitor);

    /** Transactions that led to another tree here than on the server that proposed them. */
    long digestMismatches();

    /** What crst does to the figures of every connection. */
    void resetConnectionStats();
}
