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
 *   <li>its sync is off: the owner forces the segment's file through {@link #channel};
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

    /** Chronicle's mapping of the bytes around the last record, and what was stored there. */
    private @Nullable BytesStore<?, ?> storedIn;

    private long storedFrom;
    private long storedTo;

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

    /** Ends the segment being written, which the caller has forced, and begins the next one. */
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
            noteStored(bytes.bytesStore(), address, length);
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

    private void noteStored(@Nullable BytesStore<?, ?> mapping, long address, int length) {
        if (mapping != storedIn) {
            storedIn = mapping;
            storedFrom = address;
        }
        storedTo = address + length;
    }

    /** To be called before a force: what was stored since the last one leaves the mapping. */
    void releaseStored() {
        BytesStore<?, ?> mapping = storedIn;
        if (mapping != null && mapping.refCount() > 0) {
            MappedPages.release(storedFrom, storedTo);
        }
        storedFrom = storedTo;
    }

    private void reserve(long needed) throws IOException {
        long to = Math.max(needed, reserved + reserveBytes);
        disk.reserve(file, reserved, to);
        reserved = to;
    }

    /** The segment's file: forcing it puts every record appended so far to this segment on disk. */
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

    Path file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        appender.close();
        queue.close();
        closeChannel();
    }
}
