package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apache's Java client authenticates by DIGEST-MD5, with a jaas.conf as Apache's server has it. */
@Timeout(120)
final class SaslTest {
    private static final String JAAS =
            """
            Server {
                org.apache.zookeeper.server.auth.DigestLoginModule required
                user_bob="bobsecret"
                user_alice="alicesecret"
                user_super="supersecret";
            };
            """;

    @TempDir private Path folder;

    private LiveServer server(String... lines) throws Exception {
        return LiveServer.start(
                folder.resolve("data"),
                Map.of("java.security.auth.login.config", jaas(JAAS).toString()),
                lines);
    }

    private Path jaas(String text) throws IOException {
        return Files.writeString(folder.resolve("jaas.conf"), text);
    }

    private static void as(LiveServer server, String user, String password, SaslClient.Use use)
            throws Exception {
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty("zookeeper.fips-mode", "false");
        new SaslClient(
                        "org.apache.zookeeper.server.auth.DigestLoginModule",
                        Map.of("username", user, "password", password),
                        config)
                .use(server, 30, use);
    }

    @Test
    void userOwnsWhatOthersMayNotSee() throws Exception {
        try (LiveServer server = server("fips-mode=false")) {
            as(
                    server,
                    "bob",
                    "bobsecret",
                    (client, _) -> {
                        client.create(
                                "/bobs",
                                new byte[] {1},
                                Ids.CREATOR_ALL_ACL,
                                CreateMode.PERSISTENT);
                        assertEquals(
                                List.of(new ACL(Perms.ALL, new Id("sasl", "bob"))),
                                client.getACL("/bobs", null));
                    });
            assertThrows(
                    KeeperException.NoAuthException.class,
                    () -> server.client.getData("/bobs", false, null));
            as(
                    server,
                    "alice",
                    "alicesecret",
                    (client, _) ->
                            assertThrows(
                                    KeeperException.NoAuthException.class,
                                    () -> client.getData("/bobs", false, null)));
            as(
                    server,
                    "bob",
                    "bobsecret",
                    (client, _) ->
                            assertArrayEquals(
                                    new byte[] {1}, client.getData("/bobs", false, null)));
        }
    }

    @Test
    void wrongPasswordAndUnknownUserAreRefused() throws Exception {
        try (LiveServer server = server("fips-mode=false")) {
            for (String user : List.of("bob", "nobody")) {
                as(
                        server,
                        user,
                        "wrong",
                        (client, states) -> {
                            assertTrue(states.contains(KeeperState.AuthFailed), states::toString);
                            assertThrows(
                                    KeeperException.AuthFailedException.class,
                                    () -> client.exists("/", false));
                        });
            }
        }
    }

    @Test
    void fipsModeHasNoDigestMd5() throws Exception {
        try (LiveServer server = server()) {
            as(
                    server,
                    "bob",
                    "bobsecret",
                    (_, states) ->
                            assertTrue(states.contains(KeeperState.AuthFailed), states::toString));
        }
    }

    @Test
    void superUserMayDoEverything() throws Exception {
        try (LiveServer server = server("fips-mode=false", "superUser.a=alice", "superUser=x")) {
            as(
                    server,
                    "bob",
                    "bobsecret",
                    (client, _) ->
                            client.create(
                                    "/bobs", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
            as(server, "alice", "alicesecret", (client, _) -> client.delete("/bobs", -1));
        }
    }

    @Test
    void whoMustAuthenticateIsServedOnlyThen() throws Exception {
        String[] lines = {"fips-mode=false", "sessionRequireClientSASLAuth=true"};
        try (LiveServer server = server(lines)) {
            assertThrows(
                    KeeperException.SessionClosedRequireAuthException.class,
                    () -> server.client.exists("/", false));
            as(
                    server,
                    "bob",
                    "bobsecret",
                    (client, _) -> assertEquals(1, client.getChildren("/", false).size()));
        }
    }

    @Test
    void requiringWhatIsNotThereStopsTheStart() {
        assertThrows(
                IOException.class,
                () ->
                        LiveServer.start(
                                folder.resolve("data"),
                                Map.of(),
                                "sessionRequireClientSASLAuth=true"));
        assertThrows(
                IOException.class,
                () ->
                        LiveServer.start(
                                folder.resolve("data"),
                                Map.of(
                                        "java.security.auth.login.config",
                                        jaas("Other { a.b.C required; };").toString()),
                                "sasl.serverconfig=Mine"));
    }
}
