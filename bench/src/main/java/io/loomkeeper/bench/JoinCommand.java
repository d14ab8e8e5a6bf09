package io.loomkeeper.bench;

import io.loomkeeper.bench.SteadyWriter.Ack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * {@code bench join}: how long a follower takes to come back to an ensemble with many nodes, and
 * how long writes wait meanwhile.
 */
final class JoinCommand {
    static final String HELP =
            """
            bin/bench join           three servers of Loomkeeper, then three of Apache ZooKeeper, many nodes, writes on two of
                                     them: the third comes with an empty disk (SNAP), is killed, misses some writes, and
                                     comes back (DIFF); how long does that take, and how long does a write wait?
                [--against apache]   or none
                [--nodes 1000000] [--value-bytes 100] [--tick-time 2000]
                [--connections 8]    each writes, waits 3 ms for the next
                [--steady 10]        seconds of writes without the third server, before each time it comes
                [--nice 19]          of the server that comes: in life it has a machine of its own
                [--heap 2g] [--loomkeeper-flags FLAGS] [--apache-flags FLAGS] [--directory DIR]
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "against",
                    "nodes",
                    "value-bytes",
                    "tick-time",
                    "connections",
                    "steady",
                    "nice",
                    "heap",
                    "loomkeeper-flags",
                    "apache-flags",
                    "directory");
    private static final int SERVERS = 3;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(3);

    /** What a join stirs up goes on for a moment. */
    private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long LONG_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Flags flags;
    private final Path house;
    private boolean clean = true;

    private JoinCommand(Flags flags) {
        this.flags = flags;
        house = Path.of(flags.text("house", ".")).toAbsolutePath();
    }

    /** Returns the exit code: 1 when the ensemble had a second election. */
    static int run(List<String> args) throws IOException {
        return new JoinCommand(Flags.parse(args, VALUED, Set.of())).run();
    }

    private int run() throws IOException {
        Lineup.Setup setup = Lineup.Setup.parse(flags, house, "join", "2g");
        System.out.printf(
                "%s%n%d servers on the loopback, heap up to %s each, %,d nodes%n",
                MachineUse.description(), SERVERS, setup.heap(), nodes());
        measure(setup, Lineup.LOOMKEEPER);
        if (setup.withApache()) {
            measure(setup, Lineup.APACHE);
        }
        Files.deleteIfExists(setup.directory());
        return clean ? 0 : 1;
    }

    private int nodes() {
        return flags.number("nodes", 1_000_000, 1, 10_000_000);
    }

    private void measure(Lineup.Setup setup, String kind) throws IOException {
        int tickTimeMs = flags.number("tick-time", 2_000, 10, 100_000);
        try (EnsembleProcesses ensemble =
                EnsembleProcesses.start(setup, kind, SERVERS, tickTimeMs)) {
            int leader = ensemble.awaitLeader();
            int joiner = ensemble.others(leader).getLast();
            ensemble.kill(joiner);
            ensemble.awaitEnd(joiner);
            ensemble.wipe(joiner);
            Template write = makeNodes(ensemble, leader);
            System.out.printf("%n%s%n", kind);
            List<SteadyWriter> writers = new ArrayList<>();
            try {
                for (int i = 0; i < flags.number("connections", 8, 1, 1000); i++) {
                    int id = ensemble.others(joiner).get(i % (SERVERS - 1));
                    writers.add(SteadyWriter.start(ensemble.address(id), write, nodes(), PAUSE_NS));
                }
                awaitSteady();
                join("empty disk (SNAP)", ensemble, joiner, writers);
                ensemble.kill(joiner);
                join("back again (DIFF)", ensemble, joiner, writers);
            } finally {
                writers.forEach(SteadyWriter::close);
            }
            if (!ensemble.mode(leader).equals("leader")) {
                System.out.println("  there was a second election");
                clean = false;
            }
        }
    }

    private Template makeNodes(EnsembleProcesses ensemble, int leader) throws IOException {
        return Stage.make(
                ensemble.address(leader), nodes(), flags.number("value-bytes", 100, 0, 1_000_000));
    }

    private void awaitSteady() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(flags.secondsAsMs("steady", 10)));
    }

    private void join(
            String what, EnsembleProcesses ensemble, int joiner, List<SteadyWriter> writers)
            throws IOException {
        ensemble.awaitEnd(joiner);
        long awayNs = System.nanoTime();
        awaitSteady();
        printWaits("without it", writers, awayNs, System.nanoTime());
        List<String> nice =
                List.of("nice", "-n", Integer.toString(flags.number("nice", 19, 0, 19)));
        long startNs = System.nanoTime();
        ensemble.launch(joiner, nice);
        ensemble.awaitServing(joiner);
        long joinedNs = System.nanoTime();
        LockSupport.parkNanos(LINGER_NS);
        System.out.printf(
                "  %s: %.2f s from the start of its process until it follows%n",
                what, (joinedNs - startNs) / 1e9);
        printWaits("meanwhile", writers, startNs, joinedNs + LINGER_NS);
    }

    private static void printWaits(
            String when, List<SteadyWriter> writers, long fromNs, long untilNs) {
        Histogram waits = Tally.histogram();
        for (SteadyWriter writer : writers) {
            for (Ack ack : writer.acksSince(fromNs)) {
                if (ack.ackedNs() - untilNs < 0) {
                    waits.recordValue(
                            Math.clamp(ack.ackedNs() - ack.sentNs(), 1, Tally.LATENCY_NS_MAX));
                }
            }
        }
        System.out.printf(
                "    %-10s %,9d writes  p50 %,.1f  p99 %,.1f  p99.9 %,.1f  longest %,.1f ms;"
                        + " %,d over 50 ms%n",
                when,
                waits.getTotalCount(),
                waits.getValueAtPercentile(50) / 1e6,
                waits.getValueAtPercentile(99) / 1e6,
                waits.getValueAtPercentile(99.9) / 1e6,
                waits.getMaxValue() / 1e6,
                waits.getTotalCount() == 0
                        ? 0
                        : waits.getCountBetweenValues(LONG_WAIT_NS, Tally.LATENCY_NS_MAX));
    }
}
