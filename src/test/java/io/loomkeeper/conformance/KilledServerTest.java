package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed at any moment has, when it is started again, every write that it had
 * acknowledged, under the zxid that it had named, and nothing that nobody sent. Apache's client
 * writes, and remembers what it was told.
 *
 * <p>{@code -Dkills=N} on the command line of the JVM sets the number of rounds.
 */
@SuppressWarnings("try") // closing a client of a killed server may be cut short
final class KilledServerTest {
    private static final int ROUNDS = Integer.getInteger("kills", 50);
    private static final long SEED = 20261121;
    private static final int IN_FLIGHT = 64;
    private static final int SESSION_TIMEOUT_MS = 30_000;

    /** Small, so that snapshots, rolls and purges are cut off too. */
    private static final Map<String, String> KEYS = Map.of("snapCount", "600");

    private final Random random = new Random(SEED);
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final AtomicLong sent = new AtomicLong();

    @Test
    void everyAcknowledgedWriteSurvivesEveryKill(@TempDir Path directory) throws Exception {
        ServerUnderTest server =
                ServerUnderTest.start(ServerCommand.chosen(), directory, KEYS, Map.of());
        for (int round = 0; round < ROUNDS; round++) {
            writeUntilKilled(server, round);
            server = server.again();
            checkRound(server, round);
        }
        checkAll(server);
        server.kill();
        assertTrue(acknowledged.size() > ROUNDS, "acknowledged: " + acknowledged.size());
        System.out.println(
                ROUNDS + " kills, " + sent + " writes, " + acknowledged.size() + " acknowledged");
    }

    private void writeUntilKilled(ServerUnderTest server, int round) throws Exception {
        try (ZooKeeper client = server.connect(SESSION_TIMEOUT_MS)) {
            String parent = "/r" + round;
            client.create(parent, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            Thread writer = Thread.ofPlatform().start(() -> write(client, parent));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(400)));
            server.kill();
            writer.interrupt();
            writer.join();
        }
    }

    private void write(ZooKeeper client, String parent) {
        Semaphore room = new Semaphore(IN_FLIGHT);
        try {
            while (true) {
                room.acquire();
                String path = parent + "/n" + sent.incrementAndGet();
                client.create(
                        path,
                        path.getBytes(UTF_8),
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT,
                        (code, asked, _, _, stat) -> {
                            if (code == KeeperException.Code.OK.intValue()) {
                                acknowledged.put(asked, stat.getCzxid());
                            }
                            room.release();
                        },
                        null);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Everything of the last round, and that nothing is there that was not sent. */
    private void checkRound(ServerUnderTest server, int round) throws Exception {
        try (ZooKeeper client = server.connect(SESSION_TIMEOUT_MS)) {
            String parent = "/r" + round;
            List<String> there = client.getChildren(parent, false);
            long expected =
                    acknowledged.keySet().stream().filter(p -> p.startsWith(parent + "/")).count();
            assertTrue(there.size() >= expected, there.size() + " of " + expected);
            assertTrue(there.size() <= expected + IN_FLIGHT, there.size() + " for " + expected);
        }
    }

    private void checkAll(ServerUnderTest server) throws Exception {
        try (ZooKeeper client = server.connect(SESSION_TIMEOUT_MS)) {
            for (Map.Entry<String, Long> one : new TreeMap<>(acknowledged).entrySet()) {
                Stat stat = new Stat();
                byte[] data = client.getData(one.getKey(), false, stat);
                assertArrayEquals(one.getKey().getBytes(UTF_8), data);
                assertEquals(one.getValue(), stat.getCzxid(), one.getKey());
            }
        }
    }
}
