package io.loomkeeper.log;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one history that the files of a log directory hold, found and checked without writing.
 *
 * <p>The durable extent names the newest segment. Each segment's first record says after which
 * point it goes on, so from the newest the history is followed backwards; what a segment holds
 * beyond the point where the next one goes on was a torn tail or was truncated, and is passed over.
 * So are segments of higher numbers: they were being made at a crash. A record counts when its own
 * crc is right and it names the crc and the zxid of the record before it. Where reading stops in
 * the newest segment the log ends, if that is not below the durable extent. Anything else is
 * refused, with file and offset (rule D10).
 *
 * <p>Reading changes nothing in it or on disk: any thread, beside the running log too.
 */
public final class History {
    private final Path logDir;
    private final long logId;
    private final Place durable;
    private final boolean cleanStop;
    private final Map<Long, SegmentFile> files = new TreeMap<>();
    private final List<Span> spans = new ArrayList<>();
    private long highestNumber;
    private @Nullable CorruptLogException broken;
    private final Place end;

    /**
     * The part of one segment that is history.
     *
     * @param to where the next segment goes on; null for the newest
     */
    record Span(SegmentFile file, SegmentStart start, @Nullable Place to) {}

    /** Looks at each record of a span, the start record included. */
    @FunctionalInterface
    private interface Step {
        /**
         * @return false to stop there
         */
        boolean onRecord(SegmentReader reader) throws IOException;
    }

    /** Joins the segments by their first records, and reads the newest to its end. */
    History(Path logDir, DurableExtent extent) throws IOException {
        this.logDir = logDir;
        this.logId = extent.logId();
        this.durable = extent.place();
        this.cleanStop = extent.isClean();
        listFiles();
        join(null);
        end = spans.isEmpty() ? Place.origin(0) : walk(spans.getLast(), _ -> true);
        for (SegmentFile file : files.values()) {
            if (file.number() > durable.segment()) {
                checkHoldsNothingNew(file);
            }
        }
    }

    private History(Path logDir, long logId, Place durable) throws IOException {
        this.logDir = logDir;
        this.logId = logId;
        this.durable = durable;
        this.cleanStop = false;
        listFiles();
        join(durable);
        end = durable;
    }

    /** The history up to a place that is on disk, while the log behind it goes on. */
    static History upTo(Path logDir, long logId, Place durable) throws IOException {
        return new History(logDir, logId, durable);
    }

    private void listFiles() throws IOException {
        for (SegmentFile file : SegmentFile.list(logDir)) {
            files.put(file.number(), file);
            highestNumber = file.number();
        }
        for (long run : SegmentFile.runs(logDir)) {
            highestNumber = Math.max(highestNumber, run);
        }
    }

    /**
     * A segment whose beginning was not noted as durable holds at most what was carried over. If it
     * holds more, the note is not the newest that was written.
     */
    private void checkHoldsNothingNew(SegmentFile file) throws IOException {
        try (SegmentReader reader = new SegmentReader(file.path())) {
            while (reader.next()) {
                if (reader.kind() == RecordLayout.TXN) {
                    throw new CorruptLogException(
                            file.path(),
                            reader.recordStart(),
                            hex(reader.zxid()) + " is noted nowhere: durable up to " + durable);
                }
            }
        }
    }

    private void join(@Nullable Place to) throws IOException {
        if (durable.isOrigin()) {
            return;
        }
        SegmentFile newest = files.get(durable.segment());
        if (newest == null) {
            throw new CorruptLogException(
                    logDir, 0, "durable up to " + durable + ", but that segment's file is missing");
        }
        Span span = new Span(newest, readStart(newest), to);
        while (span != null) {
            spans.addFirst(span);
            span = spanBefore(span);
        }
    }

    /**
     * Null where the files end: at the log's beginning, where retention was, or before a damaged
     * file.
     */
    private @Nullable Span spanBefore(Span span) throws IOException {
        Place to = span.start().after();
        SegmentFile file = files.get(to.segment());
        if (file == null) {
            return null;
        }
        try {
            return new Span(file, readStart(file), to);
        } catch (CorruptLogException e) {
            broken = e;
            return null;
        } catch (NoSuchFileException e) {
            return null; // retention was here since the files were listed
        }
    }

    private SegmentStart readStart(SegmentFile file) throws IOException {
        try (SegmentReader reader = new SegmentReader(file.path())) {
            if (!reader.next()) {
                throw new CorruptLogException(
                        file.path(), reader.position(), "no first record: " + reader.stopReason());
            }
            SegmentStart start = decode(reader);
            if (start.number() != file.number() || start.logId() != logId) {
                throw new CorruptLogException(
                        file.path(), reader.recordStart(), "belongs to another log, or is renamed");
            }
            if (start.after().segment() >= file.number()) {
                throw new CorruptLogException(
                        file.path(), reader.recordStart(), "goes on after a later segment");
            }
            return start;
        }
    }

    private static SegmentStart decode(SegmentReader reader) throws CorruptLogException {
        try {
            return SegmentStart.decode(
                    reader.buffer(), reader.recordOffset(), reader.recordLength());
        } catch (IllegalArgumentException e) {
            throw new CorruptLogException(
                    reader.path(), reader.recordStart(), String.valueOf(e.getMessage()));
        }
    }

    boolean isEmpty() {
        return spans.isEmpty();
    }

    /** The highest number that any segment's file or run carries, of the history or not. */
    long highestNumber() {
        return highestNumber;
    }

    /** Behind which snapshot from elsewhere it begins; 0 for none, or where it does not reach. */
    long origin() {
        Place first = spans.isEmpty() ? Place.origin(0) : spans.getFirst().start().after();
        return first.isOrigin() ? first.zxid() : 0;
    }

    /** The zxid behind which the transactions begin that are still there. */
    public long first() {
        return spans.isEmpty() ? 0 : spans.getFirst().start().after().zxid();
    }

    /** The last zxid. */
    public long last() {
        return end.zxid();
    }

    /**
     * The greatest zxid at or before {@code zxid} at which this history has a point: a transaction,
     * or its beginning.
     *
     * @return empty when the history does not reach back so far
     * @throws IOException when a segment cannot be read; NoSuchFileException when retention has
     *     deleted it since
     */
    public OptionalLong floor(long zxid) throws IOException {
        if (zxid < first()) {
            return OptionalLong.empty();
        }
        if (zxid >= last()) {
            return OptionalLong.of(last());
        }
        Span span = spans.get(spanHolding(zxid));
        long[] floor = {span.start().after().zxid()};
        walk(
                span,
                reader -> {
                    if (reader.zxid() > zxid) {
                        return false;
                    }
                    floor[0] = reader.zxid();
                    return true;
                });
        return OptionalLong.of(floor[0]);
    }

    /**
     * Visits the transactions after {@code fromExclusive} up to and with {@code toInclusive}, in
     * order, checking each.
     *
     * @param fromExclusive not before {@link #first}
     * @throws IOException as {@link #floor}
     */
    public void read(long fromExclusive, long toInclusive, RecordVisitor sink) throws IOException {
        if (fromExclusive < first()) {
            throw new IllegalArgumentException(
                    hex(fromExclusive) + " is before the first, " + hex(first()));
        }
        Step visiting = visiting(sink, 0, fromExclusive);
        Step step = reader -> reader.zxid() <= toInclusive && visiting.onRecord(reader);
        for (int i = spans.isEmpty() ? 0 : spanHolding(fromExclusive); i < spans.size(); i++) {
            Span span = spans.get(i);
            if (span.start().after().zxid() < toInclusive) {
                walk(span, step);
            }
        }
    }

    /** The segments of the history, oldest first. */
    List<Span> spans() {
        return spans;
    }

    /**
     * The last record that is sound. It may be on disk or only in memory, if it is beyond {@link
     * #durable}.
     */
    Place end() {
        return end;
    }

    /** The last record that is known to be on disk. */
    Place durable() {
        return durable;
    }

    /**
     * Visits the transactions beyond {@link #durable}: sound, but perhaps only in memory (rule D9).
     */
    void visitUnsettled(RecordVisitor visitor) throws IOException {
        if (!spans.isEmpty()) {
            walk(spans.getLast(), visiting(visitor, durable.endOffset(), Long.MIN_VALUE));
        }
    }

    /**
     * Visits all transactions after {@code afterZxid}, checking each.
     *
     * @throws CorruptLogException when the log does not go on from there without a gap, or is
     *     damaged
     */
    void replay(long afterZxid, RecordVisitor visitor) throws IOException {
        checkHolds(afterZxid);
        if (afterZxid == end.zxid()) {
            return;
        }
        for (Span span : spans.subList(spanHolding(afterZxid), spans.size())) {
            walk(span, visiting(visitor, 0, afterZxid));
        }
    }

    /**
     * Checks that the log goes on after {@code zxid} without a gap.
     *
     * @throws CorruptLogException when it does not
     */
    void checkHolds(long zxid) throws IOException {
        if (spans.isEmpty() && zxid == 0) {
            return;
        }
        Span span = spans.get(spanHolding(zxid));
        if (find(zxid, span) == null) {
            throw new CorruptLogException(
                    span.file().path(), 0, hex(zxid) + " is not in the log, which ends at " + end);
        }
    }

    private static Step visiting(RecordVisitor visitor, long fromOffset, long afterZxid) {
        return reader -> {
            if (reader.kind() != RecordLayout.SEGMENT
                    && reader.endOffset() > fromOffset
                    && reader.zxid() > afterZxid) {
                hand(reader, visitor);
            }
            return true;
        };
    }

    private static void hand(SegmentReader reader, RecordVisitor visitor)
            throws CorruptLogException {
        try {
            visitor.onRecord(
                    reader.zxid(),
                    reader.buffer(),
                    reader.recordOffset() + RecordLayout.HEADER_BYTES,
                    reader.recordLength() - RecordLayout.HEADER_BYTES);
        } catch (RefusedTxnException e) {
            throw new CorruptLogException(
                    reader.path(),
                    reader.recordStart(),
                    "transaction " + hex(reader.zxid()) + " " + e.getMessage());
        }
    }

    /** The index of the newest span that begins at or before {@code zxid}. */
    private int spanHolding(long zxid) throws IOException {
        for (int i = spans.size() - 1; i >= 0; i--) {
            if (spans.get(i).start().after().zxid() <= zxid) {
                return i;
            }
        }
        if (broken != null) {
            throw broken;
        }
        if (spans.isEmpty()) {
            throw new CorruptLogException(
                    logDir, 0, "the log is empty, needed is all after " + hex(zxid));
        }
        Span oldest = spans.getFirst();
        throw new CorruptLogException(
                oldest.file().path(),
                0,
                "the log begins after "
                        + oldest.start().after()
                        + ", needed is all after "
                        + hex(zxid));
    }

    private static String hex(long zxid) {
        return "zxid 0x" + Long.toHexString(zxid);
    }

    /**
     * Where {@code zxid} is in the history, if a history that ended there could be recovered: from
     * a snapshot that is not newer, or from the beginning (rules T2 and T3).
     *
     * @return null when it could not
     */
    @Nullable Place findCut(long zxid, SnapshotStore snapshots) throws IOException {
        Place place = find(zxid);
        if (place == null || spans.getFirst().start().after().zxid() == 0) {
            return place;
        }
        for (long snapshot : snapshots.zxids()) {
            if (snapshot <= zxid && find(snapshot) != null && snapshots.isSound(snapshot)) {
                return place;
            }
        }
        return null;
    }

    /**
     * Where {@code zxid} is in the history.
     *
     * @return null when the history does not hold it
     */
    @Nullable Place find(long zxid) throws IOException {
        boolean outside =
                spans.isEmpty()
                        || zxid < spans.getFirst().start().after().zxid()
                        || zxid > end.zxid();
        return outside ? null : find(zxid, spans.get(spanHolding(zxid)));
    }

    private @Nullable Place find(long zxid, Span span) throws IOException {
        Place[] found = new Place[1];
        walk(
                span,
                reader -> {
                    if (reader.zxid() == zxid) {
                        found[0] =
                                new Place(
                                        span.file().number(),
                                        reader.endOffset(),
                                        zxid,
                                        reader.crc());
                    }
                    return found[0] == null;
                });
        return found[0];
    }

    /**
     * Goes through one span from its start, checking every record and, unless stopped, its end.
     *
     * @return the place of the last record seen
     */
    private Place walk(Span span, Step step) throws IOException {
        try (SegmentReader reader = new SegmentReader(span.file().path())) {
            Place to = span.to();
            Place at = span.start().after();
            long toOffset = to == null ? Long.MAX_VALUE : to.endOffset();
            long offset = 0;
            boolean passedDurable = false;
            while (offset < toOffset && reader.next()) {
                checkFollows(reader, at);
                offset = reader.endOffset();
                at = new Place(span.file().number(), offset, reader.zxid(), reader.crc());
                passedDurable |= at.equals(durable);
                if (!step.onRecord(reader)) {
                    return at;
                }
            }
            checkEnd(span, reader, at, passedDurable);
            return at;
        }
    }

    private static void checkFollows(SegmentReader reader, Place before) throws IOException {
        boolean rising =
                reader.kind() == RecordLayout.SEGMENT
                        ? reader.zxid() == before.zxid()
                        : reader.zxid() > before.zxid();
        if (!rising
                || reader.previousZxid() != before.zxid()
                || reader.previousCrc() != before.crc()) {
            throw new CorruptLogException(
                    reader.path(), reader.recordStart(), "a record that does not follow " + before);
        }
    }

    private void checkEnd(Span span, SegmentReader reader, Place at, boolean passedDurable)
            throws IOException {
        Place to = span.to();
        String problem = null;
        if (to != null) {
            problem = at.equals(to) ? null : "; a later segment goes on after " + to;
        } else if (!passedDurable) {
            problem = "; was durable up to " + durable;
        } else if (cleanStop && !at.equals(durable)) {
            problem = "; goes on to " + at + " after a clean stop at " + durable;
        }
        if (problem != null) {
            throw new CorruptLogException(
                    reader.path(), reader.position(), reader.stopReason() + problem);
        }
    }
}
