package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code bench smoke}: whether the server is much slower than it was, measured by the limit. */
final class SmokeCommand {
    static final String HELP =
            """
            bin/bench smoke          a few short rounds beside the null server; fails when the ratio of operations per second
                                     to it has fallen by a third or more against bench/smoke.txt. Takes about a minute
                [--record]           writes down there what is measured now
                [--rounds 3] [--seconds 1] [--heap 1g] [--loomkeeper-flags FLAGS] [--directory DIR]
            """;

    private static final Set<String> VALUED =
            Set.of("house", "rounds", "seconds", "heap", "loomkeeper-flags", "directory");
    private static final int GRACE_MS = 20_000;
    private static final int WARMUP_MS = 500;

    private SmokeCommand() {}

    /** Returns the exit code: 1 when a ratio fell too far or a request failed. */
    static int run(List<String> args) throws IOException, InterruptedException {
        Flags flags = Flags.parse(args, VALUED, Set.of("record"));
        Path house = Path.of(flags.text("house", ".")).toAbsolutePath();
        Path file = house.resolve("bench/smoke.txt");
        SmokeRecord recorded =
                flags.has("record")
                        ? SmokeRecord.NONE
                        : SmokeRecord.parse(Files.readAllLines(file));
        List<ReportPage.Result> results = measure(flags, house);
        SmokeRecord measured = SmokeRecord.of(results);
        List<String> complaints = new ArrayList<>(recorded.fallenTo(measured));
        for (ReportPage.Result result : results) {
            for (Summary summary : result.summaries().values()) {
                if (!summary.complaints().isEmpty()) {
                    complaints.add(
                            "%s: %s: %s"
                                    .formatted(
                                            result.scenario().name(),
                                            summary.server(),
                                            summary.complaints()));
                }
            }
        }
        System.out.print(measured.beside(recorded));
        complaints.forEach(System.out::println);
        if (complaints.isEmpty() && flags.has("record")) {
            Files.write(file, measured.lines());
            System.out.println("recorded: " + file);
        }
        return complaints.isEmpty() ? 0 : 1;
    }

    private static List<ReportPage.Result> measure(Flags flags, Path house)
            throws IOException, InterruptedException {
        int rounds = flags.number("rounds", 3, 1, 100);
        LoadPlan.Timing timing =
                new LoadPlan.Timing(
                        WARMUP_MS, Math.max(1, flags.secondsAsMs("seconds", 1)), GRACE_MS);
        List<Scenario> scenarios = Scenario.smoke(timing);
        List<LoadPlan> warmUps = Scenario.warmUps(timing);
        Lineup.Setup setup = Lineup.Setup.parse(flags, house, "smoke", "1g").alone("");
        List<ReportPage.Result> results = new ArrayList<>();
        try (Lineup lineup = Lineup.start(setup)) {
            List<Contender> contenders = List.copyOf(lineup.servers());
            Progress progress =
                    new Progress((warmUps.size() + scenarios.size() * rounds) * contenders.size());
            Turns turns = new Turns(contenders, rounds, progress);
            turns.warmUp(warmUps);
            for (Scenario scenario : scenarios) {
                Map<String, Summary> summaries = turns.run(scenario);
                results.add(new ReportPage.Result(scenario, summaries));
            }
            progress.clear();
        }
        return results;
    }
}
