package io.loomkeeper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.FreePort;
import io.loomkeeper.conformance.ServerCommand;
import io.loomkeeper.conformance.ServerUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Between Apache's own server and ours, through files, in both directions. */
@Timeout(180)
@TestInstance(Lifecycle.PER_CLASS)
final class ImportAndExportTest {
    private static final Map<String, String> TTLS =
            Map.of("zookeeper.extendedTypesEnabled", "true");
    private static final Map<String, String> FAST =
            Map.of("zookeeper.extendedTypesEnabled", "true", "zookeeper.forceSync", "no");

    private final long[] session = {0};
    private final byte[] password = new byte[16];
    private Path left = Path.of("");
    private SortedMap<String, String> leftNodes = Collections.emptySortedMap();

    @TempDir private Path directory;

    private static ServerUnderTest apacheAt(Path directory) {
        return ServerUnderTest.start(
                ServerCommand.apache(), directory, Map.of("snapCount", "30"), FAST);
    }

    private ServerUnderTest apache(String name) {
        return apacheAt(directory.resolve(name));
    }

    /** One server's files serve every test. The client goes with it, so its session lives on. */
    @BeforeAll
    void letApacheLeaveItsFiles(@TempDir Path shared) throws Exception {
        left = shared.resolve("apache");
        try (ServerUnderTest server = apacheAt(left)) {
            Visit visit = Visit.to(server);
            visit.writeAll(70);
            Visit.comeAndGo(server);
            leftNodes = visit.readAll();
            session[0] = visit.client.getSessionId();
            System.arraycopy(visit.client.getSessionPasswd(), 0, password, 0, password.length);
            server.kill();
            visit.close();
        }
    }

    @BeforeEach
    void copyWhatApacheLeft() throws IOException {
        Path from = left.resolve("data/version-2");
        Path to = data("apache").resolve("version-2");
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private ServerUnderTest ours(String name) {
        return ServerUnderTest.start(
                ServerCommand.loomkeeper(), directory.resolve(name), Map.of(), TTLS);
    }

    /** An ensemble derives the passwords of sessions as Apache does, unless it has a secret. */
    private ServerUnderTest onlyMember(String name) throws IOException {
        Files.writeString(data(name).resolve("myid"), "1");
        Map<String, String> keys =
                Map.of(
                        "initLimit", "10",
                        "syncLimit", "5",
                        "standaloneEnabled", "false",
                        "server.1", "127.0.0.1:" + FreePort.next() + ":" + FreePort.next());
        return ServerUnderTest.start(
                ServerCommand.loomkeeper(), directory.resolve(name), keys, TTLS);
    }

    private Path data(String name) {
        return directory.resolve(name).resolve("data");
    }

    @Test
    void whatApacheLeftIsServedHereAndGoesBack() throws Exception {
        SortedMap<String, String> before = leftNodes;
        assertTrue(hasSnapshotOfMoreThanNothing(), "only the first, empty snapshot");

        Loomkeeper.done("import", data("apache"), data("ours"));
        Loomkeeper.done("verify", data("ours"));
        Loomkeeper same = Loomkeeper.run("diff", data("apache"), data("ours"));
        assertEquals(0, same.exitCode(), same::toString);

        try (ServerUnderTest server = onlyMember("ours");
                Visit visit = Visit.to(server, session[0], password)) {
            assertEquals(session[0], visit.client.getSessionId());
            assertEquals(before, visit.readAll());
            assertEquals(
                    "/counter/n-0000000002",
                    visit.client.create(
                            "/counter/n-",
                            null,
                            Ids.OPEN_ACL_UNSAFE,
                            CreateMode.PERSISTENT_SEQUENTIAL));
            before = visit.readAll();
            server.kill();
        }

        Loomkeeper.done("export", data("ours"), data("back"));
        try (ServerUnderTest server = apache("back");
                Visit visit = Visit.to(server, session[0], password)) {
            assertEquals(session[0], visit.client.getSessionId());
            assertEquals(before, visit.readAll());
            assertEquals(
                    "/counter/n-0000000003",
                    visit.client.create(
                            "/counter/n-",
                            null,
                            Ids.OPEN_ACL_UNSAFE,
                            CreateMode.PERSISTENT_SEQUENTIAL));
        }
    }

    private boolean hasSnapshotOfMoreThanNothing() throws Exception {
        ApacheFiles files = new ApacheFiles(Home.of(data("apache"), null));
        return files.state(Source.END).base() > 0;
    }

    @Test
    void olderStateIsExportedToo() throws Exception {
        try (ServerUnderTest server = ours("ours");
                Visit visit = Visit.to(server)) {
            visit.create("/first", "1", CreateMode.PERSISTENT);
            long zxid = visit.client.exists("/first", false).getCzxid();
            visit.create("/second", "2", CreateMode.PERSISTENT);

            Loomkeeper.done(
                    "export", data("ours"), data("back"), "--zxid", "0x" + Long.toHexString(zxid));
        }
        try (ServerUnderTest server = apache("back");
                Visit visit = Visit.to(server)) {
            assertNotNull(visit.client.exists("/first", false));
            assertEquals(null, visit.client.exists("/second", false));
        }
    }

    @Test
    void idGoesAlongAlsoWhereAZooCfgNamesTheDirectory() throws Exception {
        Files.writeString(data("apache").resolve("myid"), "3");
        Path zooCfg = directory.resolve("zoo.cfg");
        Files.writeString(zooCfg, "dataDir=" + data("apache") + "\n");

        Loomkeeper.done("export", zooCfg, data("back"));

        assertEquals("3", Files.readString(data("back").resolve("myid")));
    }

    @Test
    void nothingIsWrittenOver() throws Exception {
        Loomkeeper.done("import", data("apache"));
        assertTrue(Loomkeeper.refusal("import", data("apache")).contains("is there already"));
        assertTrue(
                Loomkeeper.refusal("export", data("apache"), data("apache")).contains("not empty"));
    }

    @Test
    void damagedLogIsRefusedAndNothingIsMade() throws Exception {
        Path log =
                new ApacheFiles(Home.of(data("apache"), null)).logs().sequencedValues().getLast();
        byte[] bytes = Files.readAllBytes(log);
        bytes[40] ^= 1;
        Files.write(log, bytes);

        String refusal = Loomkeeper.refusal("import", data("apache"), data("ours"));

        assertTrue(refusal.contains(log + " at byte 16: an entry with a wrong checksum"), refusal);
        assertFalse(Files.exists(data("ours")));
    }

    @Test
    void missingLogIsNoticed() throws Exception {
        ApacheFiles files = new ApacheFiles(Home.of(data("apache"), null));
        for (Path snapshot : files.snapshots().values().stream().skip(1).toList()) {
            Files.delete(snapshot);
        }
        Files.delete(files.logs().values().stream().skip(1).findFirst().orElseThrow());

        String refusal = Loomkeeper.refusal("import", data("apache"), data("ours"));

        assertTrue(refusal.contains("what was between is missing"), refusal);
    }

    @Test
    void interruptedImportIsNotThereAndBeginsAnew() throws Exception {
        Path leftover = data("apache").resolve("loomkeeper.new/loomkeeper/snapshots");
        Files.createDirectories(leftover);
        Files.writeString(leftover.resolve("received.7.tmp"), "half of it");

        Loomkeeper.done("import", data("apache"));

        try (Stream<Path> there = Files.list(data("apache"))) {
            assertFalse(there.anyMatch(file -> file.endsWith("loomkeeper.new")));
        }
        Loomkeeper.done("verify", data("apache"));
    }
}
