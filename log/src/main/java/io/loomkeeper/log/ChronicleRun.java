package io.loomkeeper.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import net.openhft.chronicle.wire.Wire;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The segments that one run of the server writes: one Chronicle queue in a directory of its own,
 * one cycle per segment. The only class that knows Chronicle; it uses of it the framing and the
 * mapping, and nothing that is meant for durability or recovery:
 *
 * <ul>
 *   <li>a queue is never opened a second time, so Chronicle never meets what a crash has left;
 *   <li>its sync is off: {@link #force} and {@link #forceWhole} put the segment's file on disk;
 *   <li>its clock is the segment number, so a cycle ends when we say so;
 *   <li>a segment's file exists, with blocks reserved, before Chronicle maps it, and the
 *       reservation stays ahead of the last record: storing through the mapping cannot hit a full
 *       disk;
 *   <li>its index is as small as it goes: nobody seeks in it.
 * </ul>
 *
 * <p>Owned by one thread.
 */
final class ChronicleRun implements AutoCloseable {
    /** More than Chronicle adds between two records: a header and its smallest index. */
    private static final int MARGIN_BYTES = 16 << 10;

    /** More than this is forced with the whole file: one page more or less makes no difference. */
    private static final int PART_BYTES_MAX = 64 << 10;

    /** Chronicle's own file in each queue, and how much of it is mapped. */
    private static final String METADATA = "metadata.cq4t";

    private static final int METADATA_BYTES = 128 << 10;
    private static final long HOUR_MS = 3_600_000L;
    private static final int INDEX_COUNT = 64;
    private static final int INDEX_SPACING = 1 << 16;
    private static final int LOCK_TIMEOUT_MS = 500;

    private final Path directory;
    private final Disk disk;
    private final long firstSegment;
    private final int reserveBytes;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private final UnsafeBuffer target = new UnsafeBuffer(0, 0);
    private long segment;
    private Path file;
    private @Nullable FileChannel channel;
    private long position;
    private long reserved;

    /** Chronicle's mapping of the bytes around the last record. */
    private @Nullable BytesStore<?, ?> storedIn;

    /** Addresses in it: what was stored since the last force. */
    private long storedFrom;

    private long storedTo;

    /** Where the last record ended when the last force began, in bytes. */
    private long forcedTo;

    /** Whether more has changed since the last force than what was stored in {@link #storedIn}. */
    private boolean isWholeDue = true;

    /**
     * Makes the run's directory and an empty queue in it; {@link #begin} makes its first segment.
     */
    ChronicleRun(Path logDir, long firstSegment, LogOptions options, Disk disk) throws IOException {
        this.directory = Files.createDirectory(SegmentFile.runDirectory(logDir, firstSegment));
        this.file = directory;
        this.disk = disk;
        this.firstSegment = firstSegment;
        this.segment = firstSegment - 1;
        this.reserveBytes = options.reserveBytes();
        Path metadata = Files.createFile(directory.resolve(METADATA));
        disk.reserve(metadata, 0, METADATA_BYTES);
        disk.forceDirectory(logDir);
        this.queue = emptyQueue(options);
        this.appender = queue.createAppender();
        // made by the thread that starts the log, then handed to the syncer
        this.appender.singleThreadedCheckDisabled(true);
    }

    private ChronicleQueue emptyQueue(LogOptions options) {
        return SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(RollCycles.FAST_HOURLY)
                .timeProvider(() -> (segment - firstSegment + 1) * HOUR_MS)
                .syncMode(SyncMode.NONE)
                .blockSize(options.blockBytes())
                .indexCount(INDEX_COUNT)
                .indexSpacing(INDEX_SPACING)
                .timeoutMS(LOCK_TIMEOUT_MS)
                .build();
    }

    /**
     * Ends the segment being written, which the caller has forced whole, and begins the next one.
     */
    void begin(long next) throws IOException {
        assert next == segment + 1 : "segment " + next + " after " + segment;
        closeChannel();
        file = directory.resolve(SegmentFile.fileName(firstSegment, next));
        channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        disk.reserve(file, 0, reserveBytes);
        reserved = reserveBytes;
        position = 0;
        segment = next;
        storedIn = null;
        isWholeDue = true;
        disk.forceDirectory(directory);
    }

    /**
     * Appends one record to the segment.
     *
     * @return its end offset in the segment's file
     * @throws IOException when the disk is full: nothing was appended
     */
    long append(DirectBuffer record, int offset, int length) throws IOException {
        if (position + length + MARGIN_BYTES > reserved) {
            reserve(position + length + MARGIN_BYTES);
        }
        DocumentContext document = appender.writingDocument();
        boolean written = false;
        try {
            Wire wire = document.wire();
            if (wire == null) {
                throw new IOException("Chronicle gives no document for " + file);
            }
            Bytes<?> bytes = wire.bytes();
            long start = bytes.writePosition();
            long address = bytes.addressForWrite(start);
            target.wrap(address, length);
            target.putBytes(0, record, offset, length);
            noteStored(bytes.bytesStore(), start, address, length);
            bytes.writeSkip(length);
            position = start + length;
            written = true;
        } finally {
            if (!written) {
                document.rollbackOnClose();
            }
            document.close();
        }
        return position;
    }

    private void noteStored(
            @Nullable BytesStore<?, ?> mapping, long start, long address, int length) {
        if (mapping != storedIn) {
            storedIn = mapping;
            storedFrom = address;
            isWholeDue = true;
        }
        assert isWholeDue || storedFrom - forcedTo == address - start : "mapped elsewhere";
        storedTo = address + length;
    }

    /**
     * Puts every record appended so far to this segment on disk; of the rest of the file what the
     * last whole force left there, or what came later. Whole in its turn where that is not enough,
     * when the segment is new, has grown, or goes on in another mapping; or where it is much.
     */
    void force() throws IOException {
        BytesStore<?, ?> mapping = storedIn;
        boolean isMapped = mapping != null && mapping.refCount() > 0;
        if (isMapped) {
            MappedPages.release(storedFrom, storedTo);
        }
        if (isWholeDue || !isMapped || position - forcedTo > PART_BYTES_MAX) {
            forceWhole();
        } else if (position > forcedTo) {
            disk.force(file, channel(), new Stored(forcedTo, position, storedFrom));
            noteForced();
        }
    }

    /** As {@link #force}, and all else in the segment's file. */
    void forceWhole() throws IOException {
        disk.force(file, channel());
        isWholeDue = false;
        noteForced();
    }

    private void noteForced() {
        forcedTo = position;
        storedFrom = storedTo;
    }

    private void reserve(long needed) throws IOException {
        long to = Math.max(needed, reserved + reserveBytes);
        disk.reserve(file, reserved, to);
        reserved = to;
        isWholeDue = true;
    }

    /** The descriptor of the segment that {@link #force} forces. */
    FileChannel channel() throws IOException {
        if (channel == null) {
            throw new IOException("no segment has begun in " + directory);
        }
        return channel;
    }

    private void closeChannel() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    /** The segment being written. */
    long segment() {
        return segment;
    }

    /** Where the last record ends, in bytes. */
    long position() {
        return position;
    }

    @Override
    public void close() throws IOException {
        appender.close();
        queue.close();
        closeChannel();
    }
}
