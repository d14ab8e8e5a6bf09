package io.loomkeeper.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A comparison as one page of HTML that needs nothing else: no network, no script. */
final class ReportPage {
    private static final String STYLE = "report.css";
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

    private final Markup page;
    private final List<Result> results;

    /**
     * One scenario's results.
     *
     * @param summaries by the server's name, in the order in which they are shown
     */
    record Result(Scenario scenario, Map<String, Summary> summaries) {}

    private ReportPage(Markup page, List<Result> results) {
        this.page = page;
        this.results = results;
    }

    /**
     * The page.
     *
     * @param conditions by name, in order
     */
    static String of(String title, Map<String, String> conditions, List<Result> results)
            throws IOException {
        ReportPage report = new ReportPage(new Markup(), results);
        report.head(title, conditions);
        report.overview();
        results.forEach(report::scenario);
        report.foot();
        return report.page.text();
    }

    private void head(String title, Map<String, String> conditions) throws IOException {
        page.add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        page.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.add("<meta name=\"color-scheme\" content=\"light dark\">");
        page.add(
                "<title>%s</title>%n<style>%n%s</style>".formatted(Markup.escaped(title), style()));
        page.add("</head>%n<body>%n<main>%n<h1>%s</h1>".formatted(Markup.escaped(title)));
        legend();
        page.add("<dl>");
        conditions.forEach(
                (name, text) ->
                        page.add(
                                "<dt>%s</dt><dd>%s</dd>"
                                        .formatted(
                                                Markup.escaped(name),
                                                name.equals("Command")
                                                        ? "<code>"
                                                                + Markup.escaped(text)
                                                                + "</code>"
                                                        : Markup.escaped(text))));
        page.add("</dl>");
    }

    private static String style() throws IOException {
        try (InputStream file = ReportPage.class.getResourceAsStream(STYLE)) {
            if (file == null) {
                throw new IOException(STYLE + " is missing from the jar");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void legend() {
        page.add("<p class=\"legend\">");
        int i = 0;
        for (String server : results.getFirst().summaries().keySet()) {
            page.add(
                    "<span><i class=\"key k%s\"></i>%s</span>"
                            .formatted(i++, Markup.escaped(server)));
        }
        page.add("</p>");
    }

    /** Ratios to Apache; nothing where it takes no part. */
    private void overview() {
        List<RatioBars.Bar> bars = new ArrayList<>();
        results.forEach(result -> ratio(result).ifPresent(bars::add));
        if (bars.isEmpty()) {
            return;
        }
        page.add("<h2>Loomkeeper beside Apache ZooKeeper</h2>");
        String what = "How many times better Loomkeeper is, by scenario";
        page.add(
                ("<figure>%n%s<figcaption>How many times Apache's operations per second, or where latency"
                                + " is what counts, Apache's median latency divided by Loomkeeper's. To the"
                                + " right of \u00d71 Loomkeeper is better. Logarithmic.</figcaption></figure>")
                        .formatted(RatioBars.of(what, bars)));
    }

    private static Optional<RatioBars.Bar> ratio(Result result) {
        Summary ours = result.summaries().get(Lineup.LOOMKEEPER);
        Summary theirs = result.summaries().get(Lineup.APACHE);
        if (ours == null || theirs == null) {
            return Optional.empty();
        }
        Scenario scenario = result.scenario();
        return Optional.of(
                scenario.byLatency()
                        ? new RatioBars.Bar(
                                scenario.name(),
                                theirs.percentileUs(50) / ours.percentileUs(50),
                                " latency")
                        : new RatioBars.Bar(
                                scenario.name(), ours.opsPerSecond() / theirs.opsPerSecond(), ""));
    }

    private void scenario(Result result) {
        page.add("<h2>%s</h2>".formatted(Markup.escaped(result.scenario().name())));
        page.add(
                "<p class=\"soft\">%s</p>"
                        .formatted(Markup.escaped(result.scenario().explanation())));
        page.add("<figure>\n<h3>Throughput, operations per second</h3>");
        List<ThroughputBars.Bar> bars =
                result.summaries().values().stream().map(ReportPage::bar).toList();
        page.add(ThroughputBars.of("operations per second: " + result.scenario().name(), bars));
        page.add("<h3>Latency by percentile</h3>");
        List<LatencyCurve> curves =
                result.summaries().values().stream()
                        .map(summary -> LatencyCurve.of(summary.server(), summary.latencies()))
                        .toList();
        page.add(PercentilePlot.of("latency by percentile: " + result.scenario().name(), curves));
        table(result);
        page.add("</figure>");
        for (Summary summary : result.summaries().values()) {
            if (!summary.complaints().isEmpty()) {
                page.add(
                        "<p class=\"bad\">%s was not clean: %s</p>"
                                .formatted(
                                        Markup.escaped(summary.server()),
                                        Markup.escaped(summary.complaints())));
            }
        }
    }

    private static ThroughputBars.Bar bar(Summary summary) {
        var ops =
                summary.rounds().stream()
                        .mapToDouble(r -> r.outcome().opsPerSecond())
                        .summaryStatistics();
        return new ThroughputBars.Bar(
                summary.server(), summary.opsPerSecond(), ops.getMin(), ops.getMax());
    }

    private void table(Result result) {
        page.add("<div class=\"scroll\"><table><thead><tr><th></th><th>ops/s</th>");
        for (double percentile : PERCENTILES) {
            page.add("<th>p%s</th>".formatted(ThroughputBars.plain(percentile)));
        }
        page.add("<th>longest</th><th>CPU/op</th><th>RSS</th></tr></thead><tbody>");
        int i = 0;
        for (Summary summary : result.summaries().values()) {
            page.add(
                    "<tr><td><i class=\"key k%s\"></i>%s</td>"
                            .formatted(i++, Markup.escaped(summary.server())));
            page.add("<td>%s</td>".formatted(ThroughputBars.number(summary.opsPerSecond())));
            for (double percentile : PERCENTILES) {
                page.add(
                        "<td>%s</td>"
                                .formatted(PercentilePlot.time(summary.percentileUs(percentile))));
            }
            page.add("<td>%s</td>".formatted(PercentilePlot.time(summary.maxUs())));
            page.add("<td>%s</td>".formatted(PercentilePlot.time(summary.serverCpuUs())));
            page.add("<td>%s MB</td></tr>".formatted(ThroughputBars.number(summary.rssMb())));
        }
        page.add("</tbody></table></div>");
    }

    private void foot() {
        page.add(
                """
                <h2>How to read this</h2>
                <p>Bars and tables show the median of the rounds, the thin line on a bar the slowest and the fastest round; curves
                and \u201clongest\u201d are of all rounds together. Latency is from sending a request to reading its answer, in an open loop
                from when the request was due. CPU/op is the processor time that the server used, divided by the operations.</p>
                <p>The null server answers from memory without doing the work and forces one batch of writes to the disk at a time: it
                is the limit of this machine, client included, not a coordination server.</p>
                <p>All of them ran on one machine, in turns, round by round. Ratios are worth comparing; absolute figures are
                this machine's.</p>
                </main>
                </body>
                </html>""");
    }
}
