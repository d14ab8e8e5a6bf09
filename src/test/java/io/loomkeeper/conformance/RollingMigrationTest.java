package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.cli.Loomkeeper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A running ensemble of Apache's goes over to Loomkeeper and back, as
 * docs/migrating-from-zookeeper.md has it: one server after the other is stopped, what it has on
 * disk is taken over, and its successor is started under its id and its addresses.
 */
@SuppressWarnings("try") // closing a client that is interrupted is not this test's matter
final class RollingMigrationTest {
    @TempDir Path directory;

    @Test
    void apachesServersAreReplacedOneByOneUnderWritesAndOneGoesBack() throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, "AAA");
                ZooKeeper client = ensemble.connect(ensemble.addresses())) {
            client.create("/owned", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            long session = client.getSessionId();
            Writes writes = new Writes(client);
            Thread writer = Thread.ofPlatform().start(writes);

            List<Integer> order = leaderLast(ensemble);
            for (int id : order) {
                writes.awaitMore(ensemble);
                toLoomkeeper(ensemble, id);
            }
            writes.awaitMore(ensemble);
            toApache(ensemble, order.getFirst());
            writes.awaitMore(ensemble);
            writes.stopped.set(true);
            writer.join();

            assertSameTrees(ensemble, writes);
            assertEquals(session, client.getSessionId());
            Stat owned = requireNonNull(client.exists("/owned", false), "the ephemeral");
            assertEquals(session, owned.getEphemeralOwner());
        }
    }

    /** A leader hands over but once if the others have gone before it. */
    private static List<Integer> leaderLast(EnsembleUnderTest ensemble) {
        int leader = ensemble.awaitLeader();
        List<Integer> order = new ArrayList<>(ensemble.ids().filter(id -> id != leader).toList());
        order.add(leader);
        return order;
    }

    private void toLoomkeeper(EnsembleUnderTest ensemble, int id) {
        ensemble.server(id).stop();
        Path data = directory.resolve(id + "/data");
        Loomkeeper.done("import", data);
        ensemble.replace(id, ServerCommand.loomkeeper(), data);
        ensemble.awaitAllServing();
        String version = ensemble.server(id).fourLetterWord("srvr");
        assertTrue(version.contains("-loomkeeper-"), version);
    }

    private void toApache(EnsembleUnderTest ensemble, int id) {
        ensemble.server(id).stop();
        Path apaches = directory.resolve(id + "/back");
        Loomkeeper.done("export", directory.resolve(id + "/data"), apaches);
        ensemble.replace(id, ServerCommand.apache(), apaches);
        ensemble.awaitAllServing();
        String version = ensemble.server(id).fourLetterWord("srvr");
        assertFalse(version.contains("-loomkeeper-"), version);
    }

    /** All servers hold the same, every write that was acknowledged among it. */
    private static void assertSameTrees(EnsembleUnderTest ensemble, Writes writes)
            throws Exception {
        SortedMap<String, String> first = ensemble.tree(1);
        for (int id : ensemble.ids().toList()) {
            assertEquals(first, ensemble.tree(id), "server " + id);
        }
        writes.acknowledged.forEach(
                (path, czxid) ->
                        assertTrue(first.getOrDefault(path, "").contains(czxid + ","), path));
    }

    /** Creates nodes, one after the other, and remembers what was acknowledged. */
    private static final class Writes implements Runnable {
        private static final int MORE = 200;

        private final ZooKeeper client;
        final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        final AtomicBoolean stopped = new AtomicBoolean();

        Writes(ZooKeeper client) {
            this.client = client;
        }

        void awaitMore(EnsembleUnderTest ensemble) {
            int before = acknowledged.size();
            ensemble.await("writes to be acknowledged", () -> acknowledged.size() > before + MORE);
        }

        @Override
        public void run() {
            for (int i = 0; !stopped.get(); i++) {
                String path = "/n" + i;
                Stat stat = new Stat();
                try {
                    client.create(
                            path,
                            path.getBytes(UTF_8),
                            Ids.OPEN_ACL_UNSAFE,
                            CreateMode.PERSISTENT,
                            stat);
                    acknowledged.put(path, stat.getCzxid());
                } catch (KeeperException.ConnectionLossException _) {
                    // whether it is there nobody has said
                } catch (KeeperException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
