package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.log.DurabilityListener;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.tree.TxnHeader;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.EpochStore;
import io.loomkeeper.zab.Links;
import io.loomkeeper.zab.Majority;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Vote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that has recovered three transactions, on a real disk, and is told to cut some off. */
final class DurableHistoryTest {
    private static final long LINK = 7;

    @TempDir Path dir;
    private final RequestRing ring = new RequestRing();
    private final AtomicReference<Throwable> fatal = new AtomicReference<>();
    private TxnLog log;
    private DurableHistory history;
    private PublishedState published;
    private Pipeline pipeline;

    @BeforeEach
    void recover() throws IOException {
        Path logDir = Files.createDirectory(dir.resolve("log"));
        SnapshotStore snapshots =
                SnapshotStore.open(Files.createDirectory(dir.resolve("snapshots")));
        try (TxnLog before = TxnLog.open(logDir, LogOptions.defaults())) {
            start(before);
            append(before);
        }
        log = TxnLog.open(logDir, LogOptions.defaults());
        StateLoader loader = new StateLoader(snapshots, log, TreeOptions.DEFAULT, null);
        DataTree tree = loader.recover(0, new ServerMetrics()).tree();
        start(log);
        published = new PublishedState(tree.seal());
        history =
                new DurableHistory(
                        new DurableHistory.Storage(log, snapshots, loader),
                        published,
                        ring,
                        (_, cause) -> fatal.compareAndSet(null, cause));
        pipeline = pipeline(tree);
    }

    @AfterEach
    void close() throws IOException {
        history.close();
        log.close();
    }

    private void start(TxnLog started) throws IOException {
        started.start(
                new DurabilityListener() {
                    @Override
                    public void onDurable(long zxid) {}

                    @Override
                    public void onFailure(Throwable cause) {
                        fatal.compareAndSet(null, cause);
                    }
                });
    }

    /** The creations of /n1, /n2 and /n3. */
    private static void append(TxnLog to) {
        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        for (int zxid = 1; zxid <= 3; zxid++) {
            TxnHeader header = new TxnHeader(0, 0, zxid, 1_000);
            Txn txn = new Txn.CreateTxn(Op.CREATE, "/n" + zxid, null, Acl.OPEN, false, zxid);
            tree.apply(header, txn);
            TxnDigest digest = new TxnDigest(TxnDigest.VERSION, tree.head().digest());
            assertTrue(to.append(zxid, buffer, 0, TxnCodec.encode(header, txn, digest, buffer, 0)));
        }
    }

    private Pipeline pipeline(DataTree tree) {
        AclRules rules = new AclRules(AuthOptions.DEFAULT);
        return new Pipeline(
                new Pipeline.Parts(
                        tree,
                        new Preparer(tree, rules, new Preparer.Options(false, false, 1 << 20, 0)),
                        new Reads(rules, 1 << 20),
                        new Watches(1),
                        rules,
                        published,
                        new Sessions(1_000),
                        new SessionIds(1, 1_000),
                        new DigestHistory()),
                new Pipeline.Options(4_000, 4_000, true),
                machine ->
                        new Peer(
                                new Peer.Settings(
                                        1,
                                        new Membership(
                                                new Majority(new TreeSet<>(List.of(1L, 2L, 3L))),
                                                new TreeSet<>(),
                                                0,
                                                "version=0"),
                                        false,
                                        new Peer.Timing(1_000, 10, 5)),
                                new Peer.Ports(history, new Epochs(), machine, new Silence()),
                                new Peer.Recovered(3, List.of())),
                (_, _, _) -> {});
    }

    /** Rules T1 and T7: what it has of the rest is gone from the log, then from the tree. */
    @Test
    void whatIsCutOffTheLogIsGoneFromTheTree() throws IOException {
        Peer peer = pipeline.peer();
        pipeline.onTick(1, 1);
        Vote vote = new Vote(3, 9, 1);
        peer.onNotification(3, new Notification(ServerState.LEADING, vote, 1, 2, null));
        peer.onNotification(2, new Notification(ServerState.FOLLOWING, vote, 1, 2, null));
        peer.onLinkUp(LINK);
        peer.onMessage(LINK, new Message.LeaderInfo(2));
        assertTrue(published.version().exists("/n3"));
        peer.onMessage(LINK, new Message.Trunc(1));

        int[] reports = new int[1];
        LiveServer.await(
                "one for the search in the log, one for the cut",
                () -> (reports[0] += ring.drainReports(pipeline)) == 2);
        assertEquals(1, published.version().zxid());
        assertTrue(published.version().exists("/n1"));
        assertFalse(published.version().exists("/n2"));
        assertEquals(1, log.history().last());
        assertNull(fatal.get());
    }

    /** Rule T6: nothing is where it should be cut. */
    @Test
    void aCutThatCannotBeMadeIsTheEnd() {
        history.truncate(2_000);

        LiveServer.await("the end", () -> fatal.get() != null || ring.drainReports(pipeline) > 0);
        assertNotNull(fatal.get());
    }

    private static final class Epochs implements EpochStore {
        private int accepted = 1;
        private int current = 1;

        @Override
        public int accepted() {
            return accepted;
        }

        @Override
        public int current() {
            return current;
        }

        @Override
        public void accept(int epoch) {
            accepted = epoch;
        }

        @Override
        public void establish(int epoch) {
            current = epoch;
        }
    }

    /** What this server says reaches nobody; what it hears is said by the test. */
    private static final class Silence implements Links {
        @Override
        public void notify(long sid, Notification notification) {}

        @Override
        public long dial(long sid) {
            return LINK;
        }

        @Override
        public void send(long link, Message message) {}

        @Override
        public void sendHistory(long link, long afterZxid, long lastZxid) {}

        @Override
        public void close(long link) {}
    }
}
