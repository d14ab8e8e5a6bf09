package io.loomkeeper.jmh;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;

/**
 * A tree of parents with as many children each, at depth 3, and the transactions that follow.
 *
 * <pre>
 *   /bench/parent-P/node-N      each with the same data
 * </pre>
 */
final class FlatTree {
    static final int PARENTS = 1000;
    static final long TIME_MS = 1_800_000_000_000L;

    private static final int PATHS = 1 << 14;

    private final Bytes content;
    private final DataTree tree;
    private final String[] paths = new String[PATHS];
    private final String[] newPaths = new String[PATHS];
    private long zxid;

    FlatTree(int children, int valueBytes) {
        this(children, valueBytes, TreeOptions.DEFAULT);
    }

    FlatTree(int children, int valueBytes, TreeOptions options) {
        tree = new DataTree(options);
        content = Bytes.of(new byte[valueBytes]);
        create("/bench");
        for (int parent = 0; parent < PARENTS; parent++) {
            create("/bench/parent-" + parent);
            for (int child = 0; child < children; child++) {
                create("/bench/parent-" + parent + "/node-" + child);
            }
        }
        for (int i = 0; i < PATHS; i++) {
            String parent = "/bench/parent-" + (i * 7919L) % PARENTS;
            paths[i] = parent + "/node-" + (i * 104_729L) % children;
            newPaths[i] = parent + "/new-" + i;
        }
    }

    DataTree tree() {
        return tree;
    }

    Bytes content() {
        return content;
    }

    /** A node that is there, here and there in the tree as {@code i} rises. */
    String path(int i) {
        return paths[i & (PATHS - 1)];
    }

    /** A node that is not there, likewise. */
    String newPath(int i) {
        return newPaths[i & (PATHS - 1)];
    }

    Applied create(String path) {
        return tree.apply(
                nextHeader(), new Txn.CreateTxn(Op.CREATE, path, content, Acl.OPEN, false, -1));
    }

    /** Sets the data of {@link #path}. */
    Applied setData(int i) {
        return tree.apply(nextHeader(), new Txn.SetDataTxn(path(i), content, i));
    }

    /** Creates {@link #newPath} of half of it if {@code i} is even, else deletes that. */
    Applied createOrDelete(int i) {
        String path = newPath(i >> 1);
        return (i & 1) == 0
                ? create(path)
                : tree.apply(nextHeader(), new Txn.DeleteTxn(path, false));
    }

    TxnHeader nextHeader() {
        long next = nextZxid();
        return new TxnHeader(1, 1, next, TIME_MS + next / 10);
    }

    long nextZxid() {
        return ++zxid;
    }
}
