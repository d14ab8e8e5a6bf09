package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.TestAuthority;
import io.loomkeeper.TestKdc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ensembles of both kinds whose servers speak TLS to each other, and what else is kept secret. */
@Timeout(300)
final class SecureEnsembleTest {
    @TempDir private Path folder;

    private EnsembleUnderTest secure(String kinds) {
        return withKeys(kinds).with("sslQuorum", "true");
    }

    private EnsembleUnderTest withKeys(String kinds) {
        TestAuthority authority = new TestAuthority("CN=authority");
        Path keys =
                authority
                        .issue("CN=servers", "127.0.0.1", "localhost")
                        .write(folder.resolve("servers.pem"));
        Path trust = authority.writeTrust(folder.resolve("trust.pem"));
        return new EnsembleUnderTest(folder, kinds)
                .with("ssl.quorum.keyStore.location", keys.toString())
                .with("ssl.quorum.trustStore.location", trust.toString());
    }

    private EnsembleUnderTest authenticated(String kinds) throws IOException {
        Path jaas =
                Files.writeString(
                        folder.resolve("jaas.conf"),
                        """
                        QuorumServer {
                            org.apache.zookeeper.server.auth.DigestLoginModule required
                            user_member="secret";
                        };
                        QuorumLearner {
                            org.apache.zookeeper.server.auth.DigestLoginModule required
                            username="member"
                            password="secret";
                        };
                        """);
        return proving(kinds, jaas).with("fips-mode", "false");
    }

    private EnsembleUnderTest proving(String kinds, Path jaas) {
        return new EnsembleUnderTest(folder, kinds)
                .with("quorum.auth.enableSasl", "true")
                .with("quorum.auth.learnerRequireSasl", "true")
                .with("quorum.auth.serverRequireSasl", "true")
                .withProperty("java.security.auth.login.config", jaas.toString());
    }

    /** In AAL, ours leads Apache's two; then one of them leads, and ours comes back to it. */
    @ParameterizedTest
    @ValueSource(strings = {"AAL", "LLL"})
    void serversOfBothKindsElectSynchronizeAndServeOverTls(String kinds) throws Exception {
        assertElectsSynchronizesAndServes(secure(kinds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"AAL", "LLL"})
    void serversOfBothKindsProveThemselvesBySasl(String kinds) throws Exception {
        assertElectsSynchronizesAndServes(authenticated(kinds));
    }

    /** Each dials some and is dialled by others, whoever leads. */
    @Test
    void serversOfBothKindsProveThemselvesByKerberos() throws Exception {
        String member = "zkquorum/127.0.0.1";
        try (TestKdc kdc = TestKdc.start(folder, member)) {
            Path jaas =
                    Files.writeString(
                            folder.resolve("jaas.conf"),
                            kdc.section("QuorumServer", member)
                                    + kdc.section("QuorumLearner", member));
            assertElectsSynchronizesAndServes(
                    proving("LLA", jaas)
                            .with("quorum.auth.kerberos.servicePrincipal", "zkquorum/_HOST")
                            .withProperty(TestKdc.KRB5, kdc.krb5().toString()));
        }
    }

    /** A server that comes back is told what it missed; then another one leads. */
    private static void assertElectsSynchronizesAndServes(EnsembleUnderTest laidOut)
            throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(laidOut)) {
            int leader = ensemble.awaitLeader();
            int away = leader == 1 ? 2 : 1;
            write(ensemble, "/before");
            ensemble.kill(away);
            ensemble.awaitLeader();
            writeAt(ensemble, ensemble.addresses(leader), "/meanwhile");
            ensemble.launch(away);
            ensemble.awaitAllServing();
            writeAt(ensemble, ensemble.addresses(away), "/after");
            ensemble.kill(leader);
            ensemble.await("another leader", () -> isLedByAnother(ensemble, leader));
            ensemble.launch(leader);
            ensemble.awaitAllServing();

            assertEquals(ensemble.tree(1), ensemble.tree(2));
            assertEquals(ensemble.tree(1), ensemble.tree(3));
            assertEquals(4, ensemble.tree(1).size());
        }
    }

    /** Each round is a restart of one server after the other; two of three always serve. */
    @Test
    void runningEnsembleGoesOverToTlsInThreeRounds() throws Exception {
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(withKeys("LAL"))) {
            int round = 0;
            for (String key : List.of("portUnification", "sslQuorum", "portUnification")) {
                boolean value = round < 2;
                for (int id = 1; id <= 3; id++) {
                    ensemble.kill(id);
                    set(ensemble.server(id).directory().resolve("zoo.cfg"), key, value);
                    ensemble.launchAsItIs(id);
                    ensemble.awaitAllServing();
                }
                write(ensemble, "/round-" + round++);
            }

            ensemble.awaitSameZxid();
            assertEquals(ensemble.tree(1), ensemble.tree(2));
            assertEquals(4, ensemble.tree(3).size());
        }
    }

    private static void set(Path zooCfg, String key, boolean value) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(zooCfg));
        lines.removeIf(line -> line.startsWith(key + "="));
        lines.add(key + "=" + value);
        Files.write(zooCfg, lines);
    }

    private static boolean isLedByAnother(EnsembleUnderTest ensemble, int leader) {
        return ensemble.ids().anyMatch(id -> id != leader && ensemble.mode(id).equals("leader"));
    }

    private static void write(EnsembleUnderTest ensemble, String path) throws Exception {
        writeAt(ensemble, ensemble.addresses(), path);
    }

    private static void writeAt(EnsembleUnderTest ensemble, String addresses, String path)
            throws Exception {
        ZooKeeper client = ensemble.connect(addresses);
        try {
            byte[] data = path.getBytes(StandardCharsets.UTF_8);
            client.create(path, data, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            assertArrayEquals(data, client.getData(path, false, null));
        } finally {
            client.close();
        }
    }

    /** Who has seen the id, as the owner of an ephemeral, gets nothing by Apache's derivation. */
    @Test
    void sessionOfAnEnsembleWithASecretGoesWithItsOwnerAndWithNobodyElse() throws Exception {
        Path secret = folder.resolve("secret");
        Files.writeString(secret, "no one knows these forty characters, no one.");
        EnsembleUnderTest laidOut =
                new EnsembleUnderTest(folder, "LLL").with("session.secretFile", secret.toString());
        try (EnsembleUnderTest ensemble = EnsembleUnderTest.start(laidOut)) {
            ZooKeeper owner = ensemble.connect(ensemble.addresses(1));
            owner.create("/lock", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            long id = owner.exists("/lock", false).getEphemeralOwner();
            byte[] derived = new byte[16];
            new Random(id ^ 0xB3415C00L).nextBytes(derived);
            byte[] given = owner.getSessionPasswd();

            for (int server : new int[] {1, 2, 3}) {
                assertFalse(isTaken(ensemble.addresses(server), id, derived));
            }
            assertTrue(owner.getState().isConnected());
            assertTrue(isTaken(ensemble.addresses(2), id, given));
        }
    }

    private static boolean isTaken(String address, long id, byte[] password) throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        KeeperState[] state = new KeeperState[1];
        ZooKeeper client =
                new ZooKeeper(
                        address,
                        10_000,
                        event -> {
                            if (event.getState() == KeeperState.Expired
                                    || event.getState() == KeeperState.SyncConnected) {
                                state[0] = event.getState();
                                answered.countDown();
                            }
                        },
                        id,
                        password);
        try {
            assertTrue(answered.await(60, TimeUnit.SECONDS), "no answer");
            return state[0] == KeeperState.SyncConnected;
        } finally {
            client.close();
        }
    }
}
