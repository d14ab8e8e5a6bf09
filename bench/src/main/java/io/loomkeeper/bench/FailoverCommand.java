package io.loomkeeper.bench;

import io.loomkeeper.bench.SteadyWriter.Ack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code bench failover}: for how long nothing is written when the leader of three servers is
 * killed, and when it is stopped as planned.
 */
final class FailoverCommand {
    static final String HELP =
            """
            bin/bench failover       three servers of Loomkeeper, then three of Apache ZooKeeper: the leader is killed (-9) under
                                     writes on the two others; from the kill to the next acknowledged write. Then the same
                                     with SIGTERM: the longest time in which nobody's write is acknowledged
                [--against apache]   or none
                [--kills 5] [--stops 5]
                [--tick-time 2000] [--nodes 1000] [--value-bytes 100]
                [--connections 2]    to each of the two others; each writes, waits a ms for the next, and
                                     comes back with its session every 4 ms when it is lost
                [--steady 2]         seconds of writes before each kill
                [--heap 1g] [--loomkeeper-flags FLAGS] [--apache-flags FLAGS] [--directory DIR]
                [--json FILE]        (bench/target/failover.json)
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "against",
                    "kills",
                    "stops",
                    "tick-time",
                    "nodes",
                    "value-bytes",
                    "connections",
                    "steady",
                    "heap",
                    "loomkeeper-flags",
                    "apache-flags",
                    "directory",
                    "json");
    private static final int SERVERS = 3;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long WITHIN_NS = TimeUnit.SECONDS.toNanos(90);

    /** Pauses are looked for until so long after the first write under the next leader. */
    private static final long AFTERMATH_NS = TimeUnit.SECONDS.toNanos(1);

    private final Flags flags;
    private final Path house;
    private final List<Object> results = new ArrayList<>();

    /**
     * @param at when the leader was sent the signal, for comparison with the servers' logs
     */
    private record Outage(Instant at, double ms) {}

    private FailoverCommand(Flags flags) {
        this.flags = flags;
        house = Path.of(flags.text("house", ".")).toAbsolutePath();
    }

    static int run(List<String> args) throws IOException {
        return new FailoverCommand(Flags.parse(args, VALUED, Set.of())).run();
    }

    private int run() throws IOException {
        Lineup.Setup setup = Lineup.Setup.parse(flags, house, "failover", "1g");
        System.out.printf(
                "%s%n%d servers on the loopback, tickTime %d, heap up to %s each, %,d nodes%n",
                MachineUse.description(), SERVERS, tickTimeMs(), setup.heap(), nodes());
        List<String> kinds =
                setup.withApache()
                        ? List.of(Lineup.LOOMKEEPER, Lineup.APACHE)
                        : List.of(Lineup.LOOMKEEPER);
        Map<String, List<Double>> killed = new LinkedHashMap<>();
        Map<String, List<Double>> stopped = new LinkedHashMap<>();
        for (String kind : kinds) {
            try (EnsembleProcesses ensemble =
                    EnsembleProcesses.start(setup, kind, SERVERS, tickTimeMs())) {
                Template write = makeNodes(ensemble);
                killed.put(kind, measure(ensemble, write, flags.number("kills", 5, 0, 1000), true));
                stopped.put(
                        kind, measure(ensemble, write, flags.number("stops", 5, 0, 1000), false));
            }
        }
        Files.deleteIfExists(setup.directory());
        print("killed: ms until the next acknowledged write", killed);
        print("stopped: ms of the longest pause in the writes", stopped);
        writeJson();
        return 0;
    }

    private int tickTimeMs() {
        return flags.number("tick-time", 2_000, 10, 100_000);
    }

    private int nodes() {
        return flags.number("nodes", 1_000, 1, 10_000_000);
    }

    /** The nodes, and the template of a write to one of them. */
    private Template makeNodes(EnsembleProcesses ensemble) throws IOException {
        return Stage.make(
                ensemble.address(ensemble.awaitLeader()),
                nodes(),
                flags.number("value-bytes", 100, 0, 1_000_000));
    }

    private List<Double> measure(
            EnsembleProcesses ensemble, Template write, int rounds, boolean isKill)
            throws IOException {
        List<Double> pausesMs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            int leader = ensemble.awaitLeader();
            Outage outage = measureOnce(ensemble, write, leader, isKill);
            pausesMs.add(outage.ms);
            System.out.printf(
                    "%-10s server %d %-7s at %s %7.1f ms%n",
                    ensemble.kind(), leader, isKill ? "killed" : "stopped", outage.at, outage.ms);
            results.add(
                    Map.of(
                            "server",
                            ensemble.kind(),
                            "what",
                            isKill ? "killed" : "stopped",
                            "ms",
                            outage.ms));
            ensemble.awaitEnd(leader);
            ensemble.launch(leader);
            ensemble.awaitAllServing();
        }
        return pausesMs;
    }

    private Outage measureOnce(
            EnsembleProcesses ensemble, Template write, int leader, boolean isKill)
            throws IOException {
        List<SteadyWriter> writers = new ArrayList<>();
        try {
            for (int id : ensemble.others(leader)) {
                for (int i = 0; i < flags.number("connections", 2, 1, 100); i++) {
                    writers.add(SteadyWriter.start(ensemble.address(id), write, nodes(), PAUSE_NS));
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(flags.secondsAsMs("steady", 2)));
            int epoch = epoch(writers);
            Instant at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            long startNs = System.nanoTime();
            if (isKill) {
                ensemble.kill(leader);
            } else {
                ensemble.terminate(leader);
            }
            Ack next = awaitEpochAfter(writers, epoch, startNs);
            if (isKill) {
                return new Outage(at, (next.ackedNs() - startNs) / 1e6);
            }
            LockSupport.parkNanos(AFTERMATH_NS);
            return new Outage(at, longestPauseNs(writers, startNs) / 1e6);
        } finally {
            writers.forEach(SteadyWriter::close);
        }
    }

    private static int epoch(List<SteadyWriter> writers) throws IOException {
        long newest = writers.stream().mapToLong(SteadyWriter::newestZxid).max().orElse(0);
        if (newest == 0) {
            throw new IOException("nothing was written while all was well");
        }
        return Ack.epochOf(newest);
    }

    /** The first write acknowledged under a later leader. */
    private static Ack awaitEpochAfter(List<SteadyWriter> writers, int epoch, long startNs)
            throws IOException {
        while (System.nanoTime() - startNs < WITHIN_NS) {
            Ack first =
                    writers.stream()
                            .flatMap(writer -> writer.acksSince(startNs).stream())
                            .filter(ack -> ack.epoch() > epoch)
                            .min(Comparator.comparingLong(ack -> ack.ackedNs() - startNs))
                            .orElse(null);
            if (first != null) {
                return first;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        throw new IOException("no write was acknowledged in a minute and a half");
    }

    private static long longestPauseNs(List<SteadyWriter> writers, long startNs) {
        List<Long> times =
                writers.stream()
                        .flatMap(writer -> writer.acksSince(startNs).stream())
                        .map(ack -> ack.ackedNs() - startNs)
                        .sorted()
                        .toList();
        long longest = 0;
        long before = 0;
        for (long time : times) {
            longest = Math.max(longest, time - before);
            before = time;
        }
        return longest;
    }

    private static void print(String what, Map<String, List<Double>> measured) {
        System.out.printf("%n%s%n", what);
        measured.forEach(
                (kind, ms) -> {
                    if (!ms.isEmpty()) {
                        System.out.printf(
                                "  %-10s median %7.1f   worst %7.1f   of %d%n",
                                kind, median(ms), Collections.max(ms), ms.size());
                    }
                });
        List<Double> ours = measured.getOrDefault(Lineup.LOOMKEEPER, List.of());
        List<Double> theirs = measured.getOrDefault(Lineup.APACHE, List.of());
        if (!ours.isEmpty() && !theirs.isEmpty()) {
            System.out.printf(
                    "  against Apache: median x%.2f, worst x%.2f%n",
                    median(ours) / median(theirs), Collections.max(ours) / Collections.max(theirs));
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(half)
                : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    private void writeJson() throws IOException {
        Path file = Path.of(flags.text("json", house + "/bench/target/failover.json"));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS));
        all.put("machine", MachineUse.description());
        all.put("tickTimeMs", tickTimeMs());
        all.put("nodes", nodes());
        all.put("results", results);
        Files.writeString(file, Json.of(all) + "\n");
        System.out.println("Each of them: " + file);
    }
}
