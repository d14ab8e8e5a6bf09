package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads one segment's file without Chronicle, which waits for, repairs and renames what a crash has
 * left. Walks Chronicle's documents, skips its own (headers and indexes) and checks each record of
 * ours:
 *
 * <pre>
 *   a document, 4-byte aligned: int header, then (header AND 0x3fffffff) bytes
 *   header 0: nothing here yet.  bit 31: being written.  bit 30: Chronicle's own.  both: end of file.
 * </pre>
 *
 * Reads with plain reads, not through a mapping: a bad sector is then an exception and not a
 * signal.
 */
final class SegmentReader implements AutoCloseable {
    /** Why reading stops where Chronicle has noted that nothing more comes. */
    static final String END_OF_SEGMENT = "end of segment";

    private static final int WINDOW_BYTES_MIN = 1 << 13;
    private static final int WINDOW_BYTES_MAX = 1 << 20;
    private static final int NOT_COMPLETE = 1 << 31;
    private static final int CHRONICLES_OWN = 1 << 30;
    private static final int LENGTH_MASK = CHRONICLES_OWN - 1;

    private final Path path;
    private final FileChannel channel;
    private final long fileBytes;
    private final RecordLayout layout = new RecordLayout();
    private ByteBuffer window;
    private UnsafeBuffer buffer;
    private long windowStart;
    private long position;
    private long recordStart;
    private int recordLength;
    private String stopReason = "";

    SegmentReader(Path path) throws IOException {
        this.path = path;
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
        this.fileBytes = channel.size();
        this.window = ByteBuffer.allocateDirect(WINDOW_BYTES_MIN).limit(0);
        this.buffer = new UnsafeBuffer(window);
    }

    /**
     * Moves to the next record.
     *
     * @return false at the end of what is sound: {@link #position} says where, {@link #stopReason}
     *     why
     */
    boolean next() throws IOException {
        while (true) {
            if (fileBytes - position < Integer.BYTES) {
                return stop("end of file");
            }
            int header =
                    load(position, Integer.BYTES)
                            .getInt(inWindow(position), ByteOrder.LITTLE_ENDIAN);
            if (header == 0) {
                return stop("no record");
            }
            if ((header & NOT_COMPLETE) != 0) {
                return stop((header & CHRONICLES_OWN) != 0 ? END_OF_SEGMENT : "incomplete record");
            }
            int length = header & LENGTH_MASK;
            if (length > fileBytes - position - Integer.BYTES) {
                return stop("a record of " + length + " bytes does not fit into the file");
            }
            if ((header & CHRONICLES_OWN) == 0) {
                return record(length);
            }
            position = aligned(position + Integer.BYTES + length);
        }
    }

    private boolean record(int length) throws IOException {
        long start = position + Integer.BYTES;
        load(start, length);
        if (!layout.isSound(buffer, inWindow(start), length)) {
            return stop("record with a wrong checksum or length");
        }
        recordStart = start;
        recordLength = length;
        position = aligned(start + length);
        return true;
    }

    private boolean stop(String reason) {
        stopReason = reason;
        return false;
    }

    private static long aligned(long offset) {
        return (offset + 3) & ~3L;
    }

    /** Makes the range present in the window; it lies within the file. */
    private UnsafeBuffer load(long start, int length) throws IOException {
        if (start < windowStart || start + length > windowStart + window.limit()) {
            growWindow(length);
            fill(start);
            if (window.limit() < length) {
                throw new CorruptLogException(
                        path, start + window.limit(), "the file became shorter");
            }
        }
        return buffer;
    }

    /**
     * Each time it is used up the window doubles: whoever wants only the first record reads little.
     */
    private void growWindow(int needed) {
        int doubled = Math.min(WINDOW_BYTES_MAX, window.limit() * 2);
        int capacity = Math.max(needed, doubled);
        if (capacity > window.capacity()) {
            window = ByteBuffer.allocateDirect(capacity);
            buffer = new UnsafeBuffer(window);
        }
    }

    private void fill(long start) throws IOException {
        window.clear();
        windowStart = start;
        int n = 0;
        while (window.hasRemaining() && n >= 0) {
            n = channel.read(window, start + window.position());
        }
        window.flip();
    }

    private int inWindow(long offset) {
        return (int) (offset - windowStart);
    }

    Path path() {
        return path;
    }

    /** Where the next document would be, or where reading stopped, in bytes. */
    long position() {
        return position;
    }

    String stopReason() {
        return stopReason;
    }

    /** Holds the record, header included, from {@link #recordOffset()} until the next call. */
    DirectBuffer buffer() {
        return buffer;
    }

    int recordOffset() {
        return inWindow(recordStart);
    }

    /** Of the record, header included, in bytes. */
    int recordLength() {
        return recordLength;
    }

    /** The record's first byte in the file. */
    long recordStart() {
        return recordStart;
    }

    /** The byte behind the record. */
    long endOffset() {
        return recordStart + recordLength;
    }

    int kind() {
        return RecordLayout.kind(buffer, recordOffset());
    }

    long zxid() {
        return RecordLayout.zxid(buffer, recordOffset());
    }

    long previousZxid() {
        return RecordLayout.previousZxid(buffer, recordOffset());
    }

    int crc() {
        return RecordLayout.crc(buffer, recordOffset());
    }

    int previousCrc() {
        return RecordLayout.previousCrc(buffer, recordOffset());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
