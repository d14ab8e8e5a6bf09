package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.bench.LoadPlan.Timing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** The page that a comparison leaves behind, and what its pictures are drawn from. */
final class ReportPageTest {
    private static final Scenario SCENARIO = Scenario.all(new Timing(1, 1, 1)).get(4);

    @Test
    void curveReachesAsFarAsThereAreRequests() {
        Histogram latencies = Tally.histogram();
        latencies.recordValueWithCount(100_000, 990);
        latencies.recordValueWithCount(5_000_000, 10);

        LatencyCurve curve = LatencyCurve.of("a", latencies);

        assertEquals(3, curve.points().getLast().nines(), 1e-9);
        assertEquals(5_000, curve.points().getLast().us(), 10);
        assertEquals(100, curve.points().getFirst().us(), 0.1);
        for (LatencyCurve.Point point : curve.points()) {
            assertEquals(point.nines() > 2 + 1e-6 ? 5_000 : 100, point.us(), 10, point.toString());
        }
    }

    @Test
    void curveOfNothingIsEmpty() {
        assertEquals(List.of(), LatencyCurve.of("a", Tally.histogram()).points());
    }

    @Test
    void ninesAndPercentilesAreTheSameShares() {
        assertEquals(3, LatencyCurve.nines(99.9), 1e-9);
        assertEquals(99.9, LatencyCurve.percent(3), 1e-9);
        assertEquals(0, LatencyCurve.nines(0), 1e-9);
    }

    @Test
    void axisHasRoundNumbersAroundWhatItHolds() {
        LogScale scale = LogScale.holding(130, 870);

        assertEquals(new LogScale(100, 1000), scale);
        assertEquals(List.of(100.0, 200.0, 500.0, 1000.0), scale.ticks());
        assertEquals(0.5, scale.at(Math.sqrt(100 * 1000)), 1e-9);
        assertEquals(List.of(1e2, 1e3, 1e4, 1e5, 1e6), LogScale.holding(100, 1e6).ticks());
        assertEquals(new LogScale(1, 2), LogScale.holding(1, 1));
    }

    @Test
    void progressSaysWhatAndHowLong() {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        Progress progress =
                new Progress(4, new PrintStream(shown, true, StandardCharsets.UTF_8), false, 0);
        progress.begin("a");
        progress.end();

        assertEquals(
                "[######------------------]  25 %  b; 30 s left",
                progress.line("b", 10_000_000_000L));
        assertEquals(0, shown.size());
    }

    @Test
    void pageNeedsNothingElseAndItsPicturesAreWellFormed() throws Exception {
        String page = page();

        assertFalse(page.contains("<script"));
        assertFalse(Pattern.compile("(src|href)=|url\\(|@import").matcher(page).find());
        Matcher pictures = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(page);
        int count = 0;
        while (pictures.find()) {
            DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(pictures.group())));
            count++;
        }
        assertEquals(3, count);
    }

    @Test
    void pageShowsFiguresRatiosAndConditions() throws IOException {
        String page = page();

        assertTrue(page.contains("a &lt;b&gt; machine"), page);
        assertTrue(page.contains(">\u00d72</text>"), page);
        assertTrue(page.contains("<td>400</td>"), page);
        assertTrue(page.contains("<td>40 \u00b5s</td>"), page);
        assertTrue(page.contains(SCENARIO.name()));
    }

    @Test
    void reportHasADistributionForEachServer(@TempDir Path directory) throws IOException {
        new CompareReport(Map.of(), List.of(result()))
                .write(directory, directory.resolve("compare.json"));

        String lines = Files.readString(directory.resolve("16-x-64-writes-100-b-apache.hgrm"));
        assertTrue(lines.contains("1/(1-Percentile)"), lines);
        assertTrue(lines.contains("#[Max     =       40.0"), lines);
        assertTrue(Files.readString(directory.resolve("compare.json")).contains("\"p50Us\":10.0"));
        assertTrue(Files.exists(directory.resolve("index.html")));
    }

    private static String page() throws IOException {
        return ReportPage.of("A", Map.of("Machine", "a <b> machine"), List.of(result()));
    }

    private static ReportPage.Result result() {
        Map<String, Summary> all = new LinkedHashMap<>();
        put(all, Lineup.LOOMKEEPER, 400, 10);
        put(all, Lineup.APACHE, 200, 40);
        put(all, Lineup.LIMIT, 800, 5);
        return new ReportPage.Result(SCENARIO, all);
    }

    private static void put(Map<String, Summary> all, String server, int ops, int latencyUs) {
        Histogram latencies = Tally.histogram();
        latencies.recordValueWithCount(latencyUs * 1000L, ops);
        Outcome outcome =
                new Outcome(
                        1_000_000_000L,
                        latencies,
                        Tally.histogram(),
                        new TreeMap<>(),
                        List.of(),
                        0,
                        0);
        all.put(server, Summary.of(server, List.of(new Round(outcome, 1_000_000, 0, 0))));
    }
}
