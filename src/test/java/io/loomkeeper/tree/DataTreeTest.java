package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tree's content, Stats, digest and effects, one rule at a time. */
final class DataTreeTest {
    private static final long SESSION = 0x100000000000abcL;
    private static final long TIME_MS = 1_700_000_000_000L;

    private DataTree tree = new DataTree(TreeOptions.DEFAULT);
    private long zxid = 100;

    private Applied apply(Txn txn) {
        zxid++;
        return tree.apply(new TxnHeader(SESSION, 1, zxid, TIME_MS + zxid), txn);
    }

    private Applied create(String path) {
        return create(path, "xy");
    }

    private Applied create(String path, String data) {
        return apply(new Txn.CreateTxn(Op.CREATE, path, Bytes.utf8(data), Acl.OPEN, false, -1));
    }

    private Applied createEphemeral(String path) {
        return apply(new Txn.CreateTxn(Op.CREATE, path, null, Acl.OPEN, true, -1));
    }

    private Applied delete(String path) {
        return apply(new Txn.DeleteTxn(path, false));
    }

    private Applied setData(String path, String data, int version) {
        return apply(new Txn.SetDataTxn(path, Bytes.utf8(data), version));
    }

    private NodeView node(String path) {
        NodeView node = tree.head().node(path);
        assertNotNull(node, path);
        return node;
    }

    private Stat stat(String path) {
        return node(path).stat();
    }

    private @Nullable String text(String path) {
        Bytes data = node(path).data();
        return data == null ? null : data.utf8();
    }

    @Test
    void freshTreeHasApachesDigestAndCounts() {
        TreeVersion fresh = tree.seal();

        assertEquals(0x51c6d660L, fresh.digest());
        assertEquals(5, fresh.nodeCount());
        assertEquals(44, fresh.dataBytes());
        assertEquals(3, fresh.descendants("/"));
        assertEquals(0, fresh.zxid());
        assertTrue(fresh.exists("/zookeeper/quota"));
    }

    @Test
    void digestAfterACreateIsApaches() {
        tree.apply(
                new TxnHeader(1, 1, 2, 0x1a1fc117031L),
                new Txn.CreateTxn(Op.CREATE, "/a", Bytes.utf8("xy"), Acl.OPEN, false, 1));

        assertEquals(0x616e050dL, tree.head().digest());
    }

    @Test
    void withoutDigestsTheDigestIsZero() {
        tree = new DataTree(new TreeOptions(false, false, false));
        create("/a");

        assertEquals(0, tree.head().digest());
    }

    @Test
    void freshNodesShowZeroStats() {
        assertEquals(new Stat(0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0), stat("/"));
        assertEquals(new Stat(0, 0, 0, 0, 0, -2, 0, 0, 0, 2, 0), stat("/zookeeper"));
        assertEquals(new Stat(0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0), stat("/zookeeper/config"));
        assertEquals(Acl.READ_ONLY, tree.head().aclOf("/zookeeper/config"));
        assertEquals(Acl.OPEN, tree.head().aclOf("/zookeeper/quota"));
        assertEquals("", text("/zookeeper/config"));
    }

    @Test
    void createSetsAllFromItsHeader() {
        Applied applied = create("/a");

        Stat expected = new Stat(101, 101, TIME_MS + 101, TIME_MS + 101, 0, 0, 0, 0, 2, 0, 101);
        assertEquals(expected, stat("/a"));
        assertEquals(new Response.Path("/a"), applied.response());
        assertEquals(List.of(new Change.Created("/a", Acl.OPEN, Acl.OPEN)), applied.changes());
        assertEquals(101, stat("/").pzxid());
        assertEquals(101, tree.head().zxid());
    }

    @Test
    void createsWithAStatAnswerWithIt() {
        Applied create2 = apply(new Txn.CreateTxn(Op.CREATE2, "/a", null, Acl.READ_ONLY, true, -1));
        Applied container = apply(new Txn.CreateContainerTxn("/c", null, Acl.OPEN, -1));

        assertEquals(new Response.PathStat("/a", stat("/a")), create2.response());
        assertEquals(SESSION, stat("/a").ephemeralOwner());
        assertEquals(new Response.PathStat("/c", stat("/c")), container.response());
    }

    /** protocol 7.2: clients see creates and deletes, kept are the creates. */
    @Test
    void cversionShowsCreatesAndDeletesButStoresCreates() {
        create("/p");
        for (String child : List.of("/p/1", "/p/2", "/p/3", "/p/4")) {
            create(child);
        }
        delete("/p/2");

        assertEquals(5, stat("/p").cversion());
        assertEquals(4, node("/p").cversion());
        assertEquals(3, stat("/p").numChildren());
        assertEquals(zxid, stat("/p").pzxid());
        assertEquals(0, stat("/p").version());
    }

    @Test
    void cversionAndPzxidNeverGoBack() {
        create("/p");
        apply(new Txn.CreateTxn(Op.CREATE, "/p/1", null, Acl.OPEN, false, 7));
        long pzxid = zxid;
        apply(new Txn.CreateTxn(Op.CREATE, "/p/2", null, Acl.OPEN, false, 7));
        tree.apply(new TxnHeader(1, 1, 50, TIME_MS), new Txn.DeleteTxn("/p/2", false));

        assertEquals(7, node("/p").cversion());
        assertEquals(pzxid, stat("/p").pzxid());
        assertEquals(zxid, tree.head().zxid());
    }

    /** protocol 7.5: after 2^31 - 1 creates the counter goes on below zero. */
    @Test
    void cversionWraps() {
        create("/p");
        apply(new Txn.CreateTxn(Op.CREATE, "/p/1", null, Acl.OPEN, false, Integer.MAX_VALUE));
        apply(new Txn.CreateTxn(Op.CREATE, "/p/2", null, Acl.OPEN, false, Integer.MIN_VALUE));

        assertEquals(Integer.MIN_VALUE, node("/p").cversion());
        assertEquals(zxid, stat("/p").pzxid());
    }

    @Test
    void setDataTakesVersionZxidAndTime() {
        create("/a");
        Applied applied = setData("/a", "longer", 41);

        Stat expected = new Stat(101, 102, TIME_MS + 101, TIME_MS + 102, 41, 0, 0, 0, 6, 0, 101);
        assertEquals(expected, stat("/a"));
        assertEquals(new Response.StatOnly(expected), applied.response());
        assertEquals(List.of(new Change.DataChanged("/a", Acl.OPEN)), applied.changes());
        assertEquals("longer", text("/a"));
    }

    @Test
    void setAclTakesItsVersionOnlyAndWakesNobody() {
        create("/a");
        Applied applied = apply(new Txn.SetAclTxn("/a", Acl.READ_ONLY, 3));

        Stat expected = new Stat(101, 101, TIME_MS + 101, TIME_MS + 101, 0, 0, 3, 0, 2, 0, 101);
        assertEquals(new Response.StatOnly(expected), applied.response());
        assertEquals(List.of(), applied.changes());
        assertEquals(Acl.READ_ONLY, tree.head().aclOf("/a"));
        assertEquals("xy", text("/a"));
    }

    /** protocol 1. */
    @Test
    void nullAndEmptyDataAreNotTheSame() {
        apply(new Txn.CreateTxn(Op.CREATE, "/null", null, Acl.OPEN, false, -1));
        create("/empty", "");
        assertNull(text("/null"));
        assertEquals("", text("/empty"));

        apply(new Txn.SetDataTxn("/empty", null, 1));
        setData("/null", "", 1);
        assertNull(text("/empty"));
        assertEquals("", text("/null"));
    }

    @Test
    void aNodeKeepsItsStatsWhenItsFirstChildComesAndGoes() {
        create("/a");
        setData("/a", "data", 9);
        apply(new Txn.SetAclTxn("/a", Acl.READ_ONLY, 5));
        create("/a/b");
        delete("/a/b");

        Stat expected = new Stat(101, 102, TIME_MS + 101, TIME_MS + 102, 9, 2, 5, 0, 4, 0, zxid);
        assertEquals(expected, stat("/a"));
        assertEquals("data", text("/a"));
        setData("/a", "more data", 10);
        assertEquals(2, stat("/a").cversion());
        assertEquals(Acl.READ_ONLY, tree.head().aclOf("/a"));
    }

    @Test
    void changesCarryTheAclsOfTheirMoment() {
        create("/p");
        apply(new Txn.SetAclTxn("/p", Acl.READ_ONLY, 1));
        Applied applied =
                apply(
                        new Txn.MultiTxn(
                                List.of(
                                        new Txn.CreateTxn(
                                                Op.CREATE, "/p/c", null, Acl.OPEN, false, -1),
                                        new Txn.SetDataTxn("/p/c", null, 1),
                                        new Txn.DeleteTxn("/p/c", false))));

        assertEquals(
                List.of(
                        new Change.Created("/p/c", Acl.OPEN, Acl.READ_ONLY),
                        new Change.DataChanged("/p/c", Acl.OPEN),
                        new Change.Deleted("/p/c", Acl.OPEN, Acl.READ_ONLY)),
                applied.changes());
    }

    /** protocol 5; a multi's parts share zxid and time. */
    @Test
    void multiAnswersEachPart() {
        Applied applied =
                apply(
                        new Txn.MultiTxn(
                                List.of(
                                        new Txn.CreateTxn(
                                                Op.CREATE, "/a", null, Acl.OPEN, false, -1),
                                        new Txn.CreateTtlTxn("/t", null, Acl.OPEN, -1, 5),
                                        new Txn.CheckTxn("/a", 1),
                                        new Txn.SetDataTxn("/a", null, 1),
                                        new Txn.DeleteTxn("/t", false))));

        Response.Multi multi = (Response.Multi) applied.response();
        List<Op> ops = multi.results().stream().map(Response.OpResult::op).toList();
        assertEquals(List.of(Op.CREATE, Op.CREATE2, Op.CHECK, Op.SET_DATA, Op.DELETE), ops);
        assertEquals(new Response.StatOnly(stat("/a")), multi.results().get(3).response());
        assertEquals(zxid, stat("/a").mzxid());
    }

    /** protocol 6 and 5: it has a zxid and no other effect. */
    @Test
    void multiWithAnErrorDoesNothing() {
        TreeVersion before = tree.seal();
        Applied applied =
                apply(
                        new Txn.MultiTxn(
                                List.of(
                                        new Txn.CreateTxn(
                                                Op.CREATE, "/a", null, Acl.OPEN, false, -1),
                                        new Txn.ErrorTxn(KeeperError.NO_NODE.code()),
                                        new Txn.ErrorTxn(-2))));

        assertEquals(new Response.FailedMulti(3, 1, KeeperError.NO_NODE), applied.response());
        assertEquals(List.of(), applied.changes());
        assertFalse(tree.head().exists("/a"));
        assertEquals(before.digest(), tree.head().digest());
        assertEquals(zxid, tree.head().zxid());
    }

    @Test
    void errorTakesAZxidAndChangesNothing() {
        Applied applied = apply(new Txn.ErrorTxn(-110));

        assertEquals(new Response.Failed(KeeperError.NODE_EXISTS), applied.response());
        assertEquals(zxid, tree.head().zxid());
        assertEquals(0x51c6d660L, tree.head().digest());
    }

    /** protocol 7.6: only a replay does these. */
    @Test
    void aReplayFindsThingsDoneAlready() {
        create("/p");
        create("/p/c");
        long pzxid = zxid;
        Applied again = apply(new Txn.CreateTxn(Op.CREATE2, "/p/c", null, Acl.READ_ONLY, false, 4));
        assertEquals(new Response.Failed(KeeperError.NODE_EXISTS), again.response());
        assertEquals(List.of(), again.changes());
        assertEquals(Acl.READ_ONLY, tree.head().aclOf("/p/c"));
        assertEquals(pzxid, stat("/p/c").czxid());
        assertEquals(4, node("/p").cversion());
        assertEquals(zxid, stat("/p").pzxid());

        Response noNode = new Response.Failed(KeeperError.NO_NODE);
        assertEquals(noNode, delete("/p/x").response());
        assertEquals(zxid, stat("/p").pzxid());
        assertEquals(noNode, setData("/x", "", 1).response());
        assertEquals(noNode, apply(new Txn.SetAclTxn("/x", Acl.OPEN, 1)).response());
        assertEquals(noNode, delete("/x/y").response());
        assertEquals(noNode, create("/x/y").response());
    }

    @Test
    void whatIsNoPathLeadsNowhere() {
        create("/a");
        for (String path : List.of("", "a", "/a/", "//a", "/a//", "//", "/b", "/a/b/c")) {
            assertFalse(tree.head().exists(path), path);
            assertNull(tree.head().stat(path), path);
            assertNull(tree.head().aclOf(path), path);
            assertEquals(-1, tree.head().descendants(path), path);
        }
        for (String path : List.of("", "a", "/", "/a/")) {
            assertNotEquals(Response.Empty.INSTANCE, delete(path).response(), path);
            assertFalse(create(path).response() instanceof Response.Path, path);
        }
        assertEquals(6, tree.head().nodeCount());
    }

    /** protocol 12: the list's order, then what it does not know. */
    @Test
    void closingASessionDeletesItsEphemerals() {
        apply(new Txn.CreateSessionTxn(4000));
        for (String path : List.of("/a", "/b", "/c")) {
            createEphemeral(path);
        }
        create("/stays");
        assertEquals(4000, tree.head().sessionTimeoutMs(SESSION));
        assertEquals(Set.of("/a", "/b", "/c"), Set.copyOf(tree.head().ephemeralsOf(SESSION)));
        assertEquals(3, tree.head().ephemeralCount());

        Applied applied = apply(new Txn.CloseSessionTxn(List.of("/c", "/gone", "/a")));

        assertEquals(
                List.of("/c", "/a", "/b"), applied.changes().stream().map(Change::path).toList());
        assertFalse(tree.head().hasSession(SESSION));
        assertEquals(List.of(), tree.head().ephemeralsOf(SESSION));
        assertEquals(0, tree.head().ephemeralCount());
        assertEquals(6, tree.head().nodeCount());
    }

    @Test
    void closingASessionWithoutAListDeletesWhatIsKnown() {
        createEphemeral("/a");
        createEphemeral("/b");

        assertEquals(2, apply(new Txn.CloseSessionTxn(null)).changes().size());
        assertFalse(tree.head().exists("/a"));
    }

    /** protocol 7.3. */
    @Test
    void containersAndTtlNodesShowNoOwner() {
        tree = new DataTree(new TreeOptions(true, true, false));
        apply(new Txn.CreateContainerTxn("/c", null, Acl.OPEN, -1));
        apply(new Txn.CreateTtlTxn("/t", null, Acl.OPEN, -1, 12_345));

        assertEquals(0, stat("/c").ephemeralOwner());
        assertEquals(0, stat("/t").ephemeralOwner());
        assertEquals(0x8000000000000000L, node("/c").ephemeralOwner());
        assertEquals(0xff00000000003039L, node("/t").ephemeralOwner());
        assertEquals(0, tree.head().ephemeralCount());
        assertFalse(node("/t").isEphemeral());
        List<String> seen = new ArrayList<>();
        tree.head().forEachContainer((path, node) -> seen.add(path + node.childCount()));
        tree.head().forEachTtl((path, ttlMs, node) -> seen.add(path + ttlMs));
        assertEquals(List.of("/c0", "/t12345"), seen);
        delete("/c");
        delete("/t");
        tree.head().forEachContainer((path, _) -> seen.add(path));
        tree.head().forEachTtl((path, _, _) -> seen.add(path));
        assertEquals(2, seen.size());
    }

    /** protocol 7.3: with extended types off the same bits are some session's. */
    @Test
    void ttlBitsAreAStrangeSessionWithoutExtendedTypes() {
        apply(new Txn.CreateTtlTxn("/t", null, Acl.OPEN, -1, 1));

        assertEquals(0xff00000000000001L, stat("/t").ephemeralOwner());
        assertEquals(List.of("/t"), tree.head().ephemeralsOf(0xff00000000000001L));
    }

    @Test
    void ttlsOf353AreKnownWhenAskedFor() {
        tree = new DataTree(new TreeOptions(true, true, true));
        apply(new Txn.CreateTtlTxn("/t", null, Acl.OPEN, -1, 77));
        List<Long> ttls = new ArrayList<>();
        tree.head().forEachTtl((_, ttlMs, _) -> ttls.add(ttlMs));

        assertEquals(0x800000000000004dL, node("/t").ephemeralOwner());
        assertEquals(List.of(77L), ttls);
    }

    /** protocol 14: below /zookeeper nothing counts, /zookeeper itself does. */
    @Test
    void digestLeavesOutWhatIsBelowZookeeper() {
        create("/zookeeper/x");
        long after = tree.head().digest();
        assertNotEquals(0x51c6d660L, after);
        setData("/zookeeper/x", "more", 1);
        create("/zookeeper/quota/y");
        assertEquals(after, tree.head().digest());
        setData("/zookeeper", "more", 1);
        assertNotEquals(after, tree.head().digest());
        create("/zookeeperx");
        assertNotEquals(after, tree.head().digest());
    }

    @Test
    void reconfigWritesTheConfigNode() {
        Applied applied =
                apply(new Txn.ReconfigTxn("/zookeeper/config", Bytes.utf8("server.1=…"), -1));

        Response.Data expected =
                new Response.Data(Bytes.utf8("server.1=…"), stat("/zookeeper/config"));
        assertEquals(expected, applied.response());
        assertEquals(-1, stat("/zookeeper/config").version());
        assertEquals(
                List.of(new Change.DataChanged("/zookeeper/config", Acl.READ_ONLY)),
                applied.changes());
    }

    private void quota(String path) {
        String at = "/zookeeper/quota";
        for (String name : path.substring(1).split("/", -1)) {
            at += "/" + name;
            create(at, "");
        }
        create(at + "/zookeeper_limits", "count=10,bytes=100");
        create(at + "/zookeeper_stats", "count=0,bytes=0");
    }

    /** protocol 9. */
    @Test
    void quotaUseChangesInPlace() {
        create("/q", "1234");
        create("/q/before", "12");
        quota("/q");
        assertEquals("count=2,bytes=6", text("/zookeeper/quota/q/zookeeper_stats"));
        Stat before = stat("/zookeeper/quota/q/zookeeper_stats");

        Applied applied = create("/q/c", "12345");
        assertEquals("count=3,bytes=11", text("/zookeeper/quota/q/zookeeper_stats"));
        setData("/q/c", "1", 1);
        assertEquals("count=3,bytes=7", text("/zookeeper/quota/q/zookeeper_stats"));
        delete("/q/c");
        create("/qq", "123456");
        setData("/q", "", 1);

        assertEquals("count=2,bytes=2", text("/zookeeper/quota/q/zookeeper_stats"));
        assertEquals(before, stat("/zookeeper/quota/q/zookeeper_stats"));
        assertEquals(1, applied.changes().size());
        assertEquals("/q", tree.head().quotaPrefix("/q/any/where"));
        assertNull(tree.head().quotaPrefix("/qq"));
    }

    @Test
    void theLongestQuotaAloneIsCounted() {
        create("/q", "");
        create("/q/r", "");
        quota("/q");
        create("/zookeeper/quota/q/r", "");
        create("/zookeeper/quota/q/r/zookeeper_limits", "");
        create("/zookeeper/quota/q/r/zookeeper_stats", "");
        create("/q/r/s", "12");

        assertEquals("/q/r", tree.head().quotaPrefix("/q/r/s"));
        assertEquals("count=2,bytes=0", text("/zookeeper/quota/q/zookeeper_stats"));
        assertEquals("count=2,bytes=2", text("/zookeeper/quota/q/r/zookeeper_stats"));
        delete("/zookeeper/quota/q/r/zookeeper_limits");
        create("/q/r/t", "1");
        assertEquals("/q", tree.head().quotaPrefix("/q/r/s"));
        assertEquals("count=3,bytes=1", text("/zookeeper/quota/q/zookeeper_stats"));
    }

    @Test
    void rewindForgetsAllThatCameAfter() {
        create("/a");
        TreeVersion sealed = tree.seal();
        assertSame(sealed, tree.head());
        create("/b");
        createEphemeral("/a/e");
        apply(new Txn.CreateSessionTxn(5));
        tree.seal();
        tree.rewind(sealed);

        assertSame(sealed, tree.head());
        assertFalse(tree.head().exists("/b"));
        create("/c");
        assertEquals(0, tree.head().ephemeralCount());
        assertFalse(sealed.exists("/c"));
        assertTrue(tree.head().exists("/c"));
    }
}
