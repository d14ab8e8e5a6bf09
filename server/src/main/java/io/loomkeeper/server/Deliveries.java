package io.loomkeeper.server;

import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.tree.TxnFormatException;
import io.loomkeeper.zab.Entry;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Committed transactions that another server has judged: applied as they come, published once a
 * batch. Pipeline thread only.
 */
final class Deliveries {
    private final DataTree tree;
    private final DigestHistory digests;
    private final boolean digestsChecked;
    private final Publication publication;
    private final Now now;
    private final PipelineMeter meter;

    Deliveries(
            Pipeline.Parts parts,
            boolean digestsChecked,
            Publication publication,
            Now now,
            PipelineMeter meter) {
        this.tree = parts.tree();
        this.digests = parts.digests();
        this.digestsChecked = digestsChecked;
        this.publication = publication;
        this.now = now;
        this.meter = meter;
    }

    /**
     * Applies one, and tells the watchers.
     *
     * @throws IllegalStateException when it cannot be read: this server cannot go on
     */
    Applied deliver(long zxid, DirectBuffer bytes, Clients clients) {
        LoggedTxn logged = decoded(zxid, bytes);
        Applied applied = tree.apply(logged.header(), logged.txn());
        publication.onLogged(bytes.capacity());
        publication.onDelivered();
        checkDigest(zxid, logged);
        clients.fire(applied);
        meter.onApplied(logged.header().timeMs(), now.wallMs);
        return applied;
    }

    /** What {@code version} and then these come to; this server's own state stays as it is. */
    TreeVersion with(List<Entry> entries, TreeVersion version) {
        DataTree copy = new DataTree(version, version.options());
        for (Entry entry : entries) {
            LoggedTxn logged = decoded(entry.zxid(), entry.txn());
            copy.apply(logged.header(), logged.txn());
        }
        return copy.seal();
    }

    private static LoggedTxn decoded(long zxid, DirectBuffer bytes) {
        try {
            return TxnCodec.decode(zxid, bytes, 0, bytes.capacity());
        } catch (TxnFormatException e) {
            throw new IllegalStateException("transaction 0x" + Long.toHexString(zxid), e);
        }
    }

    /** Rule S22: the same transactions lead to the same tree everywhere. */
    private void checkDigest(long zxid, LoggedTxn logged) {
        TxnDigest expected = logged.digest();
        if (!digestsChecked || logged.txn() instanceof Txn.ErrorTxn) {
            return;
        }
        long digest = tree.head().digest();
        digests.onDigest(zxid, digest);
        if (expected != null
                && expected.version() == TxnDigest.VERSION
                && expected.digest() != digest) {
            digests.onMismatch(zxid);
        }
    }

    /** Publishes what was delivered since the last time. */
    void endBatch() {
        if (tree.head().zxid() > publication.version().zxid()) {
            publication.publish(tree.seal());
        }
    }
}
