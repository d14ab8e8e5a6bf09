package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real ensembles whose members change, by Apache's own client: Loomkeeper's, and mixed ones with
 * Apache ZooKeeper.
 */
@SuppressWarnings("try") // closing a client of a server that changes its role may be cut short
final class ReconfigurationTest {
    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final int TRIES_MAX = 50;

    @TempDir Path directory;

    private EnsembleUnderTest started(String kinds) {
        return EnsembleUnderTest.start(
                new EnsembleUnderTest(directory, kinds)
                        .with("reconfigEnabled", "true")
                        .with("skipACL", "yes"));
    }

    /** What is asked of a client that may lose its connection while leaders change. */
    private interface Ask<T> {
        T of(ZooKeeperAdmin client) throws KeeperException, InterruptedException;
    }

    private static <T> T ask(EnsembleUnderTest ensemble, int id, Ask<T> what) throws Exception {
        for (int i = 1; ; i++) {
            CountDownLatch connected = new CountDownLatch(1);
            ZooKeeperAdmin client =
                    new ZooKeeperAdmin(
                            ensemble.addresses(id), SESSION_TIMEOUT_MS, _ -> connected.countDown());
            try {
                assertTrue(connected.await(30, TimeUnit.SECONDS), ensemble::output);
                return what.of(client);
            } catch (KeeperException.ConnectionLossException
                    | KeeperException.NewConfigNoQuorum e) {
                if (i == TRIES_MAX) {
                    throw new IllegalStateException(ensemble.output(), e);
                }
            } finally {
                client.close(1_000);
            }
        }
    }

    private static String config(EnsembleUnderTest ensemble, int id) throws Exception {
        return new String(ask(ensemble, id, c -> c.getConfig(false, new Stat())), UTF_8);
    }

    private static void reconfigure(
            EnsembleUnderTest ensemble,
            int through,
            @Nullable String joining,
            @Nullable String leaving)
            throws Exception {
        ask(
                ensemble,
                through,
                client -> client.reconfigure(joining, leaving, null, -1, new Stat()));
    }

    private static void write(EnsembleUnderTest ensemble, int through, String path)
            throws Exception {
        ask(
                ensemble,
                through,
                client -> {
                    try {
                        return client.create(
                                path, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                    } catch (KeeperException.NodeExistsException e) {
                        return path;
                    }
                });
    }

    private static int follower(EnsembleUnderTest ensemble) {
        int leader = ensemble.awaitLeader();
        return ensemble.ids().filter(id -> id != leader).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"LLL", "LAA", "AAL"})
    void membersComeAndGoAndTheQuorumGoesOn(String kinds) throws Exception {
        try (EnsembleUnderTest ensemble = started(kinds)) {
            int moved = follower(ensemble);
            int other = 6 - moved - ensemble.awaitLeader();
            write(ensemble, other, "/before");

            reconfigure(ensemble, other, null, "" + moved);
            assertEquals(2, members(config(ensemble, other)).count());
            write(ensemble, other, "/removed");

            reconfigure(ensemble, other, ensemble.line(moved, "observer"), null);
            ensemble.await("the observer", () -> ensemble.mode(moved).equals("observer"));
            write(ensemble, moved, "/observed");

            reconfigure(ensemble, moved, ensemble.line(moved, "participant"), null);
            ensemble.await("the follower", () -> ensemble.mode(moved).equals("follower"));
            write(ensemble, moved, "/promoted");

            int leader = ensemble.awaitLeader();
            int stays = ensemble.ids().filter(id -> id != leader).findFirst().orElseThrow();
            reconfigure(ensemble, stays, null, "" + leader);
            ensemble.await(
                    "another leader",
                    () ->
                            ensemble.ids()
                                    .anyMatch(
                                            id ->
                                                    id != leader
                                                            && ensemble.mode(id).equals("leader")));
            write(ensemble, stays, "/led");
            assertEquals(2, members(config(ensemble, stays)).count());
        }
    }

    @Test
    void whoWatchesTheConfigurationIsToldAndWhoIsWrongIsRefused() throws Exception {
        try (EnsembleUnderTest ensemble = started("LLL")) {
            int moved = follower(ensemble);
            CountDownLatch told = new CountDownLatch(1);
            try (ZooKeeper watching = ensemble.connect(ensemble.addresses(moved))) {
                String before = new String(watching.getConfig(_ -> told.countDown(), null), UTF_8);
                assertTrue(before.endsWith("\nversion=100000000"), before);

                assertThrows(
                        KeeperException.BadVersionException.class,
                        () -> ask(ensemble, moved, c -> reconfigured(c, "" + moved, 5)));
                assertThrows(
                        KeeperException.BadArgumentsException.class,
                        () -> ask(ensemble, moved, c -> reconfigured(c, "1,2", -1)));
                ask(ensemble, moved, c -> reconfigured(c, "" + moved, 0x100000000L));

                assertTrue(told.await(30, TimeUnit.SECONDS), ensemble::output);
                Stat stat = new Stat();
                String after = new String(watching.getConfig(false, stat), UTF_8);
                assertTrue(after.endsWith("version=" + Long.toHexString(stat.getMzxid())), after);
                assertEquals(-1, stat.getVersion());
            }
        }
    }

    private static byte[] reconfigured(ZooKeeperAdmin client, String leaving, long version)
            throws KeeperException, InterruptedException {
        return client.reconfigure((String) null, leaving, null, version, new Stat());
    }

    /** What was changed is there after a restart of everybody: in files, one for each version. */
    @Test
    void configurationOutlivesItsServers() throws Exception {
        try (EnsembleUnderTest ensemble = started("LLL")) {
            int moved = follower(ensemble);
            int stays = 6 - moved - ensemble.awaitLeader();
            reconfigure(ensemble, stays, ensemble.line(moved, "observer"), null);
            ensemble.await("the observer", () -> ensemble.mode(moved).equals("observer"));
            String config = config(ensemble, stays);

            ensemble.ids().forEach(ensemble::kill);
            ensemble.ids().forEach(ensemble::launchAsItIs);
            ensemble.awaitAllServing();

            assertEquals("observer", ensemble.mode(moved));
            for (int id : ensemble.ids().toList()) {
                assertEquals(config, config(ensemble, id));
                Path home = ensemble.server(id).directory();
                assertTrue(Files.exists(home.resolve("zoo.cfg.bak")));
                assertTrue(Files.readString(home.resolve("zoo.cfg")).contains("zoo.cfg.dynamic."));
            }
        }
    }

    private static Stream<String> members(String config) {
        return config.lines().filter(line -> line.startsWith("server."));
    }
}
