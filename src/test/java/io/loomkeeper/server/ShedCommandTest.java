package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A share of the connections of a whole server is closed over HTTP. */
@Timeout(60)
final class ShedCommandTest {
    private static final String ADMIN = "admin.enableServer=true\nadmin.serverPort=0\n";

    @TempDir private Path folder;

    private static HttpResponse<String> post(LiveServer live, String authorization, String content)
            throws Exception {
        int port = requireNonNull(live.server.admin().address()).getPort();
        URI uri = URI.create("http://127.0.0.1:" + port + "/commands/shed_connections");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(content));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    @Test
    void clientsOfTheShareComeBackWithTheirSessions() throws Exception {
        try (LiveServer live = LiveServer.start(folder, ADMIN)) {
            List<ZooKeeper> clients = new ArrayList<>(List.of(live.client));
            for (int i = 0; i < 3; i++) {
                clients.add(live.connect());
            }
            List<Long> sessions = clients.stream().map(ZooKeeper::getSessionId).toList();
            CountDownLatch gone = new CountDownLatch(2);
            CountDownLatch back = new CountDownLatch(2);
            for (ZooKeeper client : clients) {
                client.register(
                        event -> {
                            if (event.getState() == KeeperState.Disconnected) {
                                gone.countDown();
                            } else if (event.getState() == KeeperState.SyncConnected) {
                                back.countDown();
                            }
                        });
            }

            HttpResponse<String> answer = post(live, "digest a:b", "{\"percentage\": 50}");

            JsonNode fields = new ObjectMapper().readTree(answer.body());
            assertEquals(200, answer.statusCode(), answer::body);
            assertEquals(2, fields.get("connections_shed").asInt());
            assertEquals(50, fields.get("percentage_requested").asInt());
            assertEquals(true, gone.await(20, TimeUnit.SECONDS));
            assertEquals(true, back.await(20, TimeUnit.SECONDS));
            assertEquals(sessions, clients.stream().map(ZooKeeper::getSessionId).toList());
            for (ZooKeeper client : clients) {
                requireNonNull(client.exists("/", false));
                client.close();
            }
        }
    }

    @Test
    void whatIsNoShareOrNotForThemClosesNothing() throws Exception {
        try (LiveServer live = LiveServer.start(folder, ADMIN)) {
            assertEquals(401, post(live, "", "{\"percentage\":100}").statusCode());
            for (String wrong :
                    List.of(
                            "",
                            "{}",
                            "50",
                            "{\"percentage\":101}",
                            "{\"percentage\":-1}",
                            "{\"percentage\":12345678901}",
                            " ".repeat(5000) + "{\"percentage\":100}")) {
                assertEquals(400, post(live, "digest a:b", wrong).statusCode(), wrong);
            }
            HttpResponse<String> none = post(live, "digest a:b", "{\"percentage\":0}");
            assertEquals(
                    0, new ObjectMapper().readTree(none.body()).get("connections_shed").asInt());
            requireNonNull(live.client.exists("/", false));
        }
    }
}
