package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kerby.kerberos.kerb.server.SimpleKdcServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apache's Java client authenticates by Kerberos, with a KDC in this process. */
@Timeout(120)
final class GssapiTest {
    private static final String REALM = "EXAMPLE.COM";
    private static final String KRB5 = "java.security.krb5.conf";
    private static final String SERVICE = "zookeeper/localhost";

    @TempDir private Path folder;

    private SimpleKdcServer kdc;
    private Path keytab;

    @BeforeEach
    void startKdc() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        kdc = new SimpleKdcServer();
        kdc.setWorkDir(folder.toFile());
        kdc.setKdcHost("localhost");
        kdc.setKdcRealm(REALM);
        kdc.setKdcTcpPort(port);
        kdc.setAllowUdp(false);
        kdc.init();
        kdc.start();
        keytab = folder.resolve("keytab");
        kdc.createAndExportPrincipals(keytab.toFile(), SERVICE, "bob", "web/localhost");
        Path krb5 =
                Files.writeString(
                        folder.resolve("our-krb5.conf"),
                        """
                        [libdefaults]
                        default_realm = %s
                        dns_lookup_kdc = false
                        dns_lookup_realm = false
                        udp_preference_limit = 1
                        [realms]
                        %s = {
                          kdc = localhost:%d
                        }
                        """
                                .formatted(REALM, REALM, port));
        System.setProperty(KRB5, krb5.toString());
    }

    @AfterEach
    void stopKdc() throws Exception {
        System.clearProperty(KRB5);
        kdc.stop();
    }

    /** As Apache's guide has it; the configuration is read anew, since other tests may have. */
    private Path jaas() throws IOException {
        return Files.writeString(
                folder.resolve("jaas.conf"),
                """
                Server {
                    com.sun.security.auth.module.Krb5LoginModule required
                    refreshKrb5Config=true
                    useKeyTab=true
                    keyTab="%s"
                    storeKey=true
                    useTicketCache=false
                    principal="%s@%s";
                };
                """
                        .formatted(keytab, SERVICE, REALM));
    }

    private LiveServer server(String... lines) throws Exception {
        return LiveServer.start(
                folder.resolve("data"),
                Map.of("java.security.auth.login.config", jaas().toString()),
                lines);
    }

    private interface Use {
        void of(ZooKeeper client) throws Exception;
    }

    private void as(LiveServer server, String principal, Use use) throws Exception {
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.ZOOKEEPER_SERVER_PRINCIPAL, SERVICE);
        Map<String, String> options =
                Map.of(
                        "refreshKrb5Config", "true",
                        "useKeyTab", "true",
                        "keyTab", keytab.toString(),
                        "storeKey", "true",
                        "useTicketCache", "false",
                        "principal", principal + "@" + REALM);
        new SaslClient("com.sun.security.auth.module.Krb5LoginModule", options, config)
                .use(
                        server,
                        60,
                        (client, states) -> {
                            assertTrue(
                                    states.contains(KeeperState.SaslAuthenticated),
                                    states::toString);
                            use.of(client);
                        });
    }

    @Test
    void principalOwnsWhatOthersMayNotSee() throws Exception {
        try (LiveServer server = server()) {
            as(
                    server,
                    "bob",
                    client -> {
                        client.create(
                                "/bobs",
                                new byte[] {1},
                                Ids.CREATOR_ALL_ACL,
                                CreateMode.PERSISTENT);
                        assertEquals(
                                List.of(new ACL(Perms.ALL, new Id("sasl", "bob@" + REALM))),
                                client.getACL("/bobs", null));
                    });
            assertThrows(
                    KeeperException.NoAuthException.class,
                    () -> server.client.getData("/bobs", false, null));
            as(
                    server,
                    "bob",
                    client ->
                            assertArrayEquals(
                                    new byte[] {1}, client.getData("/bobs", false, null)));
        }
    }

    @Test
    void hostAndRealmAreLeftOutOfTheIdIfAskedFor() throws Exception {
        String[] lines = {
            "kerberos.removeHostFromPrincipal=true", "kerberos.removeRealmFromPrincipal=true"
        };
        try (LiveServer server = server(lines)) {
            as(
                    server,
                    "web/localhost",
                    client -> {
                        client.create("/webs", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
                        assertEquals(
                                List.of(new ACL(Perms.ALL, new Id("sasl", "web"))),
                                client.getACL("/webs", null));
                    });
        }
    }

    @Test
    void serverThatCannotLogInDoesNotStart() {
        assertThrows(
                IOException.class,
                () -> {
                    jaas();
                    Files.delete(keytab);
                    server();
                });
    }
}
