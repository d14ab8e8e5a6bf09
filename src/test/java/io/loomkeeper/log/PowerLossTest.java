package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power fails after each operation of the disk, and leaves what a disk may leave. Every time
 * the log must be recovered without help, with everything that was acknowledged, and nothing that
 * never was.
 */
final class PowerLossTest {
    private static final int OUTCOMES_PER_MOMENT = 4;

    @TempDir Path dir;
    private Path root;
    private Path after;
    private Scene scene;
    private PowerLossDisk disk;
    private SnapshotStore snapshots;

    @BeforeEach
    void plugIn() throws IOException {
        root = Files.createDirectory(dir.resolve("before"));
        after = dir.resolve("after");
        Path logDir = Files.createDirectory(root.resolve("log"));
        Path snapshotDir = Files.createDirectory(root.resolve("snapshots"));
        scene =
                new Scene(
                        logDir,
                        new LogOptions(1 << 12, 1 << 12, 1 << 16, 1 << 16, true, 1_000_000));
        disk = new PowerLossDisk(root, () -> scene.acks.durable());
        scene.disk = disk;
        disk.forceDirectory(root);
        disk.forceDirectory(logDir);
        disk.forceDirectory(snapshotDir);
        snapshots = SnapshotStore.open(snapshotDir, disk);
    }

    private void snapshot(long zxid) throws IOException {
        try (SnapshotWriter writer = snapshots.begin(zxid)) {
            writer.write(new UnsafeBuffer(Scene.payload(zxid)), 0, Scene.payload(zxid).length);
            writer.commit();
        }
    }

    /** The zxids that a start would have, those inside the snapshot counted from 1. */
    private List<Long> recover(Path from) throws IOException {
        Scene there = new Scene(from.resolve("log"), scene.options);
        try (TxnLog log = there.open()) {
            SnapshotStore store = SnapshotStore.open(from.resolve("snapshots"));
            Optional<SnapshotReader> snapshot = Recovery.snapshot(store, log);
            try (SnapshotReader reader = snapshot.orElse(null)) {
                long zxid = reader == null ? 0 : reader.zxid();
                List<Long> zxids = new ArrayList<>(Scene.range(1, zxid));
                zxids.addAll(Scene.recovered(log, zxid));
                return zxids;
            }
        }
    }

    private List<Long> recoverAfterPowerLoss(PowerLossDisk.Moment moment, @Nullable Random luck)
            throws IOException {
        if (Files.exists(after)) {
            try (Stream<Path> files = Files.walk(after)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectory(after);
        moment.leave(root, after, luck);
        return assertDoesNotThrow(() -> recover(after), "after " + moment.operation());
    }

    @Test
    void whatWasAcknowledgedSurvives() throws IOException {
        TxnLog log = scene.started();
        for (long zxid = 1; zxid <= 300; zxid++) {
            scene.appendOne(log, zxid);
            if (zxid % 100 == 0) {
                scene.acks.awaitDurable(zxid);
                log.rollSegment();
                snapshot(zxid);
                new Retention(snapshots, log, 2).purge();
            }
        }
        log.close();
        for (int run = 0; run < 3; run++) {
            long first = 301 + run * 10L;
            try (TxnLog again = scene.open()) {
                again.start(scene.acks);
                scene.append(again, first, first + 9);
            }
        }
        assertTrue(checkAllOutcomes() > 300, "outcomes");
    }

    @Test
    void aTailThatNoForceReachedIsWrittenAgain() throws IOException {
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            disk.failing = true;
            scene.appendOne(log, 11);
            scene.acks.awaitFailureBehind(10);
        }
        disk.failing = false;
        try (TxnLog log = scene.started()) {
            assertEquals(11, log.lastAppended(), "nothing was left in memory");
            scene.append(log, 12, 30);
        }
        checkAllOutcomes();
    }

    @Test
    void aLongTailIsWrittenAgainAsAWholeOrNotAtAll() throws IOException {
        Scene careless =
                new Scene(
                        scene.dir,
                        new LogOptions(1 << 14, 1 << 20, 1 << 16, 1 << 16, false, 1_000_000));
        TxnLog log = careless.started();
        careless.append(log, 1, 200);
        log.crash();
        disk.forceAll();

        try (TxnLog again = scene.started()) {
            assertEquals(200, again.lastAppended());
        }
        assertTrue(SegmentFile.list(scene.dir).size() > 3, "the tail fitted into one segment");
        for (PowerLossDisk.Moment moment : disk.moments()) {
            for (int i = 0; i < OUTCOMES_PER_MOMENT; i++) {
                Random luck = i == 0 ? null : new Random(i);
                List<Long> recovered = recoverAfterPowerLoss(moment, luck);
                assertEquals(Scene.range(1, 200), recovered, "after " + moment.operation());
            }
        }
    }

    /** Appends all zxids of the range, for one force. */
    private void appendTogether(TxnLog log, long first, long last) {
        for (long zxid = first; zxid <= last; zxid++) {
            UnsafeBuffer txn = new UnsafeBuffer(Scene.payload(zxid));
            assertTrue(log.append(zxid, txn, 0, txn.capacity()), "no room");
        }
        log.flush();
        scene.acks.awaitDurable(last);
    }

    /** Of large segments, which grow, and of which one piece after the other is mapped. */
    private void useLargeSegments() {
        scene =
                new Scene(
                        scene.dir,
                        new LogOptions(1 << 14, 1 << 20, 1 << 16, 1 << 16, true, 1_000_000));
        scene.disk = disk;
    }

    private int forces(String operation) throws IOException {
        String wanted = operation + " " + scene.newestSegment().getFileName();
        return (int)
                disk.moments().stream().filter(moment -> moment.operation().equals(wanted)).count();
    }

    @Test
    void whatWasAcknowledgedSurvivesInLargeSegments() throws IOException {
        useLargeSegments();
        TxnLog log = scene.started();
        for (long first = 1; first <= 3000; first += 100) {
            appendTogether(log, first, first + 99);
        }
        log.crash();
        long bytes = Files.size(scene.newestSegment());
        assertTrue(bytes > 3 << 16, "the segment did not grow: " + bytes);
        assertTrue(forces("force part of") >= 20, "few were forced in part");
        assertTrue(forces("force") >= 4, "few were forced whole");
        checkAllOutcomes();
    }

    static Stream<Named<UnaryOperator<Stored>>> mistakes() {
        long page = 4096;
        return Stream.of(
                Named.of("first byte", s -> new Stored(s.from() + 1, s.to(), s.address())),
                Named.of("last byte", s -> new Stored(s.from(), s.to() - 1, s.address())),
                Named.of(
                        "all but the last page",
                        s -> new Stored(Math.max(s.from(), s.to() & -page), s.to(), s.address())),
                Named.of(
                        "the last page",
                        s -> new Stored(s.from(), Math.max(s.from(), s.to() & -page), 0)));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aForceThatLeavesOutAnythingIsNoticed(UnaryOperator<Stored> mistake) throws IOException {
        useLargeSegments();
        TxnLog log = scene.started();
        disk.mistake = mistake;
        for (long first = 1; first <= 300; first += 10) {
            appendTogether(log, first, first + 9);
        }
        log.crash();
        int lost = 0;
        for (PowerLossDisk.Moment moment : disk.moments()) {
            if (recoverAfterPowerLoss(moment, null).size() < moment.acked()) {
                lost++;
            }
        }
        assertTrue(lost > 0, "nothing was lost");
    }

    /**
     * @return how many
     */
    private int checkAllOutcomes() throws IOException {
        int outcomes = 0;
        for (PowerLossDisk.Moment moment : disk.moments()) {
            for (int i = 0; i < OUTCOMES_PER_MOMENT; i++) {
                Random luck = i == 0 ? null : new Random(outcomes);
                List<Long> recovered = recoverAfterPowerLoss(moment, luck);
                String what = "outcome " + i + " after " + moment.operation() + ": " + recovered;
                assertEquals(Scene.range(1, recovered.size()), recovered, what);
                assertTrue(recovered.size() >= moment.acked(), moment.acked() + " acked, " + what);
                outcomes++;
            }
        }
        return outcomes;
    }

    @Test
    void aTruncationHappensWhollyOrNotAtAll() throws IOException {
        TxnLog log = scene.started();
        scene.append(log, 1, 10);
        snapshot(10);
        scene.append(log, 11, 25);
        snapshot(25);
        scene.append(log, 26, 30);
        int before = disk.moments().size();
        assertTrue(scene.truncate(log, 12, snapshots));
        int done = disk.moments().size();
        scene.append(log, 101, 110);
        log.crash();
        checkChange(new Change(Scene.range(1, 30), 12, false, before, done));
    }

    /** Its zxid before that of our own newest snapshot, between, and behind everything. */
    @ParameterizedTest
    @ValueSource(longs = {20, 27, 80})
    void anInstallationHappensWhollyOrNotAtAll(long zxid) throws IOException {
        TxnLog log = scene.started();
        scene.append(log, 1, 10);
        snapshot(10);
        log.rollSegment();
        scene.append(log, 11, 25);
        snapshot(25);
        scene.append(log, 26, 30);
        new Retention(snapshots, log, 1).purge();
        int before = disk.moments().size();
        receive(zxid);
        assertTrue(scene.install(log, zxid, snapshots));
        int done = disk.moments().size();
        scene.append(log, 101, 110);
        log.crash();
        checkChange(new Change(Scene.range(1, 30), zxid, true, before, done));
    }

    private void receive(long zxid) throws IOException {
        try (SnapshotWriter writer = snapshots.beginReceived(zxid)) {
            writer.write(new UnsafeBuffer(Scene.payload(zxid)), 0, Scene.payload(zxid).length);
            writer.commit();
        }
    }

    /**
     * A change of the history, after which 101 to 110 were appended.
     *
     * @param end of the history right behind it
     * @param before how many moments there were when it was asked for
     * @param done how many when it was told to be done
     */
    private record Change(List<Long> oldHistory, long end, boolean installs, int before, int done) {
        boolean isNew(List<Long> recovered) {
            List<Long> whole = new ArrayList<>(Scene.range(1, end));
            whole.addAll(Scene.range(101, 110));
            return recovered.size() >= end
                    && recovered.equals(whole.subList(0, Math.min(recovered.size(), whole.size())));
        }
    }

    private void checkChange(Change change) throws IOException {
        List<PowerLossDisk.Moment> moments = disk.moments();
        int finishing = 0;
        for (int at = change.before() - 1; at < moments.size(); at++) {
            PowerLossDisk.Moment moment = moments.get(at);
            for (int i = 0; i < 5 * OUTCOMES_PER_MOMENT; i++) {
                long seed = at * 1000L + i;
                List<Long> recovered = recoverAfterPowerLoss(moment, luck(i, seed));
                String what = "after " + moment.operation() + ": " + recovered;
                boolean isNew = change.isNew(recovered);
                assertTrue(
                        isNew || (at < change.done() - 1 && recovered.equals(change.oldHistory())),
                        what);
                assertEquals(recovered, recover(after), "the second time, " + what);
                if (moment.acked() > 100) {
                    long appended = recovered.size() - change.end();
                    assertTrue(appended >= moment.acked() - 100, what);
                }
                if (isNew && at < change.done() - 1) {
                    Path once = Files.createTempDirectory(dir, "once");
                    moment.leave(root, once, luck(i, seed));
                    finishing += checkPowerLossDuringRecovery(once, change);
                }
            }
        }
        assertEquals(change.installs(), finishing > 0, finishing + " steps to finish");
    }

    private static @Nullable Random luck(int outcome, long seed) {
        return outcome == 0 ? null : new Random(seed);
    }

    /**
     * The power fails once more, while a start finishes what the first loss interrupted.
     *
     * @return how many operations of the disk that takes
     */
    private int checkPowerLossDuringRecovery(Path once, Change change) throws IOException {
        PowerLossDisk second = new PowerLossDisk(once, () -> 0);
        second.forceAll();
        try (TxnLog log = TxnLog.open(once.resolve("log"), scene.options, second)) {
            SnapshotStore store = SnapshotStore.open(once.resolve("snapshots"), second);
            Recovery.snapshot(store, log).ifPresent(PowerLossTest::close);
        }
        for (PowerLossDisk.Moment moment : second.moments()) {
            for (int i = 0; i < OUTCOMES_PER_MOMENT; i++) {
                Path left = Files.createTempDirectory(dir, "twice");
                moment.leave(once, left, luck(i, i));
                List<Long> recovered =
                        assertDoesNotThrow(() -> recover(left), "after " + moment.operation());
                assertTrue(change.isNew(recovered), "after " + moment.operation() + recovered);
            }
        }
        return second.moments().size();
    }

    private static void close(SnapshotReader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
