package io.loomkeeper.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes records durable. Again and again it appends all that has arrived, forces
 * once, and reports: the batch is what arrived during the last force, there is no timer. While it
 * sleeps, the appending thread may do the same in its place ({@link #syncHere}). The first error
 * ends it (rule D9).
 */
final class Syncer implements Runnable, AppendQueue.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(Syncer.class);
    private static final long BATCH_BYTES_MAX = 8 << 20;

    private final LogTail tail;
    private final DurabilityListener listener;
    private final AppendQueue queue;
    private final long quickForceNs;

    /** Held by whoever works on the tail: this thread, or for one batch the appending one. */
    private final ReentrantLock turn = new ReentrantLock();

    private int batchRecords;
    private long batchBytes;
    private volatile long lastForceNs;
    private volatile long lastDurable;
    private volatile Place durablePlace;
    private volatile @Nullable HistoryChange change;
    private volatile boolean stopRequested;
    private volatile boolean crashRequested;
    private volatile @Nullable Throwable failure;

    Syncer(LogTail tail, LogOptions options, DurabilityListener listener) {
        this.tail = tail;
        this.listener = listener;
        this.quickForceNs = options.quickForceNs();
        this.lastDurable = tail.lastZxid();
        this.durablePlace = tail.place();
        this.queue = new AppendQueue(options.ringBytes(), this);
    }

    AppendQueue queue() {
        return queue;
    }

    @Override
    public void run() {
        try {
            while (workOff()) {
                queue.await(() -> stopRequested || change != null || failure != null);
            }
        } finally {
            reportFailure();
            closeTail();
        }
    }

    /**
     * Does all that there is to do. Wishes are read before the queue is emptied, so that whatever
     * was appended before a wish is handled before it.
     *
     * @return false when the log has ended
     */
    private boolean workOff() {
        turn.lock();
        try {
            while (failure == null && !crashRequested) {
                boolean stopping = stopRequested;
                HistoryChange wish = change;
                if (syncBatch()) {
                    continue;
                }
                if (wish != null) {
                    settle(wish);
                } else if (stopping) {
                    tail.stop();
                    return false;
                } else {
                    return true;
                }
            }
        } catch (Throwable e) {
            failure = causeOf(e);
        } finally {
            turn.unlock();
        }
        return false;
    }

    /**
     * Does this thread's work for one batch, on the appending thread: what one client writes then
     * waits for no other thread to wake up. Not while this thread is at it, nor when the last force
     * was slow: then whoever appends has better things to do than to wait.
     *
     * @return false when nothing was done; true also when it failed, which {@link #hasFailed} tells
     */
    boolean syncHere() {
        if (lastForceNs > quickForceNs || !turn.tryLock()) {
            return false;
        }
        try {
            return failure == null && change == null && syncBatch();
        } catch (Throwable e) {
            failure = causeOf(e);
            return true;
        } finally {
            turn.unlock();
        }
    }

    private static Throwable causeOf(Throwable e) {
        return e instanceof UncheckedIOException wrapper
                ? Objects.requireNonNullElse(wrapper.getCause(), e)
                : e;
    }

    /** Appends what has arrived, forces it and reports it. */
    private boolean syncBatch() throws IOException {
        batchRecords = 0;
        batchBytes = 0;
        int messages = 0;
        int drained;
        do {
            drained = queue.drain();
            messages += drained;
        } while (drained > 0 && batchBytes < BATCH_BYTES_MAX);
        if (messages == 0) {
            return false;
        }
        long startNs = System.nanoTime();
        tail.settle();
        if (batchRecords > 0) {
            lastForceNs = System.nanoTime() - startNs;
            listener.onForced(lastForceNs, batchRecords, batchBytes);
            noteDurable();
            listener.onDurable(lastDurable);
        }
        return true;
    }

    private void noteDurable() {
        durablePlace = tail.place();
        lastDurable = tail.lastZxid();
    }

    @Override
    public void onRecord(MutableDirectBuffer record, int offset, int length) {
        try {
            tail.append(record, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        batchRecords++;
        batchBytes += length;
    }

    @Override
    public void onSegmentEnd() {
        try {
            if (tail.holdsTransactions()) {
                tail.roll();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void settle(HistoryChange wish) throws IOException {
        boolean done = change(wish);
        if (done) {
            noteDurable();
            listener.onHistoryChanged(lastDurable);
        }
        change = null;
        wish.result().complete(done);
        wish.completion().onDone(done);
    }

    /** Nothing else moves among the snapshots meanwhile. */
    private boolean change(HistoryChange wish) throws IOException {
        SnapshotStore snapshots = wish.snapshots();
        snapshots.lock().lock();
        try {
            return switch (wish) {
                case HistoryChange.Cut _ -> cut(wish.zxid(), snapshots);
                case HistoryChange.Install _ -> install(wish.zxid(), snapshots);
            };
        } finally {
            snapshots.lock().unlock();
        }
    }

    /** Snapshots first: none may be left that holds more than the log (rule T3). */
    private boolean cut(long zxid, SnapshotStore snapshots) throws IOException {
        Place to = tail.history().findCut(zxid, snapshots);
        if (to == null) {
            return false;
        }
        if (zxid != tail.lastZxid()) {
            snapshots.deleteAfter(zxid);
            tail.cut(to);
        }
        return true;
    }

    /**
     * The instant at which the log begins anew behind the received snapshot is the instant of the
     * change (rule D3); what is left to do among the files then, the next start would do as well.
     */
    private boolean install(long zxid, SnapshotStore snapshots) throws IOException {
        if (!snapshots.isReceived(zxid)) {
            return false;
        }
        tail.cut(Place.origin(zxid));
        snapshots.adoptReceived(zxid);
        return true;
    }

    /** The first error is the last word: what is not durable now never will be. */
    private void reportFailure() {
        Throwable cause = failure;
        if (cause == null) {
            return;
        }
        HistoryChange wish = change;
        if (wish != null) {
            wish.result().completeExceptionally(cause);
        }
        listener.onFailure(cause);
    }

    private void closeTail() {
        try {
            tail.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("could not close the log", e);
        }
    }

    boolean hasFailed() {
        return failure != null;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    long lastDurable() {
        return lastDurable;
    }

    void requestStop() {
        stopRequested = true;
    }

    /** Ends without forcing, without noting: what a test takes for the death of the process. */
    void requestCrash() {
        crashRequested = true;
        stopRequested = true;
    }

    /** How far the log is on disk. */
    Place durablePlace() {
        return durablePlace;
    }

    /** One at a time, and nothing is appended until its result is there. */
    void request(HistoryChange wish) {
        change = wish;
    }
}
