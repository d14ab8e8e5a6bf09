package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * One server's directories as production lays them out and recovers them, for somebody in another
 * package who keeps a history in memory. Written once and in order: epochs, snapshots, log.
 * Segments are framed here as Chronicle frames them; every record, the snapshots, {@code durable}
 * and {@code epochs} are written by production's own code. Nothing is forced.
 */
public final class DrivenFiles implements AutoCloseable {
    private static final LogOptions OPTIONS = LogOptions.defaults();

    /** Zeros behind the newest record: space that is reserved ahead. */
    private static final int RESERVED_BYTES = 2_048;

    private static final int END_OF_SEGMENT = 0xc000_0000;

    /** Damage is told to nobody but the caller. */
    private static final Logger LOGGER = Logger.getLogger(Recovery.class.getName());

    private final Path directory;
    private final Path logDir;
    private final Path snapshotDir;
    private final Disk disk = new Unforced();
    private final SnapshotStore snapshots;
    private final DurableExtent extent;
    private final RecordLayout layout = new RecordLayout();
    private final ExpandableArrayBuffer segment = new ExpandableArrayBuffer();
    private long segments;
    private int segmentBytes;
    private Place place;

    /** What is recovered goes here, a snapshot first if there is one. */
    public interface Recovered {
        void onSnapshot(long zxid, DirectBuffer content, int offset, int length);

        void onTransaction(long zxid, DirectBuffer txn, int offset, int length);

        void onEpochs(int accepted, int current);
    }

    /** A disk without a cache: what is written is there. */
    private static final class Unforced implements Disk {
        @Override
        public void reserve(Path file, long from, long to) {}

        @Override
        public void force(Path file, FileChannel channel) {}

        @Override
        public void forceDirectory(Path directory) {}
    }

    /**
     * @param directory exists and is empty
     * @param originZxid of the snapshot behind which the log begins; 0: it begins with nothing
     */
    public DrivenFiles(Path directory, long originZxid) throws IOException {
        LOGGER.setLevel(Level.SEVERE);
        this.directory = directory;
        this.logDir = Files.createDirectory(directory.resolve("log"));
        this.snapshotDir = Files.createDirectory(directory.resolve("snapshots"));
        this.snapshots = SnapshotStore.open(snapshotDir, disk);
        this.extent = DurableExtent.create(logDir, disk);
        this.place = Place.origin(originZxid);
        Files.createDirectory(SegmentFile.runDirectory(logDir, 1));
    }

    public void epochs(int accepted, int current) throws IOException {
        EpochFile file = EpochFile.open(snapshotDir, true, disk);
        file.accept(accepted);
        file.establish(current);
    }

    public SnapshotWriter beginSnapshot(long zxid) throws IOException {
        return snapshots.begin(zxid);
    }

    /** Ends the segment, if there is one, and begins the next. */
    public void roll() throws IOException {
        if (segments > 0) {
            segment.putInt(segmentBytes, END_OF_SEGMENT, ByteOrder.LITTLE_ENDIAN);
            segmentBytes += Integer.BYTES;
            writeSegment();
        }
        segments++;
        segmentBytes = 0;
        SegmentStart start = new SegmentStart(extent.logId(), segments, place);
        ExpandableArrayBuffer record = new ExpandableArrayBuffer(SegmentStart.BYTES);
        start.encode(record);
        write(record, SegmentStart.BYTES, RecordLayout.SEGMENT, place.zxid());
        extent.advanceDurably(place, false);
    }

    public void append(long zxid, DirectBuffer txn) {
        int length = RecordLayout.HEADER_BYTES + txn.capacity();
        ExpandableArrayBuffer record = new ExpandableArrayBuffer(length);
        RecordLayout.zxid(record, 0, zxid);
        record.putBytes(RecordLayout.HEADER_BYTES, txn, 0, txn.capacity());
        write(record, length, RecordLayout.TXN, zxid);
    }

    private void write(ExpandableArrayBuffer record, int length, int kind, long zxid) {
        int crc = layout.seal(record, 0, length, kind, place.zxid(), place.crc());
        segment.putInt(segmentBytes, length, ByteOrder.LITTLE_ENDIAN);
        int start = segmentBytes + Integer.BYTES;
        segment.putBytes(start, record, 0, length);
        place = new Place(segments, start + length, zxid, crc);
        segmentBytes = (start + length + 3) & ~3;
        segment.setMemory(start + length, segmentBytes - start - length, (byte) 0);
    }

    /** All up to here was forced, and noted. */
    public void noteDurable() throws IOException {
        extent.advance(place);
    }

    /** The log ends here: as a process leaves it that is killed. */
    public void end() throws IOException {
        segment.setMemory(segmentBytes, RESERVED_BYTES, (byte) 0);
        segmentBytes += RESERVED_BYTES;
        writeSegment();
        extent.close();
    }

    private void writeSegment() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(segment.byteArray(), 0, segmentBytes);
        try (FileChannel channel = create(segmentFile(segments))) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    public long segments() {
        return segments;
    }

    /** Up to there the newest segment is noted as being on disk. */
    public long durableBytes() {
        return extent.place().endOffset();
    }

    public Path segmentFile(long number) {
        return SegmentFile.runDirectory(logDir, 1).resolve(SegmentFile.fileName(1, number));
    }

    public Path snapshotFile(long zxid) {
        return SnapshotLayout.file(snapshotDir, zxid);
    }

    public Path durableFile() {
        return DurableExtent.file(logDir);
    }

    public Path epochsFile() {
        return snapshotDir.resolve("epochs");
    }

    /**
     * Recovers what is there, as a start does.
     *
     * @throws CorruptLogException when the server would not start
     */
    public void recover(Recovered recovered) throws IOException {
        try (TxnLog log = TxnLog.open(logDir, OPTIONS, disk)) {
            SnapshotStore store = SnapshotStore.open(snapshotDir, disk);
            Optional<SnapshotReader> newest = Recovery.snapshot(store, log);
            long base = newest.isEmpty() ? 0 : newest.get().zxid();
            if (newest.isPresent()) {
                try (SnapshotReader reader = newest.get()) {
                    reader.readAll(
                            (piece, offset, length) ->
                                    recovered.onSnapshot(base, piece, offset, length));
                }
            }
            log.replay(base, recovered::onTransaction);
            EpochFile epochs = EpochFile.open(snapshotDir, false, disk);
            recovered.onEpochs(epochs.accepted(), epochs.current());
        }
    }

    /** Deletes all of it. */
    @Override
    public void close() throws IOException {
        extent.close();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
