package io.loomkeeper.bench;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code bench compare}: Loomkeeper, Apache ZooKeeper and the null server, in turns. */
final class CompareCommand {
    static final String HELP =
            """
            bin/bench compare        starts Loomkeeper, Apache ZooKeeper and the null server, durable writes on all,
                                     and gives each scenario to each of them in turns
                [--against apache]   or none: Loomkeeper and the null server alone
                [--quick]            seven scenarios, one round of 2 s each
                [--only REGEX]       scenarios whose name has it
                [--rounds 3]         of which the medians are shown
                [--seconds 4]        measured in each round, after [--warmup 2]
                [--heap 1g]          of both servers
                [--loomkeeper-flags FLAGS] [--apache-flags FLAGS]   to the JVMs
                [--directory DIR]    for their data, on the disk to be measured (bench/target/run)
                [--json FILE]        all rounds (bench/target/compare.json)
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "against",
                    "only",
                    "rounds",
                    "seconds",
                    "warmup",
                    "heap",
                    "loomkeeper-flags",
                    "apache-flags",
                    "directory",
                    "json");
    private static final int GRACE_MS = 20_000;

    private final Flags flags;
    private final Path house;
    private final LoadPlan.Timing timing;
    private final int rounds;
    private final List<Object> results = new ArrayList<>();
    private final List<Double> otherCores = new ArrayList<>();
    private boolean clean = true;

    private CompareCommand(Flags flags) {
        this.flags = flags;
        house = Path.of(flags.text("house", ".")).toAbsolutePath();
        boolean quick = flags.has("quick");
        rounds = flags.number("rounds", quick ? 1 : 3, 1, 100);
        timing =
                new LoadPlan.Timing(
                        flags.secondsAsMs("warmup", quick ? 1 : 2),
                        Math.max(1, flags.secondsAsMs("seconds", quick ? 2 : 4)),
                        GRACE_MS);
    }

    /** Returns the exit code: 1 when any request of any round failed. */
    static int run(List<String> args) throws IOException, InterruptedException {
        return new CompareCommand(Flags.parse(args, VALUED, Set.of("quick"))).run();
    }

    private int run() throws IOException, InterruptedException {
        List<Scenario> scenarios = scenarios();
        Path parent =
                Files.createDirectories(
                        Path.of(flags.text("directory", house + "/bench/target/run")));
        Path directory = Files.createTempDirectory(parent.toAbsolutePath(), "compare");
        Lineup.Setup setup = setup(flags, house, directory);
        System.out.println(conditions(setup));
        try (Lineup lineup = Lineup.start(setup)) {
            warmUp(lineup);
            System.out.print(Table.heading());
            for (Scenario scenario : scenarios) {
                compare(scenario, lineup.servers());
            }
        }
        System.out.printf(
                "%nOther programs kept up to %.1f of %d processors busy meanwhile, %.1f on average.%n",
                otherCores.stream().mapToDouble(n -> n).max().orElse(0),
                Runtime.getRuntime().availableProcessors(),
                otherCores.stream().mapToDouble(n -> n).average().orElse(0));
        writeJson(setup);
        return clean ? 0 : 1;
    }

    private List<Scenario> scenarios() {
        Pattern only = Pattern.compile(flags.text("only", ""), Pattern.CASE_INSENSITIVE);
        List<Scenario> scenarios =
                Scenario.all(timing).stream()
                        .filter(scenario -> scenario.quick() || !flags.has("quick"))
                        .filter(scenario -> only.matcher(scenario.name()).find())
                        .toList();
        if (scenarios.isEmpty()) {
            throw new UsageException("no scenario is named like \"" + only + "\"");
        }
        return scenarios;
    }

    /** As the options say that all programs share which start servers. */
    static Lineup.Setup setup(Flags flags, Path house, Path directory) {
        String against = flags.text("against", "apache");
        if (!Set.of("apache", "none").contains(against)) {
            throw new UsageException("--against is apache or none, not \"" + against + "\"");
        }
        return new Lineup.Setup(
                house,
                directory,
                ProcessHandle.current().info().command().orElse("java"),
                flags.text("heap", "1g"),
                flags.text("loomkeeper-flags", ""),
                flags.text("apache-flags", ""),
                against.equals("apache"),
                "");
    }

    private String conditions(Lineup.Setup setup) {
        return """
               %s
               Heap %s each, every write forced to disk before its answer, the rest as each server has it by default.
               %d round(s) of %.1f s after %.1f s of warm-up; medians, but the longest of all max. CPU us: the server's, per operation.
               """
                .formatted(
                        MachineUse.description(),
                        setup.heap(),
                        rounds,
                        timing.windowMs() / 1e3,
                        timing.warmupMs() / 1e3);
    }

    private void warmUp(Lineup lineup) throws IOException, InterruptedException {
        for (LoadPlan plan : Scenario.warmUps(timing)) {
            for (ServerProcess server : lineup.servers()) {
                progress("warming up " + server.name());
                Round.of(plan, server);
            }
        }
    }

    private void compare(Scenario scenario, List<ServerProcess> servers)
            throws IOException, InterruptedException {
        Map<String, List<Round>> measured = new LinkedHashMap<>();
        servers.forEach(server -> measured.put(server.name(), new ArrayList<>()));
        for (int i = 0; i < rounds; i++) {
            List<ServerProcess> order = new ArrayList<>(servers);
            Collections.rotate(order, -i);
            for (ServerProcess server : order) {
                progress(
                        "%s: round %d of %d, %s"
                                .formatted(scenario.name(), i + 1, rounds, server.name()));
                measured.computeIfAbsent(server.name(), _ -> new ArrayList<>())
                        .add(round(scenario, server));
            }
        }
        Map<String, Summary> summaries = new LinkedHashMap<>();
        measured.forEach((name, list) -> summaries.put(name, Summary.of(name, list)));
        progress("");
        System.out.print(Table.rows(scenario, summaries));
        for (Summary summary : summaries.values()) {
            clean &= summary.complaints().isEmpty();
            otherCores.add(summary.otherCores());
            results.add(asMap(scenario, summary));
        }
    }

    private static Round round(Scenario scenario, ServerProcess server)
            throws IOException, InterruptedException {
        try {
            return Round.of(scenario.plan(), server);
        } catch (IOException e) {
            String state = server.isAlive() ? "" : " has ended";
            throw new IOException(
                    "%s: %s%s: %s%n%s"
                            .formatted(
                                    scenario.name(),
                                    server.name(),
                                    state,
                                    e.getMessage(),
                                    server.lastWords()),
                    e);
        }
    }

    /** Without a terminal JDK 25 has no console, or one that is none, as it was started. */
    @SuppressWarnings("SystemConsoleNull")
    private static void progress(String what) {
        Console console = System.console();
        if (console != null && console.isTerminal()) {
            System.err.printf("\r%-70s\r%s", "", what);
        }
    }

    private void writeJson(Lineup.Setup setup) throws IOException {
        Path file = Path.of(flags.text("json", house + "/bench/target/compare.json"));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS));
        all.put("machine", MachineUse.description());
        all.put("heap", setup.heap());
        all.put("loomkeeperFlags", setup.loomkeeperFlags());
        all.put("apacheFlags", setup.apacheFlags());
        all.put("windowMs", timing.windowMs());
        all.put("warmupMs", timing.warmupMs());
        all.put("results", results);
        Files.writeString(file, Json.of(all) + "\n");
        System.out.println("All rounds: " + file);
    }

    private static Map<String, Object> asMap(Scenario scenario, Summary summary) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("scenario", scenario.name());
        map.put("server", summary.server());
        map.put("complaints", summary.complaints());
        map.put("opsSpread", summary.spread());
        map.put("rounds", summary.rounds().stream().map(CompareCommand::asMap).toList());
        return map;
    }

    private static Map<String, Object> asMap(Round round) {
        Outcome outcome = round.outcome();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ops", outcome.ops());
        map.put("opsPerSecond", outcome.opsPerSecond());
        map.put("p50Us", outcome.percentileUs(50));
        map.put("p90Us", outcome.percentileUs(90));
        map.put("p99Us", outcome.percentileUs(99));
        map.put("p999Us", outcome.percentileUs(99.9));
        map.put("maxUs", outcome.maxUs());
        map.put("serverCpuUs", round.serverCpuUs());
        map.put("generatorCpuUs", outcome.generatorCpuUs());
        map.put("rssBytes", round.rssBytes());
        map.put("otherCores", round.otherCores());
        return map;
    }
}
