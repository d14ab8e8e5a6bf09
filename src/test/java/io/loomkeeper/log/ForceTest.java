package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a force of the disk is taken for, and what it is not. */
final class ForceTest {
    @TempDir Path dir;

    /** Rule D9: after an error the kernel may have dropped the bytes, and say no more of them. */
    @Test
    void aForceThatFailedIsNotTriedAgain() throws IOException {
        Scene scene = new Scene(dir);
        FaultyDisk disk = new FaultyDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
            disk.failing.set(1);
            scene.appendOne(log, 11);
            scene.acks.awaitFailureBehind(10);
        }
        assertEquals(10, scene.acks.durable());
        assertEquals(1, scene.acks.failures().size());
    }

    /** Rule D11. */
    @Test
    void whatArrivesDuringAForceIsNotDurableByIt() throws IOException {
        Scene scene = new Scene(dir);
        SteppingDisk disk = new SteppingDisk();
        scene.disk = disk;
        try (TxnLog log = scene.started()) {
            disk.stepping = true;
            scene.appendOne(log, 1);
            await(() -> disk.begun.get() == 1);
            for (long zxid = 2; zxid <= 5; zxid++) {
                scene.appendOne(log, zxid);
            }
            disk.steps.release();
            await(() -> disk.begun.get() == 2 || scene.acks.durable() > 1);
            List<Long> known = List.of(scene.acks.durable(), log.lastDurable());
            disk.steps.release(1_000);
            assertEquals(List.of(1L, 1L), known);
            scene.acks.awaitDurable(5);
        }
    }

    /** Rule D12. */
    @Test
    void aDiskThatForgetsWhatWasForcedIsFoundAtTheStart() throws IOException {
        Scene scene = new Scene(dir);
        scene.disk = new ForgetfulDisk();
        try (TxnLog log = scene.open()) {
            assertThrows(IOException.class, () -> log.start(scene.acks));
        }
    }

    /** Rule D12. */
    @Test
    void aForceThatReachesAnotherFileIsFoundAtTheStart() throws IOException {
        Scene scene = new Scene(dir);
        scene.disk = new SwappingDisk();
        try (TxnLog log = scene.open()) {
            IOException found = assertThrows(IOException.class, () -> log.start(scene.acks));
            assertTrue(
                    String.valueOf(found.getMessage()).contains("another file"), found::toString);
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "not within half a minute");
            Thread.onSpinWait();
        }
    }

    private static boolean isSegment(Path file) {
        return file.toString().endsWith(".cq4");
    }

    /** Each force of a segment waits for a step, once it is stepping; half a minute at most. */
    private static final class SteppingDisk implements Disk {
        private final Disk real = new SystemDisk();
        final Semaphore steps = new Semaphore(0);
        final AtomicInteger begun = new AtomicInteger();
        volatile boolean stepping;

        @Override
        public void reserve(Path file, long from, long to) throws IOException {
            real.reserve(file, from, to);
        }

        @Override
        public void force(Path file, FileChannel channel) throws IOException {
            if (stepping && isSegment(file)) {
                begun.incrementAndGet();
                awaitStep();
            }
            real.force(file, channel);
        }

        private void awaitStep() throws IOException {
            try {
                if (!steps.tryAcquire(30, TimeUnit.SECONDS)) {
                    throw new IOException("no step");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void forceDirectory(Path directory) throws IOException {
            real.forceDirectory(directory);
        }
    }

    /** Says that a segment is on disk, and has zeros where it begins. */
    private static final class ForgetfulDisk implements Disk {
        private final Disk real = new SystemDisk();

        @Override
        public void reserve(Path file, long from, long to) throws IOException {
            real.reserve(file, from, to);
        }

        @Override
        public void force(Path file, FileChannel channel) throws IOException {
            if (isSegment(file)) {
                channel.write(ByteBuffer.allocate(64), 0);
            }
        }

        @Override
        public void forceDirectory(Path directory) throws IOException {
            real.forceDirectory(directory);
        }
    }

    /** Puts another file of the same name in the place of each segment. */
    private static final class SwappingDisk implements Disk {
        private final Disk real = new SystemDisk();

        @Override
        public void reserve(Path file, long from, long to) throws IOException {
            if (isSegment(file)) {
                Files.delete(file);
                Files.createFile(file);
            }
            real.reserve(file, from, to);
        }

        @Override
        public void force(Path file, FileChannel channel) throws IOException {
            real.force(file, channel);
        }

        @Override
        public void forceDirectory(Path directory) throws IOException {
            real.forceDirectory(directory);
        }
    }
}
