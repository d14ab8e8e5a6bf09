package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
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
 *   4096  end; all other bytes are zero and ignored; integers are little-endian
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
    private final RecordLayout checksum = new RecordLayout();
    private final ByteBuffer slotBytes = ByteBuffer.allocateDirect(SLOT_BYTES + Integer.BYTES);
    private final UnsafeBuffer slot = new UnsafeBuffer(slotBytes);
    private final long logId;
    private long sequence;
    private Place place = Place.origin(0);
    private boolean clean;

    private DurableExtent(Path path, FileChannel channel, Disk disk) throws IOException {
        this.path = path;
        this.channel = channel;
        this.disk = disk;
        UnsafeBuffer content = new UnsafeBuffer(readAll());
        this.logId = readHeader(content);
        readSlot(content, SLOT_STRIDE);
        readSlot(content, 2 * SLOT_STRIDE);
        if (sequence == 0) {
            throw new CorruptLogException(path, SLOT_STRIDE, "neither slot has a right checksum");
        }
    }

    static Path file(Path logDir) {
        return logDir.resolve(NAME);
    }

    /**
     * @return null when there is no such file: the log was never started
     * @throws CorruptLogException when it cannot be trusted
     */
    static @Nullable DurableExtent open(Path logDir, Disk disk) throws IOException {
        return Files.exists(file(logDir)) ? openExisting(file(logDir), disk) : null;
    }

    /**
     * As {@link #open}, of a file that is not written: a running server's, or a copy.
     *
     * @throws CorruptLogException when it cannot be trusted
     */
    static @Nullable DurableExtent openToRead(Path logDir) throws IOException {
        Path path = file(logDir);
        if (!Files.exists(path)) {
            return null;
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new DurableExtent(path, channel, new SystemDisk());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static DurableExtent openExisting(Path path, Disk disk) throws IOException {
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
        new WholeFile(logDir, disk).write(NAME, firstContent());
        return openExisting(file(logDir), disk);
    }

    private static ByteBuffer firstContent() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(FILE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0, MAGIC).putLong(8, new SecureRandom().nextLong()).putInt(16, VERSION);
        RecordLayout checksum = new RecordLayout();
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        bytes.putInt(HEADER_BYTES, checksum.checksum(buffer, 0, HEADER_BYTES));
        putSlot(checksum, buffer, slotOffset(1), 1, Place.origin(0), RUNNING);
        return bytes;
    }

    private byte[] readAll() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES);
        int n = 0;
        while (bytes.hasRemaining() && n >= 0) {
            n = channel.read(bytes, bytes.position());
        }
        if (bytes.hasRemaining() || channel.size() != FILE_BYTES) {
            throw new CorruptLogException(
                    path, bytes.position(), channel.size() + " bytes instead of " + FILE_BYTES);
        }
        return bytes.array();
    }

    private long readHeader(UnsafeBuffer content) throws CorruptLogException {
        if (content.getLong(0, ByteOrder.LITTLE_ENDIAN) != MAGIC) {
            throw new CorruptLogException(path, 0, "wrong magic");
        }
        int crc = checksum.checksum(content, 0, HEADER_BYTES);
        if (content.getInt(HEADER_BYTES, ByteOrder.LITTLE_ENDIAN) != crc) {
            throw new CorruptLogException(path, 0, "header with a wrong checksum");
        }
        int version = content.getInt(16, ByteOrder.LITTLE_ENDIAN);
        if (version != VERSION) {
            throw new CorruptLogException(
                    path, 16, "format version " + version + ", known is " + VERSION);
        }
        return content.getLong(8, ByteOrder.LITTLE_ENDIAN);
    }

    private void readSlot(UnsafeBuffer content, int at) {
        long found = content.getLong(at, ByteOrder.LITTLE_ENDIAN);
        int crc = content.getInt(at + SLOT_BYTES, ByteOrder.LITTLE_ENDIAN);
        if (found <= sequence || crc != checksum.checksum(content, at, SLOT_BYTES)) {
            return;
        }
        sequence = found;
        place =
                new Place(
                        content.getLong(at + 8, ByteOrder.LITTLE_ENDIAN),
                        content.getLong(at + 16, ByteOrder.LITTLE_ENDIAN),
                        content.getLong(at + 24, ByteOrder.LITTLE_ENDIAN),
                        content.getInt(at + 32, ByteOrder.LITTLE_ENDIAN));
        clean = content.getInt(at + 36, ByteOrder.LITTLE_ENDIAN) == CLEAN;
    }

    private static void putSlot(
            RecordLayout checksum,
            UnsafeBuffer target,
            int at,
            long sequence,
            Place place,
            int state) {
        target.putLong(at, sequence, ByteOrder.LITTLE_ENDIAN);
        target.putLong(at + 8, place.segment(), ByteOrder.LITTLE_ENDIAN);
        target.putLong(at + 16, place.endOffset(), ByteOrder.LITTLE_ENDIAN);
        target.putLong(at + 24, place.zxid(), ByteOrder.LITTLE_ENDIAN);
        target.putInt(at + 32, place.crc(), ByteOrder.LITTLE_ENDIAN);
        target.putInt(at + 36, state, ByteOrder.LITTLE_ENDIAN);
        int crc = checksum.checksum(target, at, SLOT_BYTES);
        target.putInt(at + SLOT_BYTES, crc, ByteOrder.LITTLE_ENDIAN);
    }

    private static int slotOffset(long sequence) {
        return (sequence & 1) == 0 ? SLOT_STRIDE : 2 * SLOT_STRIDE;
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long offset)
            throws IOException {
        bytes.clear();
        while (bytes.hasRemaining()) {
            channel.write(bytes, offset + bytes.position());
        }
    }

    /**
     * The log is on disk up to {@code durable}. Survives the death of the process at any instant.
     */
    void advance(Place durable) throws IOException {
        write(durable, false);
    }

    /**
     * As {@link #advance}, and survives the loss of power from the return of this call on. Both
     * slots get it, one after the other: the loss of one cannot bring back an older segment.
     *
     * @param cleanStop whether the log ends there, in order
     */
    void advanceDurably(Place durable, boolean cleanStop) throws IOException {
        for (int i = 0; i < 2; i++) {
            write(durable, cleanStop);
            disk.force(path, channel);
        }
    }

    private void write(Place durable, boolean cleanStop) throws IOException {
        sequence++;
        putSlot(checksum, slot, 0, sequence, durable, cleanStop ? CLEAN : RUNNING);
        writeFully(channel, slotBytes, slotOffset(sequence));
        place = durable;
        clean = cleanStop;
    }

    long logId() {
        return logId;
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
