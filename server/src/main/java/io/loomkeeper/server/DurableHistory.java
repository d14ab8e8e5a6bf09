package io.loomkeeper.server;

import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.SnapshotWriter;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of a server: the transaction log, with the snapshots that stand for its beginning.
 * Appending goes to the log's own thread; what blocks on the disk, or rebuilds the tree, happens on
 * one of this object's, and is reported through the ring.
 */
final class DurableHistory implements Journal, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DurableHistory.class);

    private final TxnLog log;
    private final SnapshotStore snapshots;
    private final StateLoader loader;
    private final PublishedState published;
    private final RequestRing ring;
    private final BiConsumer<String, Throwable> fatal;
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("history").daemon().factory());

    /** Where a history lies, and how it becomes a tree. */
    record Storage(TxnLog log, SnapshotStore snapshots, StateLoader loader) {}

    /**
     * @param published to see whether the tree is ahead of a cut
     * @param ring takes the reports
     * @param fatal told of any failure: the process ends (D9, T6)
     */
    DurableHistory(
            Storage storage,
            PublishedState published,
            RequestRing ring,
            BiConsumer<String, Throwable> fatal) {
        this.log = storage.log();
        this.snapshots = storage.snapshots();
        this.loader = storage.loader();
        this.published = published;
        this.ring = ring;
        this.fatal = fatal;
    }

    @Override
    public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
        return log.append(zxid, txn, offset, length);
    }

    @Override
    public long lastAppended() {
        return log.lastAppended();
    }

    /** Only recovery applies what is not known to be committed, so the tree is seldom ahead. */
    @Override
    public void truncate(long zxid) {
        boolean isAhead = published.version().zxid() > zxid;
        log.truncate(
                zxid,
                snapshots,
                done -> {
                    require(done, "the log cannot be cut behind", zxid);
                    run("truncation", () -> onCut(zxid, isAhead));
                });
    }

    private void onCut(long zxid, boolean isAhead) throws IOException {
        TreeVersion state = isAhead ? loader.load(zxid) : null;
        LOG.info("cut everything behind 0x{}", Long.toHexString(zxid));
        ring.report(pipeline -> pipeline.onTruncated(zxid, state));
    }

    /** What came is complete and durable before it takes the place of the old history (D3). */
    @Override
    public void install(Image image) {
        if (!(image instanceof TreeImage(TreeVersion received))) {
            throw new IllegalArgumentException("an image of another kind: " + image);
        }
        run(
                "installation",
                () -> {
                    write(received);
                    ring.report(_ -> put(received));
                });
    }

    private void write(TreeVersion version) throws IOException {
        try (SnapshotWriter writer = snapshots.beginReceived(version.zxid())) {
            new SnapshotImage().write(version, Snapshotter.sinkOf(writer));
            writer.commit();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** On the pipeline thread, which is the one that appends. */
    private void put(TreeVersion received) {
        long zxid = received.zxid();
        TreeVersion state = loader.completed(new DataTree(received, received.options()));
        log.install(
                zxid,
                snapshots,
                done -> {
                    require(done, "the log cannot begin behind", zxid);
                    LOG.info("took over the state of 0x{}", Long.toHexString(zxid));
                    ring.report(pipeline -> pipeline.onInstalled(state));
                });
    }

    /** There is no other way on (T6). */
    private void require(boolean done, String otherwise, long zxid) {
        if (!done) {
            fatal.accept(
                    "the history", new IOException(otherwise + " 0x" + Long.toHexString(zxid)));
        }
    }

    @Override
    public void locate(long link, long zxid) {
        run(
                "search",
                () -> {
                    long found = log.history().floor(zxid).orElse(-1);
                    ring.report(pipeline -> pipeline.peer().onLocated(link, found));
                });
    }

    /** Work that may fail because the disk does. */
    private interface Work {
        void run() throws IOException;
    }

    private void run(String what, Work work) {
        worker.execute(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | RuntimeException | Error e) {
                        fatal.accept("the " + what + " of the history", e);
                    }
                });
    }

    @Override
    public void close() {
        worker.shutdown();
    }
}
