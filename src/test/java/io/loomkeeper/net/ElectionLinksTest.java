package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.FreePort;
import io.loomkeeper.net.PeerEvents.Heard;
import io.loomkeeper.net.PeerEvents.Reachable;
import io.loomkeeper.net.wire.HostPort;
import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Vote;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ElectionLinksTest {
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

    private static Notification round(long round) {
        return new Notification(ServerState.LOOKING, new Vote(1, 2, 3), round, 2, "version=0");
    }

    private TinyPeer[] ensemble(int size) {
        TinyPeer[] peers = new TinyPeer[size];
        for (int i = 0; i < size; i++) {
            peers[i] = opened(new TinyPeer(i + 1));
        }
        TinyPeer.introduce(peers);
        return peers;
    }

    @Test
    void theSmallerIdReachesTheLarger() throws InterruptedException {
        TinyPeer[] peers = ensemble(2);
        peers[0].links.notify(2, round(1));

        assertEquals(new Heard(1, round(1)), peers[1].events.nextHeard());
        assertEquals(new Reachable(2, true), peers[0].events.nextReachable());
        assertEquals(new Reachable(1, true), peers[1].events.nextReachable());
    }

    @Test
    void theLargerIdReachesTheSmaller() throws InterruptedException {
        TinyPeer[] peers = ensemble(2);
        peers[1].links.notify(1, round(1));

        assertEquals(new Heard(2, round(1)), peers[0].events.nextHeard());
    }

    @Test
    void allReachAllWhenAllBeginAtOnce() throws InterruptedException {
        TinyPeer[] peers = ensemble(5);
        for (TinyPeer from : peers) {
            for (TinyPeer to : peers) {
                from.links.notify(to.sid, round(from.sid));
            }
        }
        for (TinyPeer peer : peers) {
            boolean[] heard = new boolean[6];
            heard[(int) peer.sid] = true;
            for (int missing = 4; missing > 0; ) {
                Heard next = peer.events.nextHeard();
                assertEquals(round(next.from()), next.notification());
                missing -= heard[(int) next.from()] ? 0 : 1;
                heard[(int) next.from()] = true;
            }
        }
    }

    @Test
    void ofSeveralThatCouldNotBeSentTheNewestIs() throws IOException, InterruptedException {
        TinyPeer peer = opened(new TinyPeer(2));
        int port = FreePort.next();
        HostPort later = new HostPort("127.0.0.1", port);
        peer.links.members(
                Map.of(2L, peer.address(), 1L, new ServerAddress(List.of(), List.of(later))));
        for (int round = 1; round <= 10; round++) {
            peer.links.notify(1, round(round));
        }
        assertEquals(new Reachable(1, false), peer.events.nextReachable());
        try (ServerSocket server = new ServerSocket(port, 5, InetAddress.getLoopbackAddress());
                Socket socket = server.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            readHello(in, 2);
            in.readInt();
            in.skipNBytes(20);
            assertEquals(10, in.readLong());
        }
    }

    @Test
    void theLastOneIsSentAgainWhenTheLinkIsMadeAnew() throws IOException, InterruptedException {
        TinyPeer peer = opened(new TinyPeer(2));
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            HostPort there = new HostPort("127.0.0.1", server.getLocalPort());
            peer.links.members(
                    Map.of(2L, peer.address(), 3L, new ServerAddress(List.of(), List.of(there))));
            peer.links.notify(3, round(7));
            try (Socket called = server.accept()) {
                readHello(new DataInputStream(called.getInputStream()), 2);
            }
            for (int i = 0; i < 2; i++) {
                try (Socket link = connected(peer.electionAddress())) {
                    writeHello(new DataOutputStream(link.getOutputStream()), 3);
                    DataInputStream in = new DataInputStream(link.getInputStream());
                    in.readInt();
                    in.skipNBytes(20);
                    assertEquals(7, in.readLong());
                }
            }
        }
    }

    @Test
    void whoHasASmallerIdIsCalledBack() throws IOException {
        TinyPeer peer = opened(new TinyPeer(2));
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            HostPort there = new HostPort("127.0.0.1", server.getLocalPort());
            peer.links.members(
                    Map.of(2L, peer.address(), 1L, new ServerAddress(List.of(), List.of(there))));
            try (Socket caller = connected(peer.electionAddress())) {
                writeHello(new DataOutputStream(caller.getOutputStream()), 1);

                assertEquals(-1, caller.getInputStream().read());
            }
            try (Socket called = server.accept()) {
                readHello(new DataInputStream(called.getInputStream()), 2);
            }
        }
    }

    @Test
    void aNewLinkReplacesTheOld() throws IOException, InterruptedException {
        TinyPeer peer = opened(new TinyPeer(2));
        knowsOf3(peer);
        try (Socket first = connected(peer.electionAddress());
                Socket second = connected(peer.electionAddress())) {
            writeHello(new DataOutputStream(first.getOutputStream()), 3);
            assertEquals(new Reachable(3, true), peer.events.nextReachable());
            DataOutputStream out = new DataOutputStream(second.getOutputStream());
            writeHello(out, 3);

            assertEquals(-1, first.getInputStream().read());
            writeNotification(out, 5);
            assertEquals(5, peer.events.nextHeard().notification().round());
        }
    }

    @Test
    void strangersGetNothing() throws IOException {
        TinyPeer peer = opened(new TinyPeer(2));
        knowsOf3(peer);
        for (long sid : new long[] {2, 4, 0, Long.MAX_VALUE}) {
            try (Socket socket = connected(peer.electionAddress())) {
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                writeHello(out, sid);

                assertEquals(-1, socket.getInputStream().read());
            }
        }
        assertEquals(0, peer.events.heardCount());
    }

    @Test
    void halfAHelloEndsWithItsTime() throws IOException {
        TinyPeer peer =
                opened(
                        new TinyPeer(
                                2,
                                new PeerOptions.Timeouts(1000, 300, 1000, 1000),
                                PeerOptions.Limits.DEFAULT));
        try (Socket socket = connected(peer.electionAddress())) {
            new DataOutputStream(socket.getOutputStream()).writeLong(-65536);

            assertEquals(-1, socket.getInputStream().read());
        }
    }

    @Test
    void garbageDropsTheLinkAndNothingElse() throws IOException, InterruptedException {
        TinyPeer[] peers = ensemble(2);
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 100; i++) {
            try (Socket socket = connected(peers[1].electionAddress())) {
                byte[] garbage = new byte[1 + random.nextInt(3000)];
                random.nextBytes(garbage);
                socket.getOutputStream().write(garbage);
            }
        }
        peers[0].links.notify(2, round(1));
        assertEquals(new Heard(1, round(1)), peers[1].events.nextHeard());
    }

    @Test
    void garbageFromAMemberIsTheEndOfItsLinkOnly() throws IOException, InterruptedException {
        TinyPeer peer = opened(new TinyPeer(2));
        knowsOf3(peer);
        try (Socket link = connected(peer.electionAddress())) {
            DataOutputStream out = new DataOutputStream(link.getOutputStream());
            writeHello(out, 3);
            writeNotification(out, 1);
            assertEquals(1, peer.events.nextHeard().notification().round());
            out.writeInt(36);
            out.write(new byte[36]);

            assertEquals(-1, link.getInputStream().read());
        }
        try (Socket link = connected(peer.electionAddress())) {
            DataOutputStream out = new DataOutputStream(link.getOutputStream());
            writeHello(out, 3);
            writeNotification(out, 2);
            assertEquals(2, peer.events.nextHeard().notification().round());
        }
    }

    /** Rule E9: its sender may have meant anything by what comes after it. */
    @Test
    void nothingIsHeardBehindGarbage() throws IOException {
        TinyPeer peer = opened(new TinyPeer(2));
        knowsOf3(peer);
        try (Socket link = connected(peer.electionAddress())) {
            DataOutputStream out = new DataOutputStream(link.getOutputStream());
            writeHello(out, 3);
            out.writeInt(36);
            out.write(new byte[36]);
            link.setSoTimeout(20);

            Await.until("an end", () -> peer.events.heardCount() > 0 || hasEnded(link, out));
            assertEquals(0, peer.events.heardCount());
        }
    }

    /** Sends one more that is sound, and looks whether the link is there, for the socket's time. */
    private static boolean hasEnded(Socket link, DataOutputStream out) {
        try {
            writeNotification(out, 9);
            return link.getInputStream().read() < 0;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    @Test
    void aFloodOfStrangersKeepsNoMemberOut() throws IOException, InterruptedException {
        TinyPeer[] peers = ensemble(2);
        List<Socket> flood = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                flood.add(connected(peers[1].electionAddress()));
            }
            peers[0].links.notify(2, round(1));
            assertEquals(new Heard(1, round(1)), peers[1].events.nextHeard());
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
    }

    @Test
    void aBrokenLinkIsReportedAndOpenedForTheNextNotification() throws InterruptedException {
        TinyPeer[] peers = ensemble(2);
        peers[0].links.notify(2, round(1));
        peers[1].events.nextHeard();
        assertEquals(new Reachable(2, true), peers[0].events.nextReachable());
        peers[1].links.close();
        assertEquals(new Reachable(2, false), peers[0].events.nextReachable());

        TinyPeer again = opened(new TinyPeer(2));
        TinyPeer.introduce(peers[0], again);
        peers[0].links.notify(2, round(2));
        assertEquals(new Heard(1, round(2)), again.events.nextHeard());
    }

    @Test
    void aLinkWhoseOtherEndAnswersNothingIsOpenedAnew() throws IOException {
        PeerOptions.Timeouts impatient = new PeerOptions.Timeouts(300, 5000, 10_000, 10_000);
        TinyPeer peer = opened(new TinyPeer(2, impatient, PeerOptions.Limits.DEFAULT));
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            HostPort there = new HostPort("127.0.0.1", server.getLocalPort());
            peer.links.members(
                    Map.of(2L, peer.address(), 1L, new ServerAddress(List.of(), List.of(there))));
            peer.links.notify(1, round(1));
            try (Socket deaf = server.accept()) {
                DataInputStream in = new DataInputStream(deaf.getInputStream());
                readHello(in, 2);
                try (Socket anew = acceptedMeanwhile(server, peer, in)) {
                    readHello(new DataInputStream(anew.getInputStream()), 2);
                }
            }
        }
    }

    /** Tells the peer of one round after another, until it connects again. */
    private static Socket acceptedMeanwhile(ServerSocket server, TinyPeer peer, DataInputStream in)
            throws IOException {
        server.setSoTimeout(50);
        for (int round = 2; round < 200; round++) {
            peer.links.notify(1, round(round));
            try {
                return server.accept();
            } catch (SocketTimeoutException _) {
                assertTrue(in.available() >= 0);
            }
        }
        throw new AssertionError("the link was kept");
    }

    private static void knowsOf3(TinyPeer peer) {
        ServerAddress nowhere = new ServerAddress(List.of(), List.of());
        peer.links.members(Map.of(2L, peer.address(), 3L, nowhere));
    }

    private static Socket connected(HostPort address) throws IOException {
        Socket socket = new Socket(address.host(), address.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void writeHello(DataOutputStream out, long sid) throws IOException {
        byte[] address = "127.0.0.1:1".getBytes(StandardCharsets.US_ASCII);
        out.writeLong(-65536);
        out.writeLong(sid);
        out.writeInt(address.length);
        out.write(address);
    }

    private static void readHello(DataInputStream in, long sid) throws IOException {
        assertEquals(-65536, in.readLong());
        assertEquals(sid, in.readLong());
        in.skipNBytes(in.readInt());
    }

    private static void writeNotification(DataOutputStream out, long round) throws IOException {
        out.writeInt(44);
        out.writeInt(0);
        out.writeLong(1);
        out.writeLong(2);
        out.writeLong(round);
        out.writeLong(3);
        out.writeInt(2);
        out.writeInt(0);
    }
}
