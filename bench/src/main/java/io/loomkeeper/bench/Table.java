package io.loomkeeper.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The comparison as text, a scenario at a time.
 *
 * <p>Behind a server's own figures stands how they relate to Apache's of the same rounds, and which
 * share of the null server's they reach: of its operations per second, or where latency counts, of
 * its p50 (the null server's divided by the server's). The spread says how far the rounds'
 * operations per second lie apart.
 */
final class Table {
    private static final String ROW = "%-26s %-12s %9s %6s %9s %9s %9s %9s %8s %7s %6s  %-34s%n";

    private Table() {}

    static String heading() {
        return ROW.formatted(
                "",
                "",
                "ops/s",
                "spread",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "max us",
                "CPU us",
                "RSS MB",
                "limit",
                "against Apache");
    }

    /** {@code summaries} by the server's name, in the order of the rows. */
    static String rows(Scenario scenario, Map<String, Summary> summaries) {
        StringBuilder text = new StringBuilder();
        String name = scenario.name();
        for (Summary summary : summaries.values()) {
            text.append(row(name, scenario, summary, summaries));
            if (!summary.complaints().isEmpty()) {
                text.append("    not clean: ").append(summary.complaints()).append('\n');
            }
            name = "";
        }
        return text.toString();
    }

    private static String row(
            String name, Scenario scenario, Summary summary, Map<String, Summary> summaries) {
        return ROW.formatted(
                        name,
                        summary.server(),
                        number(summary.opsPerSecond()),
                        percent(summary.spread()),
                        number(summary.percentileUs(50)),
                        number(summary.percentileUs(99)),
                        number(summary.percentileUs(99.9)),
                        number(summary.maxUs()),
                        number(summary.serverCpuUs()),
                        number(summary.rssMb()),
                        limitShare(scenario, summary, summaries),
                        againstApache(summary, summaries))
                .stripTrailing()
                .concat("\n");
    }

    private static String limitShare(
            Scenario scenario, Summary summary, Map<String, Summary> summaries) {
        return other(Lineup.LIMIT, summary, summaries)
                .map(
                        limit ->
                                scenario.byLatency()
                                        ? limit.percentileUs(50) / summary.percentileUs(50)
                                        : summary.opsPerSecond() / limit.opsPerSecond())
                .map(Table::percent)
                .orElse("");
    }

    private static String againstApache(Summary summary, Map<String, Summary> summaries) {
        if (summary.server().equals(Lineup.LIMIT)) {
            return "";
        }
        return other(Lineup.APACHE, summary, summaries)
                .map(
                        apache ->
                                String.join(
                                        "  ",
                                        List.of(
                                                ratio(
                                                        "ops",
                                                        summary.opsPerSecond(),
                                                        apache.opsPerSecond()),
                                                ratio(
                                                        "p50",
                                                        summary.percentileUs(50),
                                                        apache.percentileUs(50)),
                                                ratio(
                                                        "p99",
                                                        summary.percentileUs(99),
                                                        apache.percentileUs(99)),
                                                ratio(
                                                        "CPU",
                                                        summary.serverCpuUs(),
                                                        apache.serverCpuUs()))))
                .orElse("");
    }

    private static Optional<Summary> other(
            String name, Summary summary, Map<String, Summary> summaries) {
        return Optional.ofNullable(summaries.get(name))
                .filter(s -> !s.server().equals(summary.server()));
    }

    private static String ratio(String what, double ours, double theirs) {
        return "%s x%.2f".formatted(what, ours / theirs);
    }

    private static String percent(double share) {
        return "%.0f %%".formatted(100 * share);
    }

    /** Whole numbers, or two decimals for small ones. */
    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%,.0f", value);
    }
}
