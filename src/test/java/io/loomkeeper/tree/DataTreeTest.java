package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The tree's content, Stats, digest and effects, one rule at a time. */
final class DataTreeTest {
    private final DataTree tree = new DataTree(TreeOptions.DEFAULT);

    @Test
    void freshTreeHasApachesDigestAndCounts() {
        TreeVersion fresh = tree.seal();

        assertEquals(0x51c6d660L, fresh.digest());
        assertEquals(5, fresh.nodeCount());
        assertEquals(44, fresh.dataBytes());
        assertEquals(3, fresh.descendants("/"));
    }

    @Test
    void digestAfterACreateIsApaches() {
        tree.apply(
                new TxnHeader(1, 1, 2, 0x1a1fc117031L),
                new Txn.CreateTxn(Op.CREATE, "/a", Bytes.utf8("xy"), Acl.OPEN, false, 1));

        assertEquals(0x616e050dL, tree.head().digest());
    }

    @Test
    void rootShowsCversionMinusOne() {
        assertEquals(new Stat(0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0), tree.head().stat("/"));
        assertEquals(
                List.of(new Acl(Acl.READ, AuthId.ANYONE)), tree.head().aclOf("/zookeeper/config"));
    }
}
