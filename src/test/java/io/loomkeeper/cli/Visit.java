package io.loomkeeper.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.ServerUnderTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** A client of a server of either kind that writes nodes of every kind, and reads all there is. */
final class Visit implements AutoCloseable {
    private static final int SESSION_TIMEOUT_MS = 40_000;

    final ZooKeeper client;

    private Visit(ZooKeeper client) {
        this.client = client;
    }

    static Visit to(ServerUnderTest server) throws Exception {
        return to(server, 0, new byte[16]);
    }

    /** With a session that began elsewhere. */
    static Visit to(ServerUnderTest server, long session, byte[] password) throws Exception {
        return new Visit(server.connect(SESSION_TIMEOUT_MS, session, password));
    }

    /** Of a server in this process. */
    static Visit at(int port) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client =
                new ZooKeeper(
                        "127.0.0.1:" + port,
                        SESSION_TIMEOUT_MS,
                        event -> {
                            if (event.getState() == KeeperState.SyncConnected) {
                                connected.countDown();
                            }
                        });
        assertTrue(connected.await(SESSION_TIMEOUT_MS, TimeUnit.MILLISECONDS), "no session");
        return new Visit(client);
    }

    void create(String path, String text, CreateMode mode) throws Exception {
        client.create(path, text.getBytes(UTF_8), Ids.OPEN_ACL_UNSAFE, mode);
    }

    /** Nodes of every kind, changed and deleted ones, ACLs, quotas, and {@code more} plain ones. */
    void writeAll(int more) throws Exception {
        create("/plain", "text", CreateMode.PERSISTENT);
        client.setData("/plain", "other".getBytes(UTF_8), 0);
        client.create("/null", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        client.create("/empty", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        create("/deleted", "", CreateMode.PERSISTENT);
        client.delete("/deleted", -1);
        create("/counter", "", CreateMode.PERSISTENT);
        create("/counter/n-", "1", CreateMode.PERSISTENT_SEQUENTIAL);
        create("/counter/n-", "2", CreateMode.PERSISTENT_SEQUENTIAL);
        client.delete("/counter/n-0000000001", -1);
        create("/container", "", CreateMode.CONTAINER);
        create("/container/child", "", CreateMode.PERSISTENT);
        client.create(
                "/ttl",
                new byte[3],
                Ids.OPEN_ACL_UNSAFE,
                CreateMode.PERSISTENT_WITH_TTL,
                new Stat(),
                3_600_000);
        create("/ephemeral", "mine", CreateMode.EPHEMERAL);
        List<ACL> acl =
                Arrays.asList(
                        new ACL(1, new Id("ip", "127.0.0.1")), new ACL(31, Ids.ANYONE_ID_UNSAFE));
        client.create("/acl", new byte[0], acl, CreateMode.PERSISTENT);
        create("/\u00e4\u4e16", "\u00e4", CreateMode.PERSISTENT);
        create("/zookeeper/quota/many", "", CreateMode.PERSISTENT);
        create(
                "/zookeeper/quota/many/zookeeper_limits",
                "count=1000,bytes=-1",
                CreateMode.PERSISTENT);
        create("/zookeeper/quota/many/zookeeper_stats", "count=0,bytes=0", CreateMode.PERSISTENT);
        create("/many", "", CreateMode.PERSISTENT);
        for (int i = 0; i < more; i++) {
            create("/many/node" + i, "text " + i, CreateMode.PERSISTENT);
        }
        client.multi(
                List.of(
                        org.apache.zookeeper.Op.setData("/many", new byte[] {1}, -1),
                        org.apache.zookeeper.Op.delete("/many/node0", -1)));
        assertThrows(
                KeeperException.NoNodeException.class,
                () ->
                        client.multi(
                                List.of(
                                        org.apache.zookeeper.Op.setData("/many", new byte[2], -1),
                                        org.apache.zookeeper.Op.delete("/many/none", -1))));
    }

    String text(String path) throws Exception {
        return new String(client.getData(path, false, null), UTF_8);
    }

    /** A session that has come and gone, and its ephemeral nodes with it. */
    static void comeAndGo(ServerUnderTest server) throws Exception {
        try (Visit guest = to(server)) {
            guest.create("/gone", "", CreateMode.EPHEMERAL);
            guest.create("/many/gone", "", CreateMode.EPHEMERAL_SEQUENTIAL);
        }
    }

    /**
     * Every node with all that a client sees of it, but that of the members: each server writes it.
     */
    SortedMap<String, String> readAll() throws Exception {
        SortedMap<String, String> nodes = new TreeMap<>();
        List<String> left = new ArrayList<>(List.of("/"));
        while (!left.isEmpty()) {
            String path = left.removeLast();
            try {
                read(path, nodes);
            } catch (KeeperException.NoAuthException e) {
                nodes.put(path, "may not be read");
            }
            String prefix = path.equals("/") ? path : path + "/";
            client.getChildren(path, false).forEach(name -> left.add(prefix + name));
        }
        nodes.remove("/zookeeper/config");
        return nodes;
    }

    private void read(String path, SortedMap<String, String> nodes) throws Exception {
        Stat stat = new Stat();
        byte[] data = client.getData(path, false, stat);
        String text = data == null ? "null" : Base64.getEncoder().encodeToString(data);
        nodes.put(path, text + " " + client.getACL(path, null) + " " + stat.toString().strip());
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
