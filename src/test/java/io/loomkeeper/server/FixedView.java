package io.loomkeeper.server;

import io.loomkeeper.tree.TreeVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** The state of the server that the answers in {@code resources/4lw} came from. */
final class FixedView implements ServerView {
    static final Path DIR = Path.of("/var/lib/zookeeper");
    static final long SESSION_1 = 0x100002b4aa10000L;
    static final long SESSION_2 = 0x100002b4aa10001L;

    private static final long BUCKET_1 = Instant.parse("2026-11-21T08:44:28Z").toEpochMilli();
    private static final long BUCKET_2 = Instant.parse("2026-11-21T08:44:38Z").toEpochMilli();
    private static final long ESTABLISHED = 1795250655917L;

    /** One connection as stat, cons and dump show it. */
    record FixedConnection(
            int port,
            int interestOps,
            long packetsReceived,
            long packetsSent,
            long sessionId,
            int sessionTimeoutMs,
            long establishedMs,
            int lastOp,
            long lastCxid,
            long lastZxid,
            long lastResponseTimeMs,
            long lastLatencyMs,
            long avgLatencyMs,
            long maxLatencyMs)
            implements Connection {
        @Override
        public InetSocketAddress remoteAddress() {
            return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        }

        @Override
        public boolean isEncrypted() {
            return false;
        }

        @Override
        public long queued() {
            return 0;
        }

        @Override
        public long minLatencyMs() {
            return 0;
        }
    }

    private final boolean serving;
    private final String mode;
    private final List<FixedConnection> connections;
    private int resets;

    FixedView(boolean serving, String mode, List<FixedConnection> connections) {
        this.serving = serving;
        this.mode = mode;
        this.connections = connections;
    }

    /**
     * With the connections of both sessions, after the one that asks, which comes from this port.
     */
    static FixedView asking(int port) {
        return new FixedView(true, "standalone", List.of(asker(port), session2(), session1()));
    }

    static FixedConnection asker(int port) {
        long handshakeEnds = BUCKET_1;
        return new FixedConnection(
                port, 0, 1, 0, 0, 0, handshakeEnds - 10_000, 0, -1, -1, 0, 0, 0, 0);
    }

    static FixedConnection session1() {
        return new FixedConnection(
                41568, 1, 8, 8, SESSION_1, 10_000, ESTABLISHED, 12, 7, 0x132, 2842287, 0, 6, 30);
    }

    static FixedConnection session2() {
        return new FixedConnection(
                41566,
                1,
                306,
                606,
                SESSION_2,
                20_000,
                ESTABLISHED,
                3,
                0x131,
                0x132,
                2842288,
                1,
                0,
                22);
    }

    int resets() {
        return resets;
    }

    @Override
    public Optional<Leadership> leadership() {
        return mode.equals("leader")
                ? Optional.of(
                        new Leadership(3, 2, 1, 0, 4711, new ProposalSizes.Seen(48, 36, 1200)))
                : Optional.empty();
    }

    @Override
    public OptionalLong observedServer() {
        return OptionalLong.empty();
    }

    @Override
    public void eachQuota(TreeVersion.QuotaVisitor visitor) {
        // there are none
    }

    @Override
    public boolean isServing() {
        return serving;
    }

    @Override
    public String mode() {
        return mode;
    }

    @Override
    public String configuration() {
        return """
                server.1=127.0.0.1:2888:3888:participant
                server.2=127.0.0.1:2889:3889:participant
                version=0"""
                .strip();
    }

    @Override
    public int quorumSize() {
        return 3;
    }

    @Override
    public int clientPort() {
        return 21811;
    }

    @Override
    public int secureClientPort() {
        return -1;
    }

    @Override
    public long serverId() {
        return 0;
    }

    @Override
    public long uptimeMs() {
        return 5566;
    }

    @Override
    public long lastZxid() {
        return 0x132;
    }

    @Override
    public long outstandingRequests() {
        return 0;
    }

    @Override
    public int outstandingHandshakes() {
        return 0;
    }

    @Override
    public int connectionCount() {
        return connections.size();
    }

    @Override
    public int sessionCount() {
        return 2;
    }

    @Override
    public long nodeCount() {
        return 9;
    }

    @Override
    public long ephemeralsCount() {
        return 3;
    }

    @Override
    public long approximateDataSizeBytes() {
        return 74;
    }

    @Override
    public long watchCount() {
        return 6;
    }

    @Override
    public Path dataDir() {
        return DIR;
    }

    @Override
    public Path dataLogDir() {
        return DIR;
    }

    @Override
    public long dataDirSizeBytes() {
        return 67109358;
    }

    @Override
    public long logDirSizeBytes() {
        return 67109358;
    }

    @Override
    public void eachConnection(Consumer<Connection> visitor) {
        connections.forEach(visitor);
    }

    @Override
    public void eachSession(SessionVisitor visitor) {
        visitor.onSession(SESSION_2, BUCKET_2);
        visitor.onSession(SESSION_1, BUCKET_1);
    }

    @Override
    public void eachEphemeral(PathVisitor visitor) {
        visitor.onPath(SESSION_2, "/a/f1");
        visitor.onPath(SESSION_1, "/a/e2");
        visitor.onPath(SESSION_1, "/a/e1");
    }

    @Override
    public WatchSummary watchSummary() {
        return new WatchSummary(2, 3, 4);
    }

    @Override
    public void eachWatch(PathVisitor visitor) {
        visitor.onPath(SESSION_1, "/none");
        visitor.onPath(SESSION_2, "/a");
        visitor.onPath(SESSION_2, "/");
        visitor.onPath(SESSION_1, "/a");
    }

    @Override
    public void eachDigest(DigestVisitor visitor) {
        visitor.onDigest(0x80, 15956360080L);
        visitor.onDigest(0x100, 14851137964L);
    }

    @Override
    public long digestMismatches() {
        return 0;
    }

    @Override
    public void resetConnectionStats() {
        resets++;
    }
}
