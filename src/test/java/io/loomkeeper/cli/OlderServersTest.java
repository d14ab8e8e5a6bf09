package io.loomkeeper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.ServerCommand;
import io.loomkeeper.conformance.ServerUnderTest;
import io.loomkeeper.server.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Data of Apache's releases before 3.9: a server of that release writes them and is killed, ours
 * serves them, and that release's own server goes on with what is exported.
 */
@Timeout(120)
final class OlderServersTest {
    private static final String COUNTED = "/counter/n-";

    private final Path directory;

    OlderServersTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private Path data(String name) {
        return directory.resolve(name).resolve("data");
    }

    /**
     * What one release writes, and reads again.
     *
     * @param snapCount how many transactions between snapshots, about
     * @param compression of its snapshots; empty where it has none
     */
    private record Release(String version, int snapCount, String compression) {
        ServerUnderTest start(Path directory) {
            Map<String, String> properties = new TreeMap<>();
            properties.put("zookeeper.extendedTypesEnabled", "true");
            properties.put("zookeeper.forceSync", "no");
            if (!compression.isEmpty()) {
                properties.put("zookeeper.snapshot.compression.method", compression);
            }
            return ServerUnderTest.start(
                    ServerCommand.apache(version),
                    directory,
                    Map.of("snapCount", Integer.toString(snapCount)),
                    properties);
        }
    }

    /** It ends sessions without saying which nodes go, and has no digests. */
    @Test
    void release35() throws Exception {
        goesThereAndBack(new Release("3.5.10", 40, ""));
    }

    /** Only the first, empty snapshot: everything is in the log. */
    @Test
    void release36() throws Exception {
        goesThereAndBack(new Release("3.6.4", 100_000, ""));
    }

    @Test
    void release37() throws Exception {
        goesThereAndBack(new Release("3.7.2", 40, "gz"), "--gzip");
    }

    @Test
    void release38() throws Exception {
        goesThereAndBack(new Release("3.8.4", 40, "snappy"));
    }

    private void goesThereAndBack(Release release, String... exportOptions) throws Exception {
        SortedMap<String, String> before;
        long session;
        byte[] password;
        try (ServerUnderTest server = release.start(directory.resolve("apache"));
                Visit visit = Visit.to(server)) {
            visit.writeAll(40);
            Visit.comeAndGo(server);
            visit.create(COUNTED, "3", CreateMode.PERSISTENT_SEQUENTIAL);
            before = visit.readAll();
            session = visit.client.getSessionId();
            password = visit.client.getSessionPasswd();
            server.kill();
        }
        requireLogBehindASnapshot(release);

        Loomkeeper.done("import", data("apache"), data("ours"));
        Loomkeeper same = Loomkeeper.run("diff", data("apache"), data("ours"));
        assertEquals(0, same.exitCode(), same::toString);
        Loomkeeper log = Loomkeeper.done("dump", "--log", data("apache"));
        assertTrue(String.join("\n", log.out()).contains("/many/gone"), log::toString);
        String zooCfg =
                """
                dataDir=%s
                clientPort=0
                clientPortAddress=127.0.0.1
                tickTime=2000
                admin.enableServer=false
                extendedTypesEnabled=true
                """
                        .formatted(data("ours"));
        try (EmbeddedServer server =
                        EmbeddedServer.start(
                                zooCfg,
                                (where, cause) -> {
                                    throw new AssertionError(where, cause);
                                });
                Visit visit = Visit.at(server.port())) {
            assertEquals(before, visit.readAll());
            visit.create(COUNTED, "4", CreateMode.PERSISTENT_SEQUENTIAL);
            before = visit.readAll();
        }

        Loomkeeper.done(
                Stream.concat(
                                Stream.of("export", data("ours"), data("back")),
                                Stream.of(exportOptions))
                        .toArray());
        try (ServerUnderTest server = release.start(directory.resolve("back"));
                Visit visit = Visit.to(server, session, password)) {
            assertEquals(session, visit.client.getSessionId());
            assertEquals(before, visit.readAll());
            visit.create(COUNTED, "5", CreateMode.PERSISTENT_SEQUENTIAL);
            assertEquals("5", visit.text(COUNTED + "0000000004"));
        }
    }

    private void requireLogBehindASnapshot(Release release) throws IOException {
        ApacheFiles files = new ApacheFiles(Home.of(data("apache"), null));
        State state = files.state(Source.END);
        assertTrue(state.replayed() > 0, "nothing to replay");
        Path newest = files.snapshots().sequencedValues().getLast();
        assertEquals(release.snapCount() < 1000, state.base() > 0, newest::toString);
        assertTrue(newest.toString().endsWith(release.compression()), newest::toString);
    }
}
