package io.loomkeeper.net;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.loomkeeper.net.PeerEvents.Accepted;
import io.loomkeeper.net.PeerEvents.Came;
import io.loomkeeper.net.PeerEvents.Heard;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.tree.TxnFormatException;
import io.loomkeeper.tree.TxnHeader;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Message.LearnerFacts;
import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Vote;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One of Apache's own servers at the other end of our links: it elects, follows and leads. The part
 * that agreement plays is written out here as what has to be said and heard.
 */
@Timeout(60)
class ApacheOnLinksTest {
    private static final long OURS = 2;
    private static final long OLD_ZXID = 0x100000000L;
    private static final int EPOCH = 2;
    private static final long NEW_LEADER = 0x200000000L;

    private static final String SEEN = "server.9=elsewhere:1:2:participant;3\nversion=500000001";

    @TempDir Path folder;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T opened(T one) {
        opened.add(one);
        return one;
    }

    @Test
    void apacheFollowsAndForwards() throws Exception {
        TinyPeer ours = opened(new TinyPeer(OURS));
        ApachePeer apache = opened(new ApachePeer(1, ours, folder)).start();
        DataTree tree = grown();
        elect(ours, apache, new Vote(OURS, tree.head().zxid(), 1), ServerState.LEADING);
        long link = synchronize(ours, tree.seal());
        Await.until("it serves", apache::isServing);
        assertEquals(tree.head().digest(), apache.tree().getTreeDigest());

        CompletableFuture<String> created =
                CompletableFuture.supplyAsync(() -> writeThrough(apache.clientPort));
        long zxid = NEW_LEADER;
        while (!created.isDone()) {
            Message message = ours.events.nextMessage();
            if (message instanceof Message.Forward forward) {
                zxid++;
                propose(ours, link, txnOf(forward, zxid, tree), tree);
                if (forward.op() == Op.CLOSE_SESSION.code()) {
                    break;
                }
            }
        }
        assertEquals("/written", created.get(10, TimeUnit.SECONDS));
        long last = zxid;
        Await.until("all is applied", () -> apache.tree().lastProcessedZxid == last);
        assertEquals(tree.head().digest(), apache.tree().getTreeDigest());
    }

    @Test
    void apacheLeadsAndSendsItsTree() throws Exception {
        TinyPeer ours = opened(new TinyPeer(OURS));
        ApachePeer apache = opened(new ApachePeer(3, ours, folder)).start();
        elect(ours, apache, new Vote(3, 0, 0), ServerState.FOLLOWING);
        long link = follow(ours, 0, 0);
        assertEquals(new Message.Diff(0), ours.events.nextMessage());
        Message.NewLeader newLeader =
                assertInstanceOf(Message.NewLeader.class, ours.events.nextMessage());
        ours.send(link, new Message.Ack(newLeader.zxid()));
        assertEquals(new Message.UpToDate(), ours.events.nextMessage());
        ours.send(link, new Message.Ack(newLeader.zxid()));

        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        CompletableFuture<String> created =
                CompletableFuture.supplyAsync(() -> writeThrough(apache.clientPort));
        @Nullable DirectBuffer proposed = null;
        int commits = 0;
        // of the session, the node, and the end of the session
        while (commits < 3) {
            switch (ours.events.nextMessage()) {
                case Message.Proposal(var zxid, var txn) -> {
                    proposed = txn;
                    ours.send(link, new Message.Ack(zxid));
                }
                case Message.Commit(var zxid) -> {
                    LoggedTxn logged = decoded(requireNonNull(proposed));
                    assertEquals(zxid, logged.header().zxid());
                    tree.apply(logged.header(), logged.txn());
                    assertEquals(logged.digest(), new TxnDigest(2, tree.head().digest()));
                    commits++;
                }
                case Message.Ping(var zxid) -> ours.send(link, new Message.Pong(zxid, List.of()));
                case Message other -> throw new AssertionError(other);
            }
        }
        assertEquals("/written", created.get(10, TimeUnit.SECONDS));
        assertEquals(apache.tree().getTreeDigest(), tree.head().digest());

        TreeVersion image = snapFrom(ours, apache);
        assertEquals(apache.tree().getTreeDigest(), image.digest());
        assertEquals(tree.head().nodeCount(), image.nodeCount());
    }

    private static LoggedTxn decoded(DirectBuffer txn) throws TxnFormatException {
        return TxnCodec.decode(txn, 0, txn.capacity());
    }

    /** Says that our history is of an epoch that Apache's log has no place for. */
    private static TreeVersion snapFrom(TinyPeer ours, ApachePeer apache) throws Exception {
        long link = ours.links.dial(apache.sid);
        introduce(ours, link, 0, 0x7fffff00L);
        while (true) {
            PeerEvents.Event event = ours.events.next();
            if (event instanceof Came(_, Message.Snap(var zxid, var image))) {
                assertEquals(apache.tree().lastProcessedZxid, zxid);
                return assertInstanceOf(TreeImage.class, image).version();
            }
        }
    }

    /**
     * Votes until the other side has made up its mind. What we have seen stands behind what it
     * reads (protocol 16.3).
     */
    private static void elect(TinyPeer ours, ApachePeer apache, Vote vote, ServerState then)
            throws InterruptedException {
        QuorumPeer.ServerState wanted =
                then == ServerState.LEADING
                        ? QuorumPeer.ServerState.FOLLOWING
                        : QuorumPeer.ServerState.LEADING;
        while (apache.state() != wanted) {
            Heard heard = ours.events.nextHeard();
            assertEquals(apache.sid, heard.from());
            long round = heard.notification().round();
            ours.links.notify(
                    apache.sid, new Notification(ServerState.LOOKING, vote, round, 2, null, SEEN));
            if (heard.notification().vote().leader() == vote.leader()) {
                Await.until("it has decided", () -> apache.state() == wanted);
            }
        }
    }

    /** What a leader says to a follower that has nothing; the link to it. */
    private static long synchronize(TinyPeer ours, TreeVersion version) throws Exception {
        long link = assertInstanceOf(Accepted.class, ours.events.next()).link();
        Message.FollowerInfo info =
                assertInstanceOf(Message.FollowerInfo.class, ours.events.nextMessage());
        assertEquals(new LearnerFacts(1, 0x10000, 0), info.learner());
        ours.send(link, new Message.LeaderInfo(EPOCH));
        assertEquals(new Message.AckEpoch(0, 0), ours.events.nextMessage());
        ours.send(link, new Message.Snap(version.zxid(), new TreeImage(version)));
        ours.send(link, new Message.NewLeader(NEW_LEADER, null));
        assertEquals(new Message.Ack(NEW_LEADER), ours.events.nextMessage());
        ours.send(link, new Message.UpToDate());
        assertEquals(new Message.Ack(NEW_LEADER), ours.events.nextMessage());
        return link;
    }

    /** What a follower says to its leader; the link to it. */
    private static long follow(TinyPeer ours, int epoch, long lastZxid) throws Exception {
        long link = dialPatiently(ours);
        introduce(ours, link, epoch, lastZxid);
        assertInstanceOf(Message.LeaderInfo.class, ours.events.nextMessage());
        return link;
    }

    /** It says that it leads before it listens. */
    private static long dialPatiently(TinyPeer ours) throws InterruptedException {
        for (int attempt = 0; attempt < 1000; attempt++) {
            long link = ours.links.dial(3);
            if (ours.events.next().equals(new PeerEvents.Up(link))) {
                return link;
            }
        }
        throw new AssertionError("it does not listen");
    }

    private static void introduce(TinyPeer ours, long link, int epoch, long lastZxid) {
        ours.send(link, new Message.FollowerInfo(epoch, new LearnerFacts(OURS, 0x10000, 0)));
        ours.send(link, new Message.AckEpoch(lastZxid, epoch));
    }

    private static void propose(TinyPeer ours, long link, LoggedTxn txn, DataTree tree)
            throws InterruptedException {
        tree.apply(txn.header(), txn.txn());
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        TxnDigest digest = new TxnDigest(2, tree.head().digest());
        int length = TxnCodec.encode(txn.header(), txn.txn(), digest, buffer, 0);
        long zxid = txn.header().zxid();
        ours.send(link, new Message.Proposal(zxid, new UnsafeBuffer(buffer, 0, length)));
        assertEquals(new Message.Ack(zxid), ours.events.nextMessage());
        ours.send(link, new Message.Commit(zxid));
    }

    /** As this test's client asks for no more than three things. */
    private static LoggedTxn txnOf(Message.Forward forward, long zxid, DataTree tree)
            throws Exception {
        TxnHeader header = new TxnHeader(forward.sessionId(), forward.cxid(), zxid, 1000 + zxid);
        Op op = requireNonNull(Op.ofCode(forward.op()));
        JuteInput body = new JuteInput().wrap(forward.body(), 0, forward.body().capacity());
        return switch (op) {
            case CREATE_SESSION ->
                    new LoggedTxn(header, new Txn.CreateSessionTxn(body.readInt()), null);
            case CLOSE_SESSION ->
                    new LoggedTxn(header, new Txn.CloseSessionTxn(List.of("/written")), null);
            default -> {
                assertEquals(
                        new Message.Identity("ip", "127.0.0.1"), forward.identities().getFirst());
                Request.Create create =
                        assertInstanceOf(Request.Create.class, RequestCodec.decode(op, body));
                int cversion = requireNonNull(tree.head().node("/")).cversion() + 1;
                yield new LoggedTxn(
                        header,
                        new Txn.CreateTxn(
                                op, create.path(), create.data(), create.acl(), true, cversion),
                        null);
            }
        };
    }

    private static String writeThrough(int clientPort) {
        try {
            ZooKeeper client = new ZooKeeper("127.0.0.1:" + clientPort, 10_000, _ -> {});
            try {
                String path =
                        client.create(
                                "/written",
                                new byte[100],
                                ZooDefs.Ids.OPEN_ACL_UNSAFE,
                                CreateMode.EPHEMERAL);
                client.getData(path, false, null);
                return path;
            } finally {
                client.close();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static DataTree grown() {
        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        List<Acl> acl = List.of(new Acl(Acl.ALL, new AuthId("digest", "ü:x")));
        tree.apply(new TxnHeader(77, 0, OLD_ZXID + 1, 1), new Txn.CreateSessionTxn(30_000));
        for (int i = 1; i <= 1000; i++) {
            tree.apply(
                    new TxnHeader(77, i, OLD_ZXID + 1 + i, i),
                    new Txn.CreateTxn(
                            Op.CREATE,
                            "/n" + i,
                            i % 7 == 0 ? null : Bytes.of(new byte[i]),
                            i % 3 == 0 ? acl : Acl.OPEN,
                            i % 5 == 0,
                            i));
        }
        return tree;
    }
}
