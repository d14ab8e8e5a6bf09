package io.loomkeeper.cli;

import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.TxnDigest;

/**
 * A tree that transactions are applied to, each held against the digest that its proposer logged
 * (protocol 14). A digest that disagrees is forgiven if a later one agrees again: a snapshot of
 * Apache's holds effects of transactions that are still to come, and a leader of Apache's may log
 * wrong ones after it took over.
 */
final class Replay {
    private final DataTree tree;
    private long count;
    private long partedZxid = -1;

    Replay(DataTree tree) {
        this.tree = tree;
    }

    void apply(LoggedTxn logged) {
        tree.apply(logged.header(), logged.txn());
        count++;
        TxnDigest digest = logged.digest();
        if (digest != null && digest.version() == TxnDigest.VERSION) {
            boolean agrees = digest.digest() == tree.head().digest();
            partedZxid = agrees ? -1 : partedZxid < 0 ? logged.header().zxid() : partedZxid;
        }
    }

    /** How many were applied. */
    long count() {
        return count;
    }

    /** The first transaction since which no digest has agreed; -1 when the last one did. */
    long partedZxid() {
        return partedZxid;
    }

    TreeVersion seal() {
        return tree.seal();
    }
}
