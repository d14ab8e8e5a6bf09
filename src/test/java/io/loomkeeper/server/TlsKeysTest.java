package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.TlsOptions;
import io.loomkeeper.net.TlsOptions.ClientAuth;
import io.loomkeeper.server.ClientTls.Spoken;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of TLS at the client port. */
final class TlsKeysTest {
    private static final String STORES =
            "ssl.keyStore.location=/k.pem\nssl.trustStore.location=/t.pem\n";

    private static Config parse(String text) throws ConfigException {
        try {
            return Config.parse("zoo.cfg", new StringReader("dataDir=/d\n" + text), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TlsOptions options(String text) throws ConfigException {
        return parse("secureClientPort=2281\n" + text).clientTls().options().orElseThrow();
    }

    private static ConfigException refusal(String text) {
        return assertThrows(ConfigException.class, () -> parse(text));
    }

    @Test
    void withoutAKeyThatAsksForItNothingIsEncrypted() throws ConfigException {
        ClientTls tls = parse("clientPort=2181\n" + STORES).clientTls();

        assertFalse(tls.isOn());
        assertEquals(Spoken.PLAIN, tls.main());
    }

    @Test
    void securePortMayStandAloneOrBesideThePlainOne() throws ConfigException {
        Config alone = parse("secureClientPort=2281\nsecureClientPortAddress=127.0.0.1\n" + STORES);
        Config beside = parse("clientPort=2181\nsecureClientPort=2281\n" + STORES);

        assertEquals(2281, alone.client().address().getPort());
        assertTrue(alone.client().address().getAddress().isLoopbackAddress());
        assertEquals(Spoken.TLS, alone.clientTls().main());
        assertEquals(Optional.empty(), alone.clientTls().second());
        assertEquals(2181, beside.client().address().getPort());
        assertEquals(Spoken.PLAIN, beside.clientTls().main());
        assertEquals(Optional.of(new InetSocketAddress(2281)), beside.clientTls().second());
    }

    @Test
    void unificationHasOnePortForBoth() throws ConfigException {
        ClientTls tls =
                parse("clientPort=2181\nclient.portUnification=true\n" + STORES).clientTls();

        assertTrue(tls.isOn());
        assertEquals(Spoken.EITHER, tls.main());
        assertEquals(Optional.empty(), tls.second());
    }

    @Test
    void defaultsAreApachesButForReloading() throws ConfigException {
        TlsOptions options = options(STORES);

        assertEquals(
                new TlsOptions(
                        new TlsOptions.Store(Path.of("/k.pem"), "PEM", TlsOptions.Password.NONE),
                        new TlsOptions.Store(Path.of("/t.pem"), "PEM", TlsOptions.Password.NONE),
                        new TlsOptions.Handshake("", List.of(), List.of(), ClientAuth.NEED, 5000),
                        new TlsOptions.Checks(true, false, false, false),
                        true),
                options);
    }

    @Test
    void everyKeyReachesItsField() throws ConfigException {
        String text =
                """
                secureClientPort=2281
                ssl.keyStore.location=/k.der
                ssl.keyStore.type=jks
                ssl.keyStore.password=a
                ssl.trustStore.location=/t.p12
                ssl.trustStore.passwordPath=/p
                ssl.protocol=TLSv1.2
                ssl.enabledProtocols=TLSv1.2, TLSv1.3
                ssl.ciphersuites=A,B
                ssl.clientAuth=WANT
                ssl.handshakeDetectionTimeoutMillis=7
                ssl.hostnameVerification=true
                ssl.clientHostnameVerification=true
                ssl.crl=true
                ssl.ocsp=true
                client.certReload=false
                netty.server.outstandingHandshake.limit=9
                X509AuthenticationProvider.superUser=CN=admin
                """;

        ClientTls tls = parse(text).clientTls();

        assertEquals(
                new TlsOptions(
                        new TlsOptions.Store(
                                Path.of("/k.der"), "JKS", new TlsOptions.Password("a", null)),
                        new TlsOptions.Store(
                                Path.of("/t.p12"),
                                "PKCS12",
                                new TlsOptions.Password("", Path.of("/p"))),
                        new TlsOptions.Handshake(
                                "TLSv1.2",
                                List.of("TLSv1.2", "TLSv1.3"),
                                List.of("A", "B"),
                                ClientAuth.WANT,
                                7),
                        new TlsOptions.Checks(true, true, true, true),
                        false),
                tls.options().orElseThrow());
        assertEquals(9, tls.handshakesMax());
        assertEquals(Optional.of("CN=admin"), tls.superUser());
        assertEquals(List.of(), parse(text).warnings());
    }

    @Test
    void withoutHostnameVerificationNoNameIsLookedAt() throws ConfigException {
        TlsOptions options =
                options(
                        STORES
                                + "ssl.hostnameVerification=false\n"
                                + "ssl.clientHostnameVerification=true\n");

        assertFalse(options.checks().serverName());
        assertFalse(options.checks().clientName());
    }

    @ParameterizedTest
    @CsvSource({
        "k.jks, JKS",
        "k.PEM, PEM",
        "k.p12, PKCS12",
        "k.pfx, PKCS12",
        "k.bcfks, BCFKS",
    })
    void formFollowsFromTheName(String name, String type) throws ConfigException {
        TlsOptions options = options("ssl.clientAuth=none\nssl.keyStore.location=/" + name + "\n");

        assertEquals(type, options.keys().type());
    }

    @Test
    void keyIsNeeded() {
        assertEquals("ssl.keyStore.location", refusal("secureClientPort=1").key());
    }

    @Test
    void certificatesThatAreBelievedAreNeededUnlessNobodyShowsOne() throws ConfigException {
        String text = "ssl.keyStore.location=/k.pem\n";

        assertEquals("ssl.trustStore.location", refusal("secureClientPort=1\n" + text).key());
        assertEquals(null, options(text + "ssl.clientAuth=none").trusted());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secureClientPort=65536",
                "secureClientPortAddress=127.0.0.1",
                "ssl.clientAuth=maybe",
                "ssl.protocol=SSLv3",
                "ssl.enabledProtocols=TLSv1.1,TLSv1.2",
                "ssl.keyStore.location=/keys",
                "ssl.keyStore.location=/k.pem\nssl.keyStore.type=ZIP",
                "ssl.handshakeDetectionTimeoutMillis=0",
                "client.portUnification=yes",
                "ssl.crl=1",
            })
    void wrongValuesStopTheStart(String line) {
        ConfigException refusal = refusal("clientPort=1\n" + line + "\n");

        assertTrue(line.contains(refusal.key()), refusal::toString);
    }
}
