package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real server on a real disk that is full: nothing acknowledged is lost, what is said tells what
 * to do, and with space it starts again without help.
 */
@SuppressWarnings("try") // closing a client of a server that is gone may be cut short
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class FullDiskTest {
    private static final int DISK_KB = 16 << 10;
    private static final byte[] VALUE = new byte[2_000];
    private static final int IN_FLIGHT = 32;
    private static final int WRITES_MAX = 50_000;
    private static final int SESSION_TIMEOUT_MS = 30_000;
    private static final long WAIT_S = 60;

    @TempDir Path dir;
    private final ConcurrentSkipListSet<String> acknowledged = new ConcurrentSkipListSet<>();
    private int sent;

    private ServerUnderTest start(SmallDisk disk, String dataDir, String logDir, int snapCount) {
        return ServerUnderTest.start(
                disk.with(ServerCommand.loomkeeper()),
                dir.resolve("server"),
                Map.of(
                        "dataDir", dataDir,
                        "dataLogDir", logDir,
                        "snapCount", Integer.toString(snapCount)),
                Map.of());
    }

    private SmallDisk disk() throws IOException {
        return SmallDisk.at(Files.createDirectory(dir.resolve("small")), DISK_KB);
    }

    @Test
    void fullLogDirectoryEndsTheServerBeforeItAcknowledgesWhatItCannotKeep() throws Exception {
        try (SmallDisk disk = disk()) {
            String data = dir.resolve("data").toString();
            ServerUnderTest server = start(disk, data, disk.directory().toString(), 100_000);
            checkThatItEndsAndComesBack(server, disk);
        }
    }

    @Test
    void oneFullDirectoryForAllEndsTheServerTheSameWay() throws Exception {
        try (SmallDisk disk = disk()) {
            String all = disk.directory().toString();
            checkThatItEndsAndComesBack(start(disk, all, all, 500), disk);
        }
    }

    private void checkThatItEndsAndComesBack(ServerUnderTest server, SmallDisk disk)
            throws Exception {
        write(server, 200);
        assertEquals(200, acknowledged.size());
        disk.fillUpTo(1 << 10);
        write(server, WRITES_MAX);
        assertTrue(acknowledged.size() < sent, "the disk never was full");

        assertEquals(1, server.awaitEnd(), server::output);
        String said = server.output();
        assertTrue(said.contains("No space left on device"), said);
        assertTrue(said.contains("Make room"), said);

        disk.fillUpTo(0);
        String refusal = assertThrows(IllegalStateException.class, server::again).toString();
        assertTrue(refusal.contains("No space left on device"), refusal);
        assertTrue(refusal.contains("Make room"), refusal);

        disk.free();
        try (ServerUnderTest again = server.again()) {
            checkAll(again);
            write(again, 20);
            checkAll(again);
        }
    }

    @Test
    void fullSnapshotDirectoryIsReportedAndTheServerGoesOn() throws Exception {
        try (SmallDisk disk = disk()) {
            String log = dir.resolve("log").toString();
            ServerUnderTest server = start(disk, disk.directory().toString(), log, 400);
            disk.fillUpTo(64);
            write(server, 1_000);
            assertEquals(1_000, acknowledged.size());
            await("the report", () -> server.output().contains("snapshot of 0x"));
            String said = server.output();
            assertTrue(said.contains("No space left on device"), said);
            assertTrue(said.contains("Make room in " + disk.directory()), said);
            assertTrue(server.isAlive());
            await("that nothing half written is left", () -> snapshots(disk).isEmpty());

            disk.free();
            write(server, 1_000);
            await("a snapshot", () -> !snapshots(disk).isEmpty());
            server.kill();
            try (ServerUnderTest again = server.again()) {
                checkAll(again);
            }
        }
    }

    private static List<String> snapshots(SmallDisk disk) {
        try (Stream<Path> files = Files.walk(disk.outside())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("snapshot."))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "not within a minute: " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Sends so many writes, or fewer when the server goes away; waits for all answers. */
    private void write(ServerUnderTest server, int count) throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        Semaphore room = new Semaphore(IN_FLIGHT);
        try (ZooKeeper client = server.connect(SESSION_TIMEOUT_MS)) {
            for (int i = 0; i < count && gone.getCount() > 0; i++) {
                assertTrue(room.tryAcquire(WAIT_S, TimeUnit.SECONDS), server::output);
                client.create(
                        "/n" + sent++,
                        VALUE,
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT,
                        (code, path, _, _) -> {
                            if (code == KeeperException.Code.OK.intValue()) {
                                acknowledged.add(path);
                            } else {
                                gone.countDown();
                            }
                            room.release();
                        },
                        null);
            }
            assertTrue(room.tryAcquire(IN_FLIGHT, WAIT_S, TimeUnit.SECONDS), server::output);
        }
    }

    private void checkAll(ServerUnderTest server) throws Exception {
        try (ZooKeeper client = server.connect(SESSION_TIMEOUT_MS)) {
            for (String path : acknowledged) {
                assertEquals(VALUE.length, client.getData(path, false, null).length, path);
            }
        }
    }
}
