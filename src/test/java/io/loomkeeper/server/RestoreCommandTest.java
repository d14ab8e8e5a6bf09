package io.loomkeeper.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Adler32;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A state from elsewhere, posted to a whole server. */
@Timeout(120)
final class RestoreCommandTest {
    private static final String ADMIN = "admin.enableServer=true\nadmin.serverPort=0\n";
    private static final String ANY_TIME = ADMIN + "admin.rateLimiterIntervalInMS=0\n";
    private static final String KEEPER = "digest keeper:pass";

    @TempDir private Path folder;

    private LiveServer start(String name) throws Exception {
        return LiveServer.start(Files.createDirectories(folder.resolve(name)), ANY_TIME);
    }

    private static int adminPort(LiveServer live) {
        return requireNonNull(live.server.admin().address()).getPort();
    }

    private static HttpRequest.Builder request(LiveServer live, String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + adminPort(live) + "/commands/" + path))
                .header("Authorization", KEEPER);
    }

    private static byte[] stream(LiveServer live) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request(live, "snapshot").build(), BodyHandlers.ofByteArray())
                    .body();
        }
    }

    private static HttpResponse<String> restore(LiveServer live, byte[] content) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    request(live, "restore").POST(BodyPublishers.ofByteArray(content)).build(),
                    BodyHandlers.ofString());
        }
    }

    /** The zxid that the answer tells. */
    private static long restored(LiveServer live, byte[] content) throws Exception {
        HttpResponse<String> answer = restore(live, content);
        assertEquals(200, answer.statusCode(), answer::body);
        return new ObjectMapper().readTree(answer.body()).get("last_zxid").asLong();
    }

    @Test
    void stateOfAnotherServerTakesThePlaceOfThisOnes() throws Exception {
        byte[] content;
        long digest;
        try (LiveServer from = start("from")) {
            from.create("/a", new byte[300_000]);
            for (int i = 0; i < 3; i++) {
                from.client.create(
                        "/a/s-",
                        new byte[i],
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT_SEQUENTIAL);
            }
            content = stream(from);
            digest = from.server.version().digest();
        }
        try (LiveServer live = start("to")) {
            live.create("/b", null);
            long before = live.server.version().zxid();
            long oldSession = live.client.getSessionId();

            long zxid = restored(live, content);

            assertTrue(zxid > before, () -> zxid + " after " + before);
            assertEquals(zxid, live.server.version().zxid());
            assertEquals(digest, live.server.version().digest());
            assertTrue(!live.server.version().hasSession(oldSession), "sessions of before");
            ZooKeeper client = live.connect();
            try {
                assertNull(client.exists("/b", false));
                assertEquals(
                        "/a/s-0000000003",
                        client.create(
                                "/a/s-",
                                null,
                                Ids.OPEN_ACL_UNSAFE,
                                CreateMode.PERSISTENT_SEQUENTIAL));
            } finally {
                client.close();
            }
        }
        try (LiveServer live = start("to")) {
            assertEquals(300_000, live.client.exists("/a", false).getDataLength());
            assertNotNull(live.client.exists("/a/s-0000000003", false));
            assertNull(live.client.exists("/b", false));
        }
    }

    /** For clients time goes on: those whose session the state has come back with it. */
    @Test
    void sessionsOfTheStateGoOn() throws Exception {
        try (LiveServer live = start("one")) {
            live.client.create("/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            byte[] content = stream(live);
            live.client.delete("/e", -1);
            live.create("/later", null);

            restored(live, content);

            LiveServer.await("the client is back", () -> isThere(live.client, "/e"));
            assertNull(live.client.exists("/later", false));
            long session = live.client.getSessionId();
            assertEquals(session, live.client.exists("/e", false).getEphemeralOwner());
            live.client.close();
            LiveServer.await(
                    "its ephemeral goes with it", () -> !live.server.version().exists("/e"));
        }
    }

    private static boolean isThere(ZooKeeper client, String path) {
        try {
            return client.exists(path, false) != null;
        } catch (KeeperException.ConnectionLossException e) {
            return false;
        } catch (KeeperException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What is acknowledged before is in nobody's way, and what comes after is kept. */
    @Test
    void writersGoOnAcrossARestoration() throws Exception {
        byte[] content;
        try (LiveServer live = start("busy")) {
            live.create("/n", null);
            content = stream(live);
            AtomicBoolean stops = new AtomicBoolean();
            AtomicInteger written = new AtomicInteger();
            Thread writer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!stops.get()) {
                                            if (isWritten(live.client)) {
                                                written.incrementAndGet();
                                            }
                                        }
                                    });
            for (int i = 0; i < 5; i++) {
                int before = written.get();
                LiveServer.await("writes", () -> written.get() > before + 20);
                restored(live, content);
            }
            int before = written.get();
            LiveServer.await("writes", () -> written.get() > before + 20);
            stops.set(true);
            writer.join();
            live.create("/last", null);
        }
        try (LiveServer live = start("busy")) {
            assertNotNull(live.client.exists("/last", false));
        }
    }

    private static boolean isWritten(ZooKeeper client) {
        try {
            client.setData("/n", new byte[100], -1);
            return true;
        } catch (KeeperException.ConnectionLossException e) {
            return false;
        } catch (KeeperException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ephemeralsWithoutTheirSessionAreLeftOut() throws Exception {
        DataTree tree = new DataTree(new TreeOptions(true, false, false));
        tree.apply(new TxnHeader(7, 0, 1, 98), new Txn.CreateSessionTxn(40_000));
        for (long owner : new long[] {7, 8}) {
            tree.apply(
                    new TxnHeader(owner, 0, owner, 99),
                    new Txn.CreateTxn(Op.CREATE, "/e" + owner, null, Acl.OPEN, true, (int) owner));
        }
        try (LiveServer live = start("fuzzy")) {
            restored(live, SealedBytes.of(tree.seal()));

            assertTrue(live.server.version().exists("/e7"), "of a session");
            assertTrue(!live.server.version().exists("/e8"), "of none");
        }
    }

    /** The same with its last section's zxid, and the seal that fits it. */
    private static byte[] withZxid(byte[] content, long zxid) {
        byte[] changed = content.clone();
        int at = changed.length - 13 - 8;
        ByteBuffer.wrap(changed).putLong(at, zxid);
        Adler32 sum = new Adler32();
        sum.update(changed, 0, at + 8);
        ByteBuffer.wrap(changed).putLong(at + 8, sum.getValue());
        return changed;
    }

    @Test
    void whatIsNoWholeStateChangesNothing() throws Exception {
        try (LiveServer live = start("sound")) {
            live.create("/a", new byte[1000]);
            byte[] content = stream(live);
            live.create("/kept", null);
            Random random = new Random(3);
            byte[] garbage = new byte[5000];
            random.nextBytes(garbage);
            byte[] changed = content.clone();
            changed[content.length / 2] ^= 1;
            List<byte[]> contents =
                    List.of(
                            new byte[0],
                            garbage,
                            changed,
                            Arrays.copyOf(content, 7),
                            Arrays.copyOf(content, content.length / 2),
                            Arrays.copyOf(content, content.length - 1),
                            Arrays.copyOf(content, content.length - 21),
                            Arrays.copyOf(content, content.length + 1),
                            withZxid(content, -1),
                            withZxid(content, Long.MAX_VALUE));
            for (byte[] each : contents) {
                assertEquals(500, restore(live, each).statusCode(), () -> "" + each.length);
            }

            assertNotNull(live.client.exists("/kept", false));
            assertTrue(restored(live, content) > 0, "and the sound one is taken");
        }
    }

    /** Fewer bytes than announced: the connection ends, and nothing has changed. */
    @Test
    void whoBreaksOffChangesNothing() throws Exception {
        try (LiveServer live = start("cut")) {
            byte[] content = stream(live);
            live.create("/kept", null);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), adminPort(live))) {
                String head =
                        "POST /commands/restore HTTP/1.1\r\nHost: a\r\nAuthorization: "
                                + KEEPER
                                + "\r\nContent-Length: "
                                + Long.MAX_VALUE
                                + "\r\n\r\n";
                socket.getOutputStream().write(head.getBytes(UTF_8));
                socket.getOutputStream().write(content, 0, content.length - 30);
                socket.shutdownOutput();
                socket.setSoTimeout(20_000);
                String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
                assertTrue(!answer.startsWith("HTTP/1.1 200"), answer);
            }
            LiveServer.await("the next one's turn", () -> isTaken(live, content));
        }
    }

    private static boolean isTaken(LiveServer live, byte[] content) {
        try {
            assertTrue(live.server.version().exists("/kept"), "nothing has changed");
            return restore(live, content).statusCode() == 200;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** It would end the server, for want of memory or of disk. */
    @Test
    void stateThatThereIsNoRoomForIsRefusedBeforeItIsThere() throws Exception {
        AtomicInteger read = new AtomicInteger();
        InputStream endless =
                new InputStream() {
                    private final byte[] image =
                            SealedBytes.of(new DataTree(TreeOptions.DEFAULT).seal());

                    @Override
                    public int read() {
                        int at = read.getAndIncrement();
                        return at < image.length ? image[at] & 0xff : 0;
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        for (int i = 0; i < length; i++) {
                            target[offset + i] = (byte) read();
                        }
                        return length;
                    }
                };
        RestoreCommand command =
                new RestoreCommand(
                        "",
                        TreeOptions.DEFAULT,
                        new Turns(0),
                        new RestoreCommand.Target() {
                            @Override
                            public long roomBytes() {
                                return 100;
                            }

                            @Override
                            public boolean take(Replacement replacement) {
                                throw new AssertionError("taken");
                            }
                        },
                        new ServerMetrics());

        assertEquals(500, command.command().body().run(Map.of(), endless).status());
        assertTrue(read.get() < 1 << 20, () -> "read " + read);
        assertTrue(new Room(folder).bytes() > 1 << 20, "here there is room");
    }

    @Test
    void whoMayNotChangesNothing() throws Exception {
        try (LiveServer live = start("closed")) {
            byte[] content = stream(live);
            String id = DigestAuthenticationProvider.generateDigest("other:pass");
            live.client.setACL("/", Arrays.asList(new ACL(Perms.ALL, new Id("digest", id))), -1);
            long before = live.server.version().zxid();

            assertEquals(403, restore(live, content).statusCode());
            assertEquals(403, restore(live, new byte[20_000_000]).statusCode());
            assertEquals(before, live.server.version().zxid());
        }
    }

    @Test
    void secondOfOneIntervalIsRefused() throws Exception {
        try (LiveServer live = LiveServer.start(folder, ADMIN)) {
            byte[] content = stream(live);

            assertEquals(200, restore(live, content).statusCode());
            assertEquals(429, restore(live, content).statusCode());
        }
    }

    @Test
    void whatIsSwitchedOffIsUnavailable() throws Exception {
        String off = ANY_TIME + "admin.restore.enabled=false\n";
        try (LiveServer live = LiveServer.start(folder, off)) {
            assertEquals(503, restore(live, stream(live)).statusCode());
        }
    }
}
