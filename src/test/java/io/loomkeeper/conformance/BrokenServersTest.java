package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers of an ensemble are killed and stand still for a while, in every role, while clients write
 * and read; then the clients' histories hold, and all servers have the same tree at the same zxid.
 *
 * <p>On the command line of the JVM {@code -Dbroken=LLLLL,LLLLLl,LAALA} names other ensembles than
 * the one that there is always time for, and {@code -Dbroken.rounds=N} how often each server is
 * broken in each way.
 */
@SuppressWarnings("try") // closing a client of a killed server may be cut short
final class BrokenServersTest {
    private static final int ROUNDS = Integer.getInteger("broken.rounds", 1);
    private static final int WRITERS = 3;
    private static final int READERS = 2;
    private static final int WRITES_BETWEEN = 50;

    /** Longer than syncLimit: whoever stands still so long is given up. */
    private static final long STANDSTILL_MS = 4_000;

    @TempDir Path directory;

    private final WriteHistory writes = new WriteHistory();
    private final ReadHistory reads = new ReadHistory();

    static List<String> ensembles() {
        return List.of(System.getProperty("broken", "LLLLl").split(","));
    }

    @ParameterizedTest
    @MethodSource("ensembles")
    void historiesHoldWhateverServerBreaks(String kinds) throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(directory, kinds);
                ZooKeeper first = ensemble.connect(ensemble.addresses())) {
            ReadHistory.prepare(first);
            List<ZooKeeper> clients = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            try {
                begin(ensemble, clients, threads);
                for (int round = 0; round < ROUNDS; round++) {
                    breakEachRole(ensemble);
                }
            } finally {
                threads.forEach(Thread::interrupt);
                for (Thread thread : threads) {
                    thread.join();
                }
                for (ZooKeeper client : clients) {
                    client.close();
                }
            }
            checkAll(ensemble);
        }
    }

    /** Clients that go to whatever server takes them. */
    private void begin(EnsembleUnderTest ensemble, List<ZooKeeper> clients, List<Thread> threads)
            throws Exception {
        for (int i = 0; i < WRITERS + READERS + 1; i++) {
            clients.add(ensemble.connect(ensemble.addresses()));
        }
        for (int i = 0; i < WRITERS; i++) {
            ZooKeeper client = clients.get(i);
            String parent = "/of" + i;
            WriteHistory.prepare(client, parent);
            threads.add(Thread.ofPlatform().start(() -> writes.write(client, parent)));
        }
        for (int i = 0; i < READERS; i++) {
            ZooKeeper client = clients.get(WRITERS + i);
            threads.add(Thread.ofPlatform().start(() -> reads.read(client)));
        }
        ZooKeeper counter = clients.getLast();
        threads.add(Thread.ofPlatform().start(() -> reads.write(counter)));
    }

    private void breakEachRole(EnsembleUnderTest ensemble) {
        breakServers(ensemble, first(ensemble, "follower"), first(ensemble, "observer"));
        breakServers(ensemble, first(ensemble, "observer"), first(ensemble, "follower"));
        breakServers(ensemble, first(ensemble, "leader"), List.of());
        breakServers(ensemble, List.of(), first(ensemble, "leader"));
    }

    /** Writes go on meanwhile, and all serve again afterwards. */
    private void breakServers(
            EnsembleUnderTest ensemble, List<Integer> killed, List<Integer> stopped) {
        awaitWrites(ensemble);
        killed.forEach(ensemble::kill);
        stopped.forEach(ensemble::freeze);
        if (!stopped.isEmpty()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(STANDSTILL_MS));
        }
        awaitWrites(ensemble);
        stopped.forEach(ensemble::thaw);
        killed.forEach(ensemble::launch);
        ensemble.awaitAllServing();
    }

    /** None or one. */
    private static List<Integer> first(EnsembleUnderTest ensemble, String mode) {
        return ensemble.ids().filter(id -> ensemble.mode(id).equals(mode)).limit(1).toList();
    }

    private void awaitWrites(EnsembleUnderTest ensemble) {
        long before = writes.acknowledgedCount();
        ensemble.await(
                "writes to be acknowledged",
                () -> writes.acknowledgedCount() > before + WRITES_BETWEEN);
    }

    private void checkAll(EnsembleUnderTest ensemble) throws Exception {
        ensemble.awaitAllServing();
        SortedMap<String, String> tree = ensemble.tree(1);
        for (int id : ensemble.ids().toList()) {
            assertEquals(tree, ensemble.tree(id), "server " + id);
        }
        ensemble.awaitSameZxid();
        writes.check(tree);
        reads.check();
        assertTrue(writes.acknowledgedCount() > 0);
        System.out.printf(
                "%d servers, each role killed and stopped %d times: %d writes, %d acknowledged, %d reads%n",
                ensemble.ids().count(),
                ROUNDS,
                writes.sentCount(),
                writes.acknowledgedCount(),
                reads.readCount());
    }
}
