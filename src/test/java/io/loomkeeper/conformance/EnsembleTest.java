package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ensembles of real processes: Loomkeeper's own, and mixed ones with Apache ZooKeeper. A word has a
 * letter for each server: L for Loomkeeper, A for Apache, a small one observes.
 *
 * <p>{@code -Densembles=LAA,AAL,LLA,AALl} on the command line of the JVM names other ones than the
 * few that there is always time for.
 */
@SuppressWarnings("try") // closing a client of a killed server may be cut short
final class EnsembleTest {
    private static final int IN_FLIGHT = 50;

    /** Some or all of a few writes are on disk after this; the rest of the fact holds for any. */
    private static final long LOGGED_WITHIN_MS = 300;

    @TempDir Path directory;

    static List<String> mixed() {
        return chosen("LAA,AALl");
    }

    static List<String> some() {
        return chosen("LLL,AAL");
    }

    private static List<String> chosen(String otherwise) {
        return List.of(System.getProperty("ensembles", otherwise).split(","));
    }

    @Test
    void writesThroughEachServerAreSeenOnAll() throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, "LLL")) {
            writeThroughEach(ensemble);
            assertSameTrees(ensemble);
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenLeadersAreKilledUnderLoad() throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, "LLL")) {
            killLeadersUnderLoad(ensemble, 4);
        }
    }

    @Test
    void sessionAndEphemeralSurviveTheLeader() throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, "LLL")) {
            sessionOutlivesLeader(ensemble);
        }
    }

    @ParameterizedTest
    @MethodSource("mixed")
    void mixedEnsembleIsOneService(String kinds) throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, kinds)) {
            writeThroughEach(ensemble);
            assertSameTrees(ensemble);
            sessionOutlivesLeader(ensemble);
            assertDigestsAgree(ensemble);
            killLeadersUnderLoad(ensemble, 3);
        }
    }

    /** The leader has no log that reaches back to nothing: it sends its whole state. */
    @ParameterizedTest
    @MethodSource("some")
    void serverThatLostItsDiskGetsAllOfIt(String kinds) throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, kinds)) {
            write(ensemble, "/many", 5_000);
            for (int id = 1; id <= kinds.length(); id++) {
                ensemble.kill(id);
                ensemble.wipe(id);
                write(ensemble, "/without" + id, 10);
                ensemble.launch(id);
                ensemble.awaitAllServing();
            }
            assertSameTrees(ensemble);
            assertDigestsAgree(ensemble);
        }
    }

    /** What the old leader proposed alone was never acknowledged, and is cut away. */
    @ParameterizedTest
    @MethodSource("some")
    void whatADeposedLeaderLoggedAloneIsCut(String kinds) throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, kinds)) {
            for (int round = 0; round < 3; round++) {
                write(ensemble, "/before" + round, 100);
                int deposed = ensemble.awaitLeader();
                proposeAlone(ensemble, deposed);
                others(ensemble, deposed).forEach(ensemble::launch);
                write(ensemble, "/after" + round, 100);
                ensemble.launch(deposed);
                ensemble.awaitAllServing();
            }
            SortedMap<String, String> tree = assertSameTrees(ensemble);
            assertTrue(tree.keySet().stream().noneMatch(path -> path.startsWith("/alone")));
            assertDigestsAgree(ensemble);
        }
    }

    private static List<Integer> others(EnsembleUnderTest ensemble, int id) {
        return ensemble.ids().filter(other -> other != id).toList();
    }

    /** Kills the followers, has the leader log some writes, and kills it. */
    private static void proposeAlone(EnsembleUnderTest ensemble, int leader) throws Exception {
        try (ZooKeeper client = ensemble.connect(ensemble.addresses(leader))) {
            others(ensemble, leader).forEach(ensemble::kill);
            for (int i = 0; i < 20; i++) {
                client.create(
                        "/alone" + i,
                        null,
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT,
                        (_, _, _, _) -> {},
                        null);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOGGED_WITHIN_MS));
            ensemble.kill(leader);
        }
    }

    private static void writeThroughEach(EnsembleUnderTest ensemble) throws Exception {
        String parent = "/each";
        for (int id : ensemble.ids().toList()) {
            try (ZooKeeper client = ensemble.connect(ensemble.addresses(id))) {
                EnsembleUnderTest.sync(client);
                if (client.exists(parent, false) == null) {
                    client.create(parent, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                }
                String made =
                        client.create(
                                parent + "/of" + id + "-",
                                new byte[] {(byte) id},
                                Ids.OPEN_ACL_UNSAFE,
                                CreateMode.PERSISTENT_SEQUENTIAL);
                assertArrayEquals(new byte[] {(byte) id}, client.getData(made, false, null));
                assertEquals(
                        KeeperException.Code.NODEEXISTS,
                        failureOf(
                                () ->
                                        client.create(
                                                made,
                                                null,
                                                Ids.OPEN_ACL_UNSAFE,
                                                CreateMode.PERSISTENT)));
                client.setData(parent, made.getBytes(UTF_8), -1);
            }
        }
    }

    private interface Request {
        Object ask() throws KeeperException, InterruptedException;
    }

    private static KeeperException.Code failureOf(Request request) throws InterruptedException {
        try {
            request.ask();
            return KeeperException.Code.OK;
        } catch (KeeperException e) {
            return e.code();
        }
    }

    private static void write(EnsembleUnderTest ensemble, String parent, int count)
            throws Exception {
        ensemble.awaitLeader();
        String up =
                String.join(
                        ",",
                        ensemble.ids()
                                .filter(id -> ensemble.server(id).isAlive())
                                .map(id -> ensemble.addresses(id))
                                .toList());
        try (ZooKeeper client = ensemble.connect(up)) {
            Load load = new Load(client, parent);
            load.run(count);
            load.awaitDone();
            assertEquals(count, load.acknowledged.size());
        }
    }

    private static void sessionOutlivesLeader(EnsembleUnderTest ensemble) throws Exception {
        int leader = ensemble.awaitLeader();
        ensemble.awaitAllServing();
        String path = "/ephemeral";
        try (ZooKeeper client = ensemble.connect(ensemble.addresses())) {
            long session = client.getSessionId();
            client.create(path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            ensemble.kill(leader);
            AtomicReference<Stat> found = new AtomicReference<>();
            ensemble.await(
                    "the session to go on",
                    () -> {
                        try {
                            found.set(client.exists(path, false));
                            return true;
                        } catch (KeeperException.ConnectionLossException e) {
                            return false;
                        } catch (KeeperException | InterruptedException e) {
                            throw new IllegalStateException(ensemble.output(), e);
                        }
                    });
            assertEquals(session, client.getSessionId());
            Stat stat = found.get();
            assertNotNull(stat, path);
            assertEquals(session, stat.getEphemeralOwner());
        }
        ensemble.launch(leader);
        ensemble.awaitAllServing();
        try (ZooKeeper client = ensemble.connect(ensemble.addresses(leader))) {
            ensemble.await("the end of the session", () -> isGone(client, path));
        }
        assertSameTrees(ensemble);
    }

    /** A close that met a broken connection is made up for by the session's expiry. */
    private static boolean isGone(ZooKeeper client, String path) {
        try {
            EnsembleUnderTest.sync(client);
            return client.exists(path, false) == null;
        } catch (KeeperException.ConnectionLossException e) {
            return false;
        } catch (KeeperException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void killLeadersUnderLoad(EnsembleUnderTest ensemble, int kills)
            throws Exception {
        try (ZooKeeper client = ensemble.connect(ensemble.addresses())) {
            Load load = new Load(client, "/load");
            Thread writer = Thread.ofPlatform().start(() -> load.run(Integer.MAX_VALUE));
            for (int kill = 0; kill < kills; kill++) {
                long before = load.acknowledged.size();
                ensemble.await(
                        "writes to be acknowledged", () -> load.acknowledged.size() > before + 300);
                int leader = ensemble.awaitLeader();
                ensemble.kill(leader);
                ensemble.awaitLeader();
                ensemble.launch(leader);
                ensemble.awaitAllServing();
            }
            writer.interrupt();
            writer.join();
            load.awaitDone();
            SortedMap<String, String> tree = assertSameTrees(ensemble);
            load.acknowledged.forEach(
                    (path, czxid) ->
                            assertTrue(tree.getOrDefault(path, "").contains(czxid + ","), path));
            System.out.println(
                    ensemble.ids().count()
                            + " servers, "
                            + kills
                            + " kills of the leader, "
                            + load.sent
                            + " writes, "
                            + load.acknowledged.size()
                            + " acknowledged");
        }
    }

    /** At the end all servers hold the same nodes with the same Stats, at the same zxid. */
    private static SortedMap<String, String> assertSameTrees(EnsembleUnderTest ensemble)
            throws Exception {
        ensemble.awaitAllServing();
        SortedMap<String, String> first = ensemble.tree(1);
        for (int id : ensemble.ids().toList()) {
            assertEquals(first, ensemble.tree(id), "server " + id);
        }
        return first;
    }

    private static void assertDigestsAgree(EnsembleUnderTest ensemble) {
        for (int id : ensemble.ids().toList()) {
            String mismatches =
                    ensemble.server(id)
                            .fourLetterWord("mntr")
                            .lines()
                            .filter(line -> line.startsWith("zk_digest_mismatches_count"))
                            .findFirst()
                            .orElse("");
            assertEquals(
                    "zk_digest_mismatches_count\t0",
                    mismatches,
                    () -> "server " + id + "\n" + ensemble.output());
        }
    }

    /** A client that creates nodes, many at a time, and remembers what was acknowledged. */
    private static final class Load {
        private final ZooKeeper client;
        private final String parent;
        private final Semaphore room = new Semaphore(IN_FLIGHT);
        final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        final AtomicLong sent = new AtomicLong();

        Load(ZooKeeper client, String parent) {
            this.client = client;
            this.parent = parent;
        }

        void run(int count) {
            try {
                create(parent);
                for (int i = 0; i < count; i++) {
                    create(parent + "/n" + sent.incrementAndGet());
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private void create(String path) throws InterruptedException {
            room.acquire();
            client.create(
                    path,
                    path.getBytes(UTF_8),
                    Ids.OPEN_ACL_UNSAFE,
                    CreateMode.PERSISTENT,
                    (code, asked, _, _, stat) -> {
                        if (code == KeeperException.Code.OK.intValue() && !asked.equals(parent)) {
                            acknowledged.put(asked, stat.getCzxid());
                        }
                        room.release();
                    },
                    null);
        }

        void awaitDone() throws InterruptedException {
            assertTrue(room.tryAcquire(IN_FLIGHT, 60, TimeUnit.SECONDS), "unanswered writes");
            room.release(IN_FLIGHT);
        }
    }
}
