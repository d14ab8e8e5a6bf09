package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AdminConfigTest {
    private static AdminConfig parse(String lines) throws IOException, ConfigException {
        String text = "dataDir=/d\nclientPort=2181\n" + lines;
        return Config.parse("zoo.cfg", new StringReader(text), Map.of()).admin();
    }

    private static InetSocketAddress address(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    @Test
    void operatorsOfThisMachineAreServedUnlessTheFileSaysMore() throws Exception {
        assertEquals(
                new AdminConfig(
                        Optional.of(
                                new AdminConfig.Commands(
                                        address("127.0.0.1", 8080),
                                        "/commands",
                                        30_000,
                                        new AdminConfig.Snapshots(true, true, 300_000, true),
                                        Optional.empty())),
                        Optional.empty(),
                        1000,
                        false),
                parse(""));
    }

    @Test
    void encryptionHasTheKeysBetweenServersAndItsOwnWordOnCertificates() throws Exception {
        String keys = "ssl.quorum.keyStore.location=/k.pem\nssl.quorum.keyStore.password=s3cret\n";
        AdminConfig.Commands plain = parse(keys).server().orElseThrow();
        assertEquals(Optional.empty(), plain.tls());

        AdminConfig.Commands unified =
                parse(keys + "admin.portUnification=true").server().orElseThrow();
        AdminConfig.Encrypted either = unified.tls().orElseThrow();
        assertTrue(either.admitsPlain(), "plain");
        assertFalse(either.asksForCertificates(), "certificates");
        assertFalse(either.options().toString().contains("s3cret"), either::toString);
        assertFalse(unified.needsCertificates(), "certificates");

        AdminConfig.Commands forced =
                parse(
                                keys
                                        + "ssl.quorum.trustStore.location=/t.pem\n"
                                        + "admin.portUnification=true\nadmin.forceHttps=true\n"
                                        + "admin.needClientAuth=true")
                        .server()
                        .orElseThrow();
        assertFalse(forced.tls().orElseThrow().admitsPlain(), "plain");
        assertTrue(forced.needsCertificates(), "certificates");
    }

    @Test
    void encryptionWithoutItsKeysIsRefused() {
        ConfigException noKey =
                assertThrows(ConfigException.class, () -> parse("admin.forceHttps=true"));
        assertEquals("ssl.quorum.keyStore.location", noKey.key());
        ConfigException noTrust =
                assertThrows(
                        ConfigException.class,
                        () ->
                                parse(
                                        "admin.forceHttps=true\nadmin.needClientAuth=true\n"
                                                + "ssl.quorum.keyStore.location=/k.pem"));
        assertEquals("ssl.quorum.trustStore.location", noTrust.key());
    }

    @Test
    void everyKeyReachesItsField() throws Exception {
        AdminConfig config =
                parse(
                        """
                        admin.serverAddress=0.0.0.0
                        admin.serverPort=9
                        admin.commandURL=/a/b
                        admin.idleTimeout=5
                        admin.snapshot.enabled=false
                        admin.restore.enabled=false
                        admin.rateLimiterIntervalInMS=6
                        request.warningthresholdms=7
                        audit.enable=true
                        """);

        assertEquals(
                Optional.of(
                        new AdminConfig.Commands(
                                address("0.0.0.0", 9),
                                "/a/b",
                                5,
                                new AdminConfig.Snapshots(false, false, 6, true),
                                Optional.empty())),
                config.server());
        assertEquals(7, config.slowRequestMs());
        assertTrue(config.audits());
    }

    @Test
    void adminServerCanBeSwitchedOff() throws Exception {
        assertTrue(parse("admin.enableServer=false").server().isEmpty());
    }

    @Test
    void metricsHaveAPortOfTheirOwnWithPrometheusProvider() throws Exception {
        String provider =
                "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\n";

        assertEquals(
                Optional.of(new AdminConfig.Provider(address("0.0.0.0", 7000), true)),
                parse(provider).provider());
        assertEquals(
                Optional.of(new AdminConfig.Provider(address("127.0.0.2", 8), false)),
                parse(
                                provider
                                        + """
                                        metricsProvider.httpHost=127.0.0.2
                                        metricsProvider.httpPort=8
                                        metricsProvider.exportJvmInfo=false
                                        """)
                        .provider());
        assertTrue(parse("metricsProvider.httpPort=8").provider().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metricsProvider.className=com.example.Mine",
                "metricsProvider.httpPort=65536",
                "admin.serverPort=-1",
                "admin.commandURL=commands",
                "admin.commandURL=/",
                "admin.commandURL=/{name}",
                "admin.idleTimeout=0",
            })
    void whatCannotBeIsRefused(String line) {
        assertThrows(ConfigException.class, () -> parse(line));
    }
}
