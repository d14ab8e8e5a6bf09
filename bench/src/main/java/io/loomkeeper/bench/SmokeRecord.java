package io.loomkeeper.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which share of the null server's operations per second Loomkeeper reached, by scenario.
 *
 * <pre>
 *   SHARE  SCENARIO          one line of bench/smoke.txt; others begin with #
 * </pre>
 */
record SmokeRecord(Map<String, Double> shares) {
    static final SmokeRecord NONE = new SmokeRecord(Map.of());

    /** Of what was recorded, less than this is a regression. */
    private static final double LEAST = 2 / 3.0;

    private static final String COMMENT =
            "# Loomkeeper's operations per second, divided by the null server's of the same run."
                    + " Written by bin/bench smoke --record.";

    /**
     * Reads the file.
     *
     * @throws UsageException when a line is something else
     */
    static SmokeRecord parse(List<String> lines) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.strip().split("\\s+", 2);
            try {
                shares.put(words[1], Double.valueOf(words[0]));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
                throw new UsageException("not \"SHARE SCENARIO\": " + line);
            }
        }
        return new SmokeRecord(shares);
    }

    /** Of medians. */
    static SmokeRecord of(List<ReportPage.Result> results) {
        Map<String, Double> shares = new LinkedHashMap<>();
        for (ReportPage.Result result : results) {
            Summary ours = result.summaries().get(Lineup.LOOMKEEPER);
            Summary limit = result.summaries().get(Lineup.LIMIT);
            if (ours != null && limit != null) {
                shares.put(result.scenario().name(), ours.opsPerSecond() / limit.opsPerSecond());
            }
        }
        return new SmokeRecord(shares);
    }

    /** What {@code measured} has lost against this; one line each, with both shares. */
    List<String> fallenTo(SmokeRecord measured) {
        List<String> fallen = new ArrayList<>();
        shares.forEach(
                (scenario, before) -> {
                    double now = measured.shares().getOrDefault(scenario, 0.0);
                    if (now < before * LEAST) {
                        fallen.add(
                                "%s: %s of the null server, %s when it was recorded"
                                        .formatted(scenario, share(now), share(before)));
                    }
                });
        return fallen;
    }

    /** A line for each scenario, with what {@code recorded} has of it. */
    String beside(SmokeRecord recorded) {
        StringBuilder text = new StringBuilder();
        shares.forEach(
                (scenario, now) -> {
                    Double before = recorded.shares().get(scenario);
                    text.append("%-26s %s".formatted(scenario, share(now)));
                    text.append(before == null ? "" : "  recorded " + share(before)).append('\n');
                });
        return text.toString();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(COMMENT));
        shares.forEach((scenario, share) -> lines.add(share(share) + "  " + scenario));
        return lines;
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.4f", share);
    }
}
