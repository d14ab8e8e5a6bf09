package io.loomkeeper.conformance.apache;

import io.loomkeeper.conformance.ServerCommand;
import io.loomkeeper.conformance.ServerUnderTest;
import io.loomkeeper.conformance.TestProperties;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.zookeeper.TestableZooKeeper;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.SyncRequestProcessor;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.ZooKeeperServer;

/**
 * Stands where Apache's tests expect the part of a server that owns the client port, and starts the server under test
 * as a process instead. The {@link ZooKeeperServer} that a test hands over is never started: it only says where the
 * data goes and how long a tick is. Chosen through Apache's own property {@code zookeeper.serverCnxnFactory}.
 */
public final class ProcessServerFactory extends ServerCnxnFactory {
    private InetSocketAddress address;
    private int connectionsPerHost;
    private final RemoteTree tree = new RemoteTree(this);
    private ServerUnderTest server;

    /** The process that was started, for what only a four-letter word can tell. */
    public ServerUnderTest server() {
        return server;
    }

    /** Makes a client known, so that the tests can ask what the server watches for it. */
    public void onClient(TestableZooKeeper client) {
        tree.add(client);
    }

    @Override
    public void configure(InetSocketAddress wanted, int maxConnectionsPerHost, int backlog, boolean tls)
            throws IOException {
        if (tls) {
            throw new IOException("the server under test has no TLS port");
        }
        address = wanted;
        connectionsPerHost = maxConnectionsPerHost;
    }

    @Override
    public void startup(ZooKeeperServer configured, boolean startServer) {
        setZooKeeperServer(configured);
        configured.setZKDatabase(
                new ZKDatabase(configured.getTxnLogFactory()) {
                    @Override
                    public DataTree getDataTree() {
                        return tree;
                    }
                });
        Path version2 = configured.getTxnLogFactory().getSnapDir().toPath();
        Path directory = version2.resolveSibling("served").toAbsolutePath();
        ServerCommand command = ServerCommand.chosen();
        server = ServerUnderTest.start(command, directory, keys(configured), TestProperties.forServer());
        LastServer.set(server);
    }

    private Map<String, String> keys(ZooKeeperServer configured) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("clientPort", Integer.toString(address.getPort()));
        keys.put("clientPortAddress", address.getAddress().getHostAddress());
        keys.put("maxClientCnxns", Integer.toString(Math.max(0, connectionsPerHost)));
        keys.put("tickTime", Integer.toString(configured.getTickTime()));
        keys.put("minSessionTimeout", Integer.toString(configured.getMinSessionTimeout()));
        keys.put("maxSessionTimeout", Integer.toString(configured.getMaxSessionTimeout()));
        keys.put("snapCount", Integer.toString(SyncRequestProcessor.getSnapCount()));
        return keys;
    }

    @Override
    public void shutdown() {
        if (server != null && server.isAlive()) {
            server.stop();
        }
    }

    @Override
    public Iterable<ServerCnxn> getConnections() {
        return tree.connections();
    }

    @Override
    public int getLocalPort() {
        return address.getPort();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return address;
    }

    @Override
    public int getMaxClientCnxnsPerHost() {
        return connectionsPerHost;
    }

    @Override
    public int getSocketListenBacklog() {
        return -1;
    }

    @Override
    public void start() {}

    @Override
    public void join() {}

    @Override
    public void setMaxClientCnxnsPerHost(int max) {
        throw new UnsupportedOperationException("a running process cannot be given another limit");
    }

    @Override
    public void reconfigure(InetSocketAddress other) {
        throw new UnsupportedOperationException("a running process cannot be moved");
    }

    @Override
    public void closeAll(ServerCnxn.DisconnectReason reason) {
        throw new UnsupportedOperationException("a process cannot be told to drop its connections");
    }

    @Override
    public void resetAllConnectionStats() {
        throw new UnsupportedOperationException("use the four-letter word crst");
    }

    @Override
    public Iterable<Map<String, Object>> getAllConnectionInfo(boolean brief) {
        throw new UnsupportedOperationException("use the four-letter word cons");
    }
}
