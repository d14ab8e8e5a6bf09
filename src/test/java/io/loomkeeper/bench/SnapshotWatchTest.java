package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotWatchTest {
    @TempDir Path dir;

    private static void await(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "waited in vain");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Test
    void aTemporaryFileIsASnapshotBeingWritten() throws IOException {
        Path there = Files.createDirectories(dir.resolve("version-2"));
        Files.createFile(there.resolve("snapshot.1"));
        SnapshotWatch watch = new SnapshotWatch(dir, 1);
        try (watch) {
            assertFalse(watch.isWriting());
            Path written = Files.createFile(there.resolve("snapshot.2.tmp"));
            await(watch::isWriting);
            Files.move(written, there.resolve("snapshot.2"));
            await(() -> !watch.isWriting());
        }
        assertEquals(1, watch.count());
        assertTrue(watch.seconds() > 0);
    }

    @Test
    void aGrowingFileIsASnapshotBeingWritten() throws IOException {
        SnapshotWatch watch = new SnapshotWatch(dir, 1);
        try (watch) {
            Path written = Files.createFile(dir.resolve("snapshot.a"));
            await(watch::isWriting);
            await(() -> !watch.isWriting());
            Files.write(written, new byte[10]);
            await(watch::isWriting);
            Files.createFile(dir.resolve("log.b"));
            await(() -> !watch.isWriting());
        }
        assertEquals(1, watch.count());
    }

    @Test
    void repliesMeanwhileAreCountedByThemselvesToo() {
        boolean[] apart = new boolean[1];
        Tally tally = new Tally(new Window(0, 1_000, 1_000), true, () -> apart[0]);
        tally.onReply(1, 11, 0);
        apart[0] = true;
        tally.onReply(2, 22, 0);
        tally.onReply(2_000, 2_010, 0);
        assertEquals(2, tally.latencies().getTotalCount());
        assertEquals(1, tally.apartLatencies().getTotalCount());
        assertEquals(20, tally.apartLatencies().getMaxValue());
    }
}
