package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code durable}: how far the log is known to be on disk, and so which segment is the
 * newest. Written after each force of the log, so it is never ahead of it. It is itself forced when
 * a segment begins and at a clean stop, not after each batch: after a loss of power its segment is
 * right and its offset may be behind. What the segment holds beyond it was not acknowledged, unless
 * power was lost; what the log lacks below it was.
 *
 * <pre>
 *      0  magic "LKEXTENT" 8 bytes, log id long, format version int, crc int (CRC32C of the 20 bytes before)
 *    512  slot 0, 1024  slot 1: the sound one with the higher sequence counts
 *         sequence long, segment long, end offset long, zxid long, crc of the last record int,
 *         state int (1 running, 2 clean stop), crc int (CRC32C of the 40 bytes before)
 *   4096  end; all other bytes are zero and ignored
 * </pre>
 */
final class DurableExtent implements AutoCloseable {
    static final int FILE_BYTES = 4096;

    private static final String NAME = "durable";
    private static final long MAGIC = 0x544e455458454b4cL;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 20;
    private static final int SLOT_STRIDE = 512;
    private static final int SLOT_BYTES = 40;
    private static final int RUNNING = 1;
    private static final int CLEAN = 2;

    private final Path path;
    private final FileChannel channel;
    private final Disk disk;
    private final UnsafeBuffer buffer;
    private final RecordLayout checksum = new RecordLayout();
    private final long logId;
    private long sequence;
    private Place place = Place.origin(0);
    private boolean clean;

    private DurableExtent(Path path, FileChannel channel, Disk disk) throws IOException {
        this.path = path;
        this.channel = channel;
        this.disk = disk;
        this.buffer = new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES));
        this.logId = readHeader();
        readSlots();
    }

    static Path file(Path logDir) {
        return logDir.resolve(NAME);
    }

    /**
     * @return null when there is no such file: the log was never started
     * @throws CorruptLogException when it cannot be trusted
     */
    static @Nullable DurableExtent open(Path logDir, Disk disk) throws IOException {
        Path path = file(logDir);
        if (!Files.exists(path)) {
            return null;
        }
        long bytes = Files.size(path);
        if (bytes != FILE_BYTES) {
            throw new CorruptLogException(
                    path, Math.min(bytes, FILE_BYTES), bytes + " bytes instead of " + FILE_BYTES);
        }
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            return new DurableExtent(path, channel, disk);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Makes the file of a log that holds nothing yet, durably. */
    static DurableExtent create(Path logDir, Disk disk) throws IOException {
        Path temporary = logDir.resolve(NAME + ".tmp");
        ByteBuffer bytes = ByteBuffer.allocateDirect(FILE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0, MAGIC).putLong(8, new SecureRandom().nextLong()).putInt(16, VERSION);
        RecordLayout checksum = new RecordLayout();
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        bytes.putInt(HEADER_BYTES, checksum.checksum(buffer, 0, HEADER_BYTES));
        putSlot(checksum, buffer, 1, Place.origin(0), RUNNING);
        try (FileChannel channel =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            bytes.clear();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            disk.force(temporary, channel);
        }
        Files.move(temporary, file(logDir), StandardCopyOption.ATOMIC_MOVE);
        disk.forceDirectory(logDir);
        DurableExtent extent = open(logDir, disk);
        if (extent == null) {
            throw new IOException(file(logDir) + " was removed while it was made");
        }
        return extent;
    }

    private long readHeader() throws CorruptLogException {
        if (buffer.getLong(0, ByteOrder.LITTLE_ENDIAN) != MAGIC) {
            throw new CorruptLogException(path, 0, "wrong magic");
        }
        int crc = checksum.checksum(buffer, 0, HEADER_BYTES);
        if (buffer.getInt(HEADER_BYTES, ByteOrder.LITTLE_ENDIAN) != crc) {
            throw new CorruptLogException(path, 0, "header with a wrong checksum");
        }
        int version = buffer.getInt(16, ByteOrder.LITTLE_ENDIAN);
        if (version != VERSION) {
            throw new CorruptLogException(
                    path, 16, "format version " + version + ", known is " + VERSION);
        }
        return buffer.getLong(8, ByteOrder.LITTLE_ENDIAN);
    }

    private void readSlots() throws CorruptLogException {
        readSlot(SLOT_STRIDE);
        readSlot(2 * SLOT_STRIDE);
        if (sequence == 0) {
            throw new CorruptLogException(path, SLOT_STRIDE, "neither slot has a right checksum");
        }
    }

    private void readSlot(int slot) {
        long found = buffer.getLong(slot, ByteOrder.LITTLE_ENDIAN);
        int crc = buffer.getInt(slot + SLOT_BYTES, ByteOrder.LITTLE_ENDIAN);
        if (found <= sequence || crc != checksum.checksum(buffer, slot, SLOT_BYTES)) {
            return;
        }
        sequence = found;
        place =
                new Place(
                        buffer.getLong(slot + 8, ByteOrder.LITTLE_ENDIAN),
                        buffer.getLong(slot + 16, ByteOrder.LITTLE_ENDIAN),
                        buffer.getLong(slot + 24, ByteOrder.LITTLE_ENDIAN),
                        buffer.getInt(slot + 32, ByteOrder.LITTLE_ENDIAN));
        clean = buffer.getInt(slot + 36, ByteOrder.LITTLE_ENDIAN) == CLEAN;
    }

    private static void putSlot(
            RecordLayout checksum, UnsafeBuffer buffer, long sequence, Place place, int state) {
        int slot = (sequence & 1) == 0 ? 2 * SLOT_STRIDE : SLOT_STRIDE;
        buffer.putLong(slot, sequence, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(slot + 8, place.segment(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(slot + 16, place.endOffset(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(slot + 24, place.zxid(), ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(slot + 32, place.crc(), ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(slot + 36, state, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(
                slot + SLOT_BYTES,
                checksum.checksum(buffer, slot, SLOT_BYTES),
                ByteOrder.LITTLE_ENDIAN);
    }

    /** The log is on disk up to {@code place}. Survives the death of the process at any instant. */
    void advance(Place durable) {
        sequence++;
        putSlot(checksum, buffer, sequence, durable, RUNNING);
        place = durable;
        clean = false;
    }

    /**
     * As {@link #advance}, and survives the loss of power from the return of this call on. Both
     * slots get it, one after the other: the loss of one cannot bring back an older segment.
     */
    void advanceDurably(Place durable, boolean cleanStop) throws IOException {
        for (int i = 0; i < 2; i++) {
            sequence++;
            putSlot(checksum, buffer, sequence, durable, cleanStop ? CLEAN : RUNNING);
            disk.force(path, channel);
        }
        place = durable;
        clean = cleanStop;
    }

    long logId() {
        return logId;
    }

    Path path() {
        return path;
    }

    Place place() {
        return place;
    }

    /** Whether the server was stopped in order: the log ends exactly at {@link #place()}. */
    boolean isClean() {
        return clean;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
