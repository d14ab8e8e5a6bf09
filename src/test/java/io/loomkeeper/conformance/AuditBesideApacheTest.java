package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The audit logs of both servers after the same requests of Apache's own client. */
@Timeout(120)
final class AuditBesideApacheTest {
    private static final int TIMEOUT_MS = 30_000;
    private static final long WRITTEN_WITHIN_NS = 20_000_000_000L;
    private static final long POLL_NS = 20_000_000;
    private static final Pattern LINE = Pattern.compile("(?:session|user)=.*\tresult=[a-z]+");

    @TempDir private Path directory;

    @Test
    void linesAreTheSame() throws Exception {
        List<String> apache = played(ServerCommand.apache(), directory.resolve("apache"));
        List<String> ours = played(ServerCommand.loomkeeper(), directory.resolve("ours"));

        assertTrue(apache.size() > 15, apache::toString);
        assertTrue(ours.removeIf(AuditBesideApacheTest::isStop), ours::toString);
        apache.removeIf(AuditBesideApacheTest::isStop); // written or not, as its logger ends
        assertEquals(String.join("\n", apache), String.join("\n", ours));
    }

    private static boolean isStop(String line) {
        return line.contains("operation=serverStop\tresult=invoked");
    }

    private static List<String> played(ServerCommand command, Path directory) throws Exception {
        Map<String, String> keys = Map.of("audit.enable", "true", "extendedTypesEnabled", "true");
        Map<String, String> properties = Map.of("zookeeper.extendedTypesEnabled", "true");
        try (ServerUnderTest server = ServerUnderTest.start(command, directory, keys, properties)) {
            play(server);
            awaitLine(directory, "operation=ephemeralZNodeDeletionOnSessionCloseOrExpire");
            server.stop();
        }
        return lines(directory);
    }

    private static void play(ServerUnderTest server) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        Watcher watcher = _ -> connected.countDown();
        ZooKeeper client = new ZooKeeper(server.address(), TIMEOUT_MS, watcher);
        try {
            assertTrue(connected.await(20, TimeUnit.SECONDS), server::output);
            for (CreateMode mode : CreateMode.values()) {
                client.create(
                        "/" + mode, new byte[1], Ids.OPEN_ACL_UNSAFE, mode, new Stat(), ttl(mode));
            }
            client.addAuthInfo(
                    "digest", "bob:secret".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            client.setData("/PERSISTENT", new byte[2], -1);
            client.setACL("/PERSISTENT", Ids.READ_ACL_UNSAFE, -1);
            client.setACL("/CONTAINER", Ids.CREATOR_ALL_ACL, -1);
            refused(() -> client.setData("/PERSISTENT", new byte[3], -1));
            refused(() -> client.delete("/none", -1));
            refused(() -> client.create("/a/b", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
            client.multi(
                    List.of(
                            Op.create("/m", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                            Op.create(
                                    "/s",
                                    null,
                                    Ids.OPEN_ACL_UNSAFE,
                                    CreateMode.PERSISTENT_SEQUENTIAL),
                            Op.setData("/m", new byte[1], -1),
                            Op.check("/m", -1),
                            Op.delete("/m", -1)));
            refused(() -> client.multi(List.of(Op.check("/none", -1), Op.delete("/m", -1))));
            client.delete("/CONTAINER", -1);
            client.exists("/m", true);
        } finally {
            client.close();
        }
    }

    private static long ttl(CreateMode mode) {
        return mode.isTTL() ? 100_000 : -1;
    }

    private static void refused(org.junit.jupiter.api.function.Executable operation) {
        assertThrows(KeeperException.class, operation);
    }

    private static void awaitLine(Path directory, String part) throws IOException {
        long deadline = System.nanoTime() + WRITTEN_WITHIN_NS;
        while (lines(directory).stream().noneMatch(line -> line.contains(part))) {
            assertTrue(System.nanoTime() < deadline, () -> part);
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Without what differs between sessions, and with what is in the order of a hash sorted. */
    private static List<String> lines(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve("server.out"))) {
            Matcher found = LINE.matcher(line);
            if (found.find()) {
                lines.add(
                        found.group()
                                .replaceAll("session=0x[0-9a-f]+", "session=<id>")
                                .replace("bob,127.0.0.1", "127.0.0.1,bob"));
            }
        }
        int ends = lines.size();
        while (ends > 0 && !lines.get(ends - 1).contains("\tip=")) {
            ends--;
        }
        lines.subList(ends, lines.size()).sort(null);
        return lines;
    }
}
