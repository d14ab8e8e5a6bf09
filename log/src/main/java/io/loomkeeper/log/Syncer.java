package io.loomkeeper.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The thread that makes records durable. Again and again it appends all that has arrived, forces
 * once, and reports: the batch is what arrived during the last force, there is no timer. The first
 * error ends it (rule D9).
 */
final class Syncer implements Runnable {
    private static final long BATCH_BYTES_MAX = 8 << 20;

    private final LogTail tail;
    private final DurabilityListener listener;
    private final AppendQueue queue;
    private int batchRecords;
    private long batchBytes;
    private volatile long lastDurable;
    private volatile boolean rollRequested;
    private volatile @Nullable Cut cut;
    private volatile boolean stopRequested;
    private volatile boolean crashRequested;
    private volatile @Nullable Throwable failure;

    /** A request to drop what is after {@code toZxid}. */
    private record Cut(long toZxid, CompletableFuture<Boolean> done) {}

    Syncer(LogTail tail, int ringBytes, DurabilityListener listener) {
        this.tail = tail;
        this.listener = listener;
        this.lastDurable = tail.lastZxid();
        this.queue = new AppendQueue(ringBytes, this::onRecord);
    }

    AppendQueue queue() {
        return queue;
    }

    @Override
    public void run() {
        try {
            while (!crashRequested) {
                if (!syncBatch() && !maybeRoll() && !maybeCut()) {
                    if (stopRequested) {
                        tail.stop();
                        return;
                    }
                    queue.await(() -> rollRequested || stopRequested || cut != null);
                }
            }
        } catch (UncheckedIOException e) {
            fail(Objects.requireNonNullElse(e.getCause(), e));
        } catch (Throwable e) {
            fail(e);
        } finally {
            closeTail();
        }
    }

    /** Appends what has arrived, forces it and reports it. */
    private boolean syncBatch() throws IOException {
        batchRecords = 0;
        batchBytes = 0;
        while (batchBytes < BATCH_BYTES_MAX && queue.drain() > 0) {
            // all that there is, within bounds
        }
        if (batchRecords == 0) {
            return false;
        }
        long startNs = System.nanoTime();
        tail.settle();
        listener.onForced(System.nanoTime() - startNs, batchRecords, batchBytes);
        report(tail.lastZxid());
        return true;
    }

    private void report(long zxid) {
        lastDurable = zxid;
        listener.onDurable(zxid);
    }

    private void onRecord(MutableDirectBuffer record, int offset, int length) {
        try {
            tail.append(record, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        batchRecords++;
        batchBytes += length;
    }

    private boolean maybeRoll() throws IOException {
        if (!rollRequested) {
            return false;
        }
        rollRequested = false;
        if (tail.holdsTransactions()) {
            tail.roll();
            tail.settle();
        }
        return true;
    }

    private boolean maybeCut() throws IOException {
        Cut request = cut;
        if (request == null) {
            return false;
        }
        Place to = tail.history().find(request.toZxid());
        if (to != null && to.zxid() != tail.lastZxid()) {
            tail.cut(to);
            tail.settle();
            lastDurable = to.zxid();
        }
        cut = null;
        request.done().complete(to != null);
        return true;
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
            System.getLogger(Syncer.class.getName())
                    .log(System.Logger.Level.WARNING, "closing the log", e);
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

    void requestRoll() {
        rollRequested = true;
    }

    void requestStop() {
        stopRequested = true;
    }

    /** Ends without forcing, without noting: what a test takes for the death of the process. */
    void requestCrash() {
        crashRequested = true;
        stopRequested = true;
    }

    /**
     * Completes with false when the history does not hold {@code toZxid}: nothing was dropped (rule
     * T2).
     */
    CompletableFuture<Boolean> requestCut(long toZxid) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        cut = new Cut(toZxid, done);
        return done;
    }
}
