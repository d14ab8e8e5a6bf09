package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
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

    /** What was given as a flag of the JVM or in the file is shown to nobody. */
    @Test
    void noCommandShowsWhatOpensSomething() throws Exception {
        String text =
                """
                tickTime=2000
                dataDir=%s
                clientPort=0
                clientPortAddress=127.0.0.1
                4lw.commands.whitelist=*
                admin.serverPort=0
                ssl.keyStore.password s3cret
                ssl.keyStore.passwordPath=/p
                DigestAuthenticationProvider.superDigest : super:s3cret
                """
                        .formatted(directory);
        Map<String, String> properties =
                Map.of(
                        "javax.net.ssl.keyStorePassword",
                        "s3cret",
                        "zookeeper.ssl.quorum.keyStore.password",
                        "s3cret",
                        "user.name",
                        "keeper");
        Config config = Config.parse("zoo.cfg", new StringReader(text), properties);
        Server server = Server.start(config, text, properties, (_, _) -> {});
        try {
            InetSocketAddress port = requireNonNull(server.admin().address());
            for (String line : get(port, "/commands").lines().toList()) {
                String path = line.replaceAll("<a href=\"([^\"]*)\".*", "$1");
                if (path.startsWith("/")) {
                    assertFalse(get(port, path).contains("s3cret"), path);
                }
            }
            String shown = get(port, "/commands/system_properties");
            assertTrue(shown.contains("\"javax.net.ssl.keyStorePassword\" : \"***\""), shown);
            assertTrue(shown.contains("\"user.name\" : \"keeper\""), shown);
            shown = get(port, "/commands/initial_configuration");
            assertTrue(
                    shown.contains("ssl.keyStore.password=***\\nssl.keyStore.passwordPath=/p"),
                    shown);
            for (String word : List.of("envi", "conf")) {
                String answer = LiveServer.word(server.address().getPort(), word);
                assertTrue(answer.length() > 50, answer);
                assertFalse(answer.contains("s3cret"), answer);
            }
        } finally {
            server.stop();
        }
    }
}
