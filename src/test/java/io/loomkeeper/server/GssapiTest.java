package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.TestKdc;
import io.loomkeeper.net.PeerProof;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.Subject;
import javax.security.auth.kerberos.KerberosTicket;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apache's Java client authenticates by Kerberos, with a KDC in this process. */
@Timeout(120)
final class GssapiTest {
    private static final String REALM = TestKdc.REALM;
    private static final String SERVICE = "zookeeper/localhost";
    private static final String MEMBER = "zkquorum/127.0.0.1";

    @TempDir private Path folder;

    private @Nullable TestKdc kdc;

    private TestKdc kdc() {
        return requireNonNull(kdc);
    }

    @BeforeEach
    void startKdc() throws Exception {
        kdc = TestKdc.start(folder, SERVICE, "bob", "web/localhost", MEMBER, "zkquorum/elsewhere");
        System.setProperty(TestKdc.KRB5, kdc.krb5().toString());
    }

    @AfterEach
    void stopKdc() throws Exception {
        System.clearProperty(TestKdc.KRB5);
        kdc().close();
    }

    private Path jaas() throws IOException {
        return Files.writeString(folder.resolve("jaas.conf"), kdc().section("Server", SERVICE));
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
                        "keyTab", kdc().keytab().toString(),
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
                    Files.delete(kdc().keytab());
                    server();
                });
    }

    private PeerSasl member(String principal) throws IOException, ConfigException {
        Path jaas =
                Files.writeString(
                        folder.resolve("jaas.conf"),
                        kdc().section("QuorumServer", MEMBER)
                                + kdc().section("QuorumLearner", principal));
        String text =
                """
                quorum.auth.enableSasl=true
                quorum.auth.kerberos.servicePrincipal=zkquorum/_HOST
                """;
        Settings settings =
                new Settings(
                        "zoo.cfg",
                        ConfigText.parse("zoo.cfg", new StringReader(text)),
                        Map.of("java.security.auth.login.config", jaas.toString()));
        return requireNonNull(PeerSasl.open(PeerSaslConfig.parse(settings)));
    }

    /** Of one server that dials another. */
    private static boolean isLetIn(PeerSasl sasl) throws IOException {
        PeerProof.Exchange judging = sasl.judging(Set.of("127.0.0.1"));
        PeerProof.Exchange giving = sasl.giving("127.0.0.1");
        byte[] token = new byte[0];
        while (!giving.isDone() || !judging.isDone()) {
            byte[] given = giving.answer(token);
            byte[] answer = judging.answer(given == null ? new byte[0] : given);
            token = answer == null ? new byte[0] : answer;
        }
        return true;
    }

    @Test
    void serverProvesThatItsHostIsOfTheConfiguration() throws Exception {
        assertTrue(isLetIn(member(MEMBER)));
        PeerSasl stranger = member("zkquorum/elsewhere");
        assertThrows(IOException.class, () -> isLetIn(stranger));
        PeerSasl withoutHost = member("bob");
        assertThrows(IOException.class, () -> isLetIn(withoutHost));
    }

    @Test
    void serverLogsInAnewBeforeItsTicketEnds() throws Exception {
        PeerSasl sasl = member(MEMBER);
        long nowMs = System.currentTimeMillis();
        JaasSection first = sasl.own(nowMs);
        long endMs = endMs(first);

        assertSame(first, sasl.own(nowMs));
        long lateMs = nowMs + (endMs - nowMs) * 9 / 10;
        JaasSection second = sasl.own(lateMs);
        assertNotSame(first, second);
        Files.delete(kdc().keytab());
        assertSame(second, sasl.own(endMs(second) - 1));
        assertThrows(IOException.class, () -> sasl.own(endMs(second)));
    }

    private static long endMs(JaasSection section) {
        Subject subject = ((JaasSection.Principal) section).subject();
        return subject.getPrivateCredentials(KerberosTicket.class).stream()
                .mapToLong(ticket -> ticket.getEndTime().toInstant().toEpochMilli())
                .min()
                .orElseThrow();
    }
}
