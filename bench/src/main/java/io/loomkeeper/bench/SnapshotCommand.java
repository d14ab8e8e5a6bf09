package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * {@code bench snapshot}: how long writes wait while a server with many nodes writes its snapshots,
 * beside those of the same run that came when it wrote none.
 */
final class SnapshotCommand {
    static final String HELP =
            """
            bin/bench snapshot       starts Loomkeeper, Apache ZooKeeper and the null server: on one after the other many nodes,
                                     writes at a fixed rate (open loop), a snapshot again and again; what did writes wait
                                     for it? Those of the null server show what the machine and its disk alone do
                [--against apache]   or none
                [--nodes 1000000] [--rate 2000] [--value-bytes 100] [--connections 16]
                [--snap-count 40000] a snapshot after half as many to as many writes
                [--seconds 60]       measured, after [--warmup 10]
                [--heap 2g] [--loomkeeper-flags FLAGS] [--apache-flags FLAGS] [--directory DIR]
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "against",
                    "nodes",
                    "rate",
                    "value-bytes",
                    "connections",
                    "snap-count",
                    "seconds",
                    "warmup",
                    "heap",
                    "loomkeeper-flags",
                    "apache-flags",
                    "directory");

    private static final int GRACE_MS = 20_000;

    /** What a snapshot stirs up goes on for a moment after its file has stopped growing. */
    private static final int LINGER_MS = 300;

    private static final long LONG_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Flags flags;
    private final Path house;

    private SnapshotCommand(Flags flags) {
        this.flags = flags;
        house = Path.of(flags.text("house", ".")).toAbsolutePath();
    }

    /** Returns the exit code: 1 when a request failed. */
    static int run(List<String> args) throws IOException, InterruptedException {
        return new SnapshotCommand(Flags.parse(args, VALUED, Set.of())).run();
    }

    private int run() throws IOException, InterruptedException {
        LoadPlan plan = plan();
        System.out.printf(
                "%s%n%,d nodes, %,d setData of %d B a second, open loop, %.0f s%n",
                MachineUse.description(),
                plan.content().nodes(),
                plan.shape().ratePerSecond(),
                plan.content().valueBytes(),
                plan.timing().windowMs() / 1e3);
        boolean clean = true;
        try (Lineup lineup = Lineup.start(setup())) {
            for (ServerProcess server : lineup.servers()) {
                clean &= measure(plan.withServers(List.of(server.address())), server, lineup);
            }
        }
        return clean ? 0 : 1;
    }

    private LoadPlan plan() {
        return new LoadPlan(
                List.of(),
                Workload.SET_DATA,
                new LoadPlan.Shape(
                        flags.number("connections", 16, 1, 1000),
                        1,
                        flags.number("rate", 2_000, 1, 1_000_000),
                        1),
                new LoadPlan.Content(
                        flags.number("nodes", 1_000_000, 1, 10_000_000),
                        flags.number("value-bytes", 100, 0, 1_000_000),
                        0,
                        1),
                new LoadPlan.Timing(
                        flags.secondsAsMs("warmup", 10),
                        Math.max(1, flags.secondsAsMs("seconds", 60)),
                        GRACE_MS));
    }

    private Lineup.Setup setup() throws IOException {
        return Lineup.Setup.parse(flags, house, "snapshot", "2g")
                .withZooCfg(
                        "snapCount=" + flags.number("snap-count", 40_000, 2, Integer.MAX_VALUE));
    }

    private static boolean measure(LoadPlan plan, ServerProcess server, Lineup lineup)
            throws IOException, InterruptedException {
        SnapshotWatch watch = new SnapshotWatch(lineup.directoryOf(server), LINGER_MS);
        try (watch;
                Load load = Load.open(plan, watch::isWriting)) {
            load.start();
            load.awaitWindowStart();
            long startNs = System.nanoTime();
            long busyNs = MachineUse.busyNs();
            long ownNs = server.use().cpuNs();
            load.awaitWindowEnd();
            double seconds = (System.nanoTime() - startNs) / 1e9;
            double others =
                    (MachineUse.busyNs() - busyNs - (server.use().cpuNs() - ownNs)) / 1e9 / seconds;
            Outcome outcome = load.finish();
            watch.close();
            print(server.name(), outcome, watch, others);
            return outcome.isClean();
        }
    }

    private static void print(String name, Outcome outcome, SnapshotWatch watch, double others) {
        Histogram rest = outcome.latencies().copy();
        rest.subtract(outcome.apart());
        System.out.printf(
                "%n%s; other programs, the load included, used %.1f processors%n", name, others);
        if (watch.count() > 0) {
            System.out.printf(
                    "  %d snapshots, %.1f s long together, since the first node was made%n",
                    watch.count(), watch.seconds());
            printLine("while one was written", outcome.apart());
        }
        printLine("while none was written", rest);
        if (!outcome.isClean()) {
            System.out.println("  not clean: " + outcome.complaints());
        }
    }

    private static void printLine(String when, Histogram latencies) {
        long count = latencies.getTotalCount();
        long slow =
                count == 0
                        ? 0
                        : latencies.getCountBetweenValues(LONG_WAIT_NS, Tally.LATENCY_NS_MAX);
        System.out.printf(
                "  %-24s %,9d writes  p50 %,.0f  p99 %,.0f  p99.9 %,.0f  longest %,.0f us;"
                        + " %,d (%.2f %%) over 20 ms%n",
                when,
                count,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                latencies.getValueAtPercentile(99.9) / 1e3,
                latencies.getMaxValue() / 1e3,
                slow,
                100.0 * slow / Math.max(1, count));
    }
}
