package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.ClientLimits.Handshakes;
import io.loomkeeper.net.ClientMeter.Incident;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LimitsOnSocketTest {
    private static final Request WRITE = new Request.SetData("/number", Bytes.EMPTY, -1);
    private static final Request READ = new Request.Exists("/number", false);

    private final List<TestClient> clients = new ArrayList<>();
    private final List<TinyServer> servers = new ArrayList<>();

    @AfterEach
    void stop() throws IOException, InterruptedException {
        for (TestClient client : clients) {
            client.close();
        }
        for (TinyServer server : servers) {
            server.stop();
        }
    }

    @Test
    void connectionsFromOneAddressAreBounded() throws IOException, MalformedException {
        TinyServer server = start(limits().withPerAddressMax(2).build(), 1000);
        TestClient first = client(server);
        first.connect();
        client(server).connect();
        TestClient third = client(server);
        third.assertClosed();
        assertEquals(List.of(Incident.REFUSED), server.tally.incidents);
        first.close();
        Await.until("one is gone", () -> server.connections.count() == 1);
        client(server).connect();
    }

    @Test
    void connectionsInAllAreBounded() throws IOException, MalformedException {
        TinyServer server = start(limits().withConnectionsMax(1).build(), 1000);
        client(server).connect();
        client(server).assertClosed();
    }

    @Test
    void handshakesAreBoundedInTime() throws IOException, MalformedException {
        TinyServer server = start(limits().withHandshakes(new Handshakes(2, 50, 1)).build(), 1000);
        client(server).connect();
        client(server).connect();

        TestClient third = client(server);
        third.send(TestClient.connectFrame());
        third.assertClosed();
        assertEquals(List.of(Incident.REFUSED), server.tally.incidents);

        server.connections.onTick(50);
        client(server).connect();
    }

    @Test
    void tooManyOutstandingRequestsStopTheReadingOfThoseThatHaveSome()
            throws IOException, MalformedException {
        TinyServer server = start(limits().withOutstandingMax(5).build(), 1000);
        TestClient busy = client(server).connect();
        TestClient modest = client(server).connect();
        server.pipeline.hold();
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int xid = 1; xid <= 100; xid++) {
            many.writeBytes(TestClient.frame(xid, WRITE));
        }
        busy.send(many.toByteArray());
        Await.until("limit is reached", () -> server.connections.outstanding() == 6);
        modest.send(1, WRITE);
        Await.until("one more is let in", () -> server.connections.outstanding() == 7);
        assertEquals(7, server.connections.outstanding());
        server.pipeline.goOn();
        for (int xid = 1; xid <= 100; xid++) {
            assertEquals(xid, busy.header().xid());
        }
        assertEquals(1, modest.header().xid());
        Await.until("nothing is left", () -> server.connections.outstanding() == 0);
    }

    @Test
    void fullPipelineStopsTheReading()
            throws IOException, MalformedException, InterruptedException {
        TinyServer server = start(ClientLimits.DEFAULT, 4);
        TestClient client = client(server).connect();
        server.pipeline.hold();
        byte[] large =
                TestClient.frame(
                        7, new Request.SetData("/number", Bytes.of(new byte[1_000_000]), -1));
        int count = 60;
        Thread sender =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    for (int i = 0; i < count; i++) {
                                        sendUnchecked(client, large);
                                    }
                                });
        Await.until("offers are turned down", () -> server.pipeline.refusals() > 10);
        assertTrue(sender.isAlive());
        assertTrue(server.connections.outstanding() <= 6);
        server.pipeline.goOn();
        for (int i = 0; i < count; i++) {
            assertEquals(i + 1, client.header().zxid());
        }
        sender.join();
    }

    @Test
    void slowReaderIsCutOffAndOthersDoNotNotice() throws IOException, MalformedException {
        TinyServer server = start(limits().withOutboxBytesMax(1_000_000).build(), 1000);
        TestClient slow = client(server).connect();
        TestClient other = client(server).connect();
        ClientLink link = server.connections.find(1);
        slow.send(1, new Request.AddWatch("/number", 0));
        ByteArrayOutputStream writes = new ByteArrayOutputStream();
        for (int xid = 0; xid < 500; xid++) {
            writes.writeBytes(TestClient.frame(xid, WRITE));
        }
        for (int i = 0; i < 2000 && server.connections.find(1) == link; i++) {
            other.send(writes.toByteArray());
            for (int xid = 0; xid < 500; xid++) {
                assertEquals(xid, other.header().xid());
            }
        }
        Await.until("slow one is cut off", () -> server.connections.count() == 1);
        assertEquals(List.of(Incident.CUT_OFF), server.tally.incidents);
        other.send(5, WRITE);
        assertEquals(5, other.header().xid());
    }

    /** Else the pipeline would wait for one client. */
    @Test
    void whatASocketDoesNotTakeAtOnceIsLeftToTheWriter() throws IOException, MalformedException {
        TinyServer server = start(limits().withOutboxBytesMax(100_000_000).build(), 1000);
        server.pipeline.prompt = true;
        TestClient slow = client(server).connect();
        TestClient other = client(server).connect();
        ClientLink link = server.connections.find(1);
        assertNotNull(link);
        Outbox outbox = ((ClientConnection) link).outbox();
        slow.send(1, new Request.AddWatch("/number", 0));
        assertEquals(1, slow.header().xid());
        int events = 0;
        for (int rest = 1000; rest > 0 && events < 1_000_000; events++) {
            other.send(events, WRITE);
            assertEquals(events, other.header().xid());
            rest -= outbox.waitingBytes() > 0 ? 1 : 0;
        }
        assertTrue(outbox.waitingBytes() > 0, "the socket has taken all");
        for (int zxid = 1; zxid <= events; zxid++) {
            assertEquals(zxid, slow.header().zxid());
        }
    }

    @Test
    void slowReaderOfDirectRepliesIsNotReadFromAndNotCutOff()
            throws IOException, MalformedException {
        TinyServer server = start(limits().withOutboxBytesMax(1_000_000).build(), 1000);
        TestClient slow = client(server).connect();
        TestClient other = client(server).connect();
        Request large = new Request.GetData(TinyPipeline.LONG_DATUM + 500_000, false);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        int count = 100;
        for (int xid = 1; xid <= count; xid++) {
            many.writeBytes(TestClient.frame(xid, large));
        }
        slow.send(many.toByteArray());
        for (int xid = 1; xid <= 1000; xid++) {
            other.send(xid, READ);
            assertEquals(xid, other.header().xid());
        }
        ClientLink link = server.connections.find(1);
        assertNotNull(link);
        assertTrue(link.stats().sent() < count, "replies queued: " + link.stats().sent());
        for (int xid = 1; xid <= count; xid++) {
            assertEquals(xid, slow.header().xid());
        }
    }

    /** The pipeline makes these far faster than any socket takes them. */
    @Test
    void whoReadsItsRepliesIsNotCutOffHoweverManyItAsksForAtOnce()
            throws IOException, MalformedException {
        TinyServer server = start(limits().withOutboxBytesMax(8_000_000).build(), 1000);
        TestClient client = client(server).connect();
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        int count = 200;
        for (int xid = 1; xid <= count; xid++) {
            Request large = new Request.GetData(TinyPipeline.LONG_DATUM + 300_000, true);
            many.writeBytes(TestClient.frame(xid, xid % 50 == 1 ? WRITE : large));
        }
        client.send(many.toByteArray());
        for (int xid = 1; xid <= count; xid++) {
            assertEquals(xid, client.header().xid());
        }
        assertEquals(List.of(), server.tally.incidents);
    }

    @Test
    @Timeout(20)
    void floodsOfReadsStarveNobody() throws IOException, MalformedException, InterruptedException {
        TinyServer server = start(ClientLimits.DEFAULT, 1000);
        TestClient patient = client(server).connect();
        ByteArrayOutputStream burst = new ByteArrayOutputStream();
        for (int xid = 1; xid <= 20_000; xid++) {
            burst.writeBytes(TestClient.frame(xid, READ));
        }
        List<Thread> flood = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            TestClient flooder = client(server).connect();
            flood.add(platformThread(() -> sendWhile(over, flooder, burst.toByteArray())));
            flood.add(platformThread(flooder::discardAll));
        }
        for (int xid = 1; xid <= 200; xid++) {
            patient.send(xid, READ);
            assertEquals(xid, patient.header().xid());
        }
        assertEquals(List.of(), server.tally.incidents);
        over.set(true);
        server.connections.closeAll();
        for (Thread thread : flood) {
            thread.join();
        }
    }

    private static Thread platformThread(Runnable body) {
        Thread thread = Thread.ofPlatform().daemon().unstarted(body);
        thread.start();
        return thread;
    }

    private static void sendWhile(AtomicBoolean over, TestClient client, byte[] bytes) {
        try {
            while (!over.get()) {
                client.send(bytes);
            }
        } catch (IOException e) {
            assertTrue(over.get(), e.toString());
        }
    }

    @Test
    void stoppingEndsReadersAndWritersThatAreStuck()
            throws IOException, MalformedException, InterruptedException {
        TinyServer server = start(ClientLimits.DEFAULT, 4);
        TestClient reading = client(server).connect();
        TestClient deaf = client(server).connect();
        TestClient silent = client(server);
        for (int xid = 1; xid <= 20; xid++) {
            deaf.send(xid, new Request.GetData(TinyPipeline.LONG_DATUM + 700_000, false));
        }
        Await.until("all are here", () -> server.connections.count() == 3);
        server.pipeline.hold();
        for (int xid = 1; xid <= 20; xid++) {
            reading.send(xid, WRITE);
        }
        Await.until("ring is full", () -> server.pipeline.refusals() > 0);
        server.acceptor.close();
        server.connections.closeAll();
        server.pipeline.goOn();
        assertTrue(server.connections.awaitEmpty(10_000));
        assertEquals(0, server.connections.outstanding());
        silent.assertClosed();
        assertFalse(reading.isAnswered());
    }

    private static void sendUnchecked(TestClient client, byte[] bytes) {
        try {
            client.send(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TinyServer start(ClientLimits limits, int ringCapacity) throws IOException {
        TinyServer server = new TinyServer(limits, ringCapacity);
        servers.add(server);
        return server;
    }

    private TestClient client(TinyServer server) throws IOException {
        TestClient client = server.client();
        clients.add(client);
        return client;
    }

    private static LimitsBuilder limits() {
        return new LimitsBuilder();
    }

    private static final class LimitsBuilder {
        private int perAddressMax = 60;
        private int connectionsMax;
        private int outstandingMax = 1000;
        private long outboxBytesMax = 16 << 20;
        private Handshakes handshakes = Handshakes.UNBOUNDED;

        LimitsBuilder withHandshakes(Handshakes bound) {
            handshakes = bound;
            return this;
        }

        LimitsBuilder withPerAddressMax(int max) {
            perAddressMax = max;
            return this;
        }

        LimitsBuilder withConnectionsMax(int max) {
            connectionsMax = max;
            return this;
        }

        LimitsBuilder withOutstandingMax(int max) {
            outstandingMax = max;
            return this;
        }

        LimitsBuilder withOutboxBytesMax(long max) {
            outboxBytesMax = max;
            return this;
        }

        ClientLimits build() {
            return new ClientLimits(
                    0xfffff,
                    perAddressMax,
                    connectionsMax,
                    outstandingMax,
                    outboxBytesMax,
                    10_000,
                    handshakes);
        }
    }
}
