package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Loomkeeper that has logged what nobody else has, and comes back to a leader of Apache's that
 * sends it TRUNC (protocol 15.3).
 *
 * <p>Apache's leader sends SNAP as soon as anything is committed in its own epoch, so nobody may
 * write, nor open a session, between its election and the return.
 *
 * <p>{@code -Dcuts=N} on the command line of the JVM sets how often.
 */
@SuppressWarnings("try") // closing a client of a killed server may be cut short
final class CutByApacheTest {
    private static final List<Integer> APACHES = List.of(1, 2);
    private static final int OURS = 3;
    private static final int WRITES = 50;
    private static final int ROUNDS = Integer.getInteger("cuts", 1);

    /** Some or all of a few writes are on disk after this; one is enough. */
    private static final long LOGGED_WITHIN_MS = 300;

    @TempDir Path directory;

    @Test
    void tailOfADeposedLeaderIsCutByApaches() throws Exception {
        try (EnsembleUnderTest ensemble = new EnsembleUnderTest(directory, "AAL")) {
            for (int round = 1; round <= ROUNDS; round++) {
                letOursLead(ensemble);
                write(ensemble, "/before" + round);
                logAlone(ensemble, "/alone" + round);
                APACHES.forEach(ensemble::launch);
                ensemble.awaitLeader();
                ensemble.launch(OURS);
                ensemble.awaitAllServing();
                assertEquals("follower", ensemble.mode(OURS));
                assertEquals(round, countCuts(ensemble), () -> ensemble.output());
                write(ensemble, "/after" + round);
            }
            SortedMap<String, String> tree = ensemble.tree(OURS);
            assertEquals(2 * ROUNDS * (WRITES + 1) + 1, tree.size());
            assertTrue(tree.keySet().stream().noneMatch(path -> path.startsWith("/alone")));
            for (int id : APACHES) {
                assertEquals(ensemble.tree(id), tree, "tree of " + id);
            }
            assertFalse(ensemble.fullOutput(OURS).contains("took over the leader's state"));
        }
    }

    /** With one of the others down, ours has the larger id and no shorter history. */
    private static void letOursLead(EnsembleUnderTest ensemble) {
        ensemble.ids()
                .filter(id -> ensemble.server(id) != null && ensemble.server(id).isAlive())
                .forEach(ensemble::kill);
        ensemble.launch(OURS);
        ensemble.launch(APACHES.getFirst());
        ensemble.awaitAllServing();
        assertEquals("leader", ensemble.mode(OURS));
        ensemble.launch(APACHES.getLast());
        ensemble.awaitAllServing();
    }

    /** The others stand still, so that they never get what ours logs; then all are killed. */
    private static void logAlone(EnsembleUnderTest ensemble, String path) throws Exception {
        try (ZooKeeper client = ensemble.connect(ensemble.addresses(OURS))) {
            APACHES.forEach(ensemble::freeze);
            for (int i = 0; i < WRITES; i++) {
                client.create(
                        path + "-" + i,
                        null,
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT,
                        (_, _, _, _) -> {},
                        null);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOGGED_WITHIN_MS));
            ensemble.kill(OURS);
        }
        APACHES.forEach(ensemble::kill);
    }

    private static long countCuts(EnsembleUnderTest ensemble) {
        try {
            return ensemble.fullOutput(OURS)
                    .lines()
                    .filter(line -> line.contains("cut everything behind"))
                    .count();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void write(EnsembleUnderTest ensemble, String parent) throws Exception {
        try (ZooKeeper client = ensemble.connect(ensemble.addresses(OURS))) {
            client.create(parent, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            for (int i = 0; i < WRITES; i++) {
                client.create(
                        parent + "/n",
                        new byte[10],
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT_SEQUENTIAL);
            }
        }
    }
}
