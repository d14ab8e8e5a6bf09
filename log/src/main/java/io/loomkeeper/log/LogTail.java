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
    private static final int COPY_BYTES_MIN = 4096;

    private final Path logDir;
    private final LogOptions options;
    private final DurableExtent extent;
    private final Consumer<SegmentStart> onSegment;
    private final ChronicleRun run;
    private final RecordLayout layout = new RecordLayout();
    private final UnsafeBuffer startRecord =
            new UnsafeBuffer(ByteBuffer.allocateDirect(SegmentStart.BYTES));
    private UnsafeBuffer copy = new UnsafeBuffer(ByteBuffer.allocateDirect(COPY_BYTES_MIN));
    private long lastZxid;
    private int lastCrc;
    private long segmentStartBytes;
    private boolean segmentIsNew;

    /**
     * False until what the last run left is settled in this one: until then it belongs to the last.
     */
    private boolean open;

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
        start.encode(startRecord);
        lastZxid = start.after().zxid();
        lastCrc =
                layout.seal(
                        startRecord,
                        0,
                        SegmentStart.BYTES,
                        RecordLayout.SEGMENT,
                        start.after().zxid(),
                        start.after().crc());
        segmentStartBytes = run.append(startRecord, 0, SegmentStart.BYTES);
        segmentIsNew = true;
        onSegment.accept(start);
    }

    /**
     * Appends a transaction whose zxid and payload are in place and whose header is not complete.
     */
    void append(MutableDirectBuffer record, int offset, int length) throws IOException {
        append(record, offset, length, RecordLayout.TXN);
    }

    /** Appends a transaction read from the segment of an earlier run. */
    void carry(long zxid, DirectBuffer txn, int offset, int length) throws IOException {
        int recordBytes = RecordLayout.HEADER_BYTES + length;
        if (recordBytes > copy.capacity()) {
            copy = new UnsafeBuffer(ByteBuffer.allocateDirect(recordBytes));
        }
        RecordLayout.zxid(copy, 0, zxid);
        copy.putBytes(RecordLayout.HEADER_BYTES, txn, offset, length);
        append(copy, 0, recordBytes, RecordLayout.CARRIED);
    }

    private void append(MutableDirectBuffer record, int offset, int length, int kind)
            throws IOException {
        if (run.position() + length > options.segmentBytesMax() && holdsTransactions()) {
            roll();
        }
        long zxid = RecordLayout.zxid(record, offset);
        if (zxid <= lastZxid) {
            throw new IOException(
                    "zxid 0x" + Long.toHexString(zxid) + " after 0x" + Long.toHexString(lastZxid));
        }
        lastCrc = layout.seal(record, offset, length, kind, lastZxid, lastCrc);
        lastZxid = zxid;
        run.append(record, offset, length);
    }

    /** Whether the segment holds more than its start. */
    boolean holdsTransactions() {
        return run.position() > segmentStartBytes;
    }

    /** Ends the segment, and begins the next one; both durably, before anything is in it. */
    void roll() throws IOException {
        run.forceWhole();
        begin(place());
        if (open) {
            settle();
        }
    }

    /**
     * Goes on after {@code to}, a point further back or the origin behind a snapshot; durable when
     * this returns (rules T4 and T5).
     */
    void cut(Place to) throws IOException {
        run.forceWhole();
        begin(to);
        settle();
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
            run.force();
        }
        if (segmentIsNew) {
            extent.advanceDurably(place, false);
            segmentIsNew = false;
            open = true;
        } else if (options.forceSync()) {
            extent.advance(place);
        }
    }

    /** Ends the log in order. */
    void stop() throws IOException {
        Place place = place();
        run.forceWhole();
        extent.advanceDurably(place, true);
    }

    /** The last record appended. */
    Place place() {
        return new Place(run.segment(), run.position(), lastZxid, lastCrc);
    }

    /** The history as it is on disk now. */
    History history() throws IOException {
        return new History(logDir, extent);
    }

    /**
     * Whether the segment's first record is seen through the very descriptor that is forced (rule
     * D12): not so if the name leads to another file meanwhile.
     */
    boolean isForced() throws IOException {
        ByteBuffer seen = ByteBuffer.allocate(SegmentStart.BYTES);
        long at = segmentStartBytes - SegmentStart.BYTES;
        int n = 0;
        while (seen.hasRemaining() && n >= 0) {
            n = run.channel().read(seen, at + seen.position());
        }
        return startRecord.equals(new UnsafeBuffer(seen.array()));
    }

    long lastZxid() {
        return lastZxid;
    }

    @Override
    public void close() throws IOException {
        run.close();
    }
}
