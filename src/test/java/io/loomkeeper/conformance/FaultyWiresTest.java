package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ensembles of real processes that reach each other over wires which are cut, fall silent, or pass
 * in one direction only.
 */
@SuppressWarnings("try") // closing a client of a server that is cut off may be cut short
final class FaultyWiresTest {
    private static final int WRITES = 200;

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
