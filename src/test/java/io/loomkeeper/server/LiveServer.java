package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.TestClient;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/** A whole server inside the test's process, and one client of it. */
final class LiveServer implements AutoCloseable {
    private static final long WAIT_S = 30;
    private static final long POLL_NS = 1_000_000;

    final Server server;
    final ZooKeeper client;
    final Config config;

    private LiveServer(Server server, ZooKeeper client, Config config) {
        this.server = server;
        this.client = client;
        this.config = config;
    }

    /**
     * @param directory of all data
     * @param lines of zoo.cfg, behind those that are needed
     */
    static LiveServer start(Path directory, String... lines) throws Exception {
        return start(directory, Map.of(), lines);
    }

    /** With these system properties. */
    static LiveServer start(Path directory, Map<String, String> properties, String... lines)
            throws Exception {
        Config config = config(directory, properties, lines);
        Server server =
                Server.start(
                        config,
                        Map.of(),
                        (where, cause) -> {
                            throw new AssertionError(where, cause);
                        });
        try {
            return new LiveServer(server, connect(server), config);
        } catch (Exception | Error e) {
            server.stop();
            throw e;
        }
    }

    static Config config(Path directory, String... lines) throws IOException, ConfigException {
        return config(directory, Map.of(), lines);
    }

    private static Config config(Path directory, Map<String, String> properties, String... lines)
            throws IOException, ConfigException {
        String text =
                """
                tickTime=2000
                dataDir=%s
                clientPort=0
                clientPortAddress=127.0.0.1
                admin.enableServer=false
                %s
                """
                        .formatted(directory, String.join("\n", lines));
        return Config.parse("zoo.cfg", new StringReader(text), properties);
    }

    private static ZooKeeper connect(Server server) throws Exception {
        return TestClient.connect("127.0.0.1:" + server.address().getPort());
    }

    /** One more client. */
    ZooKeeper connect() throws Exception {
        return connect(server);
    }

    /** The answer to a four-letter word. */
    static String word(int port, String word) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    void create(String path, byte @Nullable [] data) throws Exception {
        client.create(path, data, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    /** Waits until something is so. */
    static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() - deadlineNs < 0, () -> "not within half a minute: " + what);
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** The names of the snapshots, those being written left out. */
    List<String> snapshots() {
        return names(DataDirs.snapshots(config.storage()), "snapshot\\.[0-9a-f]+");
    }

    /** The segments of the log. */
    List<String> segments() {
        return names(DataDirs.log(config.storage()), ".*\\.cq4");
    }

    /** Files may come and go meanwhile: one that is gone when it is looked at is left out. */
    private static List<String> names(Path directory, String pattern) {
        List<String> names = new ArrayList<>();
        try {
            Files.walkFileTree(
                    directory,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
                            String name = directory.relativize(file).toString();
                            if (name.matches(pattern)) {
                                names.add(name);
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e)
                                throws IOException {
                            if (e instanceof NoSuchFileException) {
                                return FileVisitResult.CONTINUE;
                            }
                            throw e;
                        }
                    });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        names.sort(null);
        return names;
    }

    /** Ends the session, then the server. */
    @Override
    public void close() {
        try {
            client.close();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        server.stop();
    }
}
