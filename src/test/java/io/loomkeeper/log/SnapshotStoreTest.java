package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotStoreTest {
    private static final long ZXID = 0x1_0000_002aL;

    @TempDir Path dir;

    private static byte[] image(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static void write(SnapshotStore store, long zxid, byte[] image, int step)
            throws IOException {
        try (SnapshotWriter writer = store.begin(zxid)) {
            UnsafeBuffer buffer = new UnsafeBuffer(image);
            for (int from = 0; from < image.length; from += step) {
                writer.write(buffer, from, Math.min(step, image.length - from));
            }
            assertEquals(zxid, writer.zxid());
            long bytes = writer.commit();
            assertEquals(Files.size(SnapshotLayout.file(store.directory(), zxid)), bytes);
        }
    }

    private static byte[] read(SnapshotStore store, long zxid) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (SnapshotReader reader = store.read(zxid)) {
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
    void whatWasWrittenIsRead() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        for (int length : new int[] {0, 1, 1 << 20, (1 << 20) + 1, 3_500_000}) {
            byte[] image = image(length);
            write(store, ZXID + length, image, 777_777);
            assertArrayEquals(image, read(store, ZXID + length));
        }
    }

    @Test
    void anImageCanBeReadInPiecesOfAnyLength() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        byte[] image = image(2_100_000);
        write(store, ZXID, image, image.length);
        UnsafeBuffer copy = new UnsafeBuffer(new byte[image.length + 1]);
        try (SnapshotReader reader = store.read(ZXID)) {
            int at = 0;
            int n = reader.read(copy, 0, 1);
            for (int length = 2; n > 0; length = length * 3 % 300_007) {
                at += n;
                n = reader.read(copy, at, Math.min(length, copy.capacity() - at));
            }
            assertEquals(image.length, at);
            assertEquals(-1, reader.read(copy, 0, 1), "still the end");
        }
        assertEquals(new UnsafeBuffer(image), new UnsafeBuffer(copy, 0, image.length));
    }

    @Test
    void theFileDoesNotDependOnHowTheImageWasCut() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        byte[] image = image(2_500_000);
        write(store, ZXID, image, 100_003);
        byte[] file = Files.readAllBytes(SnapshotLayout.file(dir, ZXID));
        write(store, ZXID, image, image.length);
        assertArrayEquals(file, Files.readAllBytes(SnapshotLayout.file(dir, ZXID)));
    }

    @Test
    void theNameIsTheZxidInHexadecimal() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        write(store, ZXID, image(10), 10);
        write(store, 9, image(10), 10);
        assertTrue(Files.exists(dir.resolve("snapshot.10000002a")));
        assertEquals(List.of(ZXID, 9L), store.zxids());
    }

    @Test
    void nothingIsVisibleBeforeTheCommit() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        try (SnapshotWriter writer = store.begin(ZXID)) {
            writer.write(new UnsafeBuffer(image(100)), 0, 100);
            assertEquals(List.of(), store.zxids());
        }
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void whatACrashLeftHalfWrittenIsRemoved() throws IOException {
        Files.write(dir.resolve("snapshot.5.tmp"), new byte[100]);
        Files.write(dir.resolve("somebody's.tmp"), new byte[100]);
        assertEquals(List.of(), SnapshotStore.open(dir).zxids());
        assertFalse(Files.exists(dir.resolve("snapshot.5.tmp")));
        assertTrue(Files.exists(dir.resolve("somebody's.tmp")));
    }

    @Test
    void aFailedForceLeavesNoSnapshot() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        SnapshotStore store = SnapshotStore.open(dir, disk);
        disk.forcesLeft.set(0);
        assertThrows(IOException.class, () -> write(store, ZXID, image(1000), 1000));
        assertEquals(List.of(), store.zxids());
    }

    /** A force of the log may have to wait for what is on its way to the disk. */
    @Test
    void noMoreThanAMebibyteWaitsForTheDisk() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        SnapshotStore store = SnapshotStore.open(dir, disk);
        write(store, ZXID, image(10 << 20), 1 << 20);
        int forces = Integer.MAX_VALUE - disk.forcesLeft.get();
        assertEquals(
                11,
                forces,
                "behind each of the ten frames, or what is left of them, and at the end");
        store.verify(ZXID);
    }

    @Test
    void aSnapshotUnderAnotherNameIsRefused() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        write(store, ZXID, image(1000), 1000);
        Files.move(SnapshotLayout.file(dir, ZXID), SnapshotLayout.file(dir, ZXID + 1));
        assertThrows(CorruptLogException.class, () -> store.verify(ZXID + 1));
    }

    @Test
    void eachByteCounts() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        write(store, ZXID, image(300), 300);
        Path path = SnapshotLayout.file(dir, ZXID);
        byte[] file = Files.readAllBytes(path);
        for (int i = 0; i < file.length * 8; i++) {
            file[i / 8] ^= (byte) (1 << i % 8);
            Files.write(path, file);
            assertThrows(CorruptLogException.class, () -> store.verify(ZXID), "bit " + i);
            file[i / 8] ^= (byte) (1 << i % 8);
        }
    }

    @Test
    void eachLengthCounts() throws IOException {
        SnapshotStore store = SnapshotStore.open(dir);
        write(store, ZXID, image(300), 300);
        Path path = SnapshotLayout.file(dir, ZXID);
        byte[] file = Files.readAllBytes(path);
        for (int length = 0; length <= file.length + 40; length++) {
            if (length != file.length) {
                Files.write(path, Arrays.copyOf(file, length));
                assertThrows(
                        CorruptLogException.class, () -> store.verify(ZXID), "length " + length);
            }
        }
    }
}
