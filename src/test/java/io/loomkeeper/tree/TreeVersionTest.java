package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a sealed version promises: it stays as it is, to every thread, at every size. */
@Timeout(300)
final class TreeVersionTest {
    private static final TreeOptions OPTIONS = TreeOptions.DEFAULT;

    /** As a server publishes: through one volatile. */
    private static final class Published {
        private volatile TreeVersion version;
        private volatile boolean over;

        Published(TreeVersion version) {
            this.version = version;
        }
    }

    private final DataTree tree = new DataTree(OPTIONS);
    private long zxid;

    private Applied apply(Txn txn) {
        zxid++;
        return tree.apply(new TxnHeader(1, 1, zxid, 1_700_000_000_000L + zxid), txn);
    }

    private Applied create(String path) {
        return create(path, Bytes.EMPTY, Acl.OPEN);
    }

    private Applied create(String path, @Nullable Bytes data, List<Acl> acl) {
        return apply(new Txn.CreateTxn(Op.CREATE, path, data, acl, false, -1));
    }

    private NodeView node(TreeVersion version, String path) {
        NodeView node = version.node(path);
        assertNotNull(node, path);
        return node;
    }

    /** Rule S12. */
    @Test
    void zxidAndEffectsOfAVersionStayTogether() {
        create("/a", Bytes.utf8("first"), Acl.OPEN);
        TreeVersion held = tree.seal();
        apply(new Txn.SetDataTxn("/a", Bytes.utf8("second"), 1));
        create("/a/b");
        TreeVersion next = tree.seal();

        assertEquals(1, held.zxid());
        assertEquals(Bytes.utf8("first"), node(held, "/a").data());
        assertFalse(held.exists("/a/b"));
        assertEquals(3, next.zxid());
        assertEquals(Bytes.utf8("second"), node(next, "/a").data());
        assertTrue(next.exists("/a/b"));
    }

    @Test
    void anOldVersionDoesNotSeeAHundredThousandEdits() {
        ReferenceTree reference = new ReferenceTree(OPTIONS);
        RandomTxns txns = new RandomTxns(new Random(1), reference);
        for (int i = 0; i < 1000; i++) {
            TxnHeader header = txns.header();
            Txn txn = txns.txn();
            reference.apply(header, txn);
            tree.apply(header, txn);
        }
        TreeVersion held = tree.seal();
        byte[] image = Images.write(held);
        ReferenceTree now = new ReferenceTree(reference);
        RandomTxns later = new RandomTxns(new Random(2), now);
        for (int i = 0; i < 100_000; i++) {
            TxnHeader header = later.header();
            Txn txn = later.txn();
            if (i % 50 == 0) {
                now.apply(header, txn);
            }
            tree.apply(header, txn);
            if (i % 13 == 0) {
                tree.seal();
            }
        }
        SameTree.assertSame(reference, held);
        assertArrayEquals(image, Images.write(held));
    }

    @Test
    void anImageIsWrittenWhileTransactionsAreApplied() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            create("/n" + i, Bytes.utf8("x" + i), i % 3 == 0 ? Acl.READ_ONLY : Acl.OPEN);
        }
        TreeVersion held = tree.seal();
        byte[] expected = Images.write(held);
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<byte[]> image = other.submit(() -> Images.write(held));
            int edits = 0;
            while (!image.isDone() || edits < 20_000) {
                String path = "/n" + edits % 20_000;
                apply(new Txn.SetDataTxn(path, Bytes.utf8("later"), 1));
                apply(new Txn.DeleteTxn(path, false));
                create(path);
                edits++;
            }
            assertArrayEquals(expected, image.get(60, TimeUnit.SECONDS));
        }
    }

    /** Each version has one node that says its zxid, and as many children as it says. */
    @Test
    void readersSeeWholeVersionsOnly() throws Exception {
        create("/says");
        create("/parent");
        Published published = new Published(tree.seal());
        Callable<Long> reader =
                () -> {
                    long last = 0;
                    while (last < 20_000 && !published.over) {
                        TreeVersion version = published.version;
                        assertTrue(version.zxid() >= last);
                        last = version.zxid();
                        assertWhole(version);
                    }
                    return last;
                };
        try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
            List<Future<Long>> seen = List.of(readers.submit(reader), readers.submit(reader));
            try {
                publishTo(published);
            } finally {
                published.over = published.version.zxid() < 20_000;
            }
            for (Future<Long> one : seen) {
                assertTrue(one.get(60, TimeUnit.SECONDS) >= 20_000);
            }
        }
    }

    private void publishTo(Published published) {
        while (zxid < 20_000) {
            create("/parent/c" + zxid);
            if (zxid % 5 == 0) {
                apply(new Txn.DeleteTxn("/parent/c" + (zxid - 5), false));
            }
            long next = zxid + 1;
            apply(new Txn.SetDataTxn("/says", Bytes.utf8(Long.toString(next)), 1));
            published.version = tree.seal();
        }
    }

    private void assertWhole(TreeVersion version) {
        Bytes says = node(version, "/says").data();
        assertTrue(says != null);
        if (says.length() > 0) {
            assertEquals(Long.toString(version.zxid()), says.utf8());
        }
        NodeView parent = node(version, "/parent");
        int[] count = {0};
        parent.children().forEach((array, offset, length) -> count[0]++);
        assertEquals(parent.stat().numChildren(), count[0]);
    }

    @Test
    void aParentHoldsAMillionChildren() throws ImageException {
        create("/p");
        for (int i = 0; i < 1_000_000; i++) {
            create("/p/c" + i);
        }
        TreeVersion full = tree.seal();
        for (int i = 0; i < 1_000_000; i += 10) {
            apply(new Txn.DeleteTxn("/p/c" + i, false));
        }
        TreeVersion fewer = tree.seal();

        assertEquals(1_000_000, node(full, "/p").children().count());
        assertEquals(900_000, node(fewer, "/p").children().count());
        assertEquals(900_000, fewer.descendants("/p"));
        assertTrue(full.exists("/p/c0"));
        assertFalse(fewer.exists("/p/c0"));
        assertTrue(fewer.exists("/p/c999999"));
        Stat stat = node(fewer, "/p").stat();
        assertEquals(1_100_000, stat.cversion());
        long[] utf8 = {0};
        node(fewer, "/p").children().forEach((array, offset, length) -> utf8[0] += length);
        assertEquals(utf8[0], node(fewer, "/p").children().utf8Bytes());
        TreeVersion loaded = Images.load(Images.write(fewer), OPTIONS);
        assertEquals(fewer.digest(), loaded.digest());
        assertEquals(stat, loaded.stat("/p"));
    }

    /** Depth costs heap and no stack: a thread with little of it does all there is to do. */
    @Test
    void aPathIsThreeThousandNodesDeep() throws Exception {
        List<Throwable> failures = new ArrayList<>();
        Thread shallow =
                new Thread(
                        null,
                        () -> {
                            try {
                                growDeep();
                            } catch (Throwable e) {
                                failures.add(e);
                            }
                        },
                        "shallow",
                        150_000);
        shallow.start();
        shallow.join(120_000);
        assertFalse(shallow.isAlive());
        assertEquals(List.of(), failures);
    }

    private void growDeep() throws ImageException {
        StringBuilder path = new StringBuilder();
        for (int depth = 0; depth < 3000; depth++) {
            path.append("/d");
            create(path.toString());
        }
        TreeVersion deep = tree.seal();
        assertEquals(2999, deep.descendants("/d"));
        TreeVersion loaded = Images.load(Images.write(deep), OPTIONS);
        assertEquals(deep.stat(path.toString()), loaded.stat(path.toString()));
        assertEquals(deep.digest(), loaded.digest());
        apply(new Txn.DeleteTxn("/d", false));
        assertEquals(5, tree.head().nodeCount());
        assertEquals(44, tree.head().dataBytes());
    }

    @Test
    void anAclNobodyHoldsIsDropped() {
        for (int i = 0; i < 1000; i++) {
            create("/n" + i, null, acl(i));
        }
        for (int i = 0; i < 990; i++) {
            apply(new Txn.DeleteTxn("/n" + i, false));
        }
        TreeVersion walked = tree.seal();
        AclUse use = new SnapshotImage().write(walked, (source, offset, length) -> {});
        create("/since", null, acl(3));
        tree.dropUnusedAcls(use);

        assertEquals(12, tree.head().acls.size());
        assertEquals(1001, walked.acls.size());
        assertEquals(acl(3), tree.head().aclOf("/since"));
        assertEquals(acl(995), tree.head().aclOf("/n995"));
        create("/again", null, acl(4));
        assertEquals(acl(4), tree.head().aclOf("/again"));
        assertEquals(acl(995), tree.seal().aclOf("/n995"));
    }

    /** What was noted of a version that is no ancestor any more says nothing of the head. */
    @Test
    void noAclIsDroppedByWhatWasRewound() {
        create("/n", null, acl(1));
        TreeVersion kept = tree.seal();
        apply(new Txn.DeleteTxn("/n", false));
        TreeVersion walked = tree.seal();
        AclUse use = new SnapshotImage().write(walked, (source, offset, length) -> {});
        tree.rewind(kept);
        tree.dropUnusedAcls(use);

        assertEquals(acl(1), tree.head().aclOf("/n"));
    }

    private static List<Acl> acl(int i) {
        return List.of(new Acl(Acl.ALL, new AuthId("digest", "user" + i + ":hash")));
    }
}
