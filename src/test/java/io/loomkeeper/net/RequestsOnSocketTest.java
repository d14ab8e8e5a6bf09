package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.ResponseCodec;
import io.loomkeeper.net.wire.ResponseCodec.ReplyHeader;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestsOnSocketTest {
    private static final Request WRITE = new Request.SetData("/number", Bytes.EMPTY, -1);
    private static final Request READ = new Request.Exists("/number", false);

    private TinyServer server;
    private TestClient client;

    @BeforeEach
    void start() throws IOException, MalformedException {
        server = new TinyServer();
        client = server.client().connect();
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        client.close();
        server.stop();
    }

    @Test
    void pingIsAnsweredWithItsOwnXidWhateverWasSent() throws IOException, MalformedException {
        client.send(77, new Request.Ping());
        assertEquals(new ReplyHeader(-2, 0, 0), client.header());
    }

    @Test
    void pingBehindAWriteIsAnsweredAfterIt() throws IOException, MalformedException {
        server.pipeline.hold();
        client.send(1, WRITE);
        client.send(-2, new Request.Ping());
        server.pipeline.goOn();
        assertEquals(new ReplyHeader(1, 1, 0), client.header());
        assertEquals(new ReplyHeader(-2, 1, 0), client.header());
    }

    @Test
    void readIsAnsweredWhileThePipelineStandsStill() throws IOException, MalformedException {
        server.pipeline.hold();
        client.send(5, READ);
        assertEquals(new ReplyHeader(5, 0, 0), client.header());
    }

    @Test
    void readBehindAWriteSeesIt() throws IOException, MalformedException {
        for (int xid = 1; xid < 200; xid += 2) {
            client.send(xid, WRITE);
            client.send(xid + 1, READ);
            ReplyHeader written = client.header();
            assertEquals(xid, written.xid());
            assertEquals(new ReplyHeader(xid + 1, written.zxid(), 0), client.header());
        }
    }

    @Test
    void unreadableReadIsAMarshallingError() throws IOException, MalformedException {
        byte[] frame = TestClient.frame(3, READ);
        byte[] cut = ByteBuffer.allocate(12).putInt(8).put(frame, 4, 8).array();
        client.send(cut);
        assertEquals(new ReplyHeader(3, 0, -5), client.header());
        client.send(4, READ);
        assertEquals(new ReplyHeader(4, 0, 0), client.header());
    }

    @Test
    void eventsComeBeforeTheReplyToTheirWrite() throws IOException, MalformedException {
        client.send(1, new Request.AddWatch("/number", 0));
        client.send(2, WRITE);
        assertEquals(new ReplyHeader(1, 0, 0), client.header());
        assertEquals(new ReplyHeader(-1, 1, 0), client.header());
        assertEquals(new ReplyHeader(2, 1, 0), client.header());
    }

    @Test
    void authIsAnsweredAtOnce() throws IOException, MalformedException {
        server.pipeline.hold();
        client.send(1, WRITE);
        client.send(-4, new Request.Auth(0, "digest", Bytes.utf8("u:p")));
        assertEquals(new ReplyHeader(-4, 0, 0), client.header());
        server.pipeline.goOn();
        assertEquals(new ReplyHeader(1, 1, 0), client.header());
    }

    @Test
    void authAddsToTheIdentities() throws IOException, MalformedException {
        for (int i = 0; i < 2; i++) {
            client.send(-4, new Request.Auth(0, "digest", Bytes.utf8("u:p")));
            assertEquals(0, client.header().err());
        }
        client.send(1, new Request.WhoAmI());
        JuteInput reply = client.payload();
        assertEquals(new ReplyHeader(1, 0, 0), ResponseCodec.decodeHeader(reply));
        assertEquals(
                new Response.Identities(
                        List.of(new AuthId("ip", "127.0.0.1"), new AuthId("digest", "u:h"))),
                ResponseCodec.decodeBody(Op.WHO_AM_I, reply));
    }

    @Test
    void failedAuthIsToldAndClosed() throws IOException, MalformedException {
        client.send(-4, new Request.Auth(0, "nonsense", null));
        assertEquals(new ReplyHeader(-4, 0, -115), client.header());
        client.assertClosed();
        assertEquals(List.of(ClientMeter.Incident.AUTH_FAILED), server.tally.incidents);
    }

    @Test
    void whoMustAuthenticateIsAnsweredOnlyThen() throws IOException, MalformedException {
        server.authRequired = true;
        client.send(-4, new Request.Auth(0, "digest", Bytes.utf8("u:p")));
        assertEquals(new ReplyHeader(-4, 0, 0), client.header());
        client.send(1, READ);
        assertEquals(new ReplyHeader(1, 0, 0), client.header());
        try (TestClient stranger = server.client().connect()) {
            stranger.send(1, READ);
            assertEquals(new ReplyHeader(1, 0, -124), stranger.header());
            stranger.assertClosed();
        }
    }

    @Test
    void saslIsRefusedWithABody() throws IOException, MalformedException {
        client.send(9, new Request.Sasl(Bytes.EMPTY));
        JuteInput reply = client.payload();
        assertEquals(new ReplyHeader(9, 0, -115), ResponseCodec.decodeHeader(reply));
        assertEquals(-1, reply.readInt());
        client.assertClosed();
    }

    @Test
    void unknownOperationIsRefusedAfterWhatWasAskedBefore() throws IOException, MalformedException {
        server.pipeline.hold();
        client.send(1, WRITE);
        client.send(header(2, 999));
        client.send(3, READ);
        server.pipeline.goOn();
        assertEquals(new ReplyHeader(1, 1, 0), client.header());
        assertEquals(new ReplyHeader(2, -1, -6), client.header());
        assertEquals(new ReplyHeader(3, 1, 0), client.header());
    }

    @Test
    void operationsThatClientsMayNotSendAreUnknown() throws IOException, MalformedException {
        for (int code : new int[] {0, -1, 13, -10}) {
            try (TestClient other = server.client().connect()) {
                other.send(header(8, code));
                assertEquals(new ReplyHeader(8, -1, -6), other.header());
                other.send(9, READ);
                assertEquals(9, other.header().xid());
            }
        }
    }

    @Test
    void closeSessionIsAnsweredThenClosed() throws IOException, MalformedException {
        client.send(1, new Request.CloseSession());
        client.send(2, READ);
        client.send(3, WRITE);
        assertEquals(new ReplyHeader(1, 1, 0), client.header());
        client.assertClosed();
    }

    @Test
    void endingConnectionIsCutOffWhenItsTimeIsOver() throws IOException, MalformedException {
        client.send(1, new Request.CloseSession());
        assertEquals(1, client.header().xid());
        client.assertClosed();
        assertEquals(1, server.connections.count());
        server.connections.onTick(10_000);
        Await.until("it is gone", () -> server.connections.count() == 0);
    }

    @Test
    void framesOutOfBoundsCloseTheConnectionWithoutReply() throws IOException, MalformedException {
        for (int length : new int[] {-1, Integer.MIN_VALUE, 0xfffff + 1, Integer.MAX_VALUE}) {
            try (TestClient other = server.client().connect()) {
                other.send(ByteBuffer.allocate(4).putInt(length).array());
                other.assertClosed();
            }
        }
    }

    @Test
    void longestFrameIsAccepted() throws IOException, MalformedException {
        byte[] frame = new byte[4 + 0xfffff];
        byte[] write = TestClient.frame(1, WRITE);
        System.arraycopy(write, 0, frame, 0, write.length);
        ByteBuffer.wrap(frame).putInt(0xfffff);
        client.send(frame);
        assertEquals(new ReplyHeader(1, 1, 0), client.header());
    }

    @Test
    void framesTooShortForAHeaderCloseTheConnection() throws IOException, MalformedException {
        for (int length = 0; length < 8; length++) {
            try (TestClient other = server.client().connect()) {
                other.send(ByteBuffer.allocate(4 + length).putInt(length).array());
                other.assertClosed();
            }
        }
    }

    @Test
    void requestsMayComeInAnyTwoPieces() throws IOException, MalformedException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(TestClient.frame(1, WRITE));
        stream.writeBytes(TestClient.frame(2, READ));
        stream.writeBytes(TestClient.frame(-2, new Request.Ping()));
        byte[] bytes = stream.toByteArray();
        for (int cut = 0; cut <= bytes.length; cut++) {
            client.send(bytes, 0, cut);
            client.send(bytes, cut, bytes.length);
            assertEquals(1, client.header().xid());
            assertEquals(2, client.header().xid());
            assertEquals(-2, client.header().xid());
        }
    }

    @Test
    void tenThousandRequestsMayBeInFlight() throws IOException, MalformedException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int xid = 1; xid <= 10_000; xid++) {
            stream.writeBytes(TestClient.frame(xid, xid % 3 == 0 ? WRITE : READ));
        }
        client.send(stream.toByteArray());
        long zxid = 0;
        for (int xid = 1; xid <= 10_000; xid++) {
            ReplyHeader header = client.header();
            assertEquals(xid, header.xid());
            assertTrue(header.zxid() >= zxid);
            zxid = header.zxid();
        }
        assertEquals(3333, zxid);
    }

    @Test
    void directRepliesSurviveAClientThatSendsMuchBeforeItReads()
            throws IOException, MalformedException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int xid = 1; xid <= 100_000; xid++) {
            stream.writeBytes(TestClient.frame(xid, READ));
        }
        client.send(stream.toByteArray());
        for (int xid = 1; xid <= 100_000; xid++) {
            assertEquals(xid, client.header().xid());
        }
    }

    @Test
    void longDatumArrivesWhole() throws IOException, MalformedException {
        int length = 5_000_000;
        client.send(1, new Request.GetData(TinyPipeline.LONG_DATUM + length, false));
        JuteInput reply = client.payload();
        assertEquals(new ReplyHeader(1, 0, 0), ResponseCodec.decodeHeader(reply));
        assertEquals(TinyPipeline.datum(length), ResponseCodec.decodeBody(Op.GET_DATA, reply));
    }

    @Test
    void statsTellWhatTheConnectionDid() throws IOException, MalformedException {
        client.send(1, WRITE);
        client.header();
        client.send(42, READ);
        client.header();
        ClientLink link = server.connections.find(1);
        assertNotNull(link);
        ConnectionStats stats = link.stats();
        assertEquals(3, stats.received());
        assertEquals(3, stats.sent());
        assertEquals(Op.EXISTS, stats.lastOp());
        assertEquals(42, stats.lastCxid());
        assertEquals(1, stats.lastZxid());
        assertEquals(2, stats.latency().count());
        assertTrue(stats.latency().minNs() <= stats.latency().lastNs());
        assertTrue(stats.latency().lastNs() <= stats.latency().maxNs());
        assertTrue(stats.latency().averageNs() > 0);
        link.resetStats();
        assertEquals(0, link.stats().received());
        assertEquals(0, link.stats().latency().count());
    }

    @Test
    void meterIsToldOfEveryFrameAndItsBytes() throws IOException, MalformedException {
        byte[] watch = TestClient.frame(1, new Request.AddWatch("/number", 0));
        byte[] write = TestClient.frame(2, WRITE);
        client.send(watch);
        client.send(write);
        client.header();
        client.header();
        client.header();
        assertEquals(3, server.tally.received.get());
        assertEquals(
                TestClient.connectFrame().length + watch.length + write.length,
                server.tally.receivedBytes.get());
        Await.until("replies are counted", () -> server.tally.replied.get() == 2);
        assertEquals(20 + 4 + 20, server.tally.repliedBytes.get());
        assertEquals(1, server.tally.events.get());
        assertEquals(20 + 8 + 4 + "/number".length(), server.tally.eventBytes.get());
        assertEquals(1, server.tally.beside.get());
        assertEquals(List.of(), server.tally.incidents);
    }

    @Test
    void hearingFromTheClientIsStampedWithTheTick() throws IOException, MalformedException {
        ClientLink link = server.connections.find(1);
        assertNotNull(link);
        server.connections.onTick(123);
        assertEquals(0, link.lastHeardMs());
        client.send(-2, new Request.Ping());
        client.header();
        assertEquals(123, link.lastHeardMs());
    }

    @Test
    void linkClosesOnceHoweverOftenItIsTold() throws IOException {
        ClientLink link = server.connections.find(1);
        assertNotNull(link);
        link.close();
        link.close();
        link.closeAfterFlush();
        client.assertClosed();
        Await.until("pipeline knows", () -> server.pipeline.closed().size() == 1);
        link.reply(new Asked(Op.PING, -2, 0), 0, Response.Empty.INSTANCE);
        link.completed(1);
        link.wake();
        assertEquals(0, server.connections.outstanding());
    }

    private static byte[] header(int xid, int code) {
        return ByteBuffer.allocate(12).putInt(8).putInt(xid).putInt(code).array();
    }
}
