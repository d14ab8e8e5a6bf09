package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
                                        address("127.0.0.1", 8080), "/commands", 30_000)),
                        Optional.empty(),
                        1000,
                        false),
                parse(""));
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
                        request.warningthresholdms=7
                        audit.enable=true
                        """);

        assertEquals(
                Optional.of(new AdminConfig.Commands(address("0.0.0.0", 9), "/a/b", 5)),
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
