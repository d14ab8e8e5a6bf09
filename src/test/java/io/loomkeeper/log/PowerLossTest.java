package io.loomkeeper.log;

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
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        scene = new Scene(logDir, new LogOptions(1 << 12, 1 << 12, 1 << 16, 1 << 16, true));
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
        return recover(after);
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
            scene.acks.awaitFailure();
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
                new Scene(scene.dir, new LogOptions(1 << 14, 1 << 20, 1 << 16, 1 << 16, false));
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
        scene.append(log, 1, 30);
        int before = disk.moments().size();
        assertTrue(log.truncate(12, snapshots));
        int done = disk.moments().size();
        scene.append(log, 101, 110);
        log.crash();
        List<Long> oldHistory = Scene.range(1, 30);
        List<Long> newHistory = new ArrayList<>(Scene.range(1, 12));
        newHistory.addAll(Scene.range(101, 110));
        List<PowerLossDisk.Moment> moments = disk.moments();
        for (int at = before - 1; at < moments.size(); at++) {
            for (int i = 0; i < 10 * OUTCOMES_PER_MOMENT; i++) {
                Random luck = i == 0 ? null : new Random(at * 1000L + i);
                List<Long> recovered = recoverAfterPowerLoss(moments.get(at), luck);
                boolean isOld = recovered.equals(oldHistory);
                boolean isNew =
                        recovered.size() >= 12
                                && recovered.equals(
                                        newHistory.subList(
                                                0, Math.min(recovered.size(), newHistory.size())));
                String what = "after " + moments.get(at).operation() + ": " + recovered;
                assertTrue(isNew || (at < done - 1 && isOld), what);
                if (moments.get(at).acked() > 100) {
                    assertTrue(recovered.size() - 12 >= moments.get(at).acked() - 100, what);
                }
            }
        }
    }
}
