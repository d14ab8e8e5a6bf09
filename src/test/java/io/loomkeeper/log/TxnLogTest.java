package io.loomkeeper.log;

import static io.loomkeeper.log.Scene.range;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TxnLogTest {
    @TempDir Path dir;
    @TempDir Path noSnapshotDir;

    private SnapshotStore noSnapshots() throws IOException {
        return SnapshotStore.open(noSnapshotDir);
    }

    @Test
    void anEmptyDirectoryIsTheEmptyLog() throws IOException {
        try (TxnLog log = new Scene(dir).open()) {
            assertTrue(log.isEmpty());
            assertEquals(0, log.lastAppended());
            assertEquals(List.of(), Scene.recovered(log, 0));
        }
    }

    @Test
    void whatWasDurableIsRecoveredAfterACleanStop() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 500);
            assertEquals(500, log.lastDurable());
        }
        assertEquals(range(1, 500), scene.recovered(0));
    }

    @Test
    void whatWasDurableIsRecoveredAfterACrash() throws IOException {
        Scene scene = new Scene(dir);
        TxnLog log = scene.started();
        scene.append(log, 1, 500);
        log.crash();
        assertEquals(range(1, 500), scene.recovered(0));
    }

    @Test
    void closeMakesWhatIsInTheRingDurable() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            for (long zxid = 1; zxid <= 20; zxid++) {
                scene.appendOne(log, zxid);
            }
        }
        assertEquals(20, scene.acks.durable());
        assertEquals(range(1, 20), scene.recovered(0));
    }

    @Test
    void replayBeginsBehindTheSnapshot() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 100);
        }
        assertEquals(range(61, 100), scene.recovered(60));
        assertEquals(List.of(), scene.recovered(100));
    }

    @Test
    void replayRefusesASnapshotThatTheLogDoesNotReach() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
        }
        assertThrows(CorruptLogException.class, () -> scene.recovered(11));
    }

    @Test
    void replayRefusesASnapshotZxidThatTheLogSkipped() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            scene.append(log, 20, 30);
        }
        CorruptLogException refused =
                assertThrows(CorruptLogException.class, () -> scene.recovered(15));
        assertTrue(refused.reason().contains("0xf is not in the log"), refused.reason());
    }

    @Test
    void replayRefusesASnapshotBeforeTheLogsBeginning() throws IOException {
        Scene scene = new Scene(dir);
        SnapshotStore snapshots = noSnapshots();
        snapshots.beginReceived(1000).commit();
        try (TxnLog log = scene.started()) {
            assertTrue(scene.install(log, 1000, snapshots));
            scene.append(log, 1001, 1010);
        }
        assertEquals(range(1001, 1010), scene.recovered(1000));
        assertThrows(CorruptLogException.class, () -> scene.recovered(999));
        assertThrows(CorruptLogException.class, () -> scene.recovered(0));
    }

    @Test
    void replayRefusesASnapshotWhenTheLogIsEmpty() {
        assertThrows(CorruptLogException.class, () -> new Scene(dir).recovered(5));
    }

    @Test
    void aHistoryGoesOnOverManyRuns() throws IOException {
        Scene scene = new Scene(dir);
        for (int run = 0; run < 8; run++) {
            TxnLog log = scene.started();
            assertEquals(run * 10L, log.lastAppended());
            scene.append(log, run * 10L + 1, run * 10L + 10);
            if (run % 2 == 0) {
                log.close();
            } else {
                log.crash();
            }
        }
        assertEquals(range(1, 80), scene.recovered(0));
        assertEquals(range(36, 80), scene.recovered(35));
    }

    @Test
    void aRunThatAppendedNothingChangesNothing() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
        }
        scene.started().close();
        scene.started().crash();
        assertEquals(range(1, 10), scene.recovered(0));
    }

    @Test
    void aSegmentEndsWhenItIsFull() throws IOException {
        Scene scene =
                new Scene(dir, new LogOptions(1 << 12, 1 << 13, 1 << 16, 1 << 16, true, 1_000_000));
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 1000);
        }
        assertTrue(SegmentFile.list(dir).size() > 5, "segments");
        assertEquals(range(1, 1000), scene.recovered(0));
        assertEquals(range(778, 1000), scene.recovered(777));
    }

    @Test
    void aSegmentEndsOnRequestUnlessItIsEmpty() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 5);
            assertTrue(log.rollSegment());
            scene.append(log, 6, 9);
        }
        assertEquals(2, SegmentFile.list(dir).size());
        try (TxnLog log = scene.started()) {
            assertTrue(log.rollSegment());
        }
        assertEquals(3, SegmentFile.list(dir).size());
        assertEquals(range(1, 9), scene.recovered(0));
    }

    @Test
    void recordsTooLongForTheRingKeepTheirTurn() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            for (long zxid = 1; zxid <= 200; zxid++) {
                UnsafeBuffer txn = new UnsafeBuffer(longPayload(zxid));
                while (!log.append(zxid, txn, 0, txn.capacity())) {
                    Thread.onSpinWait();
                }
            }
        }
        long[] last = new long[1];
        try (TxnLog log = scene.open()) {
            log.replay(
                    0,
                    (zxid, txn, offset, length) -> {
                        assertEquals(++last[0], zxid);
                        UnsafeBuffer expected = new UnsafeBuffer(longPayload(zxid));
                        assertEquals(expected, new UnsafeBuffer(txn, offset, length));
                    });
        }
        assertEquals(200, last[0]);
    }

    private static byte[] longPayload(long zxid) {
        byte[] bytes = new byte[zxid % 3 == 0 ? (int) (zxid * 97 % 15_000) : (int) zxid];
        Arrays.fill(bytes, (byte) zxid);
        return bytes;
    }

    @Test
    void aTransactionThatCannotFitIsRefusedAtTheDoor() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            int max = scene.options.txnBytesMax();
            assertThrows(
                    IllegalArgumentException.class,
                    () -> log.append(1, new UnsafeBuffer(new byte[max + 1]), 0, max + 1));
            assertTrue(log.append(1, new UnsafeBuffer(new byte[max]), 0, max));
            log.flush();
            scene.acks.awaitDurable(1);
        }
    }

    @Test
    void aFullRingTakesNothingAndLosesNothing() throws IOException {
        Scene scene = new Scene(dir);
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        long taken = 0;
        try (TxnLog log = scene.started()) {
            disk.gate = new CountDownLatch(1);
            UnsafeBuffer txn = new UnsafeBuffer(new byte[60]);
            while (taken < 1000 && log.append(taken + 1, txn, 0, 0)) {
                taken++;
            }
            assertTrue(taken < 1000, "a ring of 4 KiB took a thousand records");
            assertEquals(taken, log.lastAppended());
            assertEquals(0, scene.acks.durable());
            disk.gate.countDown();
            scene.acks.awaitDurable(taken);
        }
        assertEquals(taken, scene.open().lastAppended());
    }

    @Test
    void whatArrivesDuringAForceSharesTheNext() throws IOException {
        Scene scene = new Scene(dir);
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            disk.gate = new CountDownLatch(1);
            for (long zxid = 1; zxid <= 20; zxid++) {
                scene.appendOne(log, zxid);
            }
            disk.gate.countDown();
            scene.acks.awaitDurable(20);
            assertEquals(20, scene.acks.records());
            assertTrue(scene.acks.forces() <= 20 - 1, scene.acks.forces() + " forces");
        }
    }

    @Test
    void theFirstFailedForceIsTheLastWord() throws IOException {
        Scene scene = new Scene(dir);
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            disk.forcesLeft.set(0);
            scene.appendOne(log, 11);
            scene.acks.awaitFailureBehind(10);
            disk.forcesLeft.set(1000);
            assertFalse(log.append(12, new UnsafeBuffer(new byte[0]), 0, 0));
            assertThrows(IOException.class, () -> scene.truncate(log, 5, noSnapshots()));
            assertEquals(10, log.lastDurable());
        }
        assertEquals(10, scene.acks.durable());
        assertEquals(1, scene.acks.failures().size());
        List<Long> recovered = scene.recovered(0);
        assertEquals(range(1, 10), recovered.subList(0, 10));
    }

    @Test
    void whoAppendsForcesByItselfWhileTheSyncerSleeps() throws IOException {
        Scene scene = new Scene(dir, Scene.SMALL.withQuickForceNs(Long.MAX_VALUE));
        try (TxnLog log = scene.started()) {
            for (long zxid = 1; zxid <= 50; zxid++) {
                appendHere(log, zxid);
                scene.acks.awaitDurable(zxid);
                assertEquals(zxid, log.lastDurable());
            }
            assertTrue(scene.acks.reportsBy(Thread.currentThread()) > 0, "none of fifty");
            scene.append(log, 51, 60);
            appendHere(log, 61);
        }
        assertEquals(range(1, 61), scene.recovered(0));
    }

    @Test
    void whoAppendsDoesNotWaitForASlowDisk() throws IOException {
        Scene scene = new Scene(dir, Scene.SMALL.withQuickForceNs(1));
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            appendHere(log, 1);
            scene.acks.awaitDurable(1);
            disk.gate = new CountDownLatch(1);
            appendHere(log, 2);
            assertEquals(1, scene.acks.durable());
            disk.gate.countDown();
            scene.acks.awaitDurable(2);
        }
    }

    @Test
    void whoAppendsMuchDoesNotWaitForItsForce() throws IOException {
        LogOptions roomy = new LogOptions(1 << 16, 1 << 20, 1 << 16, 1 << 16, true, Long.MAX_VALUE);
        Scene scene = new Scene(dir, roomy);
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            disk.gate = new CountDownLatch(1);
            for (long zxid = 1; zxid <= 65; zxid++) {
                byte[] txn = Scene.payload(zxid);
                assertTrue(log.append(zxid, new UnsafeBuffer(txn), 0, txn.length));
            }
            log.flush(true);
            assertEquals(0, scene.acks.durable());
            disk.gate.countDown();
            scene.acks.awaitDurable(65);
        }
    }

    @Test
    void aForceThatFailsOnTheAppendingThreadIsTheLastWordToo() throws IOException {
        Scene scene = new Scene(dir, Scene.SMALL.withQuickForceNs(Long.MAX_VALUE));
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            disk.forcesLeft.set(0);
            appendHere(log, 11);
            scene.acks.awaitFailureBehind(10);
            disk.forcesLeft.set(1000);
            assertFalse(log.append(12, new UnsafeBuffer(new byte[0]), 0, 0));
            log.flush(true);
            assertEquals(10, log.lastDurable());
        }
        assertEquals(10, scene.acks.durable());
        assertEquals(1, scene.acks.failures().size());
    }

    private static void appendHere(TxnLog log, long zxid) {
        byte[] txn = Scene.payload(zxid);
        assertTrue(log.append(zxid, new UnsafeBuffer(txn), 0, txn.length));
        log.flush(true);
    }

    @Test
    void aFullDiskFailsBeforeTheRecordIsWritten() throws IOException {
        Scene scene = new Scene(dir);
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        long durable;
        try (TxnLog log = scene.started()) {
            disk.bytesLeft.set(100_000);
            while (scene.acks.failures().isEmpty()) {
                byte[] txn = Scene.payload(log.lastAppended() + 1);
                log.append(log.lastAppended() + 1, new UnsafeBuffer(txn), 0, txn.length);
                log.flush();
            }
            assertTrue(
                    String.valueOf(scene.acks.failures().getFirst().getMessage())
                            .contains("no space left"));
            durable = scene.acks.durable();
        }
        for (SegmentFile file : SegmentFile.list(dir)) {
            assertTrue(
                    usedBytes(file.path()) <= disk.reservedTo(file.path()), "beyond the reserve");
        }
        List<Long> recovered = scene.recovered(0);
        assertTrue(recovered.size() >= durable, recovered.size() + " of " + durable);
        assertEquals(range(1, recovered.size()), recovered);

        disk.bytesLeft.set(Long.MAX_VALUE);
        try (TxnLog log = scene.started()) {
            long next = log.lastAppended() + 1;
            scene.append(log, next, next + 9);
        }
        assertEquals(range(1, recovered.size() + 10), scene.recovered(0));
    }

    @Test
    void startsThatFailOnAFullDiskDoNotFillItFurther() throws IOException {
        Scene scene = new Scene(dir);
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
        }
        for (int start = 0; start < 5; start++) {
            try (TxnLog log = scene.open()) {
                disk.bytesLeft.set(150_000);
                assertThrows(IOException.class, () -> log.start(scene.acks));
            }
        }
        assertTrue(SegmentFile.runs(dir).size() <= 2, SegmentFile.runs(dir) + " are left");
        disk.bytesLeft.set(Long.MAX_VALUE);
        try (TxnLog log = scene.started()) {
            scene.append(log, 11, 20);
        }
        assertEquals(range(1, 20), scene.recovered(0));
    }

    private static long usedBytes(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        int used = content.length;
        while (used > 0 && content[used - 1] == 0) {
            used--;
        }
        return used;
    }

    @Test
    void theReserveStaysAheadOfTheLastRecord() throws IOException {
        Scene scene =
                new Scene(dir, new LogOptions(1 << 12, 8 << 20, 1 << 16, 1 << 16, true, 1_000_000));
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            for (long zxid = 1; zxid <= 200; zxid++) {
                UnsafeBuffer txn = new UnsafeBuffer(longPayload(zxid));
                while (!log.append(zxid, txn, 0, txn.capacity())) {
                    Thread.onSpinWait();
                }
            }
        }
        Path segment = scene.newestSegment();
        assertTrue(usedBytes(segment) > 400_000, "too few bytes to show anything");
        assertTrue(usedBytes(segment) + 8 <= disk.reservedTo(segment), "beyond the reserve");
    }

    @Test
    void truncationDropsTheTailAndTheHistoryGoesOn() throws IOException {
        Scene scene = new Scene(dir);
        TxnLog log = scene.started();
        scene.append(log, 1, 50);
        assertTrue(scene.truncate(log, 30, noSnapshots()));
        assertEquals(30, log.lastAppended());
        assertEquals(30, log.lastDurable());
        log.crash();
        assertEquals(range(1, 30), scene.recovered(0));
        try (TxnLog again = scene.started()) {
            assertEquals(30, again.lastAppended());
            scene.acks = new Acks();
        }
        try (TxnLog again = scene.started()) {
            scene.append(again, 31, 40);
        }
        assertEquals(range(1, 40), scene.recovered(0));
    }

    @Test
    void truncationReachesBackOverSegmentsRunsAndTruncations() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            assertTrue(log.rollSegment());
            scene.append(log, 11, 20);
        }
        TxnLog log = scene.started();
        scene.append(log, 21, 30);
        assertTrue(scene.truncate(log, 25, noSnapshots()));
        assertTrue(scene.truncate(log, 13, noSnapshots()));
        assertTrue(scene.truncate(log, 7, noSnapshots()));
        assertFalse(scene.truncate(log, 8, noSnapshots()), "8 was dropped");
        scene.acks = new Acks();
        log.crash();
        assertEquals(range(1, 7), scene.recovered(0));
        log = scene.started();
        scene.append(log, 8, 9);
        assertTrue(scene.truncate(log, 0, noSnapshots()));
        log.close();
        assertEquals(List.of(), scene.recovered(0));
    }

    @Test
    void truncationToAnUnknownZxidDropsNothing() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            scene.append(log, 20, 30);
            assertFalse(scene.truncate(log, 15, noSnapshots()));
            assertFalse(scene.truncate(log, 31, noSnapshots()));
            assertTrue(scene.truncate(log, 30, noSnapshots()), "nothing to drop");
        }
        assertEquals(30, scene.recovered(0).getLast());
    }

    @Test
    void aTruncationThatWasNotMadeDurableDidNotHappen() throws IOException {
        for (int forces = 0; forces < 4; forces++) {
            Path logDir = Files.createDirectory(dir.resolve("log" + forces));
            Scene scene = new Scene(logDir);
            FaultyDisk disk = new FaultyDisk();
            scene.disk = disk;
            try (TxnLog log = scene.started()) {
                scene.append(log, 1, 20);
                disk.forcesLeft.set(forces);
                assertThrows(IOException.class, () -> scene.truncate(log, 5, noSnapshots()));
            }
            disk.forcesLeft.set(1000);
            int recovered = scene.recovered(0).size();
            assertTrue(
                    recovered == 20 || recovered == 5, forces + " forces, recovered " + recovered);
        }
    }

    @Test
    void withoutForcesACrashOfTheProcessStillLosesNothing() throws IOException {
        Scene scene = new Scene(dir, Scene.SMALL.withForceSync(false));
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        TxnLog log = scene.started();
        disk.forcesLeft.set(0);
        scene.append(log, 1, 300);
        log.crash();
        disk.forcesLeft.set(1000);
        assertEquals(range(1, 300), scene.recovered(0));
    }

    @Test
    void aSegmentWithoutTheExtentIsRefused() throws IOException {
        Scene scene = new Scene(dir);
        scene.started().close();
        Files.delete(DurableExtent.file(dir));
        assertThrows(CorruptLogException.class, scene::open);
    }

    @Test
    void aMissingNewestSegmentIsRefused() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 5);
            assertTrue(log.rollSegment());
            scene.append(log, 6, 9);
        }
        Files.delete(scene.newestSegment());
        assertThrows(CorruptLogException.class, scene::open);
    }

    @Test
    void aMissingMiddleSegmentIsRefusedOnlyWhereItIsNeeded() throws IOException {
        Scene scene = new Scene(dir);
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 5);
            assertTrue(log.rollSegment());
            scene.append(log, 6, 9);
            assertTrue(log.rollSegment());
            scene.append(log, 10, 12);
        }
        Files.delete(SegmentFile.list(dir).get(1).path());
        assertEquals(range(10, 12), scene.recovered(9));
        assertThrows(CorruptLogException.class, () -> scene.recovered(8));
        assertThrows(CorruptLogException.class, () -> scene.recovered(0));
    }

    @Test
    void aSegmentOfAnotherLogIsRefused() throws IOException {
        Scene scene = new Scene(Files.createDirectory(dir.resolve("one")));
        Scene other = new Scene(Files.createDirectory(dir.resolve("two")));
        for (Scene each : List.of(scene, other)) {
            try (TxnLog log = each.started()) {
                each.append(log, 1, 5);
            }
        }
        Files.copy(
                other.newestSegment(), scene.newestSegment(), StandardCopyOption.REPLACE_EXISTING);
        assertThrows(CorruptLogException.class, scene::open);
    }
}
