package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The writing end of the log: chains records, begins segments, forces, and notes the durable
 * extent. One thread at a time.
 */
final class LogTail implements AutoCloseable {
    private final Path logDir;
    private final LogOptions options;
    private final Disk disk;
    private final DurableExtent extent;
    private final Consumer<SegmentStart> onSegment;
    private final ChronicleRun run;
    private final RecordLayout layout = new RecordLayout();
    private final UnsafeBuffer scratch =
            new UnsafeBuffer(ByteBuffer.allocateDirect(SegmentStart.BYTES));
    private long lastZxid;
    private int lastCrc;
    private long segmentStartBytes;
    private boolean segmentIsNew;

    /**
     * @param onSegment told of each segment begun
     */
    LogTail(
            Path logDir,
            LogOptions options,
            Disk disk,
            DurableExtent extent,
            long firstSegment,
            Consumer<SegmentStart> onSegment)
            throws IOException {
        this.logDir = logDir;
        this.options = options;
        this.disk = disk;
        this.extent = extent;
        this.onSegment = onSegment;
        this.run = new ChronicleRun(logDir, firstSegment, options, disk);
    }

    /**
     * Begins a segment; not durable before {@link #settle}. What was written before has been
     * forced.
     */
    void begin(SegmentStart start) throws IOException {
        run.begin(start.number());
        start.encode(scratch);
        lastZxid = start.after().zxid();
        lastCrc =
                layout.seal(
                        scratch,
                        0,
                        SegmentStart.BYTES,
                        RecordLayout.SEGMENT,
                        start.after().zxid(),
                        start.after().crc());
        segmentStartBytes = run.append(scratch, 0, SegmentStart.BYTES);
        segmentIsNew = true;
        onSegment.accept(start);
    }

    /** Appends a record whose zxid and payload are in place and whose header is not complete. */
    void append(MutableDirectBuffer record, int offset, int length) throws IOException {
        if (run.position() + length > options.segmentBytesMax() && holdsTransactions()) {
            roll();
        }
        long zxid = RecordLayout.zxid(record, offset);
        if (zxid <= lastZxid) {
            throw new IOException(
                    "zxid 0x" + Long.toHexString(zxid) + " after 0x" + Long.toHexString(lastZxid));
        }
        lastCrc = layout.seal(record, offset, length, RecordLayout.TXN, lastZxid, lastCrc);
        lastZxid = zxid;
        run.append(record, offset, length);
    }

    /** Appends a transaction read from another segment. */
    void appendCopy(long zxid, DirectBuffer txn, int offset, int length) throws IOException {
        MutableDirectBuffer record =
                new UnsafeBuffer(ByteBuffer.allocateDirect(RecordLayout.HEADER_BYTES + length));
        RecordLayout.zxid(record, 0, zxid);
        record.putBytes(RecordLayout.HEADER_BYTES, txn, offset, length);
        append(record, 0, record.capacity());
    }

    /** Whether the segment holds more than its start. */
    boolean holdsTransactions() {
        return run.position() > segmentStartBytes;
    }

    /** Ends the segment, durably, and begins the next one. */
    void roll() throws IOException {
        disk.force(run.file(), run.channel());
        begin(place());
    }

    /** Drops what is after {@code to}; done when {@link #settle} returns (rules T4 and T5). */
    void cut(Place to) throws IOException {
        disk.force(run.file(), run.channel());
        begin(to);
    }

    private void begin(Place after) throws IOException {
        begin(new SegmentStart(extent.logId(), run.segment() + 1, after));
    }

    /**
     * One force for all that was appended, then the note of it; the note itself is forced when the
     * segment is new, because the newest segment is the one it names.
     */
    void settle() throws IOException {
        Place place = place();
        if (options.forceSync() || segmentIsNew) {
            disk.force(run.file(), run.channel());
        }
        if (segmentIsNew) {
            extent.advanceDurably(place, false);
            segmentIsNew = false;
        } else if (options.forceSync()) {
            extent.advance(place);
        }
    }

    /** Ends the log in order. */
    void stop() throws IOException {
        Place place = place();
        disk.force(run.file(), run.channel());
        extent.advanceDurably(place, true);
    }

    private Place place() {
        return new Place(run.segment(), run.position(), lastZxid, lastCrc);
    }

    /** The history as it is on disk now. */
    History history() throws IOException {
        return new History(logDir, extent);
    }

    long lastZxid() {
        return lastZxid;
    }

    @Override
    public void close() throws IOException {
        run.close();
    }
}
