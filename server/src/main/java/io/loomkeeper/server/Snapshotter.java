package io.loomkeeper.server;

import io.loomkeeper.log.Retention;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.SnapshotWriter;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.tree.AclUse;
import io.loomkeeper.tree.ImageSink;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes snapshots beside the running pipeline: one at a time, each of exactly the version it is
 * given, on a thread of its own. The pipeline only counts and hands over a reference.
 */
final class Snapshotter implements Pipeline.CommitListener, PipelineAgent.Ticked {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshotter.class);
    private static final long NS_PER_MS = 1_000_000;

    private final SnapshotStore store;
    private final TxnLog log;
    private final Config.Storage limits;
    private final ServerMetrics metrics;
    private final Consumer<AclUse> onWritten;
    private final SnapshotImage image = new SnapshotImage();
    private final SnapshotPace pace;
    private final AtomicBoolean running = new AtomicBoolean();

    /** What was published last. */
    private @Nullable TreeVersion newest;

    /** To be written as soon as the log is durable that far. */
    private @Nullable TreeVersion due;

    /** Who waits for one that has not begun. */
    private @Nullable Promise<Taken> asked;

    /** Whom the one that is due is promised to. */
    private @Nullable Promise<Taken> promised;

    /** A snapshot on disk: of which zxid, and how long. */
    record Taken(long zxid, long bytes) {}

    /**
     * @param replayed transactions in the log behind the newest snapshot
     * @param onWritten told which ACLs a snapshot holds, when it is on disk; on the snapshot's
     *     thread
     */
    Snapshotter(
            SnapshotStore store,
            TxnLog log,
            Config.Storage limits,
            ServerMetrics metrics,
            long replayed,
            Consumer<AclUse> onWritten) {
        this.store = store;
        this.log = log;
        this.limits = limits;
        this.metrics = metrics;
        this.onWritten = onWritten;
        pace =
                new SnapshotPace(
                        limits.snapCount(),
                        limits.snapSizeLimitKb() * 1024,
                        new Random()::nextLong);
        pace.onLogged(replayed, 0);
    }

    @Override
    public void onPublished(TreeVersion version, int writes, long bytes) {
        pace.onLogged(writes, bytes);
        newest = version;
        maybeBegin(version);
    }

    /** The rest may end while nobody writes. */
    @Override
    public void onTick(long nowMs, long wallMs) {
        TreeVersion version = newest;
        if (version != null) {
            maybeBegin(version);
        }
    }

    /**
     * One is asked for out of turn: the next that can begin. Who asked before, and was not served
     * yet, is told that it failed.
     *
     * @param published what is published now
     */
    void onAsked(TreeVersion published, Promise<Taken> answer) {
        fail(asked, "another was asked for");
        asked = answer;
        TreeVersion version = newest == null ? published : newest;
        newest = version;
        maybeBegin(version);
    }

    private static void fail(@Nullable Promise<Taken> answer, String why) {
        if (answer != null) {
            answer.breakOff(new IOException(why));
        }
    }

    private void maybeBegin(TreeVersion version) {
        boolean wanted = asked != null || pace.isDue(System.nanoTime());
        if (wanted && running.compareAndSet(false, true)) {
            pace.onBegun();
            log.rollSegment();
            due = version;
            promised = asked;
            asked = null;
        }
        maybeStart();
    }

    /**
     * A version may be committed before this server's own log holds all of it durably; a snapshot
     * that a crash leaves without the log before it would be of no use (S21, D8).
     */
    private void maybeStart() {
        TreeVersion version = due;
        if (version != null && version.zxid() <= log.lastDurable()) {
            Promise<Taken> answer = promised;
            due = null;
            promised = null;
            Thread.ofPlatform().name("snapshotter").daemon().start(() -> run(version, answer));
        }
    }

    @Override
    public void onReplaced() {
        newest = null;
        fail(asked, "the state was replaced");
        fail(promised, "the state was replaced");
        asked = null;
        promised = null;
        if (due != null) {
            due = null;
            running.set(false);
        }
    }

    private void run(TreeVersion version, @Nullable Promise<Taken> answer) {
        long startNs = System.nanoTime();
        try {
            long bytes = write(version);
            long tookMs = (System.nanoTime() - startNs) / NS_PER_MS;
            metrics.summary(ServerMetrics.Summary.SNAPSHOT_TIME).record(tookMs);
            LOG.info("Snapshot taken in {} ms: {} bytes of {}", tookMs, bytes, hex(version));
            if (answer != null) {
                answer.keep(new Taken(version.zxid(), bytes));
            }
            maybePurge();
        } catch (IOException | UncheckedIOException e) {
            metrics.increment(ServerMetrics.Counter.SNAPSHOT_ERROR_COUNT);
            LOG.error(
                    "snapshot of {} failed: {}; the log keeps what it would have held, and grows."
                            + " Make room in {}",
                    hex(version),
                    e.getMessage(),
                    limits.dataDir());
            fail(answer, String.valueOf(e.getMessage()));
        } finally {
            pace.onEnded(startNs, System.nanoTime());
            running.set(false);
        }
    }

    private long write(TreeVersion version) throws IOException {
        try (SnapshotWriter writer = store.begin(version.zxid())) {
            AclUse use = image.write(version, sinkOf(writer));
            long bytes = writer.commit();
            onWritten.accept(use);
            return bytes;
        }
    }

    static ImageSink sinkOf(SnapshotWriter writer) {
        return (source, offset, length) -> {
            try {
                writer.write(source, offset, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** Right behind each snapshot: what it made superfluous goes at once, not by the clock. */
    private void maybePurge() throws IOException {
        Config.Autopurge autopurge = limits.autopurge();
        if (autopurge.intervalMs() > 0) {
            new Retention(store, log, autopurge.snapRetainCount()).purge();
        }
    }

    private static String hex(TreeVersion version) {
        return "0x" + Long.toHexString(version.zxid());
    }
}
