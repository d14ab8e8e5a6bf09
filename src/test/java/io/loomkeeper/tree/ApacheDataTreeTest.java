package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.DataTree.ProcessTxnResult;
import org.apache.zookeeper.server.TxnLogEntry;
import org.apache.zookeeper.server.util.SerializeUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same transactions, as bytes, applied by Apache's own tree and by ours: bytes, results, every
 * node, counts and digest are compared. Apache's extended types are off, as they are by default.
 */
final class ApacheDataTreeTest {
    private static final int STEPS = 3000;
    private static final Set<String> RESERVED =
            Set.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config");

    private final org.apache.zookeeper.server.DataTree apaches =
            new org.apache.zookeeper.server.DataTree();
    private final DataTree ours = new DataTree(TreeOptions.DEFAULT);
    private final ReferenceTree paths = new ReferenceTree(TreeOptions.DEFAULT);

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void bothTreesAgree(long seed) throws IOException, KeeperException {
        RandomTxns txns = new RandomTxns(new Random(seed), paths);
        int applied = 0;
        for (int step = 0; step < STEPS; step++) {
            TxnHeader header = txns.header();
            Txn txn = txns.txn();
            if (isSpeakable(txn) && isOrdinary(header, txn)) {
                applied++;
                paths.apply(header, txn);
                Applied result = ours.apply(header, txn);
                assertSameResult(result.response(), applyToApaches(header, txn), txn);
                assertEquals(apaches.getTreeDigest(), ours.head().digest(), txn.toString());
            }
            if (step % 500 == 499) {
                assertSameTree();
            }
        }
        assertEquals(true, applied > STEPS / 3);
    }

    private ProcessTxnResult applyToApaches(TxnHeader header, Txn txn) throws IOException {
        byte[] bytes = TxnCodecTest.encode(new LoggedTxn(header, txn, null));
        TxnLogEntry entry = SerializeUtils.deserializeTxn(bytes);
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        BinaryOutputArchive archive = BinaryOutputArchive.getArchive(again);
        entry.getHeader().serialize(archive, "hdr");
        Record body = entry.getTxn();
        if (body != null) {
            body.serialize(archive, "txn");
        }
        assertArrayEquals(bytes, again.toByteArray(), txn.toString());
        return apaches.processTxn(entry.getHeader(), body);
    }

    /** No leader lets surrogates into a path, or null into an ACL; Apache's tree cannot bear it. */
    private static boolean isSpeakable(Txn txn) {
        String text = txn.toString();
        return !text.contains("scheme=null") && text.chars().noneMatch(c -> c >= 0xd800);
    }

    /**
     * Whether a leader of this kind makes it, or a replay that both trees take alike. Apache leaves
     * what is below a deleted node in its map, and cannot read a quota that says nonsense.
     */
    private boolean isOrdinary(TxnHeader header, Txn txn) {
        if (txn instanceof Txn.MultiTxn(var txns)) {
            return isOrdinaryMulti(header, txns);
        }
        return switch (txn) {
            case Txn.CreateTxn create -> isNew(create.path()) && !create.path().contains("/quota/");
            case Txn.CreateContainerTxn create -> isNew(create.path());
            case Txn.CreateTtlTxn create -> isNew(create.path());
            case Txn.DeleteTxn(var path, _) ->
                    paths.nodes.containsKey(path)
                            && paths.children(path).isEmpty()
                            && !RESERVED.contains(path);
            case Txn.SetDataTxn(var path, _, _) -> !path.startsWith("/zookeeper/quota/");
            case Txn.CheckTxn _ -> false;
            case Txn.CloseSessionTxn(var listed) ->
                    listed != null && listed.stream().allMatch(p -> paths.children(p).isEmpty());
            default -> true;
        };
    }

    private boolean isOrdinaryMulti(TxnHeader header, List<Txn> txns) {
        if (txns.stream().anyMatch(Txn.ErrorTxn.class::isInstance)) {
            return true;
        }
        ReferenceTree before = new ReferenceTree(paths);
        boolean all = true;
        for (Txn txn : txns) {
            all &= txn instanceof Txn.CheckTxn || isOrdinary(header, txn);
            paths.apply(header, txn);
        }
        paths.nodes.clear();
        paths.nodes.putAll(before.nodes);
        paths.zxid = before.zxid;
        return all;
    }

    private boolean isNew(String path) {
        return !paths.nodes.containsKey(path)
                && paths.nodes.containsKey(ReferenceTree.parent(path));
    }

    private static void assertSameResult(Response response, ProcessTxnResult apaches, Txn txn) {
        switch (response) {
            case Response.Failed(var error) ->
                    assertEquals(apaches.err, error == null ? 0 : code(txn, error), txn.toString());
            case Response.FailedMulti(var ops, var failedIndex, _) -> {
                assertEquals(apaches.multiResult.size(), ops);
                for (int i = 0; i < failedIndex; i++) {
                    assertEquals(0, apaches.multiResult.get(i).err);
                }
            }
            case Response.Multi(var results) -> {
                assertEquals(apaches.multiResult.size(), results.size());
                for (int i = 0; i < results.size(); i++) {
                    Txn sub = ((Txn.MultiTxn) txn).txns().get(i);
                    assertSameResult(results.get(i).response(), apaches.multiResult.get(i), sub);
                }
            }
            case Response.StatOnly(var stat) -> assertSameStat(apaches.stat, stat);
            case Response.PathStat(var path, var stat) -> {
                assertEquals(apaches.path, path);
                assertSameStat(apaches.stat, stat);
            }
            case Response.Path(var path) -> assertEquals(apaches.path, path);
            case Response.Data(_, var stat) -> assertSameStat(apaches.stat, stat);
            default -> assertEquals(0, apaches.err, txn.toString());
        }
    }

    /** Numbers that Loomkeeper never sends count as they are logged. */
    private static int code(Txn txn, KeeperError error) {
        return txn instanceof Txn.ErrorTxn(var code) ? code : error.code();
    }

    private static void assertSameStat(org.apache.zookeeper.data.Stat apaches, Stat ours) {
        assertEquals(statOf(apaches), ours);
    }

    private static Stat statOf(org.apache.zookeeper.data.Stat stat) {
        return new Stat(
                stat.getCzxid(),
                stat.getMzxid(),
                stat.getCtime(),
                stat.getMtime(),
                stat.getVersion(),
                stat.getCversion(),
                stat.getAversion(),
                stat.getEphemeralOwner(),
                stat.getDataLength(),
                stat.getNumChildren(),
                stat.getPzxid());
    }

    private void assertSameTree() throws KeeperException {
        TreeVersion head = ours.head();
        assertEquals(apaches.getNodeCount(), head.nodeCount());
        assertEquals(apaches.lastProcessedZxid, head.zxid());
        assertEquals(apaches.getEphemeralsCount(), head.ephemeralCount());
        assertEquals(apaches.getContainers(), containersOf(head));
        List<String> all = new ArrayList<>(paths.nodes.keySet());
        for (String path : all) {
            assertSameNode(path, head);
        }
        for (long session : apaches.getSessions()) {
            assertEquals(apaches.getEphemerals(session), Set.copyOf(head.ephemeralsOf(session)));
        }
    }

    private static Set<String> containersOf(TreeVersion version) {
        Set<String> containers = new TreeSet<>();
        version.forEachContainer((path, node) -> containers.add(path));
        return containers;
    }

    private void assertSameNode(String path, TreeVersion head) throws KeeperException {
        DataNode expected = apaches.getNode(path);
        NodeView actual = head.node(path);
        assertNotNull(expected, path);
        assertNotNull(actual, path);
        assertEquals(statOf(apaches.statNode(path, null)), actual.stat(), path);
        Bytes data = actual.data();
        assertArrayEquals(expected.getData(), data == null ? null : data.toArray(), path);
        assertEquals(expected.stat.getCversion(), actual.cversion(), path);
        assertEquals(expected.stat.getEphemeralOwner(), actual.ephemeralOwner(), path);
        List<Acl> acl = new ArrayList<>();
        apaches.getACL(expected)
                .forEach(
                        entry -> {
                            AuthId who =
                                    new AuthId(entry.getId().getScheme(), entry.getId().getId());
                            acl.add(new Acl(entry.getPerms(), who));
                        });
        assertEquals(acl, actual.acl(), path);
        assertEquals(apaches.getAllChildrenNumber(path), head.descendants(path), path);
        assertEquals(apaches.getMaxPrefixWithQuota(path), head.quotaPrefix(path), path);
    }
}
