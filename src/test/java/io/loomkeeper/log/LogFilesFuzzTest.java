package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.Fuzz;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of every kind with damage of every kind, half of it with the checksums made right again, as
 * a faulty server or a stranger may have written them: each is read to an end, or refused with a
 * file and an offset. What the right history is, {@link DamageTest} knows.
 */
@Timeout(120)
final class LogFilesFuzzTest {
    private static final int ROUNDS = 3_000;
    private static final int LAST = 40;

    @TempDir Path dir;
    private final SplittableRandom random = new SplittableRandom(20260705);

    @BeforeEach
    void makeDirectory() throws IOException {
        Files.createDirectories(dir.resolve("log"));
    }

    @Test
    void segmentsAreReadToWhereTheyAreSound() throws IOException {
        Scene scene = new Scene(dir.resolve("log"));
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, LAST);
        }
        byte[] sound = withoutZeros(Files.readAllBytes(scene.newestSegment()));
        Path file = dir.resolve("segment.cq4");
        long records = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = Fuzz.damaged(sound, random);
            Files.write(file, random.nextBoolean() ? damaged : resealed(damaged));
            try (SegmentReader reader = new SegmentReader(file)) {
                records += readAll(reader, damaged.length);
            }
        }
        assertTrue(records > ROUNDS, records + " records were read");
    }

    private static int readAll(SegmentReader reader, int fileBytes) throws IOException {
        int records = 0;
        long end = 0;
        while (reader.next()) {
            records++;
            assertTrue(reader.recordStart() >= end, "goes back");
            end = reader.endOffset();
            assertTrue(end <= fileBytes, "beyond the file");
            assertTrue(reader.buffer().capacity() >= reader.recordLength());
            if (reader.kind() == RecordLayout.SEGMENT) {
                decodeStart(reader);
            }
        }
        assertTrue(!reader.stopReason().isEmpty());
        return records;
    }

    private static void decodeStart(SegmentReader reader) {
        Fuzz.isRefused(
                new byte[0],
                IllegalArgumentException.class,
                () ->
                        SegmentStart.decode(
                                reader.buffer(), reader.recordOffset(), reader.recordLength()));
    }

    /** Each document that is not Chronicle's own gets the crc and the length of a sound record. */
    private static byte[] resealed(byte[] segment) {
        ByteBuffer bytes = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
        UnsafeBuffer buffer = new UnsafeBuffer(segment);
        RecordLayout layout = new RecordLayout();
        int at = 0;
        while (at >= 0 && at + Integer.BYTES <= segment.length && bytes.getInt(at) > 0) {
            int start = at + Integer.BYTES;
            int length = bytes.getInt(at) & 0x3fffffff;
            boolean isOurs = (bytes.getInt(at) & 0x40000000) == 0;
            if (length > segment.length - start) {
                break;
            }
            if (isOurs && length >= RecordLayout.HEADER_BYTES) {
                layout.seal(
                        buffer,
                        start,
                        length,
                        RecordLayout.kind(buffer, start),
                        RecordLayout.previousZxid(buffer, start),
                        RecordLayout.previousCrc(buffer, start));
            }
            at = (start + length + 3) & ~3;
        }
        return segment;
    }

    private static byte[] withoutZeros(byte[] segment) {
        int used = segment.length;
        while (used > 0 && segment[used - 1] == 0) {
            used--;
        }
        return Arrays.copyOf(segment, Math.min(segment.length, used + 64));
    }

    @Test
    void segmentStartsAreDecodedOrRefused() {
        UnsafeBuffer sound = new UnsafeBuffer(new byte[SegmentStart.BYTES]);
        new SegmentStart(7, 2, new Place(1, 400, 5, 9)).encode(sound);
        new RecordLayout().seal(sound, 0, SegmentStart.BYTES, RecordLayout.SEGMENT, 5, 9);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = Fuzz.damaged(sound.byteArray(), random);
            byte[] whole = Arrays.copyOf(bytes, Math.max(bytes.length, RecordLayout.HEADER_BYTES));
            UnsafeBuffer buffer = new UnsafeBuffer(whole);
            boolean isRefused =
                    Fuzz.isRefusedWithin(
                            8_000,
                            64,
                            whole,
                            IllegalArgumentException.class,
                            () -> SegmentStart.decode(buffer, 0, whole.length));
            refused += isRefused ? 1 : 0;
        }
        assertTrue(refused > ROUNDS / 10, refused + " refused");
    }

    @Test
    void snapshotsAreReadOrRefusedAndCostNoMoreThanTheirBytes() throws IOException {
        SnapshotStore store = SnapshotStore.open(Files.createDirectory(dir.resolve("snapshots")));
        try (SnapshotWriter writer = store.begin(20)) {
            UnsafeBuffer content = new UnsafeBuffer(Fuzz.made(random, 300));
            writer.write(content, 0, content.capacity());
            writer.commit();
        }
        Path file = SnapshotLayout.file(dir.resolve("snapshots"), 20);
        byte[] sound = Files.readAllBytes(file);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = Fuzz.damaged(sound, random);
            byte[] bytes = random.nextBoolean() ? damaged : withRightSums(damaged);
            Files.write(file, bytes);
            boolean isRefused =
                    Fuzz.isRefusedWithin(
                            1 << 16, 64, bytes, CorruptLogException.class, () -> readAll(file));
            refused += isRefused ? 1 : 0;
        }
        assertTrue(refused > ROUNDS / 2, refused + " refused");
    }

    private static void readAll(Path snapshot) throws IOException {
        long[] bytes = {0};
        try (SnapshotReader reader = new SnapshotReader(snapshot, 20)) {
            reader.readAll((_, _, length) -> bytes[0] += length);
            assertTrue(bytes[0] <= reader.size());
        }
    }

    /** The checksums of the header, of each frame that fits, and of the trailer behind the last. */
    private static byte[] withRightSums(byte[] snapshot) {
        if (snapshot.length < SnapshotLayout.HEADER_BYTES) {
            return snapshot;
        }
        ByteBuffer bytes = ByteBuffer.wrap(snapshot).order(ByteOrder.LITTLE_ENDIAN);
        int crcAt = SnapshotLayout.HEADER_BYTES - Integer.BYTES;
        bytes.putInt(crcAt, crc(snapshot, 0, crcAt));
        CRC32C total = new CRC32C();
        total.update(snapshot, crcAt, Integer.BYTES);
        int at = SnapshotLayout.HEADER_BYTES;
        while (at + SnapshotLayout.FRAME_HEADER_BYTES <= snapshot.length) {
            int length = bytes.getInt(at);
            int content = at + SnapshotLayout.FRAME_HEADER_BYTES;
            if (length == 0 && snapshot.length - at >= SnapshotLayout.TRAILER_BYTES) {
                total.update(snapshot, content, SnapshotLayout.TRAILER_BYTES - 8);
                bytes.putInt(at + Integer.BYTES, (int) total.getValue());
            }
            if (length <= 0 || length > snapshot.length - content) {
                break;
            }
            bytes.putInt(at + Integer.BYTES, crc(snapshot, content, length));
            total.update(snapshot, at + Integer.BYTES, Integer.BYTES);
            at = content + length;
        }
        return snapshot;
    }

    @Test
    void epochsAreReadOrRefused() throws IOException {
        EpochFile.open(dir, true).accept(3);
        checkOpening(dir.resolve("epochs"), 20, () -> EpochFile.open(dir, false));
    }

    @Test
    void theExtentIsReadOrRefused() throws IOException {
        Disk disk = new SystemDisk();
        DurableExtent.create(dir, disk).close();
        checkOpening(
                DurableExtent.file(dir),
                20,
                () -> {
                    DurableExtent extent = DurableExtent.open(dir, disk);
                    assertTrue(extent != null);
                    extent.close();
                });
    }

    /**
     * @param summedBytes of the beginning, with their checksum behind them
     */
    private void checkOpening(Path file, int summedBytes, Fuzz.Decoding opening)
            throws IOException {
        byte[] sound = Files.readAllBytes(file);
        byte[] head = Arrays.copyOf(sound, Math.min(sound.length, 1100));
        int refused = 0;
        for (int round = 0; round < ROUNDS / 4; round++) {
            byte[] bytes = Arrays.copyOf(Fuzz.damaged(head, random), sound.length);
            if (random.nextBoolean()) {
                ByteBuffer.wrap(bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(summedBytes, crc(bytes, 0, summedBytes));
            }
            Files.write(file, random.nextInt(8) > 0 ? bytes : Fuzz.damaged(bytes, random));
            refused += Fuzz.isRefused(bytes, CorruptLogException.class, opening) ? 1 : 0;
        }
        assertTrue(refused > ROUNDS / 40, refused + " refused");
    }

    private static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
