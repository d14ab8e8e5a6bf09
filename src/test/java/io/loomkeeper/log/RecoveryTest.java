package io.loomkeeper.log;

import static io.loomkeeper.log.Scene.range;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots and log together: what is recovered from, and what is deleted. */
final class RecoveryTest {
    @TempDir Path dir;
    private Scene scene;
    private SnapshotStore snapshots;

    @BeforeEach
    void openStores() throws IOException {
        scene = new Scene(Files.createDirectory(dir.resolve("log")));
        snapshots = SnapshotStore.open(Files.createDirectory(dir.resolve("snapshots")));
    }

    private void snapshot(long zxid) throws IOException {
        try (SnapshotWriter writer = snapshots.begin(zxid)) {
            writer.write(new UnsafeBuffer(Scene.payload(zxid)), 0, Scene.payload(zxid).length);
            writer.commit();
        }
    }

    private void receive(long zxid) throws IOException {
        try (SnapshotWriter writer = snapshots.beginReceived(zxid)) {
            byte[] image = ("received at " + zxid).getBytes(UTF_8);
            writer.write(new UnsafeBuffer(image), 0, image.length);
            writer.commit();
        }
    }

    private void damageSnapshot(long zxid) throws IOException {
        damage(SnapshotLayout.file(snapshots.directory(), zxid));
    }

    private static void damage(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(40);
            int old = file.read();
            file.seek(40);
            file.write(old ^ 1);
        }
    }

    /** Snapshots at 10, 20, ... and a segment for each. */
    private TxnLog logWithSnapshots(int count) throws IOException {
        TxnLog log = scene.started();
        for (int i = 1; i <= count; i++) {
            scene.append(log, i * 10L - 9, i * 10L);
            snapshot(i * 10L);
            log.rollSegment();
            scene.append(log, i * 10L + 1, i * 10L + 1);
            scene.truncate(log, i * 10L, snapshots);
            scene.acks = new Acks();
            log.close();
            log = scene.started();
        }
        return log;
    }

    private long recoveredFrom() throws IOException {
        try (TxnLog log = scene.open()) {
            Optional<SnapshotReader> snapshot = Recovery.snapshot(snapshots, log);
            try (SnapshotReader reader = snapshot.orElse(null)) {
                long zxid = reader == null ? 0 : reader.zxid();
                assertEquals(range(zxid + 1, log.lastAppended()), Scene.recovered(log, zxid));
                return zxid;
            }
        }
    }

    @Test
    void theNewestSnapshotIsTaken() throws IOException {
        logWithSnapshots(3).close();
        assertEquals(30, recoveredFrom());
    }

    @Test
    void withoutSnapshotsTheLogIsEnough() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
        }
        assertEquals(0, recoveredFrom());
    }

    @Test
    void aDamagedSnapshotIsPassedOverWhenTheLogMakesUpForIt() throws IOException {
        logWithSnapshots(3).close();
        damageSnapshot(30);
        assertEquals(20, recoveredFrom());
        damageSnapshot(20);
        damageSnapshot(10);
        assertEquals(0, recoveredFrom());
    }

    @Test
    void aDamagedSnapshotIsRefusedWhenTheLogDoesNotReachBack() throws IOException {
        logWithSnapshots(3).close();
        damageSnapshot(30);
        Files.delete(SegmentFile.list(scene.dir).getFirst().path());
        for (SegmentFile file : SegmentFile.list(scene.dir)) {
            if (file.number() < SegmentFile.list(scene.dir).getLast().number()) {
                Files.delete(file.path());
            }
        }
        CorruptLogException refused = assertThrows(CorruptLogException.class, this::recoveredFrom);
        assertEquals(SnapshotLayout.file(snapshots.directory(), 30), refused.file());
    }

    @Test
    void aSnapshotWithoutItsLogIsRefused() throws IOException {
        snapshot(10);
        assertThrows(CorruptLogException.class, this::recoveredFrom);
    }

    @Test
    void aLogWithoutItsSnapshotIsRefused() throws IOException {
        receive(10);
        try (TxnLog log = scene.started()) {
            assertTrue(scene.install(log, 10, snapshots));
            scene.append(log, 11, 20);
        }
        assertEquals(10, recoveredFrom());
        Files.delete(SnapshotLayout.file(snapshots.directory(), 10));
        assertThrows(CorruptLogException.class, this::recoveredFrom);
    }

    @Test
    void anInstalledSnapshotTakesThePlaceOfAllHistory() throws IOException {
        for (long zxid : List.of(25L, 900L)) {
            receive(zxid);
            try (TxnLog log = logWithSnapshots(3)) {
                assertTrue(scene.install(log, zxid, snapshots));
                assertEquals(zxid, log.lastAppended());
                assertEquals(zxid, log.lastDurable());
                assertEquals(zxid, snapshots.zxids().getFirst());
                scene.append(log, zxid + 1, zxid + 10);
            }
            assertEquals(zxid, recoveredFrom());
            assertArrayEquals(("received at " + zxid).getBytes(UTF_8), image(zxid));
            damageSnapshot(zxid);
            assertThrows(CorruptLogException.class, this::recoveredFrom, "older history was taken");
            clear();
        }
    }

    private void clear() throws IOException {
        try (Stream<Path> paths = Files.walk(dir)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(dir)) {
                    Files.delete(path);
                }
            }
        }
        openStores();
    }

    private byte[] image(long zxid) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (SnapshotReader reader = snapshots.read(zxid)) {
            reader.readAll(
                    (piece, offset, length) -> {
                        byte[] copy = new byte[length];
                        piece.getBytes(offset, copy);
                        bytes.writeBytes(copy);
                    });
        }
        return bytes.toByteArray();
    }

    @Test
    void aSnapshotThatWasReceivedAndNotInstalledCountsForNothing() throws IOException {
        logWithSnapshots(2).close();
        receive(15);
        receive(70);
        assertEquals(List.of(20L, 10L), snapshots.zxids());
        assertEquals(20, recoveredFrom());
        assertFalse(Files.exists(SnapshotLayout.receivedFile(snapshots.directory(), 70)));
    }

    @Test
    void nothingIsInstalledThatIsMissingOrDamaged() throws IOException {
        try (TxnLog log = logWithSnapshots(2)) {
            assertFalse(scene.install(log, 70, snapshots));
            receive(70);
            damage(SnapshotLayout.receivedFile(snapshots.directory(), 70));
            assertFalse(scene.install(log, 70, snapshots));
            assertEquals(20, log.lastAppended());
            scene.append(log, 21, 22);
        }
        assertEquals(20, recoveredFrom());
    }

    @Test
    void installingASecondTimeAndTruncatingGoOnFromThere() throws IOException {
        try (TxnLog log = logWithSnapshots(2)) {
            receive(70);
            assertTrue(scene.install(log, 70, snapshots));
            scene.append(log, 71, 80);
            assertFalse(scene.truncate(log, 20, snapshots), "older history is gone");
            assertTrue(scene.truncate(log, 75, snapshots));
            scene.append(log, 176, 180);
            receive(150);
            assertTrue(scene.install(log, 150, snapshots));
            assertTrue(scene.truncate(log, 150, snapshots));
            scene.append(log, 151, 160);
            new Retention(snapshots, log, 1).purge();
            assertEquals(List.of(150L), snapshots.zxids());
        }
        assertEquals(150, recoveredFrom());
    }

    @Test
    void aSnapshotOfHistoryThatWasDroppedMeanwhileIsNotKept() throws IOException {
        try (TxnLog log = logWithSnapshots(2);
                SnapshotWriter writer = snapshots.begin(20)) {
            assertTrue(scene.truncate(log, 12, snapshots));
            assertThrows(IOException.class, writer::commit);
        }
        assertEquals(List.of(10L), snapshots.zxids());
        try (TxnLog log = scene.open()) {
            assertEquals(List.of(11L, 12L), Scene.recovered(log, 10));
        }
    }

    @Test
    void truncationDeletesTheSnapshotsThatHoldMore() throws IOException {
        try (TxnLog log = logWithSnapshots(4)) {
            assertTrue(scene.truncate(log, 25, snapshots));
            assertEquals(List.of(20L, 10L), snapshots.zxids());
            scene.append(log, 126, 130);
        }
        try (TxnLog log = scene.open()) {
            assertEquals(
                    List.of(21L, 22L, 23L, 24L, 25L, 126L, 127L, 128L, 129L, 130L),
                    Scene.recovered(log, 20));
        }
    }

    /** The state is built anew from what is left, and nothing that is under way is touched (T7). */
    @Test
    void aRunningLogIsRecoveredFromAfterATruncation() throws IOException {
        try (TxnLog log = logWithSnapshots(4)) {
            assertTrue(scene.truncate(log, 25, snapshots));
            receive(90);
            try (SnapshotReader snapshot = Recovery.snapshot(snapshots, log).orElseThrow()) {
                assertEquals(20, snapshot.zxid());
                assertEquals(range(21, 25), Scene.recovered(log, 20));
            }
            assertTrue(scene.install(log, 90, snapshots), "it was deleted");
            try (SnapshotReader snapshot = Recovery.snapshot(snapshots, log).orElseThrow()) {
                assertEquals(90, snapshot.zxid());
                assertEquals(List.of(), Scene.recovered(log, 90));
            }
        }
        assertEquals(90, recoveredFrom());
    }

    @Test
    void truncationBelowTheOldestSnapshotIsRefusedWhenTheLogBeginsThere() throws IOException {
        try (TxnLog log = logWithSnapshots(4)) {
            new Retention(snapshots, log, 2).purge();
            assertFalse(scene.truncate(log, 29, snapshots));
            damageSnapshot(30);
            SnapshotStore fresh = SnapshotStore.open(snapshots.directory());
            assertFalse(
                    scene.truncate(log, 35, fresh), "nothing to start from but a damaged snapshot");
            assertEquals(List.of(40L, 30L), snapshots.zxids());
        }
        assertEquals(40, recoveredFrom());
    }

    @Test
    void retentionKeepsTheNewestAndTheLogBehindTheOldestKept() throws IOException {
        try (TxnLog log = logWithSnapshots(5)) {
            assertTrue(new Retention(snapshots, log, 3).purge() > 0);
            assertEquals(List.of(50L, 40L, 30L), snapshots.zxids());
            scene.append(log, 51, 60);
        }
        assertEquals(50, recoveredFrom());
        damageSnapshot(50);
        damageSnapshot(40);
        assertEquals(30, recoveredFrom());
        damageSnapshot(30);
        assertThrows(CorruptLogException.class, this::recoveredFrom);
    }

    @Test
    void retentionDeletesNothingBeforeThereAreEnough() throws IOException {
        try (TxnLog log = logWithSnapshots(2)) {
            assertEquals(0, new Retention(snapshots, log, 3).purge());
        }
        assertEquals(20, recoveredFrom());
    }

    @Test
    void retentionDoesNotCountADamagedSnapshot() throws IOException {
        try (TxnLog log = logWithSnapshots(4)) {
            damageSnapshot(40);
            new Retention(snapshots, log, 2).purge();
            assertEquals(List.of(40L, 30L, 20L), snapshots.zxids());
        }
        assertEquals(30, recoveredFrom());
    }

    @Test
    void retentionNeverDeletesTheSegmentBeingWritten() throws IOException {
        try (TxnLog log = scene.started()) {
            for (long zxid = 1; zxid <= 30; zxid++) {
                scene.append(log, zxid, zxid);
                snapshot(zxid);
                if (zxid % 10 == 0) {
                    log.rollSegment();
                }
                new Retention(snapshots, log, 1).purge();
            }
            scene.append(log, 31, 40);
            assertTrue(Files.exists(scene.newestSegment()));
        }
        assertEquals(30, recoveredFrom());
    }

    @Test
    void retentionRemovesRunsThatAreEmpty() throws IOException {
        try (TxnLog log = logWithSnapshots(5)) {
            long first = SegmentFile.runs(scene.dir).getFirst();
            new Retention(snapshots, log, 1).purge();
            assertFalse(SegmentFile.runs(scene.dir).contains(first));
        }
        assertEquals(50, recoveredFrom());
    }
}
