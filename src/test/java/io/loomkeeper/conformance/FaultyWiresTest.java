package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjIntConsumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ensembles of real processes that reach each other over wires which are cut, fall silent, or pass
 * in one direction only.
 *
 * <p>{@code -Dwires=LAA,AAL} on the command line of the JVM breaks each link of these mixed
 * ensembles in each way, instead of one link of one ensemble.
 */
@SuppressWarnings("try") // closing a client of a server that is cut off may be cut short
final class FaultyWiresTest {
    private static final int WRITES = 200;

    private static final int WRITES_BETWEEN = 50;

    /** Longer than syncLimit: silence is noticed. */
    private static final long NOTICED_WITHIN_MS = 4_000;

    @TempDir Path directory;

    @Test
    void leaderWhoseWiresAreCutIsReplaced() throws Exception {
        leaderIsReplaced(Wires::cut);
    }

    @Test
    void leaderWhoseWiresFallSilentIsReplaced() throws Exception {
        leaderIsReplaced(Wires::stall);
    }

    @Test
    void leaderThatHearsAllAndReachesNobodyIsReplaced() throws Exception {
        leaderIsReplaced(Wires::mute);
    }

    private void leaderIsReplaced(ObjIntConsumer<Wires> fault) throws Exception {
        try (Wires wires = new Wires();
                EnsembleUnderTest ensemble =
                        EnsembleUnderTest.start(new EnsembleUnderTest(directory, "LLL", wires))) {
            int old = ensemble.awaitLeader();
            write(ensemble, "/before", old);
            fault.accept(wires, old);
            ensemble.await("it leads no longer", () -> !ensemble.mode(old).equals("leader"));
            int next = ensemble.awaitLeader();
            assertNotEquals(old, next);
            for (int id : others(ensemble, old)) {
                write(ensemble, "/meanwhile" + id, id);
            }

            wires.heal();
            ensemble.await("it follows", () -> ensemble.mode(old).equals("follower"));
            write(ensemble, "/after", old);
            assertSameTrees(ensemble);
        }
    }

    @Test
    void followerThatIsSilentSlowsNobodyAndComesBack() throws Exception {
        try (Wires wires = new Wires();
                EnsembleUnderTest ensemble =
                        EnsembleUnderTest.start(new EnsembleUnderTest(directory, "LLL", wires))) {
            int leader = ensemble.awaitLeader();
            int silent = others(ensemble, leader).getFirst();
            wires.stall(silent);
            write(ensemble, "/without", leader);
            assertEquals("leader", ensemble.mode(leader));
            ensemble.await("it serves nobody", () -> !ensemble.mode(silent).equals("follower"));

            wires.heal();
            ensemble.await("it follows", () -> ensemble.mode(silent).equals("follower"));
            assertEquals("leader", ensemble.mode(leader));
            assertSameTrees(ensemble);
        }
    }

    /** A link that is broken, and how. */
    record Break(String kinds, int one, int other, String way) {}

    static List<Break> breaks() {
        String chosen = System.getProperty("wires", "");
        if (chosen.isEmpty()) {
            return List.of(new Break("LAA", 1, 3, "silent one way"));
        }
        List<Break> all = new ArrayList<>();
        for (String kinds : chosen.split(",", -1)) {
            for (String way : List.of("cut", "silent", "silent one way")) {
                all.add(new Break(kinds, 1, 2, way));
                all.add(new Break(kinds, 1, 3, way));
                all.add(new Break(kinds, 2, 3, way));
            }
        }
        return all;
    }

    /** Any two of three are a quorum, so what is written meanwhile is acknowledged, and stays. */
    @ParameterizedTest
    @MethodSource("breaks")
    void mixedEnsembleServesWithoutOneLink(Break broken) throws Exception {
        try (Wires wires = new Wires();
                EnsembleUnderTest ensemble =
                        EnsembleUnderTest.start(
                                new EnsembleUnderTest(directory, broken.kinds, wires));
                ZooKeeper client = ensemble.connect(ensemble.addresses())) {
            WriteHistory history = new WriteHistory();
            WriteHistory.prepare(client, "/load");
            Thread writer = Thread.ofPlatform().start(() -> history.write(client, "/load"));
            awaitWrites(ensemble, history);
            breakLink(wires, broken);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(NOTICED_WITHIN_MS));
            awaitWrites(ensemble, history);

            wires.heal();
            ensemble.await(
                    "all to serve",
                    () -> ensemble.ids().noneMatch(id -> ensemble.mode(id).isEmpty()));
            awaitWrites(ensemble, history);
            writer.interrupt();
            writer.join();
            assertSameTrees(ensemble);
            ensemble.awaitSameZxid();
            history.check(ensemble.tree(1));
        }
    }

    private static void breakLink(Wires wires, Break broken) {
        switch (broken.way) {
            case "cut" -> wires.cutBetween(broken.one, broken.other);
            case "silent" -> wires.stallBetween(broken.one, broken.other);
            default -> wires.muteTowards(broken.one, broken.other);
        }
    }

    private static void awaitWrites(EnsembleUnderTest ensemble, WriteHistory history) {
        long before = history.acknowledgedCount();
        ensemble.await(
                "writes to be acknowledged",
                () -> history.acknowledgedCount() > before + WRITES_BETWEEN);
    }

    private static List<Integer> others(EnsembleUnderTest ensemble, int id) {
        return ensemble.ids().filter(other -> other != id).toList();
    }

    /** Each of these writes is acknowledged, or the fact fails. */
    private static void write(EnsembleUnderTest ensemble, String parent, int id) throws Exception {
        try (ZooKeeper client = ensemble.connect(ensemble.addresses(id))) {
            client.create(parent, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            for (int i = 0; i < WRITES; i++) {
                client.create(
                        parent + "/n",
                        new byte[10],
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT_SEQUENTIAL);
            }
            assertEquals(WRITES, client.getChildren(parent, false).size());
        }
    }

    private static void assertSameTrees(EnsembleUnderTest ensemble) throws Exception {
        var first = ensemble.tree(1);
        for (int id : others(ensemble, 1)) {
            assertEquals(first, ensemble.tree(id), "tree of " + id);
        }
    }
}
