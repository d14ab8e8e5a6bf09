package io.loomkeeper.conformance.apache;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.TestableZooKeeper;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.proto.CheckWatchesRequest;
import org.apache.zookeeper.proto.ReplyHeader;
import org.apache.zookeeper.proto.RequestHeader;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.ServerCnxn;

/** The data tree of another process, as far as a client can ask about it. */
final class RemoteTree extends DataTree {
    private final Map<Long, TestableZooKeeper> clients = new ConcurrentHashMap<>();
    private final ProcessServerFactory factory;

    RemoteTree(ProcessServerFactory factory) {
        this.factory = factory;
    }

    void add(TestableZooKeeper client) {
        clients.put(client.getSessionId(), client);
    }

    /** The connections of the clients that the test has opened through its base. */
    List<ServerCnxn> connections() {
        return clients.keySet().stream().<ServerCnxn>map(RemoteConnection::new).toList();
    }

    @Override
    public int getWatchCount() {
        String total = factory.server().fourLetterWord("wchs");
        return Integer.parseInt(total.substring(total.indexOf("Total watches:") + 14).trim());
    }

    /** Asks through the watching client's own connection, with the protocol's checkWatches. */
    @Override
    public boolean containsWatcher(String path, WatcherType type, Watcher watcher) {
        TestableZooKeeper client = clients.get(((RemoteConnection) watcher).getSessionId());
        RequestHeader header = new RequestHeader(0, OpCode.checkWatches);
        CheckWatchesRequest request = new CheckWatchesRequest(path, type.getIntValue());
        try {
            ReplyHeader reply = client.submitRequest(header, request, null, null);
            return switch (KeeperException.Code.get(reply.getErr())) {
                case OK -> true;
                case NOWATCHER -> false;
                default -> throw new IllegalStateException("checkWatches: " + reply.getErr());
            };
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
