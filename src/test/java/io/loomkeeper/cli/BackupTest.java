package io.loomkeeper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.ServerCommand;
import io.loomkeeper.conformance.ServerUnderTest;
import io.loomkeeper.log.Directories;
import io.loomkeeper.log.DurabilityListener;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.TxnLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a running server, and what is restored from them. */
@Timeout(180)
final class BackupTest {
    private static final Map<String, String> TTLS =
            Map.of("zookeeper.extendedTypesEnabled", "true");

    private final Path directory;
    private final Path backup;

    BackupTest(@TempDir Path directory) {
        this.directory = directory;
        this.backup = directory.resolve("backup");
    }

    private ServerUnderTest server(String name) {
        return ServerUnderTest.start(
                ServerCommand.loomkeeper(),
                directory.resolve(name),
                Map.of("snapCount", "40"),
                TTLS);
    }

    private Path data(String name) {
        return directory.resolve(name).resolve("data");
    }

    @Test
    void backupOfARunningServerIsRestored() throws Exception {
        SortedMap<String, String> before;
        long session;
        byte[] password;
        try (ServerUnderTest server = server("ours")) {
            Visit visit = Visit.to(server);
            visit.writeAll(100);
            Loomkeeper.done("backup", data("ours"), backup);
            visit.create("/later", "", CreateMode.PERSISTENT);
            Loomkeeper second = Loomkeeper.done("backup", data("ours"), backup);
            assertTrue(second.out().getFirst().contains("then 1 transactions"), second::toString);
            before = visit.readAll();
            session = visit.client.getSessionId();
            password = visit.client.getSessionPasswd();
            server.kill();
            visit.close();
        }
        Loomkeeper.done("verify", backup);
        Loomkeeper.done("restore", backup, data("restored"));

        try (ServerUnderTest server = server("restored");
                Visit visit = Visit.to(server, session, password)) {
            assertEquals(before, visit.readAll());
        }
    }

    @Test
    void anyZxidAndTimeSinceItsBeginningIsRestored() throws Exception {
        long firstZxid;
        Instant firstTime;
        try (ServerUnderTest server = server("ours");
                Visit visit = Visit.to(server)) {
            visit.create("/first", "", CreateMode.PERSISTENT);
            firstZxid = visit.client.exists("/first", false).getCzxid();
            firstTime = Instant.ofEpochMilli(visit.client.exists("/first", false).getCtime());
            Loomkeeper.done("backup", data("ours"), backup);
            while (!Instant.now().isAfter(firstTime.plusMillis(2))) {
                Thread.onSpinWait();
            }
            visit.create("/second", "", CreateMode.PERSISTENT);
            Loomkeeper.done("backup", data("ours"), backup);
        }
        Path byZxid = directory.resolve("zxid");
        Path byTime = directory.resolve("time");
        Loomkeeper.done("restore", backup, byZxid, "--zxid", firstZxid);
        Loomkeeper.done("restore", backup, byTime, "--time", firstTime);

        assertTrue(Loomkeeper.done("ls", byZxid).out().contains("/first"));
        assertEquals(Loomkeeper.done("ls", byZxid).out(), Loomkeeper.done("ls", byTime).out());
        assertTrue(Loomkeeper.done("ls", backup).out().contains("/second"));
        assertEquals(
                "+ /second",
                Loomkeeper.run("diff", byZxid, backup).out().stream()
                        .filter(line -> line.startsWith("+"))
                        .findFirst()
                        .orElse("nothing"));
    }

    @Test
    void backupGoesOnAfterTheServersRetentionAndItsRestart() throws Exception {
        try (ServerUnderTest server = server("ours");
                Visit visit = Visit.to(server)) {
            visit.create("/first", "", CreateMode.PERSISTENT);
            Loomkeeper.done("backup", data("ours"), backup);
            visit.writeAll(400);
            server.kill();
        }
        try (ServerUnderTest server = server("ours");
                Visit visit = Visit.to(server)) {
            visit.create("/last", "", CreateMode.PERSISTENT);
            Loomkeeper.done("backup", data("ours"), backup);
            assertEquals(0, Loomkeeper.run("diff", data("ours"), backup).exitCode());
        }
        Loomkeeper.done("verify", backup);
    }

    @Test
    void subtreeOfARunningServerIsBroughtBack() throws Exception {
        try (ServerUnderTest server = server("ours");
                Visit visit = Visit.to(server)) {
            visit.writeAll(5);
            SortedMap<String, String> before = withoutStats(visit.readAll());
            Loomkeeper.done("backup", data("ours"), backup);
            visit.client.setData("/many/node1", new byte[] {9}, -1);
            visit.client.delete("/many/node2", -1);
            visit.client.delete("/ttl", -1);
            visit.create("/many/new", "", CreateMode.PERSISTENT);
            visit.create("/many/new/newer", "", CreateMode.PERSISTENT);
            visit.create("/other", "", CreateMode.PERSISTENT);
            Object[] words = {"restore", backup, "--into", server.address(), "--path", "/many"};

            assertTrue(
                    Loomkeeper.done(with(words, "--delete", "--dry-run"))
                            .out()
                            .getLast()
                            .startsWith("4 changes would be made"));
            assertTrue(Loomkeeper.done(words).out().getLast().startsWith("2 changes made"));
            assertTrue(Loomkeeper.done(with(words, "--delete")).out().contains("delete /many/new"));
            Loomkeeper.done("restore", backup, "--into", server.address(), "--path", "/ttl");
            visit.client.delete("/other", -1);

            assertEquals(before, withoutStats(visit.readAll()));
            assertEquals(2, Loomkeeper.run("restore", backup, "--into", "x").exitCode());
        }
    }

    private static Object[] with(Object[] words, Object... more) {
        return Stream.concat(Arrays.stream(words), Arrays.stream(more)).toArray();
    }

    private static SortedMap<String, String> withoutStats(SortedMap<String, String> nodes) {
        nodes.replaceAll((_, node) -> node.substring(0, node.lastIndexOf(']')));
        return nodes;
    }

    @Test
    void otherHistoryBeginsAnotherBackup() throws Exception {
        Path restored = directory.resolve("again/data");
        try (ServerUnderTest server = server("ours");
                Visit visit = Visit.to(server)) {
            visit.create("/first", "", CreateMode.PERSISTENT);
            Loomkeeper.done("backup", data("ours"), backup);
            visit.create("/second", "", CreateMode.PERSISTENT);
            visit.create("/third", "", CreateMode.PERSISTENT);
            long zxid = visit.client.exists("/second", false).getCzxid();
            Loomkeeper.done("backup", data("ours"), backup);
            Loomkeeper.done("restore", backup, restored, "--zxid", zxid - 1);
        }
        try (ServerUnderTest server = server("again");
                Visit visit = Visit.to(server)) {
            visit.create("/other", "", CreateMode.PERSISTENT);
            visit.create("/another", "", CreateMode.PERSISTENT);
            visit.create("/third", "", CreateMode.PERSISTENT);
            visit.create("/fourth", "", CreateMode.PERSISTENT);
        }
        Loomkeeper done = Loomkeeper.done("backup", restored, backup);

        assertTrue(done.out().getFirst().contains("begins with"), done::toString);
        assertEquals(0, Loomkeeper.run("diff", restored, backup).exitCode());
    }

    @Test
    void moreThanTheLogTakesAtOnceIsBackedUp() throws Exception {
        Directories there = Home.of(data("big"), null).directories();
        Files.createDirectories(there.log());
        Files.createDirectories(there.snapshots());
        int bytes = 1 << 20;
        int count = 2 * LogOptions.defaults().ringBytes() / bytes;
        try (TxnLog log = TxnLog.open(there.log(), LogOptions.defaults())) {
            log.start(
                    new DurabilityListener() {
                        @Override
                        public void onDurable(long zxid) {}

                        @Override
                        public void onFailure(Throwable cause) {
                            throw new AssertionError(cause);
                        }
                    });
            UnsafeBuffer txn = new UnsafeBuffer(new byte[bytes]);
            for (long zxid = 1; zxid <= count; zxid++) {
                while (!log.append(zxid, txn, 0, bytes)) {
                    log.flush();
                    Thread.onSpinWait();
                }
            }
        }
        Loomkeeper.done("backup", data("big"), backup);

        OwnFiles kept = new BackupDirectory(backup).newest();
        assertEquals(count, kept.files().wholeHistory().orElseThrow().last());
    }

    @Test
    void damageIsFoundWhereverItIs() throws Exception {
        try (ServerUnderTest server = server("ours");
                Visit visit = Visit.to(server)) {
            visit.writeAll(100);
        }
        Loomkeeper.done("verify", data("ours"));
        OwnFiles files = new OwnFiles(Home.of(data("ours"), null).directories());
        for (Path segment : files.files().segments()) {
            assertDamageIsFound(segment, files.files().read(segment).soundBytes() - 4);
        }
        for (long zxid : files.files().snapshots()) {
            Path snapshot =
                    data("ours").resolve("loomkeeper/snapshots/snapshot." + Long.toHexString(zxid));
            assertDamageIsFound(snapshot, Files.size(snapshot) / 2);
        }
        assertDamageIsFound(data("ours").resolve("loomkeeper/epochs"), 12);
        assertDamageIsFound(data("ours").resolve("loomkeeper/log/durable"), 3);
    }

    private void assertDamageIsFound(Path file, long offset) throws Exception {
        byte[] right = Files.readAllBytes(file);
        byte[] wrong = right.clone();
        wrong[(int) offset] ^= 4;
        Files.write(file, wrong);

        String found = Loomkeeper.refusal("verify", data("ours"));

        assertTrue(found.contains("PROBLEM  " + file), found);
        Files.write(file, right);
    }
}
