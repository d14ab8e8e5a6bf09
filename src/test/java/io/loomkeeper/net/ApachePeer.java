package io.loomkeeper.net;

import io.loomkeeper.conformance.FreePort;
import io.loomkeeper.net.wire.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeer.QuorumServer;
import org.apache.zookeeper.server.quorum.QuorumPeer.ServerState;

/** One of Apache's own servers in this process, in an ensemble of two with links of ours. */
final class ApachePeer implements AutoCloseable {
    static final int TICK_MS = 500;

    final long sid;
    final int clientPort = FreePort.next();
    private final QuorumPeer peer;

    ApachePeer(long sid, TinyPeer ours, Path folder) throws IOException {
        this.sid = sid;
        HostPort quorum = new HostPort("127.0.0.1", FreePort.next());
        HostPort election = new HostPort("127.0.0.1", FreePort.next());
        Map<Long, QuorumServer> members = new HashMap<>();
        members.put(sid, member(sid, quorum, election));
        members.put(ours.sid, member(ours.sid, ours.quorumAddress(), ours.electionAddress()));
        ours.links.members(
                Map.of(
                        ours.sid,
                        ours.address(),
                        sid,
                        new ServerAddress(List.of(quorum), List.of(election))));
        peer =
                new QuorumPeer(
                        members,
                        Files.createDirectories(folder.resolve("snapshots")).toFile(),
                        Files.createDirectories(folder.resolve("log")).toFile(),
                        clientPort,
                        3,
                        sid,
                        TICK_MS,
                        20,
                        20,
                        20);
    }

    private static QuorumServer member(long sid, HostPort quorum, HostPort election) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return new QuorumServer(
                sid,
                new InetSocketAddress(loopback, quorum.port()),
                new InetSocketAddress(loopback, election.port()));
    }

    ApachePeer start() {
        peer.start();
        return this;
    }

    ServerState state() {
        return peer.getPeerState();
    }

    /** Its tree, once it serves. */
    DataTree tree() {
        ZooKeeperServer server = peer.getActiveServer();
        return server.getZKDatabase().getDataTree();
    }

    boolean isServing() {
        ZooKeeperServer server = peer.getActiveServer();
        return server != null && server.isRunning();
    }

    @Override
    public void close() {
        peer.shutdown();
        Await.until("its thread has ended", () -> !peer.isAlive());
    }
}
