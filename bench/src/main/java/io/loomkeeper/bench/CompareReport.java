package io.loomkeeper.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a comparison leaves behind: a page to look at, all rounds as JSON, and a percentile
 * distribution for each server and scenario in HdrHistogram's text format.
 */
final class CompareReport {
    private static final int TICKS_PER_HALF_DISTANCE = 5;
    private static final double NS_PER_US = 1e3;

    private final Map<String, String> about;
    private final List<ReportPage.Result> results;

    /**
     * @param about the conditions, by name, in order
     */
    CompareReport(Map<String, String> about, List<ReportPage.Result> results) {
        this.about = about;
        this.results = results;
    }

    /**
     * Writes all of it.
     *
     * @param directory made if it is not there; what is of an earlier report in it is replaced
     * @return the page
     */
    Path write(Path directory, Path json) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(json, json() + "\n");
        for (ReportPage.Result result : results) {
            for (Summary summary : result.summaries().values()) {
                Path file = directory.resolve(fileName(result.scenario().name(), summary.server()));
                try (PrintStream out = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
                    summary.latencies()
                            .outputPercentileDistribution(out, TICKS_PER_HALF_DISTANCE, NS_PER_US);
                }
            }
        }
        String title = "Loomkeeper: throughput and latency";
        return Files.writeString(
                directory.resolve("index.html"), ReportPage.of(title, about, results));
    }

    /** Small letters, digits and hyphens. */
    static String fileName(String scenario, String server) {
        String name = (scenario + " " + server).toLowerCase(Locale.ROOT).replace("%", "percent");
        return name.replaceAll("[^a-z0-9]+", "-") + ".hgrm";
    }

    private String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("about", about);
        List<Object> list = new ArrayList<>();
        for (ReportPage.Result result : results) {
            result.summaries().values().forEach(s -> list.add(asMap(result.scenario(), s)));
        }
        all.put("results", list);
        return Json.of(all);
    }

    private static Map<String, Object> asMap(Scenario scenario, Summary summary) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("scenario", scenario.name());
        map.put("server", summary.server());
        map.put("complaints", summary.complaints());
        map.put("opsSpread", summary.spread());
        map.put("rounds", summary.rounds().stream().map(CompareReport::asMap).toList());
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
