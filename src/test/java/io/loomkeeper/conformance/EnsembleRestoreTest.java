package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.cli.Loomkeeper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole ensemble goes back to an older state, by the steps of docs/operations.md. */
@Timeout(180)
@SuppressWarnings("try") // closing a client that is interrupted is not this test's matter
final class EnsembleRestoreTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = FreePort.next();

    @TempDir private Path directory;
    private String zxid = "";

    @Test
    void memberRefusesAPostedStateAndTheStepsThatItNamesBringItBack() throws Exception {
        try (EnsembleUnderTest ensemble =
                EnsembleUnderTest.start(
                        new EnsembleUnderTest(directory, "LLL")
                                .with("admin.enableServer", "true")
                                .with("admin.serverAddress", "127.0.0.{id}")
                                .with("admin.serverPort", Integer.toString(port)))) {
            Path taken = directory.resolve("snapshot.taken");
            for (int id : ensemble.ids().toList()) {
                EnsembleUnderTest.awaitOpen("127.0.0." + id, port);
            }
            SortedMap<String, String> before = writeAround(ensemble, taken);
            for (int id : ensemble.ids().toList()) {
                assertIsRefused(id, taken);
            }

            ensemble.ids().forEach(id -> ensemble.server(id).stop());
            for (int id : ensemble.ids().toList()) {
                ensemble.wipe(id);
                Loomkeeper.done("restore", renamed(taken), directory.resolve(id + "/data"));
            }
            ensemble.ids().forEach(ensemble::launch);
            ensemble.awaitAllServing();

            for (int id : ensemble.ids().toList()) {
                assertEquals(before, ensemble.tree(id));
            }
            try (ZooKeeper client = ensemble.connect(ensemble.addresses())) {
                String next =
                        client.create(
                                "/n-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
                assertEquals("/n-0000000050", next);
            }
            ensemble.awaitSameZxid();
        }
    }

    /** Fifty nodes, a snapshot, one node more; returns what there was at the snapshot. */
    private SortedMap<String, String> writeAround(EnsembleUnderTest ensemble, Path taken)
            throws Exception {
        try (ZooKeeper client = ensemble.connect(ensemble.addresses(1))) {
            for (int i = 0; i < 50; i++) {
                client.create(
                        "/n-", new byte[i], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
            }
            SortedMap<String, String> before = ensemble.tree(1);
            HttpResponse<Path> stream =
                    http.send(command(1, "snapshot").build(), BodyHandlers.ofFile(taken));
            assertEquals(200, stream.statusCode(), ensemble::output);
            zxid = stream.headers().firstValue("last_zxid").orElse("").substring(2);
            client.create("/later", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            assertFalse(before.containsKey("/later"));
            return before;
        }
    }

    /** Programs go by a snapshot's name. */
    private Path renamed(Path taken) throws Exception {
        Path named = directory.resolve("snapshot." + zxid);
        return Files.exists(named) ? named : Files.copy(taken, named);
    }

    private HttpRequest.Builder command(int id, String command) {
        URI uri = URI.create("http://127.0.0." + id + ":" + port + "/commands/" + command);
        return HttpRequest.newBuilder(uri).header("Authorization", "digest keeper:pass");
    }

    private void assertIsRefused(int id, Path taken) throws Exception {
        HttpResponse<String> answer =
                http.send(
                        command(id, "restore").POST(BodyPublishers.ofFile(taken)).build(),
                        BodyHandlers.ofString());
        assertEquals(503, answer.statusCode());
        assertTrue(answer.body().contains("bin/loomkeeper restore"), answer::body);
        assertTrue(answer.body().contains("docs/operations.md"), answer::body);
    }
}
