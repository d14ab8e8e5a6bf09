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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state that a data directory holds: its newest sound snapshot and the log after it.
 *
 * @param replayed transactions that came from the log
 */
record RecoveredState(DataTree tree, long replayed) {
    private static final Logger LOG = LoggerFactory.getLogger(RecoveredState.class);
    private static final long NS_PER_MS = 1_000_000;

    /**
     * @throws CorruptLogException when what is there is not one state: a gap, damage, or a
     *     transaction after which the tree has another digest than its proposer had
     */
    static RecoveredState load(
            SnapshotStore snapshots, TxnLog log, TreeOptions options, ServerMetrics metrics)
            throws IOException {
        long startNs = System.nanoTime();
        DataTree tree = base(Recovery.snapshot(snapshots, log), options);
        long loadedNs = System.nanoTime();
        long base = tree.head().zxid();
        Replay replay = new Replay(tree, options.digestEnabled());
        log.replay(base, replay::onRecord);
        long loadMs = (loadedNs - startNs) / NS_PER_MS;
        long replayMs = (System.nanoTime() - loadedNs) / NS_PER_MS;
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
        return new RecoveredState(tree, replay.count);
    }

    private static DataTree base(Optional<SnapshotReader> snapshot, TreeOptions options)
            throws IOException {
        if (snapshot.isEmpty()) {
            return new DataTree(options);
        }
        try (SnapshotReader reader = snapshot.get()) {
            return new DataTree(load(reader, options), options);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static TreeVersion load(SnapshotReader reader, TreeOptions options)
            throws CorruptLogException {
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

    /** Applies what was logged, and holds each digest that was logged against the tree's own. */
    private static final class Replay {
        private final DataTree tree;
        private final boolean digests;
        long count;

        Replay(DataTree tree, boolean digests) {
            this.tree = tree;
            this.digests = digests;
        }

        void onRecord(long zxid, DirectBuffer record, int offset, int length) {
            LoggedTxn logged = decoded(zxid, record, offset, length);
            tree.apply(logged.header(), logged.txn());
            TxnDigest digest = logged.digest();
            if (digests
                    && digest != null
                    && digest.version() == TxnDigest.VERSION
                    && digest.digest() != tree.head().digest()) {
                throw new RefusedTxnException("leads to another tree than when it was logged");
            }
            count++;
        }

        private static LoggedTxn decoded(long zxid, DirectBuffer record, int offset, int length) {
            try {
                LoggedTxn logged = TxnCodec.decode(record, offset, length);
                if (logged.header().zxid() != zxid) {
                    throw new RefusedTxnException("carries another zxid");
                }
                return logged;
            } catch (TxnFormatException e) {
                throw new RefusedTxnException(String.valueOf(e.getMessage()));
            }
        }
    }
}
