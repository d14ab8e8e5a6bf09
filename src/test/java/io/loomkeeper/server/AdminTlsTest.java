package io.loomkeeper.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.TestAuthority;
import io.loomkeeper.TestAuthority.Identity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS at a whole server's admin port. */
@Timeout(60)
final class AdminTlsTest {
    private static final int IDLE_MS = 300;

    private final TestAuthority authority = new TestAuthority("CN=authority");

    @TempDir private Path folder;

    private LiveServer start(String... lines) throws Exception {
        Identity own = authority.issue("CN=server", "127.0.0.1", "localhost");
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "admin.enableServer=true",
                                "admin.serverPort=0",
                                "admin.idleTimeout=" + IDLE_MS,
                                "admin.rateLimiterIntervalInMS=0",
                                "ssl.quorum.keyStore.location="
                                        + own.write(folder.resolve("server.pem")),
                                "ssl.quorum.trustStore.location="
                                        + authority.writeTrust(folder.resolve("trust.pem"))));
        all.addAll(Arrays.asList(lines));
        Path data = Files.createDirectories(folder.resolve("data"));
        return LiveServer.start(data, all.toArray(String[]::new));
    }

    private static int port(LiveServer live) {
        return requireNonNull(live.server.admin().address()).getPort();
    }

    /** Believes the authority, and shows a certificate if there is one. */
    private HttpClient client(@Nullable Identity shown) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        Identity any = authority.issue("CN=any");
        trusted.setCertificateEntry("authority", any.chain().getLast());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (shown != null) {
            own.setKeyEntry(
                    "own", shown.key(), new char[0], shown.chain().toArray(Certificate[]::new));
        }
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static HttpResponse<byte[]> get(
            HttpClient client, String scheme, LiveServer live, String path) throws Exception {
        URI uri = URI.create(scheme + "://127.0.0.1:" + port(live) + path);
        HttpRequest request = HttpRequest.newBuilder(uri).header("Authorization", "x509").build();
        return client.send(request, BodyHandlers.ofByteArray());
    }

    @Test
    void unifiedPortServesBoth() throws Exception {
        try (LiveServer live = start("admin.portUnification=true");
                HttpClient client = client(null)) {
            for (String scheme : List.of("https", "http", "https")) {
                HttpResponse<byte[]> answer = get(client, scheme, live, "/commands/ruok");
                assertEquals(200, answer.statusCode());
                assertTrue(new String(answer.body(), ISO_8859_1).contains("ruok"), scheme);
            }
            String metrics = new String(get(client, "https", live, "/metrics").body(), ISO_8859_1);
            assertTrue(metrics.contains("\ninsecure_admin_count 1.0\n"), metrics);
        }
    }

    @Test
    void forcedPortServesNothingPlain() throws Exception {
        try (LiveServer live = start("admin.forceHttps=true", "admin.portUnification=true");
                HttpClient client = client(null)) {
            assertThrows(IOException.class, () -> get(client, "http", live, "/commands/ruok"));
            assertEquals(200, get(client, "https", live, "/commands/ruok").statusCode());
        }
    }

    @Test
    void certificateIsAskedForAndIsAnIdentity() throws Exception {
        Identity keeper = authority.issue("CN=keeper");
        Identity other = authority.issue("CN=other");
        Identity stranger = new TestAuthority("CN=elsewhere").issue("CN=keeper");
        try (LiveServer live = start("admin.forceHttps=true", "admin.needClientAuth=true")) {
            live.create("/a", new byte[1_000_000]);
            live.client.setACL(
                    "/", Arrays.asList(new ACL(Perms.ALL, new Id("x509", keeper.subject()))), -1);
            try (HttpClient client = client(keeper)) {
                HttpResponse<byte[]> answer = get(client, "https", live, "/commands/snapshot");
                assertEquals(200, answer.statusCode());
                assertTrue(answer.body().length > 1_000_000, "all of it");
            }
            try (HttpClient client = client(other)) {
                assertEquals(403, get(client, "https", live, "/commands/snapshot").statusCode());
            }
            for (Identity refused : new Identity[] {null, stranger}) {
                try (HttpClient client = client(refused)) {
                    assertThrows(
                            IOException.class, () -> get(client, "https", live, "/commands/ruok"));
                }
            }
        }
    }

    @Test
    void keysThatHaveChangedAreTaken() throws Exception {
        try (LiveServer live = start("admin.forceHttps=true")) {
            try (HttpClient client = client(null)) {
                assertEquals(200, get(client, "https", live, "/commands/ruok").statusCode());
            }
            TestAuthority later = new TestAuthority("CN=later");
            later.issue("CN=server", "127.0.0.1").write(folder.resolve("server.pem"));
            LiveServer.await(
                    "the old certificate is not shown any more",
                    () -> {
                        try (HttpClient client = client(null)) {
                            return get(client, "https", live, "/commands/ruok").statusCode() < 0;
                        } catch (IOException _) {
                            return true;
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
        }
    }

    @Test
    void keyThatCannotBeReadStopsTheStart() throws Exception {
        Config config =
                LiveServer.config(
                        folder,
                        "admin.enableServer=true",
                        "admin.serverPort=0",
                        "admin.forceHttps=true",
                        "ssl.quorum.keyStore.location=" + folder.resolve("none.pem"));

        IOException refusal =
                assertThrows(
                        IOException.class,
                        () -> Server.start(config, Map.of(), (_, _) -> {}).stop());
        assertTrue(refusal.toString().contains("none.pem"), refusal::toString);
    }

    private static String rest(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        } catch (SocketException _) {
            return "";
        }
    }

    /** Silence, half a handshake, garbage behind its first byte: each ends its own connection. */
    @Test
    void whatIsNoHandshakeEndsItsConnectionAndNothingElse() throws Exception {
        try (LiveServer live = start("admin.forceHttps=true");
                HttpClient client = client(null)) {
            assertEquals(200, get(client, "https", live, "/commands/ruok").statusCode());
            Random random = new Random(11);
            for (int i = 0; i < 40; i++) {
                byte[] bytes = new byte[random.nextInt(1, 400)];
                random.nextBytes(bytes);
                bytes[0] = 0x16;
                if (i % 2 == 0 && bytes.length > 5) {
                    System.arraycopy(new byte[] {0x16, 3, 3, 0x40, 0}, 0, bytes, 0, 5);
                }
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(live))) {
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream().write(bytes);
                    assertFalse(rest(socket).contains("HTTP"), "answered");
                }
            }
            assertEquals(200, get(client, "https", live, "/commands/ruok").statusCode());
        }
    }
}
