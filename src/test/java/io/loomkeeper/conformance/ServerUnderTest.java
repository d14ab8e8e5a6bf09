package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/**
 * One server process with a directory and a loopback port of its own, started, stopped and killed
 * by a test. It knows nothing of what runs inside: Loomkeeper or Apache ZooKeeper.
 */
public final class ServerUnderTest implements AutoCloseable {
    private static final long READY_WITHIN_MS = 60_000;
    private static final long POLL_NANOS = 10_000_000;
    private static final int ANSWERS_WITHIN_MS = 10_000;
    private static final int SRVR_WITHIN_MS = 1_000;
    private static final int STOPPED_WITHIN_SECONDS = 30;
    private static final int CONNECTED_WITHIN_SECONDS = 30;

    private final ServerCommand command;
    private final Path directory;
    private final int port;
    private final Map<String, String> keys;
    private final Map<String, String> properties;
    private final Thread killer = new Thread(this::killProcess);
    private final Process process;

    private ServerUnderTest(
            ServerCommand command,
            Path directory,
            int port,
            Map<String, String> keys,
            Map<String, String> properties) {
        this.command = command;
        this.directory = directory;
        this.port = port;
        this.keys = keys;
        this.properties = properties;
        this.process = launch();
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /**
     * Starts a server on a free port and waits until it serves.
     *
     * @param directory holds zoo.cfg, the output and, unless {@code keys} say otherwise, the data
     * @param keys lines of zoo.cfg; tickTime, dataDir, clientPort and clientPortAddress have
     *     defaults
     * @param properties JVM properties of the server process
     * @throws IllegalStateException when it ends or is silent for a minute; the message carries its
     *     output
     */
    public static ServerUnderTest start(
            ServerCommand command,
            Path directory,
            Map<String, String> keys,
            Map<String, String> properties) {
        return launch(command, directory, keys, properties).awaitServing();
    }

    /** As {@link #start}, but returns at once: for a server that serves only when others are up. */
    public static ServerUnderTest launch(
            ServerCommand command,
            Path directory,
            Map<String, String> keys,
            Map<String, String> properties) {
        String asked = keys.getOrDefault("clientPort", "0");
        int port = asked.equals("0") ? FreePort.next() : Integer.parseInt(asked);
        return new ServerUnderTest(command, directory, port, keys, properties);
    }

    /**
     * The same server once more, on the same port and data, after {@link #stop} or {@link #kill}.
     */
    public ServerUnderTest again() {
        return relaunch().awaitServing();
    }

    /** As {@link #again}, but returns at once: for a server that needs others. */
    public ServerUnderTest relaunch() {
        if (process.isAlive()) {
            throw new IllegalStateException("still running: " + this);
        }
        return new ServerUnderTest(command, directory, port, keys, properties);
    }

    /** As {@link #relaunch}, of another kind and on other data. */
    ServerUnderTest relaunch(ServerCommand other, Path dataDir) {
        if (process.isAlive()) {
            throw new IllegalStateException("still running: " + this);
        }
        Map<String, String> changed = new LinkedHashMap<>(keys);
        changed.put("dataDir", dataDir.toString());
        return new ServerUnderTest(other, directory, port, changed, properties);
    }

    /** As {@link #relaunch}, with the zoo.cfg that lies there: the server may have changed it. */
    public ServerUnderTest relaunchAsItIs() {
        try {
            String found = Files.readString(directory.resolve("zoo.cfg"));
            return new ServerUnderTest(command, directory, port, keysOf(found), properties);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> keysOf(String zooCfg) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String line : zooCfg.lines().toList()) {
            int equals = line.indexOf('=');
            keys.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return keys;
    }

    public int port() {
        return port;
    }

    /** A connection string for ZooKeeper clients. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /**
     * Apache's client, connected.
     *
     * @throws IllegalStateException when it has no session within half a minute
     */
    public ZooKeeper connect(int sessionTimeoutMs) throws IOException, InterruptedException {
        return connect(sessionTimeoutMs, 0, new byte[16]);
    }

    /** As the shorter one, with a session that began elsewhere. */
    public ZooKeeper connect(int sessionTimeoutMs, long session, byte[] password)
            throws IOException, InterruptedException {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client =
                new ZooKeeper(
                        address(),
                        sessionTimeoutMs,
                        event -> {
                            if (event.getState() == KeeperState.SyncConnected) {
                                connected.countDown();
                            }
                        },
                        session,
                        password);
        if (!connected.await(CONNECTED_WITHIN_SECONDS, SECONDS)) {
            client.close();
            throw new IllegalStateException("no session: " + this + "\n" + output());
        }
        return client;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Path directory() {
        return directory;
    }

    /**
     * SIGTERM, then waits. Returns the exit code; a server that outlives half a minute is killed
     * and reported.
     */
    public int stop() {
        process.destroy();
        if (!await(STOPPED_WITHIN_SECONDS)) {
            String output = output();
            kill();
            throw new IllegalStateException("ignored SIGTERM: " + this + "\n" + output);
        }
        forget();
        return process.exitValue();
    }

    /** Waits until the process has ended by itself; returns its exit code. */
    public int awaitEnd() {
        if (!await(STOPPED_WITHIN_SECONDS)) {
            throw new IllegalStateException("lives on: " + this + "\n" + output());
        }
        forget();
        return process.exitValue();
    }

    /** SIGKILL, then waits until the process is gone. */
    public void kill() {
        killProcess();
        if (!await(STOPPED_WITHIN_SECONDS)) {
            throw new IllegalStateException("survived SIGKILL: " + this);
        }
        forget();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
        forget();
    }

    /** The answer to a four-letter word, or an empty string when the server does not listen. */
    public String fourLetterWord(String word) {
        return fourLetterWord(word, ANSWERS_WITHIN_MS);
    }

    /**
     * The answer to {@code srvr}, asked for again each second: a server of Apache's that is about
     * to serve may take a connection and forget it. Empty when the server does not listen.
     */
    public String srvr() {
        String answer = "";
        for (int ms = 0; ms < ANSWERS_WITHIN_MS && answer.isEmpty(); ms += SRVR_WITHIN_MS) {
            answer = fourLetterWord("srvr", SRVR_WITHIN_MS);
        }
        return answer;
    }

    private String fourLetterWord(String word, int withinMs) {
        try (Socket socket = connect()) {
            socket.setSoTimeout(withinMs);
            socket.getOutputStream().write(word.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    /** The last lines that the process printed, for the message of a failing test. */
    public String output() {
        try {
            List<String> lines = Files.readAllLines(directory.resolve("server.out"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "(no output: " + e + ")";
        }
    }

    /** Waits until a client could get a session here. */
    public ServerUnderTest awaitServing() {
        long deadline = System.nanoTime() + MILLISECONDS.toNanos(READY_WITHIN_MS);
        while (!serves()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String output = output();
                close();
                throw new IllegalStateException("does not serve: " + this + "\n" + output);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return this;
    }

    /**
     * {@code srvr} is answered whatever the whitelist says, and names a mode only once sessions can
     * be opened.
     */
    private boolean serves() {
        return fourLetterWord("srvr", SRVR_WITHIN_MS).contains("Mode:");
    }

    private Socket connect() throws IOException {
        InetAddress bound =
                InetAddress.getByName(keys.getOrDefault("clientPortAddress", "127.0.0.1"));
        InetAddress host = bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), 5_000);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private Process launch() {
        try {
            Files.createDirectories(directory);
            Path zooCfg = directory.resolve("zoo.cfg");
            Files.writeString(zooCfg, zooCfg());
            ProcessBuilder builder = command.process(zooCfg, properties);
            builder.directory(directory.toFile()).redirectErrorStream(true);
            builder.redirectOutput(
                    ProcessBuilder.Redirect.appendTo(directory.resolve("server.out").toFile()));
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String zooCfg() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("tickTime", "2000");
        all.put("dataDir", directory.resolve("data").toString());
        all.put("clientPortAddress", "127.0.0.1");
        all.put("admin.enableServer", "false");
        all.putAll(keys);
        all.put("clientPort", Integer.toString(port));
        StringBuilder text = new StringBuilder();
        all.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString();
    }

    private void killProcess() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private boolean await(int seconds) {
        try {
            return process.waitFor(seconds, SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + this, e);
        }
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException _) {
            // the JVM is on its way down: the hook runs, and finds a dead process
        }
    }

    @Override
    public String toString() {
        return "server " + pid() + " at " + address() + " in " + directory;
    }
}
