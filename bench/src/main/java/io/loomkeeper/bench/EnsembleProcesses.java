package io.loomkeeper.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An ensemble of server processes of one kind on the loopback, numbered from 1, each with a
 * directory of its own. They differ from those of a {@link Lineup} in nothing but the lines of
 * zoo.cfg that make an ensemble of them.
 */
final class EnsembleProcesses implements AutoCloseable {
    private static final long WITHIN_NS = TimeUnit.SECONDS.toNanos(120);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int WORD_TIMEOUT_MS = 5_000;
    private static final String MODE = "Mode: ";

    private final Lineup.Setup setup;
    private final String kind;
    private final int tickTimeMs;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<Integer, ServerProcess> running = new HashMap<>();

    private boolean closed;

    private EnsembleProcesses(Lineup.Setup setup, String kind, int servers, int tickTimeMs)
            throws IOException {
        this.setup = setup;
        this.kind = kind;
        this.tickTimeMs = tickTimeMs;
        for (int id = 1; id <= servers; id++) {
            addresses.add(ServerProcess.freeAddress());
            lines.add(
                    "server.%d=127.0.0.1:%d:%d"
                            .formatted(
                                    id,
                                    ServerProcess.freeAddress().getPort(),
                                    ServerProcess.freeAddress().getPort()));
        }
    }

    /**
     * Starts all, and waits until one leads and the others follow.
     *
     * @param setup its directory gets one of this ensemble's own; its heap is the largest that each
     *     may have
     * @param kind {@link Lineup#LOOMKEEPER} or {@link Lineup#APACHE}
     */
    static EnsembleProcesses start(Lineup.Setup setup, String kind, int servers, int tickTimeMs)
            throws IOException {
        EnsembleProcesses ensemble = new EnsembleProcesses(setup, kind, servers, tickTimeMs);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(ensemble::close));
        try {
            for (int id : ensemble.ids()) {
                ensemble.launch(id);
            }
            ensemble.awaitAllServing();
            return ensemble;
        } catch (IOException e) {
            ensemble.close();
            throw e;
        }
    }

    String kind() {
        return kind;
    }

    List<Integer> ids() {
        return IntStream.rangeClosed(1, addresses.size()).boxed().toList();
    }

    List<Integer> others(int id) {
        return ids().stream().filter(other -> other != id).toList();
    }

    InetSocketAddress address(int id) {
        return addresses.get(id - 1);
    }

    /** Where a server has all it writes. */
    Path directory(int id) {
        return directory().resolve(Integer.toString(id));
    }

    private Path directory() {
        return setup.directory().resolve(kind.toLowerCase(Locale.ROOT));
    }

    /** The newest process of a server. */
    synchronized ServerProcess server(int id) {
        ServerProcess server = running.get(id);
        if (server == null) {
            throw new IllegalArgumentException("server " + id + " was never started");
        }
        return server;
    }

    /** Starts a server, for the first time or again with the data that it has; returns at once. */
    void launch(int id) throws IOException {
        launch(id, List.of());
    }

    /**
     * @param before words that run the command that follows them, such as nice
     */
    synchronized void launch(int id, List<String> before) throws IOException {
        if (closed) {
            throw new IOException("stopped");
        }
        Path home = Files.createDirectories(directory(id));
        Path zooCfg = writeZooCfg(id, home);
        List<String> words = new ArrayList<>(before);
        Map<String, String> environment = Map.of();
        if (kind.equals(Lineup.LOOMKEEPER)) {
            words.add(setup.house().resolve("bin/server").toString());
            environment =
                    Map.of(
                            "JVMFLAGS",
                            "-Xmx" + setup.heap(),
                            "SERVER_JVMFLAGS",
                            setup.loomkeeperFlags());
        } else {
            words.addAll(apacheWords(home));
        }
        words.add(zooCfg.toString());
        ServerProcess.Command command =
                new ServerProcess.Command(kind + " " + id, words, environment, home);
        running.put(id, ServerProcess.start(command, address(id)));
    }

    private List<String> apacheWords(Path home) throws IOException {
        Path logging =
                Files.writeString(
                        home.resolve("logging.properties"),
                        """
                        handlers=java.util.logging.ConsoleHandler
                        .level=SEVERE
                        """);
        List<String> words = new ArrayList<>();
        words.add(setup.java());
        words.add("-Xmx" + setup.heap());
        words.add("-Djava.util.logging.config.file=" + logging);
        Arrays.stream(setup.apacheFlags().split(" ", -1))
                .filter(flag -> !flag.isEmpty())
                .forEach(words::add);
        words.add("-cp");
        words.add(setup.house().resolve("bench/target/apache") + "/*");
        words.add("org.apache.zookeeper.server.quorum.QuorumPeerMain");
        return words;
    }

    private Path writeZooCfg(int id, Path home) throws IOException {
        Path data = Files.createDirectories(home.resolve("data"));
        Files.writeString(data.resolve("myid"), Integer.toString(id));
        return Files.writeString(
                home.resolve("zoo.cfg"),
                """
                tickTime=%d
                initLimit=10
                syncLimit=5
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                maxClientCnxns=0
                admin.enableServer=false
                %s
                %s
                """
                        .formatted(
                                tickTimeMs,
                                data,
                                address(id).getPort(),
                                String.join("\n", lines),
                                setup.zooCfg()));
    }

    /** SIGKILL, on its way when this returns; {@link #awaitEnd} waits. */
    void kill(int id) {
        server(id).kill();
    }

    /** SIGTERM, on its way when this returns; {@link #awaitEnd} waits. */
    void terminate(int id) {
        server(id).terminate();
    }

    void awaitEnd(int id) throws IOException {
        await(id, "its end", () -> !server(id).isAlive());
    }

    /** Deletes all data of a server that is down. */
    void wipe(int id) throws IOException {
        delete(directory(id).resolve("data"));
    }

    /** In words, as the server says it; empty while it serves nobody. */
    String mode(int id) {
        return fourLetterWord(id, "srvr")
                .lines()
                .filter(line -> line.startsWith(MODE))
                .map(line -> line.substring(MODE.length()))
                .findFirst()
                .orElse("");
    }

    /** Empty when the server does not answer. */
    String fourLetterWord(int id, String word) {
        try (Socket socket = new Socket()) {
            socket.connect(address(id), WORD_TIMEOUT_MS);
            socket.setSoTimeout(WORD_TIMEOUT_MS);
            socket.getOutputStream().write(word.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    void awaitAllServing() throws IOException {
        for (int id : ids()) {
            awaitServing(id);
        }
    }

    /** Waits until a server leads or follows; an exception quotes its last words. */
    void awaitServing(int id) throws IOException {
        await(id, "a leader that it follows, or is", () -> !mode(id).isEmpty());
    }

    /** Waits until one leads, and says which. */
    int awaitLeader() throws IOException {
        long deadlineNs = System.nanoTime() + WITHIN_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            for (int id : ids()) {
                if (mode(id).equals("leader")) {
                    return id;
                }
            }
            LockSupport.parkNanos(POLL_NS);
        }
        throw new IOException("nobody leads; the last words of the first:\n" + lastWords(1));
    }

    private void await(int id, String what, BooleanSupplier condition) throws IOException {
        long deadlineNs = System.nanoTime() + WITHIN_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException(
                        "%s %d: waited in vain for %s; its last words:%n%s"
                                .formatted(kind, id, what, lastWords(id)));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private String lastWords(int id) {
        return server(id).lastWords();
    }

    /** Kills all and removes their directory. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        running.values().forEach(ServerProcess::kill);
        running.values().forEach(ServerProcess::close);
        try {
            delete(directory());
        } catch (IOException | UncheckedIOException e) {
            System.err.println("bench: left behind: " + e.getMessage());
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException _) {
            // removed before
        }
    }
}
