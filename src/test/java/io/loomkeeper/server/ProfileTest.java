package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TLS and SASL close of what stands open. */
final class ProfileTest {
    private static final String CLIENTS =
            """
            secureClientPort=2281
            ssl.keyStore.location=/k.pem
            ssl.trustStore.location=/t.pem
            """;
    private static final String MEMBERS =
            """
            initLimit=10
            syncLimit=5
            server.1=zk1.example:2888:3888
            server.2=zk2.example:2888:3888
            server.3=zk3.example:2888:3888
            """;
    private static final String BY_CERTIFICATE =
            """
            sslQuorum=true
            ssl.quorum.keyStore.location=/k.pem
            ssl.quorum.trustStore.location=/t.pem
            """;

    @TempDir private Path folder;

    private Config parse(String text) throws IOException, ConfigException {
        Files.writeString(folder.resolve("myid"), "1");
        return Config.parse(
                "zoo.cfg", new StringReader("dataDir=" + folder + "\n" + text), Map.of());
    }

    @Test
    void portWhereCertificatesAreAskedForIsNotOpen() throws IOException, ConfigException {
        assertEquals(List.of(), Profile.open(parse("profile=secure\n" + CLIENTS)));
    }

    @Test
    void portWhereNoneIsAskedForIsOpenToWhoeverComes() throws IOException, ConfigException {
        List<String> open = Profile.open(parse(CLIENTS + "ssl.clientAuth=want\n"));

        assertEquals(List.of("clients need not say who they are (enforce.auth.enabled)"), open);
    }

    @Test
    void plainPortBesideItIsOpen() throws IOException, ConfigException {
        assertEquals(2, Profile.open(parse(CLIENTS + "clientPort=2181\n")).size());
        assertThrows(
                ConfigException.class, () -> parse("profile=secure\nclientPort=2181\n" + CLIENTS));
    }

    @Test
    void portsOfAnEnsembleAreOpenWithoutAProof() throws IOException, ConfigException {
        List<String> open = Profile.open(parse(CLIENTS + MEMBERS));

        assertEquals(1, open.size());
        assertTrue(open.getFirst().contains("election"), open::toString);
    }

    @Test
    void serversThatShowCertificatesAreKnown() throws IOException, ConfigException {
        String secured = CLIENTS + MEMBERS + BY_CERTIFICATE;

        assertEquals(List.of(), Profile.open(parse(secured)));
        assertEquals(1, Profile.open(parse(secured + "portUnification=true\n")).size());
        assertEquals(1, Profile.open(parse(secured + "ssl.quorum.clientAuth=none\n")).size());
    }
}
