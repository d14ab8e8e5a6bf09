package io.loomkeeper.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The transaction log: every transaction of this server in zxid order, on disk before anyone is
 * told.
 *
 * <pre>
 *   open -> replay (any number of times) -> start -> append, rollSegment, truncate, install ... -> close
 * </pre>
 *
 * <p>After a crash, {@code open} and {@code replay} give back every transaction that was reported
 * durable, and perhaps some that were not; or they refuse with file and offset. They write nothing.
 * The caller holds the {@link DataDirLock} of the directory. {@code append}, {@code truncate},
 * {@code install} and {@code close} belong to one thread.
 */
public final class TxnLog implements AutoCloseable {
    /**
     * More than these come from whoever does not wait for each answer, and has more to send while
     * they are forced.
     */
    private static final int SPARSE_RECORDS = 4;

    private final Path logDir;
    private final LogOptions options;
    private final Disk disk;
    private final DurableExtent extent;
    private final History recovered;
    private final List<SegmentStart> segments = new ArrayList<>();
    private long lastAppended;
    private int unflushed;
    private @Nullable HistoryChange change;
    private volatile @Nullable Syncer syncer;
    private @Nullable Thread thread;

    private TxnLog(Path logDir, LogOptions options, Disk disk, DurableExtent extent)
            throws IOException {
        this.logDir = logDir;
        this.options = options;
        this.disk = disk;
        this.extent = extent;
        this.recovered = new History(logDir, extent);
        this.lastAppended = recovered.end().zxid();
        for (History.Span span : recovered.spans()) {
            segments.add(span.start());
        }
    }

    /**
     * Opens the log in {@code logDir}, which exists; an empty directory holds the empty log.
     *
     * @throws CorruptLogException when what is there is not a history that can be trusted
     */
    public static TxnLog open(Path logDir, LogOptions options) throws IOException {
        return open(logDir, options, new SystemDisk());
    }

    static TxnLog open(Path logDir, LogOptions options, Disk disk) throws IOException {
        DurableExtent extent = DurableExtent.open(logDir, disk);
        if (extent == null) {
            refuseSegmentsWithoutExtent(logDir);
            extent = DurableExtent.create(logDir, disk);
        }
        try {
            return new TxnLog(logDir, options, disk, extent);
        } catch (IOException | RuntimeException e) {
            extent.close();
            throw e;
        }
    }

    private static void refuseSegmentsWithoutExtent(Path logDir) throws IOException {
        if (!SegmentFile.list(logDir).isEmpty()) {
            throw new CorruptLogException(
                    DurableExtent.file(logDir), 0, "missing, but the log has segments");
        }
    }

    /** Whether the log has never held anything. */
    public boolean isEmpty() {
        return recovered.isEmpty();
    }

    /**
     * Visits every transaction after {@code afterZxid} that was recovered or, once the log is
     * started, that is on disk, in order.
     *
     * @param afterZxid of the snapshot to go on from; 0 for none
     * @throws CorruptLogException when the log does not hold {@code afterZxid} or begin right after
     *     it, or is damaged
     */
    public void replay(long afterZxid, RecordVisitor visitor) throws IOException {
        history().replay(afterZxid, visitor);
    }

    /**
     * The snapshot behind which the history begins that the log holds: one that came from
     * elsewhere; 0 when it begins with nothing, or earlier than the log reaches back.
     */
    long origin() throws IOException {
        return history().origin();
    }

    boolean isStarted() {
        return syncer != null;
    }

    /**
     * Checks that the log goes on after a snapshot of {@code zxid} without a gap.
     *
     * @throws CorruptLogException when it does not
     */
    void checkHolds(long zxid) throws IOException {
        history().checkHolds(zxid);
    }

    /**
     * Begins a new run of segments behind what was recovered; from now on, {@link #append} works.
     */
    public void start(DurabilityListener listener) throws IOException {
        if (syncer != null) {
            throw new IllegalStateException("started twice");
        }
        long newest = recovered.durable().segment();
        Retention.deleteSegments(logDir, unfinished -> unfinished > newest, disk);
        long number = recovered.highestNumber() + 1;
        LogTail tail = new LogTail(logDir, options, disk, extent, number, this::onSegment);
        try {
            tail.begin(new SegmentStart(extent.logId(), number, recovered.durable()));
            recovered.visitUnsettled(carryingTo(tail));
            tail.settle();
            checkReadable(tail);
            checkForced(tail);
        } catch (UncheckedIOException e) {
            tail.close();
            throw e.getCause();
        } catch (IOException | RuntimeException e) {
            tail.close();
            throw e;
        }
        lastAppended = tail.lastZxid();
        Syncer started = new Syncer(tail, options, listener);
        syncer = started;
        thread = Thread.ofPlatform().name("syncer").daemon().start(started);
    }

    /** What was written and forced is read back as a recovery would read it (rule D12). */
    private static void checkReadable(LogTail tail) throws IOException {
        Place end = tail.history().end();
        if (!end.equals(tail.place())) {
            throw new IOException("wrote the log up to " + tail.place() + ", read it up to " + end);
        }
    }

    private void checkForced(LogTail tail) throws IOException {
        if (!tail.isForced()) {
            throw new IOException(
                    "what is forced in "
                            + logDir
                            + " is another file than the one that is written");
        }
    }

    private static RecordVisitor carryingTo(LogTail tail) {
        return (zxid, txn, offset, length) -> {
            try {
                tail.carry(zxid, txn, offset, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private void onSegment(SegmentStart start) {
        synchronized (segments) {
            segments.add(start);
        }
    }

    /**
     * Copies one transaction into the queue of the log's thread, behind all earlier ones. After a
     * {@link #flush}, {@link DurabilityListener#onDurable} tells when it is on disk.
     *
     * @return false when nothing was taken, because that queue is full or the history is being
     *     changed: try again later
     */
    public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
        noteChange();
        assert change != null || zxid > lastAppended
                : Long.toHexString(zxid) + " <= " + Long.toHexString(lastAppended);
        if (length > options.txnBytesMax()) {
            throw new IllegalArgumentException(
                    "transaction of " + length + " bytes, at most " + options.txnBytesMax());
        }
        Syncer running = running();
        if (change != null || running.hasFailed()) {
            return false;
        }
        if (!running.queue().offer(zxid, txn, offset, length)) {
            flush();
            return false;
        }
        lastAppended = zxid;
        unflushed++;
        return true;
    }

    /**
     * Has what was appended put on disk. Called by the appending thread at the end of a run of
     * appends, so that the run shares one force and none begins with its first record alone.
     */
    public void flush() {
        if (unflushed > 0) {
            unflushed = 0;
            running().queue().wake(thread);
        }
    }

    /**
     * As {@link #flush()}; where the appending thread has nothing else to do, by itself: while the
     * log's thread sleeps and forces are quick, what was appended, if it is not much, is on disk
     * and reported when this returns.
     *
     * @param idle whether it has nothing else to do
     */
    public void flush(boolean idle) {
        boolean isSparse = idle && unflushed > 0 && unflushed <= SPARSE_RECORDS;
        if (isSparse && running().syncHere()) {
            unflushed = 0;
            if (running().hasFailed()) {
                running().queue().wake(thread);
            }
        } else {
            flush();
        }
    }

    /** Takes note of a change of the history that has ended; then none is under way. */
    private void noteChange() {
        HistoryChange wish = change;
        if (wish != null && wish.result().isDone()) {
            change = null;
            if (!wish.result().isCompletedExceptionally() && wish.result().join()) {
                lastAppended = wish.zxid();
            }
        }
    }

    /** The last zxid taken; after a change of the history, where that ends. */
    public long lastAppended() {
        noteChange();
        return lastAppended;
    }

    /** The last zxid that is on disk (rule D1). Any thread. */
    public long lastDurable() {
        Syncer running = syncer;
        return running == null ? recovered.durable().zxid() : running.lastDurable();
    }

    /**
     * Ends the segment being written, so that retention can drop it one day: what is appended after
     * this goes into the next one. Nothing happens when it holds no transaction. Called when a
     * snapshot is taken; appending thread only.
     *
     * @return false when the journal's queue is full: try again later, or leave it
     */
    public boolean rollSegment() {
        Syncer running = running();
        if (running.hasFailed() || !running.queue().offerSegmentEnd()) {
            return false;
        }
        running.queue().wake(thread);
        return true;
    }

    /**
     * Drops every transaction and every snapshot after {@code toZxid} (rules T3 to T5): not done
     * when the log does not hold {@code toZxid}, or no snapshot at or before it is left to start
     * from; then ask for a snapshot (T2, T3). A crash leaves the old history or the new one.
     *
     * <p>Appending thread. Until {@code completion} is told, {@link #append} takes nothing, and no
     * second change may be asked for. After a failure of the log it never is told (T6).
     */
    public void truncate(long toZxid, SnapshotStore snapshots, Completion completion) {
        request(new HistoryChange.Cut(toZxid, snapshots, completion, new CompletableFuture<>()));
    }

    /**
     * Puts the snapshot of {@code zxid} that {@link SnapshotStore#beginReceived} wrote in the place
     * of all history: after it comes what is appended from then on, and nothing older (rule D3).
     * Not done when there is no such snapshot, or it is damaged. A crash leaves the old history or
     * the new one. Otherwise as {@link #truncate}.
     */
    public void install(long zxid, SnapshotStore snapshots, Completion completion) {
        request(new HistoryChange.Install(zxid, snapshots, completion, new CompletableFuture<>()));
    }

    private void request(HistoryChange wish) {
        Syncer running = running();
        noteChange();
        if (change != null) {
            throw new IllegalStateException("a change of the history is under way: " + change);
        }
        change = wish;
        running.request(wish);
        running.queue().wake(thread);
    }

    /**
     * The history as it is on disk now, for reading beside the running log. Any thread.
     *
     * @throws IOException when a segment cannot be read
     */
    public History history() throws IOException {
        Syncer running = syncer;
        return running == null
                ? recovered
                : History.upTo(logDir, extent.logId(), running.durablePlace());
    }

    /**
     * Deletes segments that hold nothing after {@code zxid}, oldest first. Never the one being
     * written. Any thread.
     *
     * @param zxid of the oldest snapshot that is kept
     * @return how many were deleted
     */
    int dropBefore(long zxid) throws IOException {
        long keepFrom = forgetBefore(zxid);
        return Retention.deleteSegments(logDir, number -> number < keepFrom, disk);
    }

    /**
     * @return the number of the segment that holds what follows {@code zxid}
     */
    private long forgetBefore(long zxid) {
        synchronized (segments) {
            int first = 0;
            for (int i = 0; i < segments.size(); i++) {
                if (segments.get(i).after().zxid() <= zxid) {
                    first = i;
                }
            }
            segments.subList(0, first).clear();
            return segments.getFirst().number();
        }
    }

    private Syncer running() {
        Syncer running = syncer;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    /** Makes everything appended durable, notes the clean stop, and ends the syncer. */
    @Override
    public void close() throws IOException {
        Syncer running = syncer;
        if (running != null) {
            running.requestStop();
            running.queue().wake(thread);
            join();
        }
        extent.close();
    }

    /** Ends as a process does that is killed: what was not forced may be on disk or not. */
    void crash() throws IOException {
        Syncer running = running();
        running.requestCrash();
        running.queue().wake(thread);
        join();
        extent.close();
    }

    private void join() throws IOException {
        Thread joined = thread;
        try {
            if (joined != null) {
                joined.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
