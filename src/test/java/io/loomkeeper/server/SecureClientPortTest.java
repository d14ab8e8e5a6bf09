package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loomkeeper.TestAuthority;
import io.loomkeeper.TestAuthority.Identity;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apache's Java client at a port with TLS. */
@Timeout(120)
final class SecureClientPortTest {
    private static final String ADMIN = "CN=admin,O=us";

    private final TestAuthority authority = new TestAuthority("CN=authority");

    @TempDir private Path folder;

    private LiveServer server(String ports) throws Exception {
        return LiveServer.start(
                folder.resolve("data"),
                ports,
                "ssl.keyStore.location="
                        + authority
                                .issue("CN=server", "127.0.0.1", "localhost")
                                .write(folder.resolve("server.p12")),
                "ssl.keyStore.password=" + TestAuthority.PASSWORD,
                "ssl.trustStore.location=" + authority.writeTrust(folder.resolve("trust.pem")),
                "X509AuthenticationProvider.superUser=" + ADMIN,
                "4lw.commands.whitelist=*");
    }

    private ZKClientConfig shows(Identity identity) {
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
        config.setProperty(
                ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET,
                "org.apache.zookeeper.ClientCnxnSocketNetty");
        config.setProperty(
                "zookeeper.ssl.keyStore.location",
                identity.write(folder.resolve(identity.subject() + ".p12")).toString());
        config.setProperty("zookeeper.ssl.keyStore.password", TestAuthority.PASSWORD);
        config.setProperty(
                "zookeeper.ssl.trustStore.location",
                authority.writeTrust(folder.resolve("client-trust.pem")).toString());
        return config;
    }

    private static ZooKeeper connect(int port, ZKClientConfig config) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client =
                new ZooKeeper(
                        "127.0.0.1:" + port,
                        30_000,
                        event -> {
                            if (event.getState() == KeeperState.SyncConnected) {
                                connected.countDown();
                            }
                        },
                        config);
        assertTrue(connected.await(30, TimeUnit.SECONDS), "no session");
        return client;
    }

    private interface Use {
        void of(ZooKeeper client) throws Exception;
    }

    private static void with(int port, ZKClientConfig config, Use use) throws Exception {
        ZooKeeper client = connect(port, config);
        try {
            use.of(client);
        } finally {
            client.close();
        }
    }

    @Test
    void sessionsReadsWritesAndWatchesWorkOverTls() throws Exception {
        try (LiveServer server = server("secureClientPort=0")) {
            int port = server.server.securePort();
            with(
                    port,
                    shows(authority.issue("CN=client")),
                    client -> {
                        CountDownLatch watched = new CountDownLatch(1);
                        byte[] large = new byte[500_000];
                        large[77] = 7;
                        client.create("/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                        client.exists("/a", _ -> watched.countDown());
                        client.setData("/a", large, -1);

                        assertTrue(watched.await(30, TimeUnit.SECONDS));
                        assertArrayEquals(large, client.getData("/a", false, null));
                        assertArrayEquals(large, server.client.getData("/a", false, null));
                    });
        }
    }

    private static String admin(LiveServer server, String path) throws Exception {
        int port = requireNonNull(server.server.admin().address()).getPort();
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + port + path);
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
        }
    }

    @Test
    void operatorsSeeWhoIsThereWithTlsAndWhoWithout() throws Exception {
        String ports = "client.portUnification=true\nadmin.enableServer=true\nadmin.serverPort=0";
        try (LiveServer server = server(ports)) {
            with(
                    server.server.address().getPort(),
                    shows(authority.issue("CN=client")),
                    client -> {
                        JsonNode both =
                                new ObjectMapper().readTree(admin(server, "/commands/cons"));
                        assertEquals(1, both.get("connections").size());
                        assertEquals(1, both.get("secure_connections").size());
                        assertEquals(
                                client.getSessionId(),
                                both.get("secure_connections").get(0).get("session_id").asLong());
                        String figures = admin(server, "/metrics");
                        assertTrue(figures.contains("\nnon_mtls_local_conn_count 1.0\n"), figures);
                        assertTrue(figures.contains("\nnon_mtls_remote_conn_count 0.0\n"), figures);
                        assertTrue(figures.contains("\noutstanding_tls_handshake 0.0\n"), figures);
                        assertTrue(
                                figures.contains("\nconnection_token_deficit_count 2\n"), figures);
                    });
        }
    }

    @Test
    void unifiedPortServesClientsOfBothKinds() throws Exception {
        try (LiveServer server = server("client.portUnification=true")) {
            int port = server.server.address().getPort();
            with(
                    port,
                    shows(authority.issue("CN=client")),
                    client -> {
                        client.create("/tls", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                        server.create("/plain", null);

                        assertEquals(
                                List.of("plain", "tls", "zookeeper"),
                                client.getChildren("/", false).stream().sorted().toList());
                    });
        }
    }

    @Test
    void whatIsForOneCertificateIsNotForAnother() throws Exception {
        try (LiveServer server = server("secureClientPort=0")) {
            int port = server.server.securePort();
            Identity owner = authority.issue("CN=owner,O=us");
            with(
                    port,
                    shows(owner),
                    client -> {
                        client.create(
                                "/mine",
                                new byte[] {1},
                                Ids.CREATOR_ALL_ACL,
                                CreateMode.PERSISTENT);
                        List<ACL> acl = client.getACL("/mine", null);

                        assertEquals(
                                List.of(new ACL(Perms.ALL, new Id("x509", "CN=owner,O=us"))), acl);
                    });
            assertThrows(
                    KeeperException.NoAuthException.class,
                    () -> server.client.getData("/mine", false, null));
            with(
                    port,
                    shows(authority.issue("CN=owner,O=them")),
                    client -> {
                        assertThrows(
                                KeeperException.NoAuthException.class,
                                () -> client.getData("/mine", false, null));
                    });
            with(
                    port,
                    shows(authority.issue(ADMIN)),
                    client -> {
                        assertArrayEquals(new byte[] {1}, client.getData("/mine", false, null));
                        client.delete("/mine", -1);
                    });
            assertNull(server.client.exists("/mine", false));
        }
    }
}
