package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the admin servers of an ensemble's members say of it, and what they measure: Apache's beside
 * ours in the same role.
 */
@Timeout(180)
final class AdminOfEnsembleTest {
    private static final List<String> COMMANDS =
            List.of("leader", "voting_view", "zabstate", "observers", "is_read_only", "stats");

    private static final int WRITES = 1100;
    private static final String PROVIDER =
            "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir private Path directory;

    @Test
    void membersAnswerWithTheFieldsOfTheirRole() throws Exception {
        Map<String, Set<String>> expected = new TreeMap<>();
        Map<String, Set<String>> found = new TreeMap<>();
        Map<String, Map<String, String>> expectedKinds = new TreeMap<>();
        Map<String, Map<String, String>> foundKinds = new TreeMap<>();
        for (String kinds : List.of("LAAl", "LLLa")) {
            int port = FreePort.next();
            int scraped = FreePort.next();
            try (EnsembleUnderTest ensemble =
                    EnsembleUnderTest.start(
                            new EnsembleUnderTest(directory.resolve(kinds), kinds)
                                    .with("admin.enableServer", "true")
                                    .with("admin.serverAddress", "127.0.0.{id}")
                                    .with("admin.serverPort", Integer.toString(port))
                                    .with("metricsProvider.className", PROVIDER)
                                    .with("metricsProvider.httpHost", "127.0.0.{id}")
                                    .with("metricsProvider.httpPort", Integer.toString(scraped)))) {
                ensemble.awaitLeader();
                write(ensemble);
                for (int id = 1; id <= kinds.length(); id++) {
                    boolean ours = Character.toUpperCase(kinds.charAt(id - 1)) == 'L';
                    String role = ensemble.mode(id);
                    EnsembleUnderTest.awaitOpen("127.0.0." + id, port);
                    String server = "http://127.0.0." + id + ":" + port;
                    collect(server, role, ours ? found : expected);
                    Exposition figures =
                            Exposition.read(
                                    http, "http://127.0.0." + id + ":" + scraped + "/metrics");
                    (ours ? foundKinds : expectedKinds)
                            .computeIfAbsent(role, _ -> new TreeMap<>())
                            .putAll(figures.kinds());
                    if (ours) {
                        assertWritesWereMeasured(role, id, figures);
                    }
                    if (role.equals("leader")) {
                        assertObserverHasALink(server, kinds.length());
                    }
                    if (ours && role.equals("leader")) {
                        assertLearnersAreCounted(server);
                    }
                }
            }
        }

        assertEquals(text(expected), text(found));
        assertSameFigures(expectedKinds, foundKinds);
    }

    /** So many that one ack in a thousand is among them. */
    private static void write(EnsembleUnderTest ensemble) throws Exception {
        ZooKeeper client = ensemble.connect(ensemble.addresses(1));
        try {
            CountDownLatch answered = new CountDownLatch(WRITES);
            for (int i = 0; i < WRITES; i++) {
                client.setData(
                        "/", new byte[i % 100], -1, (_, _, _, _) -> answered.countDown(), null);
            }
            assertTrue(answered.await(60, TimeUnit.SECONDS), ensemble::output);
        } finally {
            client.close();
        }
        ensemble.awaitSameZxid();
    }

    private static void assertWritesWereMeasured(String role, int id, Exposition figures) {
        Map<String, Integer> atLeast = new TreeMap<>();
        switch (role) {
            case "leader" -> {
                atLeast.put("proposal_ack_creation_latency_count", WRITES);
                atLeast.put("inflight_diff_count_count", 2);
                atLeast.put("ack_latency_count{key=\"" + id + "\"}", 1);
                atLeast.put("learner_handler_qp_size_count{key=\"1\"}", 1);
                atLeast.put("learner_handler_qp_time_ms_count{key=\"1\"}", 1);
            }
            case "follower" -> {
                atLeast.put("proposal_latency_count", WRITES);
                atLeast.put("proposal_ack_creation_latency_count", WRITES);
                atLeast.put("commit_propagation_latency_count", WRITES);
                atLeast.put("learner_proposal_received_count", WRITES);
                atLeast.put("learner_commit_received_count", WRITES);
            }
            default -> {
                atLeast.put("commit_propagation_latency_count", WRITES);
                atLeast.put("learner_commit_received_count", WRITES);
                atLeast.put("observer_master_id", 1);
            }
        }
        atLeast.forEach(
                (name, least) ->
                        assertTrue(
                                figures.value(name, "") >= least,
                                () -> role + " " + name + ": " + figures.values()));
    }

    /** What a role has there it has here, of the same kind, or the page says why not. */
    private static void assertSameFigures(
            Map<String, Map<String, String>> expected, Map<String, Map<String, String>> found)
            throws IOException {
        Set<String> missing = MetricsPage.read().missing();
        Set<String> different = new TreeSet<>();
        expected.forEach(
                (role, kinds) ->
                        kinds.forEach(
                                (name, kind) -> {
                                    String ours = found.getOrDefault(role, Map.of()).get(name);
                                    if (!kind.equals(ours) && !missing.contains(name)) {
                                        different.add(role + " " + name + " " + kind + " " + ours);
                                    }
                                }));
        found.forEach(
                (role, kinds) -> {
                    Set<String> extra = new TreeSet<>(kinds.keySet());
                    extra.removeAll(expected.getOrDefault(role, Map.of()).keySet());
                    extra.removeIf(name -> name.startsWith("loomkeeper_"));
                    extra.remove("observer_master_id"); // mntr alone has it there
                    extra.forEach(name -> different.add(role + " " + name + " is here alone"));
                });
        assertEquals(Set.of(), different);
    }

    private void collect(String server, String role, Map<String, Set<String>> to) throws Exception {
        for (String command : COMMANDS) {
            JsonNode node = answer(server, command);
            Set<String> shape = to.computeIfAbsent(role + " " + command, _ -> new TreeSet<>());
            describe("", node, shape);
            for (String exact : List.of("is_leader", "leader_ip", "zabstate", "voting")) {
                if (node.has(exact)) {
                    shape.add(exact + "=" + node.get(exact));
                }
            }
        }
    }

    /** Of the one observer, which has got everything that there is. */
    private void assertObserverHasALink(String server, int id) throws Exception {
        JsonNode all = answer(server, "observers");
        assertEquals(1, all.get("synced_observers").asInt(), all::toString);
        JsonNode link = all.get("observers").get(0);
        assertEquals(id, link.get("sid").asInt(), all::toString);
        assertTrue(
                link.get("remote_socket_address").asText().startsWith("/127.0.0.1:"),
                all::toString);
        assertTrue(link.get("packets_sent").asLong() > 0, all::toString);
        assertTrue(link.get("packets_received").asLong() > 0, all::toString);
        assertTrue(link.get("last_zxid").asLong() > 0, all::toString);
        assertTrue(link.get("established").asLong() > 1_700_000_000_000L, all::toString);
        answer(server, "observer_connection_stat_reset");
        JsonNode after = answer(server, "observers").get("observers").get(0);
        assertTrue(
                after.get("packets_sent").asLong() < link.get("packets_sent").asLong(),
                () -> link + " then " + after);
    }

    private JsonNode answer(String server, String command) throws Exception {
        URI uri = URI.create(server + "/commands/" + command);
        HttpRequest request = HttpRequest.newBuilder(uri).build();
        return new ObjectMapper().readTree(http.send(request, BodyHandlers.ofString()).body());
    }

    /** Of servers that all begin with nothing none needs a whole state. */
    private void assertLearnersAreCounted(String server) throws Exception {
        JsonNode figures = answer(server, "monitor");
        assertTrue(figures.get("diff_count").asLong() > 0, figures::toString);
    }

    private static void describe(String place, JsonNode node, Set<String> shape) {
        shape.add(place + ": " + node.getNodeType());
        node.properties()
                .forEach(
                        field -> {
                            String name = field.getKey().replaceAll("^[0-9]+$", "<n>");
                            describe(place + "." + name, field.getValue(), shape);
                        });
        if (node.isArray()) {
            node.forEach(element -> describe(place + "[]", element, shape));
        }
    }

    private static String text(Map<String, Set<String>> shapes) {
        StringBuilder text = new StringBuilder();
        shapes.forEach(
                (command, shape) ->
                        text.append(command)
                                .append('\n')
                                .append(String.join("\n", shape))
                                .append('\n'));
        return text.toString();
    }
}
