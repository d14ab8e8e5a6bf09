package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole server's ports for operators. */
@Timeout(60)
final class AdminPortsTest {
    private static final String ANY_PORT = "admin.enableServer=true\nadmin.serverPort=0";

    @TempDir private Path directory;

    private static String get(InetSocketAddress port, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + port.getPort() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
        }
    }

    @Test
    void commandsShowTheServer() throws Exception {
        try (LiveServer live = LiveServer.start(directory, ANY_PORT)) {
            InetSocketAddress port = requireNonNull(live.server.admin().address());
            live.create("/a", new byte[3]);

            long nodes = live.server.version().nodeCount();
            String stats = get(port, "/commands/stats");
            assertTrue(stats.contains("\"node_count\" : " + nodes + ","), stats);
            assertTrue(stats.contains("\"server_state\" : \"standalone\""), stats);
            assertTrue(get(port, "/health/ready").contains("standalone"), "ready");
            assertTrue(get(port, "/health/live").contains("UP"), "live");
            assertTrue(
                    get(port, "/metrics").contains("\nznode_count " + nodes + ".0\n"), "metrics");
        }
    }

    @Test
    void providersPortHasTheMetricsAlone() throws Exception {
        String lines =
                """
                metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider
                metricsProvider.httpHost=127.0.0.1
                metricsProvider.httpPort=0
                metricsProvider.exportJvmInfo=false
                """;
        try (LiveServer live = LiveServer.start(directory, lines)) {
            InetSocketAddress port = requireNonNull(live.server.admin().metricsAddress());

            assertNull(live.server.admin().address());
            assertTrue(get(port, "/metrics").contains("\nznode_count "), "metrics");
            assertFalse(get(port, "/metrics").contains("jvm_memory"), "metrics");
            assertFalse(get(port, "/commands/ruok").contains("ruok"), "commands");
        }
    }

    @Test
    void portInUseIsAnExceptionWithTheAddress() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Config config =
                    LiveServer.config(
                            directory,
                            "admin.enableServer=true",
                            "admin.serverPort=" + taken.getLocalPort());

            IOException refusal =
                    assertThrows(
                            AdminPortException.class,
                            () -> Server.start(config, Map.of(), (_, _) -> {}).stop());

            assertTrue(
                    String.valueOf(refusal.getMessage())
                            .startsWith(
                                    "Problem starting AdminServer on address 127.0.0.1, port "
                                            + taken.getLocalPort()
                                            + " and command URL /commands"),
                    refusal::toString);
        }
    }

    @Test
    void configurationIsShownWithoutWhatOpensSomething() {
        EnsembleCommands commands =
                new EnsembleCommands(
                        FixedView.asking(1),
                        NoEnsemble.INSTANCE,
                        "dataDir=/d\nssl.keyStore.password=secret\nssl.keyStore.passwordPath=/p\n");

        assertEquals(
                "dataDir=/d\nssl.keyStore.password=***\nssl.keyStore.passwordPath=/p\n",
                commands.shownConfiguration());
    }
}
