package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
                [--servers 1]        or 3: an ensemble of so many of each kind, four scenarios, clients spread over the servers
                [--against apache]   or none: Loomkeeper and the null server alone
                [--quick]            seven scenarios, one round of 2 s each
                [--only REGEX]       scenarios whose name has it
                [--rounds 3]         of which the medians are shown
                [--seconds 4]        measured in each round, after [--warmup 2]
                [--heap 1g]          of both servers
                [--loomkeeper-flags FLAGS] [--apache-flags FLAGS]   to the JVMs
                [--directory DIR]    for their data, on the disk to be measured (bench/target/run)
                [--report DIR]       index.html to be looked at, compare.json with all rounds, and a latency
                                     distribution (.hgrm) for each scenario and server (bench/target/compare)
                [--json FILE]        all rounds there instead
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "servers",
                    "against",
                    "only",
                    "rounds",
                    "seconds",
                    "warmup",
                    "heap",
                    "loomkeeper-flags",
                    "apache-flags",
                    "directory",
                    "report",
                    "json");
    private static final int GRACE_MS = 20_000;

    private final Flags flags;
    private final Path house;
    private final LoadPlan.Timing timing;
    private final int rounds;
    private final int servers;
    private final List<String> words;

    /**
     * @param words of the command line, for the report
     */
    private CompareCommand(Flags flags, List<String> words) {
        this.flags = flags;
        this.words = words;
        house = Path.of(flags.text("house", ".")).toAbsolutePath();
        servers = flags.number("servers", 1, 1, 9);
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
        return new CompareCommand(Flags.parse(args, VALUED, Set.of("quick")), typed(args)).run();
    }

    /** Without what bin/bench puts before them. */
    private static List<String> typed(List<String> args) {
        return args.size() >= 2 && args.getFirst().equals("--house")
                ? args.subList(2, args.size())
                : args;
    }

    private int run() throws IOException, InterruptedException {
        List<Scenario> scenarios = scenarios();
        Lineup.Setup setup = Lineup.Setup.parse(flags, house, "compare", "1g");
        System.out.println(conditions(setup));
        List<ReportPage.Result> results;
        if (servers == 1) {
            try (Lineup lineup = Lineup.start(setup)) {
                results = measure(scenarios, List.copyOf(lineup.servers()));
            }
        } else {
            try (EnsembleLineup lineup = EnsembleLineup.start(setup, servers)) {
                results = measure(scenarios, lineup.contenders());
            }
        }
        List<Summary> all = results.stream().flatMap(r -> r.summaries().values().stream()).toList();
        System.out.printf("%n%s%n", others(all));
        report(setup, results, others(all));
        return all.stream().allMatch(summary -> summary.complaints().isEmpty()) ? 0 : 1;
    }

    private List<ReportPage.Result> measure(List<Scenario> scenarios, List<Contender> contenders)
            throws IOException, InterruptedException {
        List<ReportPage.Result> results = new ArrayList<>();
        List<LoadPlan> warmUps = Scenario.warmUps(timing);
        Progress progress =
                new Progress((warmUps.size() + scenarios.size() * rounds) * contenders.size());
        Turns turns = new Turns(contenders, rounds, progress);
        turns.warmUp(warmUps);
        progress.clear();
        System.out.print(Table.heading());
        for (Scenario scenario : scenarios) {
            Map<String, Summary> summaries = turns.run(scenario);
            results.add(new ReportPage.Result(scenario, summaries));
            progress.clear();
            System.out.print(Table.rows(scenario, summaries));
        }
        return results;
    }

    private static String others(List<Summary> all) {
        var cores = all.stream().mapToDouble(Summary::otherCores).summaryStatistics();
        return "Other programs kept up to %.1f of %d processors busy meanwhile, %.1f on average."
                .formatted(
                        cores.getMax(),
                        Runtime.getRuntime().availableProcessors(),
                        cores.getAverage());
    }

    private void report(Lineup.Setup setup, List<ReportPage.Result> results, String others)
            throws IOException {
        Map<String, String> about = new LinkedHashMap<>();
        about.put("Date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        about.put("Machine", MachineUse.description());
        about.put("Loomkeeper", Versions.loomkeeper(house) + flagsText(setup.loomkeeperFlags()));
        if (setup.withApache()) {
            about.put("Apache ZooKeeper", Versions.apache(house) + flagsText(setup.apacheFlags()));
        }
        about.put("Servers", kinds());
        about.put("Heap", setup.heap() + " each");
        about.put("Durability", "every write is forced to disk before its answer, by all");
        about.put(
                "Rounds",
                "%d of %.1f s after %.1f s of warm-up, in turns"
                        .formatted(rounds, timing.windowMs() / 1e3, timing.warmupMs() / 1e3));
        about.put("Meanwhile", others);
        about.put("Command", "bin/bench compare " + String.join(" ", words));
        Path report = Path.of(flags.text("report", house + "/bench/target/compare"));
        Path json =
                flags.has("json") ? Path.of(flags.text("json")) : report.resolve("compare.json");
        Path page = new CompareReport(about, results).write(report, json);
        System.out.println("The report: " + page + "; all rounds: " + json);
    }

    private String kinds() {
        return servers == 1
                ? "one of each kind, on the loopback"
                : "an ensemble of %d of each kind and one null server, on the loopback; clients are spread over the servers"
                        .formatted(servers);
    }

    private static String flagsText(String jvmFlags) {
        return jvmFlags.isBlank() ? "" : ", with " + jvmFlags.strip();
    }

    private List<Scenario> scenarios() {
        Pattern only = Pattern.compile(flags.text("only", ""), Pattern.CASE_INSENSITIVE);
        List<Scenario> scenarios =
                Scenario.all(timing).stream()
                        .filter(scenario -> scenario.quick() || !flags.has("quick"))
                        .filter(scenario -> scenario.inEnsembles() || servers == 1)
                        .filter(scenario -> only.matcher(scenario.name()).find())
                        .toList();
        if (scenarios.isEmpty()) {
            throw new UsageException("no scenario is named like \"" + only + "\"");
        }
        return scenarios;
    }

    private String conditions(Lineup.Setup setup) {
        return """
               %s
               Servers: %s.
               Heap %s each, every write forced to disk before its answer, the rest as each server has it by default.
               %d round(s) of %.1f s after %.1f s of warm-up; medians, but the longest of all max. CPU us: the server's, per operation.
               """
                .formatted(
                        MachineUse.description(),
                        kinds(),
                        setup.heap(),
                        rounds,
                        timing.windowMs() / 1e3,
                        timing.warmupMs() / 1e3);
    }
}
