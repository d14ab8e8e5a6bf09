package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * {@code bench profile}: where a server under load spends its processor time, and what it
 * allocates.
 */
final class ProfileCommand {
    static final String HELP =
            """
            bin/profile              starts Loomkeeper with a flight recording, puts it under load, and shows where its
                                     processor time goes and what it allocates: lists here, flame graphs as files
                [--workload setData] as of bench load, and so [--connections 16] [--in-flight 64] [--rate 0]
                                     [--value-bytes 100] [--nodes 1000] [--reads 90] [--multi-ops 10]
                [--seconds 20]       recorded, after [--warmup 5] that is not
                [--out DIR]          cpu.html, allocation.html, cpu.txt (folded stacks), run.jfr (bench/target/profile)
                [--top 25]           lines of each list
                [--heap 1g] [--loomkeeper-flags FLAGS] [--directory DIR]
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "workload",
                    "connections",
                    "in-flight",
                    "rate",
                    "value-bytes",
                    "nodes",
                    "reads",
                    "multi-ops",
                    "seconds",
                    "warmup",
                    "out",
                    "top",
                    "heap",
                    "loomkeeper-flags",
                    "directory");
    private static final int GRACE_MS = 20_000;
    private static final int SAMPLE_MS = 5;

    private final Flags flags;
    private final Path house;
    private final Path out;
    private final LoadPlan plan;

    private ProfileCommand(Flags flags) {
        this.flags = flags;
        house = Path.of(flags.text("house", ".")).toAbsolutePath();
        out = Path.of(flags.text("out", house + "/bench/target/profile")).toAbsolutePath();
        plan =
                new LoadPlan(
                        List.of(),
                        Workload.ofWord(flags.text("workload", Workload.SET_DATA.word())),
                        new LoadPlan.Shape(
                                flags.number("connections", 16, 1, 20_000),
                                flags.number("in-flight", 64, 1, 1 << 16),
                                flags.number("rate", 0, 0, 10_000_000),
                                1),
                        new LoadPlan.Content(
                                flags.number("nodes", 1000, 1, 10_000_000),
                                flags.number("value-bytes", 100, 0, 1_000_000),
                                flags.number("reads", 90, 0, 100),
                                flags.number("multi-ops", 10, 1, 1000)),
                        new LoadPlan.Timing(
                                flags.secondsAsMs("warmup", 5),
                                Math.max(1, flags.secondsAsMs("seconds", 20)),
                                GRACE_MS));
    }

    /** Returns the exit code: 1 when a request failed. */
    static int run(List<String> args) throws IOException, InterruptedException {
        return new ProfileCommand(Flags.parse(args, VALUED, Set.of())).run();
    }

    /** What a load did, and from when to when. */
    private record Run(Outcome outcome, long cpuNs, Instant from, Instant to) {}

    private int run() throws IOException, InterruptedException {
        Path recording = Files.createDirectories(out).resolve("run.jfr");
        Files.deleteIfExists(recording);
        Run run;
        try (Lineup lineup = Lineup.startLoomkeeperAlone(setup(recording))) {
            run = measure(lineup.servers().getFirst());
        }
        if (!Files.exists(recording)) {
            throw new IOException("the server left no recording: " + recording);
        }
        FlightRecording seen = FlightRecording.read(recording, run.from(), run.to());
        String about = about(run);
        print(run, seen, about);
        Files.write(out.resolve("cpu.txt"), seen.cpu().lines());
        Path cpu =
                Files.writeString(
                        out.resolve("cpu.html"),
                        FlameGraph.of(
                                "Loomkeeper: processor time",
                                about + " Without the JVM's own threads.",
                                seen.cpu(),
                                "samples of processor time"));
        Path allocation =
                Files.writeString(
                        out.resolve("allocation.html"),
                        FlameGraph.of("Loomkeeper: allocation", about, seen.allocation(), "bytes"));
        System.out.printf("%nFlame graphs: %s, %s; recording: %s%n", cpu, allocation, recording);
        return run.outcome().isClean() ? 0 : 1;
    }

    /** The recording ends with the server; what is before and after the load is left out later. */
    private Lineup.Setup setup(Path recording) throws IOException {
        String jfr =
                "-XX:StartFlightRecording:dumponexit=true,settings=profile,jdk.CPUTimeSample#enabled=true"
                        + ",jdk.CPUTimeSample#throttle="
                        + SAMPLE_MS
                        + "ms,filename="
                        + recording
                        + " ";
        return Lineup.Setup.parse(flags, house, "profile", "1g").alone(jfr);
    }

    private Run measure(ServerProcess server) throws IOException, InterruptedException {
        try (Load load = Load.open(plan.withServers(server.addresses()))) {
            load.start();
            load.awaitWindowStart();
            Instant from = Instant.now();
            long cpuNs = server.use().cpuNs();
            load.awaitWindowEnd();
            Instant to = Instant.now();
            long usedNs = server.use().cpuNs() - cpuNs;
            return new Run(load.finish(), usedNs, from, to);
        }
    }

    private String about(Run run) {
        return "%s, %,d connections, %s; %,.0f operations a second, %.2f \u00b5s of processor time each."
                .formatted(
                        plan.workload().word(),
                        plan.shape().connections(),
                        plan.shape().isOpen()
                                ? "%,d requests a second".formatted(plan.shape().ratePerSecond())
                                : "%,d unanswered requests on each"
                                        .formatted(plan.shape().inFlight()),
                        run.outcome().opsPerSecond(),
                        run.cpuNs() / 1e3 / Math.max(1, run.outcome().ops()));
    }

    private void print(Run run, FlightRecording seen, String about) {
        System.out.println(MachineUse.description());
        System.out.println(about);
        if (!run.outcome().isClean()) {
            System.out.println("not clean: " + run.outcome().complaints());
        }
        long samples = seen.cpu().root().weight();
        double sampledNs = samples * SAMPLE_MS * 1e6;
        System.out.printf(
                "%,d samples, one for each %d ms of a thread's processor time: %.0f %% of what the process used; the rest are"
                        + " the JVM's own threads (collector, compilers) and %,d samples lost. %,d samples without a stack.%n",
                samples,
                SAMPLE_MS,
                100 * sampledNs / Math.max(1, run.cpuNs()),
                seen.lost(),
                seen.unwalked());
        int top = flags.number("top", 25, 1, 1000);
        printThreads(seen.cpu());
        printHot("Processor time by method: own, with callees", seen.cpu(), top, samples);
        printAllocation(run, seen, top);
    }

    private static void printThreads(StackFold cpu) {
        System.out.printf("%nProcessor time by thread%n");
        List<StackFold.Frame> threads = new ArrayList<>(cpu.root().callees());
        threads.sort((a, b) -> Long.compare(b.weight(), a.weight()));
        for (StackFold.Frame thread : threads) {
            System.out.printf(
                    "%s  %s%n", percent(thread.weight(), cpu.root().weight()), thread.name());
        }
    }

    private static void printHot(String title, StackFold fold, int top, long total) {
        System.out.printf("%n%s%n", title);
        for (StackFold.Hot hot : fold.hottest(top)) {
            System.out.printf(
                    "%s %s  %s%n",
                    percent(hot.own(), total), percent(hot.within(), total), hot.name());
        }
    }

    private static void printAllocation(Run run, FlightRecording seen, int top) {
        long bytes = seen.allocation().root().weight();
        System.out.printf(
                "%nAllocation, estimated from samples: %s, %,.0f bytes an operation%n",
                FlightRecording.bytes((double) bytes),
                (double) bytes / Math.max(1, run.outcome().ops()));
        printHot("by class", seen.types(), top, bytes);
        printHot("by method that allocates: own, with callees", seen.allocation(), top, bytes);
    }

    private static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%6.2f %%", 100.0 * part / Math.max(1, whole));
    }
}
