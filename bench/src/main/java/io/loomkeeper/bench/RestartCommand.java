package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * {@code bench restart}: how long a server with many nodes takes, after it was killed while it
 * wrote, from the start of its process to the first session.
 */
final class RestartCommand {
    static final String HELP =
            """
            bin/bench restart        one server of Loomkeeper, then one of Apache ZooKeeper: many nodes, some writes, SIGKILL,
                                     and from the start of the process to the first session that it grants, again and again
                [--against apache]   or none
                [--nodes 1000000] [--value-bytes 100]
                [--kills 5]
                [--writes 2]         seconds of writes before each, with [--connections 16], one request at a time each
                [--heap 2g] [--loomkeeper-flags FLAGS] [--apache-flags FLAGS] [--directory DIR]
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "against",
                    "nodes",
                    "value-bytes",
                    "kills",
                    "writes",
                    "connections",
                    "heap",
                    "loomkeeper-flags",
                    "apache-flags",
                    "directory");
    private static final int TICK_TIME_MS = 2_000;
    private static final int SERVER = 1;

    private final Flags flags;
    private final Path house;

    private RestartCommand(Flags flags) {
        this.flags = flags;
        house = Path.of(flags.text("house", ".")).toAbsolutePath();
    }

    /** Returns the exit code. */
    static int run(List<String> args) throws IOException {
        return new RestartCommand(Flags.parse(args, VALUED, Set.of())).run();
    }

    private int run() throws IOException {
        Lineup.Setup setup = Lineup.Setup.parse(flags, house, "restart", "2g");
        System.out.printf(
                "%s%nheap up to %s, %,d nodes, %d kills%n",
                MachineUse.description(), setup.heap(), nodes(), kills());
        double ours = measure(setup, Lineup.LOOMKEEPER);
        if (setup.withApache()) {
            double theirs = measure(setup, Lineup.APACHE);
            System.out.printf("%nmedian against Apache: x%.2f%n", ours / theirs);
        }
        Files.deleteIfExists(setup.directory());
        return 0;
    }

    private int nodes() {
        return flags.number("nodes", 1_000_000, 1, 10_000_000);
    }

    private int kills() {
        return flags.number("kills", 5, 1, 1_000);
    }

    /** Returns the median, in seconds. */
    private double measure(Lineup.Setup setup, String kind) throws IOException {
        try (EnsembleProcesses server = EnsembleProcesses.start(setup, kind, 1, TICK_TIME_MS)) {
            Template write = makeNodes(server);
            List<Double> seconds = new ArrayList<>();
            for (int kill = 0; kill < kills(); kill++) {
                write(server, write);
                server.awaitEnd(SERVER);
                long startNs = System.nanoTime();
                server.launch(SERVER);
                server.server(SERVER).awaitReady();
                seconds.add((System.nanoTime() - startNs) / 1e9);
            }
            double median = seconds.stream().sorted().toList().get(seconds.size() / 2);
            System.out.printf(
                    "%n%s: %s s; median %.2f s%n",
                    kind,
                    seconds.stream().map("%.2f"::formatted).collect(Collectors.joining(" ")),
                    median);
            return median;
        }
    }

    private Template makeNodes(EnsembleProcesses server) throws IOException {
        return Stage.make(
                server.address(SERVER), nodes(), flags.number("value-bytes", 100, 0, 1_000_000));
    }

    /** Kills the server in the middle of it. */
    private void write(EnsembleProcesses server, Template write) throws IOException {
        List<SteadyWriter> writers = new ArrayList<>();
        try {
            for (int i = 0; i < flags.number("connections", 16, 1, 1_000); i++) {
                writers.add(SteadyWriter.start(server.address(SERVER), write, nodes(), 0));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(flags.secondsAsMs("writes", 2)));
            server.kill(SERVER);
        } finally {
            writers.forEach(SteadyWriter::close);
        }
    }
}
