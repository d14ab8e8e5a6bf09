package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Several server processes that are one ensemble, on the loopback, each of Loomkeeper or of Apache
 * ZooKeeper. Servers are numbered from 1.
 */
final class EnsembleUnderTest implements AutoCloseable {
    private static final int TICK_MS = 500;
    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final long WITHIN_MS = 60_000;
    private static final long POLL_NANOS = 20_000_000;

    private final Path directory;
    private final String kinds;
    private final Map<String, String> more = new LinkedHashMap<>();
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final @Nullable Wires wires;
    private final ServerUnderTest[] servers;

    /**
     * Lays an ensemble out; nothing runs yet.
     *
     * @param kinds a letter for each server: L for Loomkeeper, A for Apache; small ones observe
     */
    EnsembleUnderTest(Path directory, String kinds) {
        this(directory, kinds, null);
    }

    /** One whose servers reach each other over {@code wires}, or directly when there are none. */
    EnsembleUnderTest(Path directory, String kinds, @Nullable Wires wires) {
        this.directory = directory;
        this.kinds = kinds;
        this.wires = wires;
        this.servers = new ServerUnderTest[kinds.length() + 1];
        for (int id = 1; id <= kinds.length(); id++) {
            String role = Character.isLowerCase(kinds.charAt(id - 1)) ? ":observer" : "";
            lines.add("127.0.0.1:" + FreePort.next() + ":" + FreePort.next() + role);
        }
    }

    /** Has each zoo.cfg say this too, {id} being the server's; before anything runs. */
    EnsembleUnderTest with(String key, String value) {
        more.put(key, value);
        return this;
    }

    /** Gives each process this system property; before anything runs. */
    EnsembleUnderTest withProperty(String name, String value) {
        properties.put(name, value);
        return this;
    }

    /** The line of a server, with a role and with where its clients connect (protocol 17.1). */
    String line(int id, String role) {
        String addresses = lines.get(id - 1).replace(":observer", "");
        return "server." + id + "=" + addresses + ":" + role + ";" + addresses(id);
    }

    /** Starts all servers, and waits until they serve. */
    static EnsembleUnderTest start(Path directory, String kinds) {
        return start(new EnsembleUnderTest(directory, kinds));
    }

    static EnsembleUnderTest start(EnsembleUnderTest ensemble) {
        try {
            ensemble.ids().forEach(ensemble::launch);
            ensemble.awaitAllServing();
            return ensemble;
        } catch (RuntimeException e) {
            ensemble.close();
            throw e;
        }
    }

    Stream<Integer> ids() {
        return Stream.iterate(1, id -> id + 1).limit(kinds.length());
    }

    ServerUnderTest server(int id) {
        return servers[id];
    }

    private boolean isUp(int id) {
        return servers[id] != null && servers[id].isAlive();
    }

    /** Starts a server, for the first time or again; returns at once. */
    void launch(int id) {
        if (servers[id] != null) {
            servers[id] = servers[id].relaunch();
            return;
        }
        Path home = directory.resolve(Integer.toString(id));
        try {
            Files.createDirectories(home.resolve("data"));
            Files.writeString(home.resolve("data/myid"), Integer.toString(id), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("tickTime", Integer.toString(TICK_MS));
        keys.put("initLimit", "20");
        keys.put("syncLimit", "6");
        keys.put("4lw.commands.whitelist", "*");
        keys.put("snapCount", "2000");
        keys.put("maxClientCnxns", "0");
        more.forEach((key, value) -> keys.put(key, value.replace("{id}", Integer.toString(id))));
        for (int member = 1; member <= lines.size(); member++) {
            String line = lines.get(member - 1);
            keys.put("server." + member, wires == null ? line : wires.line(id, member, line));
        }
        boolean apache = Character.toUpperCase(kinds.charAt(id - 1)) == 'A';
        ServerCommand command = apache ? ServerCommand.apache() : ServerCommand.loomkeeper();
        servers[id] = ServerUnderTest.launch(command, home, keys, properties);
    }

    /** Starts a server of another kind, and with other data, in the place of one that is down. */
    void replace(int id, ServerCommand command, Path dataDir) {
        servers[id] = servers[id].relaunch(command, dataDir);
    }

    /** Starts a server again with the zoo.cfg that it has by now. */
    void launchAsItIs(int id) {
        servers[id] = servers[id].relaunchAsItIs();
    }

    void awaitAllServing() {
        ids().filter(this::isUp).forEach(id -> servers[id].awaitServing());
    }

    void kill(int id) {
        servers[id].kill();
    }

    /** SIGSTOP: its connections stay, and it says nothing, until {@link #thaw}. */
    void freeze(int id) {
        signal(id, "-STOP");
    }

    /** SIGCONT. */
    void thaw(int id) {
        signal(id, "-CONT");
    }

    private void signal(int id, String signal) {
        try {
            String pid = Long.toString(servers[id].pid());
            int code = new ProcessBuilder("kill", signal, pid).inheritIO().start().waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill " + signal + " of server " + id);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** All that a server has printed. */
    String fullOutput(int id) throws IOException {
        return Files.readString(servers[id].directory().resolve("server.out"));
    }

    /** Deletes all that a server that is down had, but its id. */
    void wipe(int id) throws IOException {
        Path data = directory.resolve(Integer.toString(id)).resolve("data");
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                if (!file.equals(data) && !file.endsWith("myid")) {
                    Files.delete(file);
                }
            }
        }
    }

    String mode(int id) {
        return ofSrvr(id, "Mode: ");
    }

    /** As {@code srvr} shows it. */
    String zxid(int id) {
        return ofSrvr(id, "Zxid: ");
    }

    private String ofSrvr(int id, String key) {
        return servers[id]
                .srvr()
                .lines()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()))
                .findFirst()
                .orElse("");
    }

    /** Waits until all servers have applied the same. */
    void awaitSameZxid() {
        await("the same zxid everywhere", () -> ids().map(this::zxid).distinct().count() == 1);
    }

    /** Waits until one leads, and says which. */
    int awaitLeader() {
        int[] leader = new int[1];
        await(
                "a leader",
                () -> {
                    ids().filter(this::isUp)
                            .filter(id -> mode(id).equals("leader"))
                            .forEach(id -> leader[0] = id);
                    return leader[0] != 0;
                });
        return leader[0];
    }

    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WITHIN_MS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("waited in vain for " + what + "\n" + output());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Waits for a port that opens beside the clients', and may be later, as an admin server's. */
    static void awaitOpen(String host, int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WITHIN_MS);
        while (true) {
            try (Socket _ = new Socket(host, port)) {
                return;
            } catch (ConnectException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    String output() {
        return ids().filter(id -> servers[id] != null)
                .map(id -> "--- server " + id + " of " + kinds + "\n" + servers[id].output())
                .collect(Collectors.joining("\n"));
    }

    /** A connection string for these servers, in this order. */
    String addresses(Integer... some) {
        return Arrays.stream(some)
                .map(id -> servers[id].address())
                .collect(Collectors.joining(","));
    }

    String addresses() {
        return addresses(ids().toArray(Integer[]::new));
    }

    /** A client that is connected to one of these servers. */
    ZooKeeper connect(String addresses) throws IOException, InterruptedException {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client =
                new ZooKeeper(
                        addresses,
                        SESSION_TIMEOUT_MS,
                        event -> {
                            if (event.getState() == KeeperState.SyncConnected) {
                                connected.countDown();
                            }
                        });
        if (!connected.await(WITHIN_MS, TimeUnit.MILLISECONDS)) {
            client.close();
            throw new IllegalStateException("no connection to " + addresses + "\n" + output());
        }
        return client;
    }

    /** Everything that a server shows but {@code /zookeeper}, after a sync: by path, as text. */
    SortedMap<String, String> tree(int id) throws Exception {
        ZooKeeper client = connect(addresses(id));
        try {
            sync(client);
            SortedMap<String, String> nodes = new TreeMap<>();
            collect(client, "/", nodes);
            return nodes;
        } finally {
            client.close();
        }
    }

    static void sync(ZooKeeper client) throws InterruptedException {
        CountDownLatch synced = new CountDownLatch(1);
        AsyncCallback.VoidCallback done = (_, _, _) -> synced.countDown();
        client.sync("/", done, null);
        if (!synced.await(WITHIN_MS, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("no answer to sync");
        }
    }

    private static void collect(ZooKeeper client, String path, SortedMap<String, String> nodes)
            throws KeeperException, InterruptedException {
        Stat stat = new Stat();
        byte[] data = client.getData(path, false, stat);
        String content = data == null ? "null" : HexFormat.of().formatHex(data);
        nodes.put(path, content + " " + stat.toString().strip().replace('\n', ' '));
        if (stat.getNumChildren() == 0) {
            return;
        }
        for (String child : client.getChildren(path, false)) {
            if (!child.equals("zookeeper")) {
                collect(client, path.equals("/") ? "/" + child : path + "/" + child, nodes);
            }
        }
    }

    @Override
    public void close() {
        for (ServerUnderTest server : servers) {
            if (server != null) {
                server.close();
            }
        }
    }
}
