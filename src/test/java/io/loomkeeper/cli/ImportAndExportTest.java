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
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Between Apache's own server and ours, through files, in both directions. */
@Timeout(180)
final class ImportAndExportTest {
    private static final Map<String, String> TTLS =
            Map.of("zookeeper.extendedTypesEnabled", "true");

    private final Path directory;

    ImportAndExportTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private ServerUnderTest apache(String name) {
        return ServerUnderTest.start(
                ServerCommand.apache(), directory.resolve(name), Map.of("snapCount", "30"), TTLS);
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

    /** The client goes with its server, so that its session lives on in the files. */
    private static SortedMap<String, String> fill(
            ServerUnderTest server, long[] session, byte[] password) throws Exception {
        Visit visit = Visit.to(server);
        visit.writeAll(70);
        SortedMap<String, String> nodes = visit.readAll();
        session[0] = visit.client.getSessionId();
        System.arraycopy(visit.client.getSessionPasswd(), 0, password, 0, password.length);
        server.kill();
        visit.close();
        return nodes;
    }

    @Test
    void whatApacheLeftIsServedHereAndGoesBack() throws Exception {
        long[] session = {0};
        byte[] password = new byte[16];
        SortedMap<String, String> before;
        try (ServerUnderTest server = apache("apache")) {
            before = fill(server, session, password);
        }
        assertTrue(logIsLongerThanTheNewestSnapshot(), "nothing to replay");

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

    private boolean logIsLongerThanTheNewestSnapshot() throws Exception {
        ApacheFiles files = new ApacheFiles(Home.of(data("apache"), null));
        State state = files.state(Source.END);
        return state.base() > 0 && state.replayed() > 0;
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
    void nothingIsWrittenOver() throws Exception {
        try (ServerUnderTest server = apache("apache")) {
            fill(server, new long[1], new byte[16]);
        }
        Loomkeeper.done("import", data("apache"));
        assertTrue(Loomkeeper.refusal("import", data("apache")).contains("is there already"));
        assertTrue(
                Loomkeeper.refusal("export", data("apache"), data("apache")).contains("not empty"));
    }

    @Test
    void damagedLogIsRefusedAndNothingIsMade() throws Exception {
        try (ServerUnderTest server = apache("apache")) {
            fill(server, new long[1], new byte[16]);
        }
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
        try (ServerUnderTest server = apache("apache")) {
            fill(server, new long[1], new byte[16]);
        }
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
        try (ServerUnderTest server = apache("apache")) {
            fill(server, new long[1], new byte[16]);
        }
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
