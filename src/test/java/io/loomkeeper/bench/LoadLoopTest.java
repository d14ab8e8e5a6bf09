package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Load loops against a server that the test plays itself. */
final class LoadLoopTest {
    private static final long FAR_NS = TimeUnit.SECONDS.toNanos(60);
    private static final int NO_NODE = -101;
    private static final int REQUESTS = 50;
    private static final int RATE_PER_SECOND = 1000;

    private SocketChannel client;
    private SocketChannel server;

    @BeforeEach
    void connect() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0))) {
            client = SocketChannel.open(listener.getLocalAddress());
            server = listener.accept();
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void repliesAreCountedWithTheirErrors() throws Exception {
        Tally tally =
                closedLoop(
                        10,
                        (in, out) -> {
                            for (int i = 0; i < 10; i++) {
                                reply(out, xidOf(in), i % 2 == 0 ? 0 : NO_NODE);
                            }
                        });

        assertEquals(10, tally.latencies().getTotalCount());
        assertEquals(Map.of(NO_NODE, 5L), tally.errors());
        assertEquals(List.of(), tally.failures());
        assertFalse(Outcome.of(List.of(tally), 1, 0).isClean());
    }

    @Test
    void notificationsAreNoReplies() throws Exception {
        Tally tally =
                closedLoop(
                        2,
                        (in, out) -> {
                            for (int i = 0; i < 2; i++) {
                                int xid = xidOf(in);
                                reply(out, Frames.NOTIFICATION_XID, 0);
                                reply(out, xid, 0);
                            }
                        });

        assertEquals(2, tally.latencies().getTotalCount());
        assertEquals(List.of(), tally.failures());
    }

    @Test
    void replyOutOfTurnEndsTheConnection() throws Exception {
        Tally tally = closedLoop(3, (in, out) -> reply(out, xidOf(in) + 1, 0));

        assertEquals(0, tally.latencies().getTotalCount());
        assertEquals(3, tally.unanswered());
        assertEquals(1, tally.failures().size());
    }

    @Test
    void closedConnectionLeavesRequestsUnanswered() throws Exception {
        Tally tally =
                closedLoop(
                        3,
                        (in, out) -> {
                            reply(out, xidOf(in), 0);
                            xidOf(in);
                            xidOf(in);
                            server.close();
                        });

        assertEquals(1, tally.latencies().getTotalCount());
        assertEquals(2, tally.unanswered());
        assertEquals(
                List.of("connection lost: the server closed the connection"), tally.failures());
    }

    /** A closed loop would not have sent the second request: no coordinated omission. */
    @Test
    void openLoopSendsOnTimeWhileNothingIsAnswered() throws Exception {
        Tally tally =
                openLoop(
                        System.nanoTime(),
                        REQUESTS,
                        (in, out) -> {
                            for (int i = 0; i < REQUESTS; i++) {
                                assertEquals(i, xidOf(in));
                            }
                            for (int i = 0; i < REQUESTS; i++) {
                                reply(out, i, 0);
                            }
                        });

        long firstNs = TimeUnit.SECONDS.toNanos(REQUESTS - 1) / RATE_PER_SECOND;
        assertEquals(REQUESTS, tally.latencies().getTotalCount());
        assertTrue(tally.latencies().getMaxValue() >= firstNs);
    }

    /** Requests that all were due a second ago, and go out one by one. */
    @Test
    void openLoopCountsFromWhenARequestWasDue() throws Exception {
        Tally tally =
                openLoop(
                        System.nanoTime() - TimeUnit.SECONDS.toNanos(1),
                        1,
                        (in, out) -> {
                            for (int i = 0; i < REQUESTS; i++) {
                                reply(out, xidOf(in), 0);
                            }
                        });

        long latestDueNs = TimeUnit.SECONDS.toNanos(REQUESTS) / RATE_PER_SECOND;
        assertEquals(REQUESTS, tally.latencies().getTotalCount());
        assertTrue(tally.latencies().getMinValue() >= TimeUnit.SECONDS.toNanos(1) - latestDueNs);
    }

    private Tally openLoop(long firstNs, int inFlightMax, Script script) throws Exception {
        long end = firstNs + TimeUnit.SECONDS.toNanos(REQUESTS) / RATE_PER_SECOND;
        Window window = new Window(firstNs, end, end + FAR_NS);
        Connection connection = new Connection(client, source(Template.NUMBER_LIMIT), inFlightMax);
        LoadLoop loop = new LoadLoop(List.of(connection), window, false);
        Pacer pacer = new Pacer(List.of(connection), window, firstNs, RATE_PER_SECOND);
        Thread receiving = Thread.ofPlatform().start(loop);
        Thread sending = Thread.ofPlatform().start(pacer);
        play(script);
        sending.join();
        receiving.join();
        assertEquals(0, pacer.tally().unanswered());
        return loop.tally();
    }

    /** What a server does with its end of the connection. */
    private interface Script {
        void play(DataInputStream in, DataOutputStream out) throws IOException;
    }

    private Tally closedLoop(int requests, Script script) throws Exception {
        long now = System.nanoTime();
        Window window = new Window(now, now + FAR_NS, now + 2 * FAR_NS);
        Connection connection = new Connection(client, source(requests), requests);
        LoadLoop loop = new LoadLoop(List.of(connection), window, true);
        Thread thread = Thread.ofPlatform().start(loop);
        play(script);
        thread.join();
        return loop.tally();
    }

    private void play(Script script) throws IOException {
        script.play(
                new DataInputStream(server.socket().getInputStream()),
                new DataOutputStream(server.socket().getOutputStream()));
    }

    private static RequestSource source(int requests) {
        return new CountingSource(List.of(Frames.exists("/n" + Template.NUMBER)), requests);
    }

    private static int xidOf(DataInputStream in) throws IOException {
        byte[] payload = new byte[in.readInt()];
        int xid = in.readInt();
        in.readFully(payload, Integer.BYTES, payload.length - Integer.BYTES);
        return xid;
    }

    private static void reply(DataOutputStream out, int xid, int err) throws IOException {
        out.writeInt(16);
        out.writeInt(xid);
        out.writeLong(1);
        out.writeInt(err);
        out.flush();
    }
}
