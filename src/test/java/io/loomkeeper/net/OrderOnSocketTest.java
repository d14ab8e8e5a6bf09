package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.ResponseCodec.ReplyHeader;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client hears while another one writes: every event, at its place among the replies. */
@Timeout(60)
class OrderOnSocketTest {
    private static final Request WRITE = new Request.SetData("/number", Bytes.EMPTY, -1);
    private static final Request READ = new Request.Exists("/number", false);
    private static final int ROUNDS = 2000;

    /** The highest zxid heard of, and the last event's; every zxid has an event. */
    private long zxid;

    private long lastEvent;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eventsStandBeforeWhateverShowsTheirEffectAndBehindNothingLater(boolean prompt)
            throws IOException, MalformedException, InterruptedException {
        TinyServer server = new TinyServer();
        server.pipeline.prompt = prompt;
        try (TestClient watcher = server.client().connect();
                TestClient writer = server.client().connect()) {
            watcher.send(0, new Request.AddWatch("/number", 0));
            assertEquals(0, watcher.header().xid());
            AtomicBoolean done = new AtomicBoolean();
            Thread writing = Thread.ofVirtual().start(() -> write(writer, done));
            SplittableRandom random = new SplittableRandom(5);
            for (int round = 0; round < ROUNDS; round++) {
                ask(watcher, random);
            }
            done.set(true);
            writing.join();
        }
        assertTrue(lastEvent > 0);
        server.stop();
    }

    private void ask(TestClient client, SplittableRandom random)
            throws IOException, MalformedException {
        ByteArrayOutputStream burst = new ByteArrayOutputStream();
        int count = 1 + random.nextInt(random.nextBoolean() ? 1 : 20);
        for (int xid = 1; xid <= count; xid++) {
            burst.writeBytes(TestClient.frame(xid, random.nextInt(10) == 0 ? WRITE : READ));
        }
        client.send(burst.toByteArray());
        for (int xid = 1; xid <= count; ) {
            ReplyHeader header = client.header();
            assertTrue(header.zxid() >= zxid, header + " after zxid " + zxid);
            zxid = header.zxid();
            if (header.xid() == -1) {
                assertEquals(lastEvent + 1, zxid);
                lastEvent = zxid;
            } else {
                assertEquals(xid, header.xid());
                assertEquals(lastEvent, zxid, "events that the reply shows have come");
                xid++;
            }
        }
    }

    private static void write(TestClient client, AtomicBoolean done) {
        try {
            for (int xid = 1; !done.get(); xid++) {
                client.send(xid, WRITE);
                assertEquals(xid, client.header().xid());
            }
        } catch (IOException | MalformedException e) {
            throw new AssertionError(e);
        }
    }
}
