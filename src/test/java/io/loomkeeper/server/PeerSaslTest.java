package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.PeerProof;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PeerSaslTest {
    private static final Set<String> HOSTS = Set.of("zk1.example", "zk2.example", "10.0.0.3");

    @TempDir private Path folder;

    private PeerSasl sasl(String learner, String... lines) throws IOException, ConfigException {
        Path jaas =
                Files.writeString(
                        folder.resolve("jaas.conf"),
                        """
                        QuorumServer {
                            org.apache.zookeeper.server.quorum.auth.DigestLoginModule required
                            user_member="secret";
                        };
                        QuorumLearner {
                            org.apache.zookeeper.server.auth.DigestLoginModule required %s;
                        };
                        """
                                .formatted(learner));
        String text = "quorum.auth.enableSasl=true\n" + String.join("\n", lines);
        Settings settings =
                new Settings(
                        "zoo.cfg",
                        ConfigText.parse("zoo.cfg", new StringReader(text)),
                        Map.of("java.security.auth.login.config", jaas.toString()));
        return Objects.requireNonNull(PeerSasl.open(PeerSaslConfig.parse(settings)));
    }

    private static void talk(PeerSasl sasl) throws IOException {
        PeerProof.Exchange giving = sasl.giving("zk2.example");
        PeerProof.Exchange judging = sasl.judging(HOSTS);
        byte[] first = giving.answer(new byte[0]);
        byte[] challenge = said(judging, first == null ? new byte[0] : first);
        byte[] token = said(judging, said(giving, challenge));
        assertTrue(judging.isDone());
        giving.answer(token);
        assertTrue(giving.isDone());
    }

    private static byte[] said(PeerProof.Exchange by, byte[] token) throws IOException {
        return Objects.requireNonNull(by.answer(token));
    }

    @Test
    void memberProvesItselfWithAPassword() throws IOException, ConfigException {
        talk(sasl("username=\"member\" password=\"secret\"", "fips-mode=false"));
    }

    @Test
    void wrongPasswordIsNoProof() throws IOException, ConfigException {
        PeerSasl sasl = sasl("username=\"member\" password=\"other\"", "fips-mode=false");

        assertThrows(IOException.class, () -> talk(sasl));
    }

    @Test
    void fipsModeHasNoDigestMd5() {
        assertThrows(IOException.class, () -> sasl("username=\"member\" password=\"secret\""));
    }

    @Test
    void oneSideIsNotAskedForWhatTheOtherDoesNotGive() {
        assertThrows(
                ConfigException.class,
                () -> sasl("username=\"a\" password=\"b\"", "quorum.auth.serverRequireSasl=true"));
    }

    @Test
    void withoutTheKeyThereIsNone() throws IOException, ConfigException {
        Settings none = new Settings("zoo.cfg", List.of(), Map.of());

        assertEquals(null, PeerSasl.open(PeerSaslConfig.parse(none)));
    }

    /** CVE-2023-44981: a principal without a host was let in whatever its name. */
    @ParameterizedTest
    @CsvSource({
        "zk/zk1.example@REALM, true",
        "zk/zk2.example@REALM, true",
        "zk/10.0.0.3@REALM, true",
        "any/zk1.example@OTHER, true",
        "zk@REALM, false",
        "zk, false",
        "zk/@REALM, false",
        "zk/zk1.example, false",
        "zk/zk1.example@, false",
        "/zk1.example@REALM, false",
        "zk/zk3.example@REALM, false",
        "zk/ZK1.EXAMPLE@REALM, false",
        "zk/zk1.example/zk1.example@REALM, false",
        "zk/zk1.example@REALM@REALM, false",
        "zk@REALM/zk1.example@REALM, false",
        "zk/zk1.example@RE/ALM, false",
        "zk/evil.zk1.example@REALM, false",
        "zk/zk1.example.evil@REALM, false",
        "zk//zk1.example@REALM, false",
        "@, false",
        "/, false",
        "/@, false",
        "'', false",
    })
    void onlyHostsOfTheConfigurationAreMembers(String principal, boolean isMember) {
        assertEquals(isMember, PeerSasl.isOfMember(principal, HOSTS));
        assertFalse(PeerSasl.isOfMember(principal, Set.of()));
    }
}
