package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the admin servers of an ensemble's members say of it: Apache's beside ours in the same role.
 */
@Timeout(180)
final class AdminOfEnsembleTest {
    private static final List<String> COMMANDS =
            List.of("leader", "voting_view", "zabstate", "observers", "is_read_only", "stats");

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir private Path directory;

    @Test
    void membersAnswerWithTheFieldsOfTheirRole() throws Exception {
        Map<String, Set<String>> expected = new TreeMap<>();
        Map<String, Set<String>> found = new TreeMap<>();
        for (String kinds : List.of("LAA", "LLL")) {
            int port = FreePort.next();
            try (EnsembleUnderTest ensemble =
                    EnsembleUnderTest.start(
                            new EnsembleUnderTest(directory.resolve(kinds), kinds)
                                    .with("admin.enableServer", "true")
                                    .with("admin.serverAddress", "127.0.0.{id}")
                                    .with("admin.serverPort", Integer.toString(port)))) {
                ensemble.awaitLeader();
                for (int id = 1; id <= kinds.length(); id++) {
                    boolean ours = kinds.charAt(id - 1) == 'L';
                    String role = ensemble.mode(id);
                    awaitOpen("127.0.0." + id, port);
                    String server = "http://127.0.0." + id + ":" + port;
                    collect(server, role, ours ? found : expected);
                    if (ours && role.equals("leader")) {
                        assertLearnersAreCounted(server);
                    }
                }
            }
        }

        assertEquals(text(expected), text(found));
    }

    /** The admin server opens beside the rest, and may be later than the clients' port. */
    private static void awaitOpen(String host, int port) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try (Socket _ = new Socket(host, port)) {
                return;
            } catch (ConnectException e) {
                assertTrue(System.nanoTime() < deadlineNs, e::toString);
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private void collect(String server, String role, Map<String, Set<String>> to) throws Exception {
        for (String command : COMMANDS) {
            URI uri = URI.create(server + "/commands/" + command);
            String answer =
                    http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
            JsonNode node = new ObjectMapper().readTree(answer);
            Set<String> shape = to.computeIfAbsent(role + " " + command, _ -> new TreeSet<>());
            describe("", node, shape);
            for (String exact : List.of("is_leader", "leader_ip", "zabstate", "voting")) {
                if (node.has(exact)) {
                    shape.add(exact + "=" + node.get(exact));
                }
            }
        }
    }

    /** Of servers that all begin with nothing none needs a whole state. */
    private void assertLearnersAreCounted(String server) throws Exception {
        URI uri = URI.create(server + "/commands/monitor");
        JsonNode figures =
                new ObjectMapper()
                        .readTree(
                                http.send(
                                                HttpRequest.newBuilder(uri).build(),
                                                BodyHandlers.ofString())
                                        .body());
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
