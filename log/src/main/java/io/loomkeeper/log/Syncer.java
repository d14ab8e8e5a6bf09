package io.loomkeeper.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes records durable. Again and again it appends all that has arrived, forces
 * once, and reports: the batch is what arrived during the last force, there is no timer. The first
 * error ends it (rule D9).
 */
final class Syncer implements Runnable, AppendQueue.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(Syncer.class);
    private static final long BATCH_BYTES_MAX = 8 << 20;

    private final LogTail tail;
    private final DurabilityListener listener;
    private final AppendQueue queue;
    private int batchRecords;
    private long batchBytes;
    private volatile long lastDurable;
    private volatile Place durablePlace;
    private volatile @Nullable HistoryChange change;
    private volatile boolean stopRequested;
    private volatile boolean crashRequested;
    private volatile @Nullable Throwable failure;

    Syncer(LogTail tail, int ringBytes, DurabilityListener listener) {
        this.tail = tail;
        this.listener = listener;
        this.lastDurable = tail.lastZxid();
        this.durablePlace = tail.place();
        this.queue = new AppendQueue(ringBytes, this);
    }

    AppendQueue queue() {
        return queue;
    }

    @Override
    public void run() {
        try {
            boolean running = true;
            while (running && !crashRequested) {
                running = step();
            }
        } catch (UncheckedIOException e) {
            fail(Objects.requireNonNullElse(e.getCause(), e));
        } catch (Throwable e) {
            fail(e);
        } finally {
            closeTail();
        }
    }

    /**
     * Wishes are read before the queue is emptied, so that whatever was appended before a wish is
     * handled before it.
     *
     * @return false when the log has been stopped
     */
    private boolean step() throws IOException {
        boolean stopping = stopRequested;
        HistoryChange wish = change;
        if (syncBatch()) {
            return true;
        }
        if (wish != null) {
            settle(wish);
        } else if (stopping) {
            tail.stop();
            return false;
        } else {
            queue.await(() -> stopRequested || change != null);
        }
        return true;
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
            listener.onForced(System.nanoTime() - startNs, batchRecords, batchBytes);
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
    private void fail(Throwable cause) {
        failure = cause;
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
