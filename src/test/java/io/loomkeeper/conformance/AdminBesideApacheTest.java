package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The admin servers of both after the same requests of Apache's own client: which fields each
 * command answers with, of which kind, and which figures there are.
 */
@TestInstance(PER_CLASS)
@Timeout(120)
final class AdminBesideApacheTest {
    private static final int TIMEOUT_MS = 30_000;
    private static final int EXIT_ADMIN_PORT = 4;
    private static final String PROVIDER =
            "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ServerUnderTest> servers = new ArrayList<>();
    private final List<ZooKeeper> clients = new ArrayList<>();
    private Ports apache;
    private Ports ours;

    /** Where a server's commands are, and its metrics. */
    private record Ports(int commands, int metrics) {}

    @BeforeAll
    void playTheSame(@TempDir Path directory) throws Exception {
        apache = start(ServerCommand.apache(), directory.resolve("apache"));
        ours = start(ServerCommand.loomkeeper(), directory.resolve("ours"));
        for (ServerUnderTest server : servers) {
            play(server);
        }
    }

    private Ports start(ServerCommand command, Path directory) {
        Ports ports = new Ports(FreePort.next(), FreePort.next());
        Map<String, String> keys = new HashMap<>();
        keys.put("admin.enableServer", "true");
        keys.put("admin.serverAddress", "127.0.0.1");
        keys.put("admin.serverPort", Integer.toString(ports.commands));
        keys.put("admin.rateLimiterIntervalInMS", "0");
        keys.put("metricsProvider.className", PROVIDER);
        keys.put("metricsProvider.httpHost", "127.0.0.1");
        keys.put("metricsProvider.httpPort", Integer.toString(ports.metrics));
        servers.add(ServerUnderTest.start(command, directory, keys, Map.of()));
        return ports;
    }

    private void play(ServerUnderTest server) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        Watcher watcher = _ -> connected.countDown();
        ZooKeeper client = new ZooKeeper(server.address(), TIMEOUT_MS, watcher);
        clients.add(client);
        assertTrue(connected.await(20, TimeUnit.SECONDS), server::output);
        client.create("/a", new byte[10], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        client.create("/e", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        client.getData("/a", true, null);
        client.addWatch("/e", watcher, AddWatchMode.PERSISTENT);
        client.create("/zookeeper/quota/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        byte[] limits = "count=5,bytes=-1=;byteHardLimit=1000".getBytes(UTF_8);
        client.create(
                "/zookeeper/quota/a/zookeeper_limits",
                limits,
                Ids.OPEN_ACL_UNSAFE,
                CreateMode.PERSISTENT);
        client.create(
                "/zookeeper/quota/a/zookeeper_stats",
                "count=0,bytes=0".getBytes(UTF_8),
                Ids.OPEN_ACL_UNSAFE,
                CreateMode.PERSISTENT);
        for (int i = 0; i < 130; i++) {
            client.setData("/a", new byte[i], -1);
        }
    }

    @AfterAll
    void stop() throws InterruptedException {
        for (ZooKeeper client : clients) {
            client.close();
        }
        servers.forEach(ServerUnderTest::close);
        http.close();
    }

    private HttpResponse<String> get(int port, String path)
            throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    /** What there is in an answer: a line for each field, with its place and kind. */
    private Set<String> shape(Ports server, String command)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = get(server.commands, "/commands/" + command);
        assertEquals(200, answer.statusCode(), command);
        Set<String> shape = new TreeSet<>();
        describe("", new ObjectMapper().readTree(answer.body()), shape);
        return shape;
    }

    /** Fields that a client or the clock has named are all one. */
    private static void describe(String place, JsonNode node, Set<String> shape) {
        shape.add(place + ": " + node.getNodeType());
        node.properties()
                .forEach(
                        field ->
                                describe(
                                        place
                                                + "."
                                                + field.getKey()
                                                        .replaceAll("^[0-9]+$", "<n>")
                                                        .replaceAll("^/.*", "<path>"),
                                        field.getValue(),
                                        shape));
        if (node.isArray()) {
            node.forEach(element -> describe(place + "[]", element, shape));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "configuration",
                "conf",
                "config",
                "connections",
                "cons",
                "connection_stat_reset",
                "crst",
                "dirs",
                "dump",
                "get_trace_mask",
                "gtmk",
                "set_trace_mask?traceMask=306",
                "stmk?traceMask=306",
                "set_trace_mask",
                "set_trace_mask?traceMask=a",
                "hash",
                "initial_configuration",
                "icfg",
                "is_read_only",
                "isro",
                "last_snapshot",
                "lsnp",
                "leader",
                "lead",
                "observers",
                "obsr",
                "observer_connection_stat_reset",
                "orst",
                "ruok",
                "server_stats",
                "srvr",
                "stats",
                "stat",
                "stat_reset",
                "srst",
                "voting_view",
                "watches",
                "wchc",
                "watches_by_path",
                "wchp",
                "watch_summary",
                "wchs",
                "zabstate",
                "environment",
                "env",
                "envi",
                "nonsense"
            })
    void commandsAnswerWithTheSameFields(String command) throws Exception {
        assertEquals(shape(apache, command), shape(ours, command));
    }

    /** What they say of the same tree, where it is not about the process or the time. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "is_read_only",
                "leader",
                "observers",
                "ruok",
                "voting_view",
                "watch_summary",
                "zabstate",
                "get_trace_mask",
                "nonsense"
            })
    void commandsSayTheSame(String command) throws Exception {
        ObjectMapper json = new ObjectMapper();
        assertEquals(
                json.readTree(get(apache.commands, "/commands/" + command).body()),
                json.readTree(get(ours.commands, "/commands/" + command).body()));
    }

    @Test
    void listNamesTheSameCommands() throws Exception {
        Set<String> expected = commands(get(apache.commands, "/commands").body());
        expected.add("shed_connections"); // of Apache's next release

        assertEquals(expected, commands(get(ours.commands, "/commands").body()));
    }

    private static Set<String> commands(String page) {
        Set<String> names = new TreeSet<>();
        page.lines()
                .filter(line -> line.startsWith("<a"))
                .forEach(line -> names.add(line.replaceAll("<[^>]*>", "")));
        assertTrue(page.contains("<a href=\"/commands/stats\">stats</a>"), page);
        return names;
    }

    private HttpRequest.Builder guarded(Ports server, String command, String authorization) {
        URI uri = URI.create("http://127.0.0.1:" + server.commands + "/commands/" + command);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ip",
                "ip 127.0.0.1",
                "digest keeper:pass",
                "digest",
                "digest a b",
                "x509",
                "sasl keeper",
                "nonsense",
                "Basic a2VlcGVyOnBhc3M="
            })
    void snapshotsAreGivenToTheSame(String authorization) throws Exception {
        List<List<String>> answers = new ArrayList<>();
        for (Ports server : List.of(apache, ours)) {
            HttpResponse<byte[]> answer =
                    http.send(
                            guarded(server, "snapshot", authorization).build(),
                            BodyHandlers.ofByteArray());
            boolean isHere = answer.headers().firstValue("last_zxid").isPresent();
            assertEquals(
                    isHere ? Integer.toString(answer.body().length) : "",
                    answer.headers().firstValue("snapshot_size").orElse(""));
            answers.add(
                    List.of(
                            Integer.toString(answer.statusCode()),
                            answer.headers().firstValue("content-type").orElse(""),
                            Boolean.toString(isHere)));
        }
        assertEquals(
                answers.get(0).getFirst() + answers.get(0).getLast(),
                answers.get(1).getFirst() + answers.get(1).getLast());
    }

    @Test
    void streamIsAStateThatApachesServerRestores(@TempDir Path directory) throws Exception {
        HttpResponse<byte[]> stream =
                http.send(
                        guarded(ours, "snapshot", "digest keeper:pass").build(),
                        BodyHandlers.ofByteArray());
        assertEquals(200, stream.statusCode());
        Ports ports = new Ports(FreePort.next(), FreePort.next());
        Map<String, String> keys =
                Map.of(
                        "admin.enableServer",
                        "true",
                        "admin.serverAddress",
                        "127.0.0.1",
                        "admin.serverPort",
                        Integer.toString(ports.commands));
        try (ServerUnderTest empty =
                ServerUnderTest.start(ServerCommand.apache(), directory, keys, Map.of())) {
            HttpResponse<String> answer =
                    http.send(
                            guarded(ports, "restore", "digest keeper:pass")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(stream.body()))
                                    .build(),
                            BodyHandlers.ofString());

            assertEquals(200, answer.statusCode(), empty::output);
            String zxid = stream.headers().firstValue("last_zxid").orElse("");
            assertEquals(
                    Long.decode(zxid).longValue(),
                    new ObjectMapper().readTree(answer.body()).get("last_zxid").asLong());
        }
    }

    @Test
    void systemPropertiesAreAllThere() throws Exception {
        Set<String> shape = shape(ours, "system_properties");

        assertTrue(shape.contains(".java.version: STRING"), shape::toString);
    }

    @Test
    void portInUseEndsTheProcessWithApachesExitCode(@TempDir Path directory) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> keys =
                    Map.of(
                            "admin.enableServer",
                            "true",
                            "admin.serverAddress",
                            "127.0.0.1",
                            "admin.serverPort",
                            Integer.toString(taken.getLocalPort()));
            for (ServerCommand command :
                    List.of(ServerCommand.apache(), ServerCommand.loomkeeper())) {
                Path own = directory.resolve(Integer.toString(command.hashCode()));
                try (ServerUnderTest server =
                        ServerUnderTest.launch(command, own, keys, Map.of())) {
                    assertEquals(EXIT_ADMIN_PORT, server.awaitEnd(), server::output);
                }
            }
        }
    }

    /** The names of all figures, each summary and histogram once. */
    private Set<String> figures(int port) throws Exception {
        Set<String> names = new TreeSet<>();
        get(port, "/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> names.add(line.replaceFirst("[{ ].*", "")));
        for (String name : List.copyOf(names)) {
            if (name.endsWith("_sum")) {
                String stem = name.substring(0, name.length() - "_sum".length());
                names.removeAll(Set.of(name, stem + "_count", stem + "_bucket"));
                names.add(stem);
            }
        }
        return names;
    }

    private Exposition scraped(int port) throws Exception {
        return Exposition.read(http, "http://127.0.0.1:" + port + "/metrics");
    }

    @Test
    void everyFigureIsOfTheKindThatApachesIsAndThePageSays() throws Exception {
        Map<String, String> expected = new TreeMap<>(scraped(apache.metrics).kinds());
        Map<String, String> found = new TreeMap<>(scraped(ours.metrics).kinds());
        expected.keySet().retainAll(found.keySet());
        assertTrue(expected.size() > 60, expected::toString);
        Map<String, String> onPage = new TreeMap<>(MetricsPage.read().kinds());
        onPage.keySet().retainAll(found.keySet());
        assertEquals(found, onPage);
        found.keySet().retainAll(expected.keySet());

        assertEquals(expected, found);
    }

    @Test
    void quotasAreAddedUpByTheFirstPartOfThePath() throws Exception {
        Exposition expected = scraped(apache.metrics);
        Exposition found = scraped(ours.metrics);

        for (String name : List.of("count_limit", "bytes_limit", "count_usage", "bytes_usage")) {
            String figure = "quota_" + name + "_per_namespace";
            assertTrue(expected.kinds().containsKey(figure), expected::toString);
            assertEquals(expected.value(figure, "a"), found.value(figure, "a"), figure);
        }
        assertEquals(1000, found.value("quota_bytes_limit_per_namespace", "a"));
        assertEquals(129, found.value("quota_bytes_usage_per_namespace", "a"));
    }

    @Test
    void everyFigureIsOneOfApachesOrHasOurName() throws Exception {
        Set<String> extra = figures(ours.metrics);
        extra.removeAll(figures(apache.metrics));
        extra.removeIf(name -> name.startsWith("loomkeeper_"));

        assertEquals(Set.of(), extra);
    }

    @Test
    void everyFigureOfApachesIsHereOrThePageSaysWhyNot() throws Exception {
        MetricsPage page = MetricsPage.read();
        Set<String> missing = figures(apache.metrics);
        assertTrue(missing.size() > 100, missing::toString);
        missing.removeAll(figures(ours.metrics));
        missing.removeAll(page.missing());

        assertEquals(Set.of(), missing);
    }

    @Test
    void everyFigureStandsOnThePage() throws Exception {
        MetricsPage page = MetricsPage.read();
        Set<String> unknown = figures(ours.metrics);
        unknown.addAll(figures(ours.commands));
        unknown.removeAll(page.present());

        assertEquals(Set.of(), unknown);
    }

    @Test
    void monitorHasTheFiguresOfMntr() throws Exception {
        Set<String> shape = shape(ours, "monitor");

        for (String field :
                List.of(
                        ".znode_count: NUMBER",
                        ".avg_latency: NUMBER",
                        ".p99_updatelatency: NUMBER",
                        ".server_state: STRING",
                        ".version: STRING")) {
            assertTrue(shape.contains(field), () -> field + shape);
        }
    }
}
