package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomkeeper.net.SaslConversation;
import io.loomkeeper.net.SaslConversation.Turn;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.AuthSchemes;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations, token by token. */
final class ClientSaslTest {
    private static final AuthId ADDRESS = new AuthId("ip", "127.0.0.1");
    private static final String JAAS =
            """
            Server {
                org.apache.zookeeper.server.auth.DigestLoginModule required
                user_bob="bobsecret" user_super="filesecret" user_alice="alicesecret";
            };
            """;

    private final AuthSchemes schemes =
            new AuthSchemes(new AuthOptions(Set.of("ip", "sasl"), "SHA1", null, false));

    @TempDir private Path folder;

    private ClientSasl sasl(String... lines) throws IOException, ConfigException {
        Path jaas = Files.writeString(folder.resolve("jaas.conf"), JAAS);
        Settings settings =
                new Settings(
                        "zoo.cfg",
                        ConfigText.parse("zoo.cfg", new StringReader(String.join("\n", lines))),
                        Map.of("java.security.auth.login.config", jaas.toString()));
        return Objects.requireNonNull(ClientSasl.open(SaslConfig.parse(settings)));
    }

    private static SaslClient client(String user, String password) throws IOException {
        return Objects.requireNonNull(
                Sasl.createSaslClient(
                        new String[] {"DIGEST-MD5"},
                        null,
                        "zookeeper",
                        "zk-sasl-md5",
                        Map.of(),
                        callbacks -> answer(callbacks, user, password)));
    }

    private static void answer(Callback[] callbacks, String user, String password) {
        for (Callback callback : callbacks) {
            switch (callback) {
                case NameCallback name -> name.setName(user);
                case PasswordCallback asked -> asked.setPassword(password.toCharArray());
                case RealmCallback realm -> realm.setText(realm.getDefaultText());
                default -> throw new AssertionError(callback);
            }
        }
    }

    private static Turn.Reply reply(SaslConversation talk, byte[] token) {
        return assertInstanceOf(Turn.Reply.class, talk.onToken(Bytes.of(token), List.of(ADDRESS)));
    }

    private static byte[] tokenOf(Turn.Reply reply) {
        return Objects.requireNonNull(reply.token()).toArray();
    }

    @Test
    void tokensLeadToAnIdentity() throws IOException, ConfigException {
        SaslConversation talk = sasl("fips-mode=false").start(schemes);
        SaslClient bob = client("bob", "bobsecret");

        Turn.Reply challenge = reply(talk, new byte[0]);
        Turn.Reply last = reply(talk, bob.evaluateChallenge(tokenOf(challenge)));

        assertEquals(List.of(ADDRESS), challenge.identities());
        assertEquals(List.of(ADDRESS, new AuthId("sasl", "bob")), last.identities());
        bob.evaluateChallenge(tokenOf(last));
        assertEquals(
                new Turn.Refused(KeeperError.AUTH_FAILED),
                talk.onToken(Bytes.EMPTY, last.identities()));
    }

    /** In Apache's server a wrong user once became the one who had come before. */
    @Test
    void conversationsHaveNothingOfEachOther() throws IOException, ConfigException {
        ClientSasl sasl = sasl("fips-mode=false");
        SaslConversation bobs = sasl.start(schemes);
        SaslConversation thiefs = sasl.start(schemes);
        SaslClient bob = client("bob", "bobsecret");
        SaslClient thief = client("nobody", "bobsecret");
        byte[] bobsChallenge = tokenOf(reply(bobs, new byte[0]));
        byte[] thiefsChallenge = tokenOf(reply(thiefs, new byte[0]));

        Turn.Reply done = reply(bobs, bob.evaluateChallenge(bobsChallenge));
        Turn refused =
                thiefs.onToken(
                        Bytes.of(thief.evaluateChallenge(thiefsChallenge)), List.of(ADDRESS));

        assertEquals(List.of(ADDRESS, new AuthId("sasl", "bob")), done.identities());
        assertEquals(new Turn.Refused(KeeperError.AUTH_FAILED), refused);
    }

    @Test
    void whoWantsToActAsAnotherActsAsWhoItIs() throws IOException, ConfigException {
        SaslConversation talk = sasl("fips-mode=false").start(schemes);
        SaslClient bob =
                Objects.requireNonNull(
                        Sasl.createSaslClient(
                                new String[] {"DIGEST-MD5"},
                                "alice",
                                "zookeeper",
                                "zk-sasl-md5",
                                Map.of(),
                                callbacks -> answer(callbacks, "bob", "bobsecret")));

        byte[] challenge = tokenOf(reply(talk, new byte[0]));
        Turn.Reply last = reply(talk, bob.evaluateChallenge(challenge));

        assertEquals(List.of(ADDRESS, new AuthId("sasl", "bob")), last.identities());
    }

    @Test
    void superPasswordOfTheConfigurationCountsBeforeTheFiles() throws IOException, ConfigException {
        SaslConversation talk =
                sasl("fips-mode=false", "SASLAuthenticationProvider.superPassword=set")
                        .start(schemes);
        SaslClient user = client("super", "set");

        byte[] challenge = tokenOf(reply(talk, new byte[0]));

        assertEquals(
                List.of(ADDRESS, new AuthId("sasl", "super")),
                reply(talk, user.evaluateChallenge(challenge)).identities());
    }

    @Test
    void whoFailsMayGoOnWithoutAnIdentityIfThatIsAllowed() throws IOException, ConfigException {
        SaslConversation talk =
                sasl("fips-mode=false", "allowSaslFailedClients=true").start(schemes);
        reply(talk, new byte[0]);

        Turn.Reply reply = reply(talk, "garbage".getBytes(StandardCharsets.US_ASCII));

        assertNull(reply.token());
        assertEquals(List.of(ADDRESS), reply.identities());
    }

    @Test
    void whoMustAuthenticateAndFailsHearsThat() throws IOException, ConfigException {
        SaslConversation talk =
                sasl(
                                "fips-mode=false",
                                "allowSaslFailedClients=true",
                                "sessionRequireClientSASLAuth=true")
                        .start(schemes);
        reply(talk, new byte[0]);

        assertEquals(
                new Turn.Refused(KeeperError.SESSION_CLOSED_REQUIRE_SASL_AUTH),
                talk.onToken(Bytes.utf8("garbage"), List.of(ADDRESS)));
    }

    @Test
    void garbageIsRefusedWhateverItIs() throws IOException, ConfigException {
        ClientSasl sasl = sasl("fips-mode=false");
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 500; round++) {
            SaslConversation talk = sasl.start(schemes);
            reply(talk, new byte[0]);
            byte[] garbage = new byte[random.nextInt(300)];
            random.nextBytes(garbage);
            assertEquals(
                    new Turn.Refused(KeeperError.AUTH_FAILED),
                    talk.onToken(Bytes.of(garbage), List.of(ADDRESS)));
        }
    }
}
