package io.loomkeeper.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
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
    private volatile @Nullable Cut cut;
    private volatile boolean stopRequested;
    private volatile boolean crashRequested;
    private volatile @Nullable Throwable failure;

    /** A request to drop what is after {@code toZxid}. */
    private record Cut(long toZxid, SnapshotStore snapshots, CompletableFuture<Boolean> done) {}

    Syncer(LogTail tail, int ringBytes, DurabilityListener listener) {
        this.tail = tail;
        this.listener = listener;
        this.lastDurable = tail.lastZxid();
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
        Cut request = cut;
        if (syncBatch()) {
            return true;
        }
        if (request != null) {
            cut(request);
        } else if (stopping) {
            tail.stop();
            return false;
        } else {
            queue.await(() -> stopRequested || cut != null);
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
            report(tail.lastZxid());
        }
        return true;
    }

    private void report(long zxid) {
        lastDurable = zxid;
        listener.onDurable(zxid);
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

    /** Snapshots first: none may be left that holds more than the log (rule T3). */
    private void cut(Cut request) throws IOException {
        Place to = tail.history().findCut(request.toZxid(), request.snapshots());
        if (to != null && to.zxid() != tail.lastZxid()) {
            request.snapshots().deleteAfter(to.zxid());
            tail.cut(to);
            lastDurable = to.zxid();
        }
        cut = null;
        request.done().complete(to != null);
    }

    /** The first error is the last word: what is not durable now never will be. */
    private void fail(Throwable cause) {
        failure = cause;
        Cut request = cut;
        if (request != null) {
            request.done().completeExceptionally(cause);
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

    /** Completes with false when it is not possible: nothing was dropped (rules T2 and T3). */
    CompletableFuture<Boolean> requestCut(long toZxid, SnapshotStore snapshots) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        cut = new Cut(toZxid, snapshots, done);
        return done;
    }
}
