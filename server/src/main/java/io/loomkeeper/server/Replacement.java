package io.loomkeeper.server;

import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * A state from outside that is to take the place of this server's.
 *
 * @param version sealed
 * @param zxid of it, where it comes from
 * @param orphans paths that go, because nobody else would remove them
 * @param onDone told the zxid that it has here; -1: another one is under way
 */
record Replacement(TreeVersion version, long zxid, List<String> orphans, LongConsumer onDone) {
    private static final int NO_ERROR = 0;

    /**
     * The state as it counts here: of a zxid that is greater than its own and than all that clients
     * have seen here, so that for them time does not run backwards.
     *
     * @param nextZxid of this server
     */
    TreeVersion behind(long nextZxid, long wallMs) {
        DataTree tree = new DataTree(version, version.options());
        TxnHeader header = new TxnHeader(0, 0, Math.max(zxid + 1, nextZxid), wallMs);
        Function<String, Txn> deletion = path -> new Txn.DeleteTxn(path, false);
        tree.apply(
                header,
                orphans.isEmpty()
                        ? new Txn.ErrorTxn(NO_ERROR)
                        : new Txn.MultiTxn(orphans.stream().map(deletion).toList()));
        return tree.seal();
    }
}
