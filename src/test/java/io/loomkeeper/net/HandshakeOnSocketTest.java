package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomkeeper.net.ClientMeter.Incident;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandshakeOnSocketTest {
    private TinyServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TinyServer();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.stop();
    }

    @Test
    void clientWithFlagIsAnsweredWith37Bytes() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            client.send(TestClient.connectFrame());
            assertEquals(37, client.payload().remaining());
        }
    }

    @Test
    void clientWithoutFlagIsAnsweredWith36Bytes() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            client.send(
                    TestClient.connectFrame(
                            new ConnectRequest(0, 4000, 0, TinyPipeline.PASSWD, null)));
            assertEquals(36, client.payload().remaining());
        }
    }

    @Test
    void newSessionNeedsNoPassword() throws IOException, MalformedException {
        for (Bytes passwd : new Bytes[] {null, Bytes.EMPTY}) {
            try (TestClient client = server.client()) {
                client.send(TestClient.connectFrame(new ConnectRequest(0, 4000, 0, passwd, false)));
                assertEquals(TinyPipeline.TIMEOUT_MS, client.connectResponse().timeoutMs());
            }
        }
    }

    @Test
    void bytesAfterTheFlagAreIgnored() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            byte[] frame = Arrays.copyOf(TestClient.connectFrame(), 4 + 45 + 100);
            ByteBuffer.wrap(frame).putInt(45 + 100);
            client.send(frame);
            assertEquals(TinyPipeline.TIMEOUT_MS, client.connectResponse().timeoutMs());
        }
    }

    @Test
    void invalidSessionIsToldAndClosed() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            client.send(
                    TestClient.connectFrame(
                            new ConnectRequest(
                                    0,
                                    4000,
                                    TinyPipeline.EXPIRED_SESSION,
                                    TinyPipeline.PASSWD,
                                    false)));
            assertEquals(ConnectResponse.invalid(false), client.connectResponse());
            client.assertClosed();
        }
    }

    @Test
    void clientFromTheFutureIsClosedWithoutReply() throws IOException {
        try (TestClient client = server.client()) {
            client.send(
                    TestClient.connectFrame(
                            new ConnectRequest(1, 4000, 0, TinyPipeline.PASSWD, false)));
            client.assertClosed();
        }
    }

    @Test
    void undecodableConnectRequestIsClosedWithoutReply() throws IOException {
        try (TestClient client = server.client()) {
            client.send(new byte[] {0, 0, 0, 5, 0, 0, 0, 0, 0});
            client.assertClosed();
        }
    }

    @Test
    void requestsSentBeforeTheAnswerAreAnsweredAfterIt() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            server.pipeline.hold();
            byte[] connect = TestClient.connectFrame();
            byte[] ping = TestClient.frame(-2, new Request.Ping());
            byte[] both = Arrays.copyOf(connect, connect.length + ping.length);
            System.arraycopy(ping, 0, both, connect.length, ping.length);
            client.send(both);
            server.pipeline.goOn();
            assertEquals(TinyPipeline.TIMEOUT_MS, client.connectResponse().timeoutMs());
            assertEquals(-2, client.header().xid());
        }
    }

    @Test
    void connectRequestMayComeInAnyTwoPieces() throws IOException, MalformedException {
        byte[] frame = TestClient.connectFrame();
        for (int cut = 1; cut < frame.length; cut++) {
            try (TestClient client = server.client()) {
                client.send(frame, 0, cut);
                client.send(frame, cut, frame.length);
                assertEquals(TinyPipeline.TIMEOUT_MS, client.connectResponse().timeoutMs());
            }
        }
    }

    @Test
    void connectionWithoutSessionIsClosedWhenItsTimeIsOver() throws IOException {
        try (TestClient silent = server.client();
                TestClient halfway = server.client()) {
            halfway.send(TestClient.connectFrame(), 0, 20);
            Await.until("both are here", () -> server.connections.count() == 2);
            server.connections.onTick(9_999);
            assertEquals(2, server.connections.count());
            server.connections.onTick(10_000);
            silent.assertClosed();
            halfway.assertClosed();
            Await.until("both are gone", () -> server.connections.count() == 0);
            assertEquals(
                    List.of(Incident.SESSIONLESS, Incident.SESSIONLESS), server.tally.incidents);
        }
    }

    @Test
    void connectionWithSessionHasNoSuchTime() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            client.connect();
            server.connections.onTick(1_000_000);
            client.send(-2, new Request.Ping());
            assertEquals(-2, client.header().xid());
        }
    }

    @Test
    void sessionIsBoundToTheLink() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            client.send(TestClient.connectFrame());
            long sessionId = client.connectResponse().sessionId();
            ClientLink link = server.connections.find(1);
            assertNotNull(link);
            assertEquals(sessionId, link.sessionId());
            assertEquals(client.port(), link.remote().getPort());
            assertEquals(TinyPipeline.TIMEOUT_MS, link.stats().timeoutMs());
        }
        Await.until("link is gone", () -> server.connections.count() == 0);
        assertNull(server.connections.find(1));
    }

    @Test
    void wordIsAnsweredAndTheConnectionClosed() throws IOException {
        try (TestClient client = server.client()) {
            client.send("ruok\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals("imok", new String(client.rest(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void wordMayComeInPieces() throws IOException {
        for (int cut = 1; cut < 4; cut++) {
            try (TestClient client = server.client()) {
                byte[] word = "ruok".getBytes(StandardCharsets.US_ASCII);
                client.send(word, 0, cut);
                client.send(word, cut, 4);
                assertEquals("imok", new String(client.rest(), StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void wordFromAClientThatSendsNothingMoreIsAnswered() throws IOException {
        try (TestClient client = server.client()) {
            client.send("ruok".getBytes(StandardCharsets.US_ASCII));
            client.endOutput();
            assertEquals("imok", new String(client.rest(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void wordWithArgumentWaitsForIt() throws IOException {
        try (TestClient client = server.client()) {
            byte[] bytes =
                    ByteBuffer.allocate(12)
                            .put("stmk".getBytes(StandardCharsets.US_ASCII))
                            .putLong(306)
                            .array();
            client.send(bytes, 0, 7);
            client.send(bytes, 7, 12);
            assertEquals("306", new String(client.rest(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void wordWithArgumentIsAnsweredWithoutIt() throws IOException {
        try (TestClient client = server.client()) {
            client.send("stmk".getBytes(StandardCharsets.US_ASCII));
            client.endOutput();
            assertEquals("0", new String(client.rest(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void longAnswerToAWordArrivesWhole() throws IOException {
        server.longWord.set("x".repeat(3_000_000));
        try (TestClient client = server.client()) {
            client.send("long".getBytes(StandardCharsets.US_ASCII));
            assertEquals(3_000_000, client.rest().length);
        }
    }

    @Test
    void unknownWordIsClosedWithoutReply() throws IOException {
        for (byte[] word :
                new byte[][] {
                    "what".getBytes(StandardCharsets.US_ASCII),
                    {(byte) 0xff, (byte) 0xf4, (byte) 0xff, (byte) 0xfd},
                    {-1, -1, -1, -1}
                }) {
            try (TestClient client = server.client()) {
                client.send(word);
                client.assertClosed();
            }
        }
    }

    @Test
    void wordInsideASessionIsALengthLikeAnyOther() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            client.connect();
            client.send("ruok".getBytes(StandardCharsets.US_ASCII));
            client.assertClosed();
        }
    }

    @Test
    void closedIsToldOnceAndLast() throws IOException, MalformedException {
        try (TestClient client = server.client()) {
            client.connect();
        }
        Await.until("pipeline knows", () -> !server.pipeline.closed().isEmpty());
        assertEquals(List.of(1L), server.pipeline.closed());
    }
}
