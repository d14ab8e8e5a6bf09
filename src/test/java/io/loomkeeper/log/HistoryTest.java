package io.loomkeeper.log;

import static io.loomkeeper.log.Scene.range;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running log gives back of itself. */
final class HistoryTest {
    @TempDir Path dir;
    private Scene scene;
    private SnapshotStore snapshots;

    @BeforeEach
    void openStores() throws IOException {
        LogOptions tinySegments =
                new LogOptions(1 << 12, 1 << 13, 1 << 16, 1 << 16, true, 1_000_000);
        scene = new Scene(Files.createDirectory(dir.resolve("log")), tinySegments);
        snapshots = SnapshotStore.open(Files.createDirectory(dir.resolve("snapshots")));
    }

    private static List<Long> read(History history, long from, long to) throws IOException {
        List<Long> zxids = new ArrayList<>();
        history.read(
                from,
                to,
                (zxid, txn, offset, length) -> {
                    byte[] bytes = new byte[length];
                    txn.getBytes(offset, bytes);
                    assertArrayEquals(Scene.payload(zxid), bytes, "zxid " + zxid);
                    zxids.add(zxid);
                });
        return zxids;
    }

    @Test
    void floorIsTheGreatestPointAtOrBeforeTheZxid() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            assertTrue(log.rollSegment());
            scene.append(log, 20, 30);
            History history = log.history();
            assertEquals(0, history.first());
            assertEquals(30, history.last());
            assertEquals(OptionalLong.of(0), history.floor(0));
            assertEquals(OptionalLong.of(7), history.floor(7));
            assertEquals(OptionalLong.of(10), history.floor(15));
            assertEquals(OptionalLong.of(10), history.floor(19));
            assertEquals(OptionalLong.of(20), history.floor(20));
            assertEquals(OptionalLong.of(30), history.floor(1L << 32));
        }
    }

    @Test
    void anEmptyLogHasItsBeginning() throws IOException {
        try (TxnLog log = scene.started()) {
            assertEquals(OptionalLong.of(0), log.history().floor(5));
            assertEquals(List.of(), read(log.history(), 0, Long.MAX_VALUE));
        }
        try (TxnLog log = scene.open()) {
            assertEquals(OptionalLong.of(0), log.history().floor(5));
        }
    }

    @Test
    void whatIsReadLiesBetweenTheBounds() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 300);
        }
        try (TxnLog log = scene.started()) {
            scene.append(log, 301, 600);
            assertTrue(SegmentFile.list(scene.dir).size() > 5, "segments");
            History history = log.history();
            assertEquals(range(1, 600), read(history, 0, 600));
            assertEquals(range(251, 500), read(history, 250, 500));
            assertEquals(List.of(300L), read(history, 299, 300));
            assertEquals(List.of(), read(history, 600, Long.MAX_VALUE));
            assertEquals(List.of(), read(history, 300, 300));
        }
    }

    @Test
    void aHistoryKeepsItsEndWhileTheLogGoesOn() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 50);
            History then = log.history();
            scene.append(log, 51, 400);
            assertEquals(50, then.last());
            assertEquals(range(1, 50), read(then, 0, Long.MAX_VALUE));
            assertEquals(range(1, 400), read(log.history(), 0, Long.MAX_VALUE));
        }
    }

    @Test
    void whatWasTruncatedIsNotRead() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 300);
            assertTrue(scene.truncate(log, 120, snapshots));
            assertEquals(OptionalLong.of(120), log.history().floor(200));
            scene.append(log, 1001, 1020);
            List<Long> expected = new ArrayList<>(range(101, 120));
            expected.addAll(range(1001, 1020));
            assertEquals(expected, read(log.history(), 100, Long.MAX_VALUE));
            assertEquals(OptionalLong.of(120), log.history().floor(200));
        }
    }

    @Test
    void nothingIsReachedBeforeAnInstalledSnapshot() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 30);
            snapshots.beginReceived(100).commit();
            assertTrue(scene.install(log, 100, snapshots));
            scene.append(log, 101, 110);
            History history = log.history();
            assertEquals(100, history.first());
            assertEquals(OptionalLong.empty(), history.floor(99));
            assertEquals(OptionalLong.of(100), history.floor(100));
            assertEquals(range(101, 110), read(history, 100, Long.MAX_VALUE));
            assertThrows(IllegalArgumentException.class, () -> read(history, 99, 110));
        }
    }

    @Test
    void nothingIsReachedBeforeWhatRetentionKept() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 300);
            assertTrue(log.dropBefore(200) > 0);
            History history = log.history();
            assertTrue(history.first() > 0 && history.first() <= 200, "first " + history.first());
            assertEquals(OptionalLong.empty(), history.floor(history.first() - 1));
            assertEquals(range(201, 300), read(history, 200, Long.MAX_VALUE));
        }
    }

    @Test
    void theLogIsReadWhileItIsWritten() throws IOException {
        try (TxnLog log = scene.started()) {
            Semaphore rounds = new Semaphore(0);
            Thread writer = Thread.ofPlatform().start(() -> appendMany(log, rounds));
            long before = 0;
            while (before < 5_000) {
                rounds.release();
                before = log.lastDurable();
                History history = log.history();
                long last = history.last();
                assertTrue(last >= before, last + " of " + before);
                long from = Math.max(0, last - 300);
                assertEquals(range(from + 1, last), read(history, from, Long.MAX_VALUE));
                assertEquals(OptionalLong.of(from), history.floor(from));
            }
            join(writer);
        }
    }

    /** A hundred for each round of the reader, beside it. */
    private void appendMany(TxnLog log, Semaphore rounds) {
        for (long zxid = 1; zxid <= 5_000; zxid++) {
            if (zxid % 100 == 1) {
                rounds.acquireUninterruptibly();
            }
            scene.appendOne(log, zxid);
        }
        scene.acks.awaitDurable(5_000);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
