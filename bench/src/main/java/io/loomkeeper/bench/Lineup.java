package io.loomkeeper.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The servers that are compared, all running beside each other, each with a directory of its own on
 * one file system.
 *
 * <p>Loomkeeper and Apache ZooKeeper run on the same JDK with the same heap and the same zoo.cfg
 * but for directory and port; both force every write to disk before they answer, which is their
 * default.
 */
final class Lineup implements AutoCloseable {
    static final String LOOMKEEPER = "Loomkeeper";
    static final String APACHE = "Apache";
    static final String LIMIT = "null server";

    private final Setup setup;
    private final List<ServerProcess> servers = new CopyOnWriteArrayList<>();

    private boolean closed;

    private Lineup(Setup setup) {
        this.setup = setup;
    }

    /**
     * How they are started.
     *
     * @param directory for all they write; removed at the end
     * @param house the directory of the repository
     * @param java the program java of the JDK for all
     * @param heap as after -Xmx
     * @param loomkeeperFlags more JVM flags, separated by blanks; the same for Apache's
     * @param withApache whether Apache takes part
     * @param zooCfg more lines for it, for both
     */
    record Setup(
            Path house,
            Path directory,
            String java,
            String heap,
            String loomkeeperFlags,
            String apacheFlags,
            boolean withApache,
            String zooCfg) {

        /**
         * As the options say that all programs share which start servers.
         *
         * @param program names the directory
         * @param heap where no option says another
         */
        static Setup parse(Flags flags, Path house, String program, String heap)
                throws IOException {
            String against = flags.text("against", "apache");
            if (!Set.of("apache", "none").contains(against)) {
                throw new UsageException("--against is apache or none, not \"" + against + "\"");
            }
            Path parent =
                    Files.createDirectories(
                            Path.of(flags.text("directory", house + "/bench/target/run")));
            return new Setup(
                    house,
                    Files.createTempDirectory(parent.toAbsolutePath(), program),
                    ProcessHandle.current().info().command().orElse("java"),
                    flags.text("heap", heap),
                    flags.text("loomkeeper-flags", ""),
                    flags.text("apache-flags", ""),
                    against.equals("apache"),
                    "");
        }

        /** The same without Apache; {@code flags} stand before Loomkeeper's own. */
        Setup alone(String flags) {
            return new Setup(
                    house, directory, java, heap, flags + loomkeeperFlags, "", false, zooCfg);
        }

        /** The same with these lines for both. */
        Setup withZooCfg(String lines) {
            return new Setup(
                    house, directory, java, heap, loomkeeperFlags, apacheFlags, withApache, lines);
        }

        /** The same, with more JVM flags for both. */
        Setup withFlags(String more) {
            return new Setup(
                    house,
                    directory,
                    java,
                    heap,
                    loomkeeperFlags + more,
                    apacheFlags + more,
                    withApache,
                    zooCfg);
        }
    }

    /** A part of the start. */
    private interface Start {
        void of(Lineup lineup) throws IOException;
    }

    /** Starts all and waits until each is ready; starts none for long when one fails. */
    static Lineup start(Setup setup) throws IOException {
        return start(
                setup,
                lineup -> {
                    lineup.startLoomkeeper();
                    if (setup.withApache()) {
                        lineup.startApache();
                    }
                    lineup.startNullServer();
                });
    }

    /** Starts Loomkeeper alone. */
    static Lineup startLoomkeeperAlone(Setup setup) throws IOException {
        return start(setup, Lineup::startLoomkeeper);
    }

    /** Starts the null server alone. */
    static Lineup startLimit(Setup setup) throws IOException {
        return start(setup, Lineup::startNullServer);
    }

    private static Lineup start(Setup setup, Start some) throws IOException {
        Lineup lineup = new Lineup(setup);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(lineup::close));
        try {
            some.of(lineup);
            for (ServerProcess server : lineup.servers) {
                server.awaitReady();
            }
            return lineup;
        } catch (IOException e) {
            lineup.close();
            throw e;
        }
    }

    /** Where a server of these has all it writes. */
    Path directoryOf(ServerProcess server) {
        return directory(server.name());
    }

    private Path directory(String name) {
        return setup.directory().resolve(name.toLowerCase(Locale.ROOT).replace(' ', '-'));
    }

    List<ServerProcess> servers() {
        return List.copyOf(servers);
    }

    /** Stops all and removes their directory. Whoever calls it second waits for the first. */
    @Override
    public synchronized void close() {
        closed = true;
        servers.forEach(ServerProcess::close);
        try (Stream<Path> paths = Files.walk(setup.directory())) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException _) {
            // removed before
        } catch (IOException | UncheckedIOException e) {
            System.err.println("bench: left behind: " + e.getMessage());
        }
    }

    private void startLoomkeeper() throws IOException {
        InetSocketAddress address = ServerProcess.freeAddress();
        Path directory = Files.createDirectories(directory(LOOMKEEPER));
        List<String> words =
                List.of(
                        setup.house().resolve("bin/server").toString(),
                        zooCfg(directory, address).toString());
        Map<String, String> environment =
                Map.of(
                        "JVMFLAGS",
                        String.join(" ", heapFlags()),
                        "SERVER_JVMFLAGS",
                        setup.loomkeeperFlags());
        launch(new ServerProcess.Command(LOOMKEEPER, words, environment, directory), address);
    }

    private void startApache() throws IOException {
        InetSocketAddress address = ServerProcess.freeAddress();
        Path directory = Files.createDirectories(directory(APACHE));
        List<String> words = new ArrayList<>();
        words.add(setup.java());
        words.addAll(heapFlags());
        words.add(logFlag(directory));
        Arrays.stream(setup.apacheFlags().split(" ", -1))
                .filter(flag -> !flag.isEmpty())
                .forEach(words::add);
        words.add("-cp");
        words.add(setup.house().resolve("bench/target/apache") + "/*");
        words.add("org.apache.zookeeper.server.quorum.QuorumPeerMain");
        words.add(zooCfg(directory, address).toString());
        launch(new ServerProcess.Command(APACHE, words, Map.of(), directory), address);
    }

    private void startNullServer() throws IOException {
        InetSocketAddress address = ServerProcess.freeAddress();
        Path directory = Files.createDirectories(directory(LIMIT));
        List<String> words =
                List.of(
                        setup.java(),
                        "@" + setup.house().resolve("bench/jvm.options"),
                        "-jar",
                        setup.house().resolve("bench/target/loomkeeper-bench.jar").toString(),
                        "null",
                        "--port",
                        Integer.toString(address.getPort()),
                        "--disk",
                        directory.toString());
        launch(new ServerProcess.Command(LIMIT, words, Map.of(), directory), address);
    }

    /** Refused once this is closed, as by a signal while it starts. */
    private synchronized void launch(ServerProcess.Command command, InetSocketAddress address)
            throws IOException {
        if (closed) {
            throw new IOException("stopped");
        }
        servers.add(ServerProcess.start(command, address));
    }

    private List<String> heapFlags() {
        return List.of("-Xms" + setup.heap(), "-Xmx" + setup.heap());
    }

    /** Apache's server logs warnings and worse: it must not pay for words that nobody reads. */
    private static String logFlag(Path directory) throws IOException {
        Path file = directory.resolve("logging.properties");
        Files.writeString(
                file,
                """
                handlers=java.util.logging.ConsoleHandler
                .level=WARNING
                """);
        return "-Djava.util.logging.config.file=" + file;
    }

    private Path zooCfg(Path directory, InetSocketAddress address) throws IOException {
        return Files.writeString(
                directory.resolve("zoo.cfg"),
                """
                tickTime=2000
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                maxClientCnxns=0
                admin.enableServer=false
                %s
                """
                        .formatted(
                                Files.createDirectories(directory.resolve("data")),
                                address.getPort(),
                                setup.zooCfg()));
    }
}
