package io.loomkeeper.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole server's state, given away over HTTP. */
@Timeout(60)
final class SnapshotCommandTest {
    private static final String ADMIN = "admin.enableServer=true\nadmin.serverPort=0\n";
    private static final String ANY_TIME = ADMIN + "admin.rateLimiterIntervalInMS=0\n";
    private static final String STREAM = "/commands/snapshot?streaming=true";
    private static final String WRITE = "/commands/snapshot?streaming=false";
    private static final String KEEPER = "digest keeper:pass";

    @TempDir private Path directory;

    private static HttpResponse<byte[]> get(LiveServer live, String path, String authorization)
            throws Exception {
        int port = requireNonNull(live.server.admin().address()).getPort();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        }
    }

    private static int status(LiveServer live, String path, String authorization) throws Exception {
        return get(live, path, authorization).statusCode();
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static void closeRoot(LiveServer live) throws Exception {
        String id = DigestAuthenticationProvider.generateDigest("keeper:pass");
        live.client.setACL("/", Arrays.asList(new ACL(Perms.ALL, new Id("digest", id))), -1);
    }

    @Test
    void streamIsTheStateThatIsPublished() throws Exception {
        try (LiveServer live = LiveServer.start(directory, ANY_TIME)) {
            live.create("/a", new byte[300_000]);
            for (int i = 0; i < 50; i++) {
                live.create("/a/" + i, new byte[i]);
            }

            HttpResponse<byte[]> answer = get(live, STREAM, KEEPER);

            assertEquals(200, answer.statusCode());
            assertArrayEquals(SealedBytes.of(live.server.version()), answer.body());
            assertEquals(
                    "0x" + Long.toHexString(live.server.version().zxid()),
                    header(answer, "last_zxid"));
            String size = Integer.toString(answer.body().length);
            assertEquals(size, header(answer, "snapshot_size"));
            assertEquals(size, header(answer, "Content-Length"));
            assertEquals("application/octet-stream", header(answer, "Content-Type"));
            assertEquals(List.of(), live.snapshots());
        }
    }

    @Test
    void withoutStreamingTheSnapshotIsOnTheServersDisk() throws Exception {
        try (LiveServer live = LiveServer.start(directory, ANY_TIME)) {
            live.create("/a", new byte[10]);

            HttpResponse<byte[]> answer = get(live, WRITE, KEEPER);

            assertEquals(200, answer.statusCode());
            assertTrue(new String(answer.body(), UTF_8).contains("\"error\" : null"), "body");
            String name = "snapshot." + Long.toHexString(live.server.version().zxid());
            assertEquals(List.of(name), live.snapshots());
            Path file = DataDirs.snapshots(live.config.storage()).resolve(name);
            assertEquals(Long.toString(Files.size(file)), header(answer, "snapshot_size"));
            assertEquals(200, status(live, WRITE, KEEPER), "of the same state again");
        }
    }

    /** Also of what nobody has written to yet. */
    @Test
    void serverStartsFromTheSnapshotsThatWereAskedFor() throws Exception {
        Config config = LiveServer.config(directory, ANY_TIME);
        Server server = Server.start(config, Map.of(), (_, _) -> {});
        try {
            int port = requireNonNull(server.admin().address()).getPort();
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + WRITE))
                            .header("Authorization", "ip")
                            .build();
            try (HttpClient client = HttpClient.newHttpClient()) {
                assertEquals(200, client.send(request, BodyHandlers.discarding()).statusCode());
            }
        } finally {
            server.stop();
        }
        try (LiveServer live = LiveServer.start(directory, ANY_TIME)) {
            live.create("/a", new byte[10]);
            assertEquals(200, status(live, WRITE, KEEPER));
            live.create("/b", new byte[10]);
        }
        try (LiveServer live = LiveServer.start(directory)) {
            assertEquals(10, live.client.exists("/a", false).getDataLength());
            assertEquals(10, live.client.exists("/b", false).getDataLength());
        }
    }

    @Test
    void whoAsksNeedsEveryPermissionOnTheRoot() throws Exception {
        try (LiveServer live = LiveServer.start(directory, ANY_TIME)) {
            closeRoot(live);

            assertEquals(401, status(live, STREAM, ""));
            for (String unknown :
                    List.of(
                            "digest",
                            "Digest keeper:pass",
                            "digest keeper:pass more",
                            "Basic a2VlcGVyOnBhc3M=",
                            "x509",
                            "x509 CN=keeper",
                            "sasl keeper",
                            "super",
                            "world anyone",
                            "auth")) {
                assertEquals(401, status(live, STREAM, unknown), unknown);
            }
            for (String refused : List.of("digest keeper:passed", "digest keeper", "ip", "ip 1")) {
                assertEquals(403, status(live, STREAM, refused), refused);
            }
            assertEquals(200, status(live, STREAM, KEEPER));
            live.client.addAuthInfo("digest", "keeper:pass".getBytes(UTF_8));
            live.client.setACL(
                    "/",
                    Arrays.asList(
                            new ACL(Perms.ALL & ~Perms.DELETE, Ids.ANYONE_ID_UNSAFE),
                            new ACL(Perms.DELETE, new Id("ip", "127.0.0.1"))),
                    -1);
            assertEquals(403, status(live, STREAM, KEEPER), "all but one");
            assertEquals(200, status(live, STREAM, "ip"), "each by another entry");
        }
    }

    @Test
    void superuserMayAlways() throws Exception {
        String id = DigestAuthenticationProvider.generateDigest("super:user");
        try (LiveServer live =
                LiveServer.start(
                        directory,
                        ANY_TIME,
                        "DigestAuthenticationProvider.superDigest=" + id,
                        "profile=secure")) {
            assertEquals(200, status(live, STREAM, "digest super:user"));
            assertEquals(403, status(live, STREAM, KEEPER), "whom an open root does not name");
            closeRoot(live);
            assertEquals(200, status(live, STREAM, "digest super:user"));
            assertEquals(200, status(live, STREAM, KEEPER));
        }
    }

    @Test
    void secondOfOneIntervalIsRefused() throws Exception {
        try (LiveServer live = LiveServer.start(directory, ADMIN)) {
            assertEquals(401, status(live, STREAM, ""), "and takes no turn");
            assertEquals(200, status(live, STREAM, KEEPER));
            assertEquals(429, status(live, STREAM, KEEPER));
            assertEquals(429, status(live, WRITE, KEEPER));

            String metrics = new String(get(live, "/metrics", "").body(), UTF_8);
            assertTrue(metrics.contains("\nsnapshot_rate_limited_count 2.0\n"), metrics);
        }
    }

    @Test
    void whatIsSwitchedOffIsUnavailable() throws Exception {
        String off = ANY_TIME + "admin.snapshot.enabled=false\n";
        try (LiveServer live = LiveServer.start(directory, off)) {
            assertEquals(503, status(live, STREAM, KEEPER));
            assertEquals(503, status(live, WRITE, KEEPER));
        }
    }
}
