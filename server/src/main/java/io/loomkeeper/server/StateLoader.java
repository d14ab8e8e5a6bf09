package io.loomkeeper.server;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.Recovery;
import io.loomkeeper.log.RefusedTxnException;
import io.loomkeeper.log.SnapshotReader;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.ImageSource;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.tree.TxnFormatException;
import io.loomkeeper.zab.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a tree of what a data directory holds: its newest sound snapshot and the log after it.
 *
 * @param members of the ensemble, for their node; null on a server that stands alone
 */
record StateLoader(
        SnapshotStore snapshots, TxnLog log, TreeOptions options, @Nullable Memberships members) {
    private static final Logger LOG = LoggerFactory.getLogger(StateLoader.class);
    private static final long NS_PER_MS = 1_000_000;

    /**
     * What a server begins with.
     *
     * @param replayed transactions that came from the log
     * @param recent the newest of them, oldest first
     */
    record Recovered(DataTree tree, long replayed, List<Entry> recent) {}

    /**
     * The state at the end of a log that is not started yet.
     *
     * @param recentMax how many of the newest transactions are kept
     * @throws CorruptLogException when what is there is not one state: a gap, damage, or a
     *     transaction after which the tree has another digest than its proposer had
     */
    Recovered recover(int recentMax, ServerMetrics metrics) throws IOException {
        long startNs = System.nanoTime();
        DataTree tree = base();
        long loadedNs = System.nanoTime();
        long base = tree.head().zxid();
        Replay replay = new Replay(tree, options.digestEnabled(), recentMax);
        log.replay(base, replay::onRecord);
        if (replay.parted()) {
            log.replay(base, replay::refuse);
        }
        long loadMs = (loadedNs - startNs) / NS_PER_MS;
        long replayMs = (System.nanoTime() - loadedNs) / NS_PER_MS;
        metrics.summary(ServerMetrics.Summary.DB_INIT_TIME).record(loadMs + replayMs);
        metrics.summary(ServerMetrics.Summary.STARTUP_SNAP_LOAD_TIME).record(loadMs);
        metrics.summary(ServerMetrics.Summary.STARTUP_TXNS_LOAD_TIME).record(replayMs);
        metrics.summary(ServerMetrics.Summary.STARTUP_TXNS_LOADED).record(replay.count);
        LOG.info(
                "recovered 0x{}: snapshot 0x{} in {} ms, then {} transactions in {} ms; {} nodes",
                Long.toHexString(tree.head().zxid()),
                Long.toHexString(base),
                loadMs,
                replay.count,
                replayMs,
                tree.head().nodeCount());
        if (members != null) {
            members.learnFrom(tree);
        }
        completed(tree);
        return new Recovered(tree, replay.count, List.copyOf(replay.recent));
    }

    /**
     * The state at {@code zxid}, which is in the history of the running log.
     *
     * @throws IOException when it cannot be read, or is no state
     */
    TreeVersion load(long zxid) throws IOException {
        DataTree tree = new DataTree(options);
        for (long snapshot : snapshots.zxids()) {
            if (snapshot <= zxid) {
                tree = read(snapshots.read(snapshot));
                break;
            }
        }
        Replay replay = new Replay(tree, options.digestEnabled(), 0);
        long base = tree.head().zxid();
        log.history().read(base, zxid, replay::onRecord);
        if (replay.parted()) {
            log.history().read(base, zxid, replay::refuse);
        }
        return completed(tree);
    }

    /** With the ensemble's members in their node: each server writes them by itself. */
    TreeVersion completed(DataTree tree) {
        if (members != null) {
            members.putInto(tree);
        }
        return tree.seal();
    }

    private DataTree base() throws IOException {
        Optional<SnapshotReader> snapshot = Recovery.snapshot(snapshots, log);
        return snapshot.isEmpty() ? new DataTree(options) : read(snapshot.get());
    }

    private DataTree read(SnapshotReader snapshot) throws IOException {
        try (SnapshotReader reader = snapshot) {
            return new DataTree(load(reader), options);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private TreeVersion load(SnapshotReader reader) throws CorruptLogException {
        try {
            return new SnapshotImage().load(sourceOf(reader), options);
        } catch (ImageException e) {
            throw new CorruptLogException(
                    reader.path(), reader.fileOffset(e.offset()), String.valueOf(e.getMessage()));
        }
    }

    private static ImageSource sourceOf(SnapshotReader reader) {
        return (target, offset, length) -> {
            try {
                return reader.read(target, offset, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /**
     * Applies what was logged, and holds each digest that was logged against the tree's own. A
     * digest is of the whole tree: if one disagrees and a later one does not, the proposer's was
     * wrong (as a leader of Apache's may be after it took over), and the tree is right. If none
     * agrees any more, it is another tree, and is refused.
     */
    private static final class Replay {
        private final DataTree tree;
        private final boolean digests;
        private final int recentMax;
        final ArrayDeque<Entry> recent = new ArrayDeque<>();
        long count;

        /** The first transaction since which no digest has agreed; -1: the last one did. */
        private long partedZxid = -1;

        Replay(DataTree tree, boolean digests, int recentMax) {
            this.tree = tree;
            this.digests = digests;
            this.recentMax = recentMax;
        }

        void onRecord(long zxid, DirectBuffer record, int offset, int length) {
            LoggedTxn logged = decoded(zxid, record, offset, length);
            tree.apply(logged.header(), logged.txn());
            TxnDigest digest = logged.digest();
            if (digests && digest != null && digest.version() == TxnDigest.VERSION) {
                compare(zxid, digest.digest());
            }
            count++;
            keep(zxid, record, offset, length);
        }

        private void compare(long zxid, long digest) {
            if (digest != tree.head().digest()) {
                partedZxid = parted() ? partedZxid : zxid;
            } else if (parted()) {
                LOG.warn(
                        "from transaction 0x{} to the one before 0x{} the log has digests of another"
                                + " tree; those behind them agree",
                        Long.toHexString(partedZxid),
                        Long.toHexString(zxid));
                partedZxid = -1;
            }
        }

        boolean parted() {
            return partedZxid >= 0;
        }

        /** Refuses the transaction since which no digest has agreed, at its place. */
        void refuse(long zxid, DirectBuffer record, int offset, int length) {
            if (zxid == partedZxid) {
                throw new RefusedTxnException("leads to another tree than when it was logged");
            }
        }

        private void keep(long zxid, DirectBuffer record, int offset, int length) {
            if (recentMax > 0) {
                if (recent.size() == recentMax) {
                    recent.remove();
                }
                byte[] copy = new byte[length];
                record.getBytes(offset, copy);
                recent.add(new Entry(zxid, new UnsafeBuffer(copy)));
            }
        }

        private static LoggedTxn decoded(long zxid, DirectBuffer record, int offset, int length) {
            try {
                return TxnCodec.decode(zxid, record, offset, length);
            } catch (TxnFormatException e) {
                throw new RefusedTxnException(String.valueOf(e.getMessage()));
            }
        }
    }
}
