package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.PeerEvents.Accepted;
import io.loomkeeper.net.PeerEvents.Came;
import io.loomkeeper.net.PeerEvents.Down;
import io.loomkeeper.net.PeerEvents.Up;
import io.loomkeeper.net.wire.HostPort;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Message.LearnerFacts;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuorumLinkTest {
    private static final Message HELLO =
            new Message.FollowerInfo(0, new LearnerFacts(1, 0x10000, 0));

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

    /** A link between two peers: its id at either end. */
    private record Pair(TinyPeer leader, long leaders, TinyPeer learner, long learners) {}

    private Pair linked(TinyPeer learner, TinyPeer leader) throws InterruptedException {
        TinyPeer.introduce(learner, leader);
        long link = learner.links.dial(leader.sid);
        assertEquals(new Up(link), learner.events.next());
        learner.send(link, HELLO);
        Accepted accepted = assertInstanceOf(Accepted.class, leader.events.next());
        assertEquals(new Came(accepted.link(), HELLO), leader.events.next());
        return new Pair(leader, accepted.link(), learner, link);
    }

    private Pair linked() throws InterruptedException {
        return linked(opened(new TinyPeer(1)), opened(new TinyPeer(2)));
    }

    @Test
    void messagesArriveInOrderEachOnce() throws InterruptedException {
        Pair pair = linked();
        for (int zxid = 1; zxid <= 5000; zxid++) {
            pair.leader.send(pair.leaders, new Message.Proposal(zxid, txn(zxid % 300)));
            pair.learner.send(pair.learners, new Message.Ack(zxid));
        }
        for (int zxid = 1; zxid <= 5000; zxid++) {
            assertEquals(new Message.Ack(zxid), pair.leader.events.nextMessage());
            assertEquals(
                    new Message.Proposal(zxid, txn(zxid % 300)), pair.learner.events.nextMessage());
        }
        assertEquals(Set.of(1L), pair.leader.meter.drained.keySet());
        int measured = pair.leader.meter.waited.getOrDefault(1L, 0);
        assertTrue(measured >= 1 && measured <= 5, () -> measured + " of 5");
        assertEquals(Map.of(), pair.learner.meter.drained);
    }

    @Test
    void learnersLinkTellsWhatItHasCarried() throws InterruptedException {
        Pair pair = linked();
        pair.leader.links.send(pair.leaders, new Message.Proposal(9, txn(300)));
        pair.leader.links.send(pair.leaders, new Message.Commit(9));
        pair.leader.send(pair.leaders, new Message.UpToDate());
        pair.learner.send(pair.learners, new Message.Ack(9));
        pair.learner.send(
                pair.learners, new Message.Forward(5, 1, Op.SYNC.code(), txn(10), List.of()));
        for (int i = 0; i < 3; i++) {
            pair.learner.events.nextMessage();
        }
        pair.leader.events.nextMessage();
        pair.leader.events.nextMessage();

        PeerLinks.LearnerLink link = pair.leader.links.learners().getFirst();
        assertEquals(List.of(), pair.learner.links.learners());
        assertEquals(1, link.sid());
        assertFalse(link.isObserver());
        assertTrue(link.remote().startsWith("/127.0.0.1:"), link::remote);
        assertEquals(new PeerLinks.Waiting(0, 0), link.waiting());
        assertEquals(new PeerLinks.Packets(3, 1, 3, 9), link.packets());
        pair.leader.links.resetLearners();
        assertEquals(
                new PeerLinks.Packets(0, 0, 0, -1),
                pair.leader.links.learners().getFirst().packets());
    }

    @Test
    void historyIsReadWhenItsTurnComes() throws InterruptedException {
        Pair pair = linked();
        pair.leader.send(pair.leaders, new Message.Diff(50_000));
        pair.leader.links.sendHistory(pair.leaders, 5, 50_000);
        pair.leader.send(pair.leaders, new Message.Commit(7));

        assertEquals(new Message.Diff(50_000), pair.learner.events.nextMessage());
        for (long zxid = 6; zxid <= 50_000; zxid++) {
            byte b = (byte) zxid;
            assertEquals(
                    new Message.Proposal(zxid, new UnsafeBuffer(new byte[] {b, b, b})),
                    pair.learner.events.nextMessage());
            assertEquals(new Message.Commit(zxid), pair.learner.events.nextMessage());
        }
        assertEquals(new Message.Commit(7), pair.learner.events.nextMessage());
    }

    @Test
    void snapBringsTheWholeTree() throws InterruptedException {
        Pair pair = linked();
        TreeVersion version = bigTree();
        pair.leader.send(pair.leaders, new Message.Snap(version.zxid(), new TreeImage(version)));
        pair.leader.send(pair.leaders, new Message.Commit(7));

        Message.Snap snap = assertInstanceOf(Message.Snap.class, pair.learner.events.nextMessage());
        TreeVersion came = assertInstanceOf(TreeImage.class, snap.image()).version();
        assertEquals(version.zxid(), came.zxid());
        assertEquals(version.digest(), came.digest());
        assertEquals(version.nodeCount(), came.nodeCount());
        assertEquals(new Message.Commit(7), pair.learner.events.nextMessage());
        assertTrue(pair.learner.events.progress() > 0);
        assertTrue(pair.leader.events.progress() > 0);
    }

    @Test
    void bothEndsLearnThatItBroke() throws InterruptedException {
        Pair pair = linked();
        pair.learner.links.close();

        assertEquals(new Down(pair.leaders), pair.leader.events.next());
    }

    @Test
    void whoClosesALinkHearsNothingMoreOfIt() throws InterruptedException {
        Pair pair = linked();
        pair.learner.links.close(pair.learners);
        pair.learner.links.close(pair.learners);

        assertEquals(new Down(pair.leaders), pair.leader.events.next());
        Await.until("it is gone", () -> pair.learner.links.linkCount() == 0);
        assertEquals(0, pair.learner.events.count());
        pair.learner.send(pair.learners, new Message.Ack(1));
    }

    @Test
    void whatWasReceivedComesBeforeTheNewsThatItBroke() throws IOException, InterruptedException {
        TinyPeer leader = opened(new TinyPeer(2));
        TinyPeer.introduce(leader, opened(new TinyPeer(1)));
        leader.events.full(true);
        try (Socket socket = connected(leader.quorumAddress())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            writeFollowerInfo(out, 1);
            for (int zxid = 1; zxid <= 100; zxid++) {
                writeAck(out, zxid);
            }
        }
        leader.events.full(false);

        Accepted accepted = assertInstanceOf(Accepted.class, leader.events.next());
        assertEquals(new Came(accepted.link(), HELLO), leader.events.next());
        for (int zxid = 1; zxid <= 100; zxid++) {
            assertEquals(new Message.Ack(zxid), leader.events.nextMessage());
        }
        assertEquals(new Down(accepted.link()), leader.events.next());
    }

    @Test
    void dialingWhereNobodyListensIsDown() throws IOException, InterruptedException {
        TinyPeer peer = opened(new TinyPeer(1));
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        HostPort nobody = new HostPort("127.0.0.1", port);
        peer.links.members(Map.of(2L, new ServerAddress(List.of(nobody), List.of(nobody))));

        assertEquals(new Down(peer.links.dial(2)), peer.events.next());
        assertEquals(new Down(peer.links.dial(77)), peer.events.next());
    }

    @Test
    void theNextAddressIsTriedWhenOneDoesNotAnswer() throws IOException, InterruptedException {
        TinyPeer learner = opened(new TinyPeer(1));
        TinyPeer leader = opened(new TinyPeer(2));
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        List<HostPort> both = List.of(new HostPort("127.0.0.1", port), leader.quorumAddress());
        learner.links.members(Map.of(2L, new ServerAddress(both, both)));

        assertEquals(new Up(learner.links.dial(2)), learner.events.next());
    }

    @Test
    void strangersGetNothing() throws IOException {
        TinyPeer leader = opened(new TinyPeer(2));
        TinyPeer.introduce(leader, opened(new TinyPeer(1)));
        for (long sid : new long[] {2, 3, -1, Long.MAX_VALUE}) {
            try (Socket socket = connected(leader.quorumAddress())) {
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                writeFollowerInfo(out, sid);

                assertEquals(-1, socket.getInputStream().read());
            }
        }
        assertEquals(0, leader.events.count());
    }

    @Test
    void whoDoesNotIntroduceItselfIsDropped() throws IOException {
        TinyPeer leader = opened(new TinyPeer(2));
        TinyPeer.introduce(leader, opened(new TinyPeer(1)));
        try (Socket socket = connected(leader.quorumAddress())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            writeAck(out, 1);

            assertEquals(-1, socket.getInputStream().read());
        }
        assertEquals(0, leader.events.count());
    }

    @Test
    void halfAnIntroductionEndsWithItsTime() throws IOException {
        TinyPeer leader =
                opened(
                        new TinyPeer(
                                2,
                                new PeerOptions.Timeouts(1000, 300, 10_000, 10_000),
                                PeerOptions.Limits.DEFAULT));
        TinyPeer.introduce(leader, opened(new TinyPeer(1)));
        try (Socket socket = connected(leader.quorumAddress())) {
            new DataOutputStream(socket.getOutputStream()).writeInt(11);

            assertEquals(-1, socket.getInputStream().read());
        }
        Await.until("it is gone", () -> leader.links.linkCount() == 0);
    }

    @Test
    void garbageDropsTheLinkAndNothingElse() throws IOException, InterruptedException {
        Pair pair = linked();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 50; i++) {
            try (Socket socket = connected(pair.leader.quorumAddress())) {
                byte[] garbage = new byte[1 + random.nextInt(5000)];
                random.nextBytes(garbage);
                socket.getOutputStream().write(garbage);
                socket.shutdownOutput();
                drain(socket);
            }
        }
        pair.learner.send(pair.learners, new Message.Ack(9));
        assertEquals(new Message.Ack(9), pair.leader.events.nextMessage());
    }

    @Test
    void garbageFromAMemberIsTheEndOfItsLink() throws IOException, InterruptedException {
        TinyPeer leader = opened(new TinyPeer(2));
        TinyPeer.introduce(leader, opened(new TinyPeer(1)));
        try (Socket socket = connected(leader.quorumAddress())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            writeFollowerInfo(out, 1);
            Accepted accepted = assertInstanceOf(Accepted.class, leader.events.next());
            assertInstanceOf(Came.class, leader.events.next());
            out.write("GET / HTTP/1.1\r\nHost: localhost\r\n".getBytes(StandardCharsets.UTF_8));

            assertEquals(new Down(accepted.link()), leader.events.next());
            drain(socket);
        }
    }

    @Test
    void aFloodOfStrangersKeepsNoMemberOut() throws IOException, InterruptedException {
        TinyPeer leader = opened(new TinyPeer(2));
        List<Socket> flood = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                flood.add(connected(leader.quorumAddress()));
            }
            Await.until("the rest was dropped", () -> leader.links.linkCount() <= 64);
            linked(opened(new TinyPeer(1)), leader);
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
    }

    @Test
    void aLearnerThatConnectsAnewReplacesItsOldLink() throws InterruptedException {
        Pair pair = linked();
        long again = pair.learner.links.dial(2);
        assertEquals(new Up(again), pair.learner.events.next());
        pair.learner.send(again, HELLO);

        boolean isOldDown = false;
        boolean isNewHere = false;
        for (int i = 0; i < 3; i++) {
            PeerEvents.Event event = pair.leader.events.next();
            isOldDown |= event.equals(new Down(pair.leaders));
            isNewHere |= event instanceof Accepted;
        }
        assertTrue(isOldDown && isNewHere);
    }

    @Test
    void aLearnerThatNeverReadsIsCutOff() throws IOException, InterruptedException {
        TinyPeer leader =
                opened(
                        new TinyPeer(
                                2, TinyPeer.PATIENT, new PeerOptions.Limits(8 << 20, 1 << 20, 8)));
        TinyPeer.introduce(leader, opened(new TinyPeer(1)));
        try (Socket socket = connected(leader.quorumAddress())) {
            writeFollowerInfo(new DataOutputStream(socket.getOutputStream()), 1);
            Accepted accepted = assertInstanceOf(Accepted.class, leader.events.next());
            assertInstanceOf(Came.class, leader.events.next());
            DirectBuffer txn = new UnsafeBuffer(new byte[1 << 20]);
            for (int i = 0; i < 64 && leader.events.count() == 0; i++) {
                leader.send(accepted.link(), new Message.Proposal(i, txn));
            }

            assertEquals(new Down(accepted.link()), leader.events.next());
        }
    }

    @Test
    void aPeerThatVanishesIsGivenUp() throws IOException, InterruptedException {
        PeerOptions.Timeouts impatient = new PeerOptions.Timeouts(1000, 1000, 10_000, 300);
        TinyPeer leader = opened(new TinyPeer(2, impatient, PeerOptions.Limits.DEFAULT));
        TinyPeer.introduce(leader, opened(new TinyPeer(1)));
        try (Socket socket = connected(leader.quorumAddress())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            writeFollowerInfo(out, 1);
            Accepted accepted = assertInstanceOf(Accepted.class, leader.events.next());
            assertInstanceOf(Came.class, leader.events.next());
            leader.send(accepted.link(), new Message.UpToDate());
            leader.send(accepted.link(), new Message.Commit(1));
            // the second one shows that the writer knows of the first
            socket.getInputStream().readNBytes(40);
            // the time of before, which is long, ends with this
            writeAck(out, 1);
            assertEquals(new Message.Ack(1), leader.events.nextMessage());

            assertEquals(new Down(accepted.link()), leader.events.next());
        }
    }

    private static Socket connected(HostPort address) throws IOException {
        Socket socket = new Socket(address.host(), address.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void drain(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                assertTrue(socket.isConnected());
            }
        } catch (IOException _) {
            // a reset is an end too
        }
    }

    private static void writeFollowerInfo(DataOutputStream out, long sid) throws IOException {
        out.writeInt(11);
        out.writeLong(0);
        out.writeInt(20);
        out.writeLong(sid);
        out.writeInt(0x10000);
        out.writeLong(0);
        out.writeInt(-1);
    }

    private static void writeAck(DataOutputStream out, long zxid) throws IOException {
        out.writeInt(3);
        out.writeLong(zxid);
        out.writeInt(-1);
        out.writeInt(-1);
    }

    private static DirectBuffer txn(int length) {
        UnsafeBuffer txn = new UnsafeBuffer(new byte[length]);
        txn.setMemory(0, length, (byte) length);
        return txn;
    }

    private static TreeVersion bigTree() {
        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        for (int i = 1; i <= 20_000; i++) {
            Bytes data = Bytes.of(new byte[i % 500]);
            tree.apply(
                    new TxnHeader(1, i, i, i),
                    new Txn.CreateTxn(Op.CREATE, "/node" + i, data, Acl.OPEN, false, i));
        }
        return tree.seal();
    }
}
