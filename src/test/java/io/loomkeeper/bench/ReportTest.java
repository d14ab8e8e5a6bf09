package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.bench.LoadPlan.Timing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** What becomes of the rounds: medians, ratios, text. */
final class ReportTest {
    private static final Scenario SCENARIO = Scenario.all(new Timing(1, 1, 1)).get(4);

    @Test
    void summaryHasTheMedianAndTheLongest() {
        Summary summary = Summary.of("a", List.of(round(100, 50), round(900, 10), round(300, 20)));

        assertEquals(300, summary.opsPerSecond());
        assertEquals(20, summary.percentileUs(50), 0.1);
        assertEquals(50, summary.maxUs(), 0.1);
        assertEquals(800 / 300.0, summary.spread(), 1e-9);
    }

    @Test
    void evenNumberOfRoundsHasTheirMiddle() {
        assertEquals(200, Summary.of("a", List.of(round(100, 1), round(300, 1))).opsPerSecond());
    }

    @Test
    void ratiosAreToApacheAndSharesToTheNullServer() {
        Map<String, Summary> all = new LinkedHashMap<>();
        put(all, Lineup.LOOMKEEPER, round(400, 10));
        put(all, Lineup.APACHE, round(200, 40));
        put(all, Lineup.LIMIT, round(800, 5));

        List<String> rows = Table.rows(SCENARIO, all).lines().toList();

        assertEquals(3, rows.size());
        assertTrue(rows.get(0).startsWith(SCENARIO.name()), rows.get(0));
        assertTrue(rows.get(0).endsWith("50 %  ops x2.00  p50 x0.25  p99 x0.25  CPU x0.50"));
        assertTrue(rows.get(1).endsWith("25 %"), rows.get(1));
    }

    @Test
    void failedRequestsStandUnderTheirRow() {
        Outcome failed =
                new Outcome(
                        1,
                        Tally.histogram(),
                        Tally.histogram(),
                        new TreeMap<>(Map.of(-101, 3L)),
                        List.of("connection lost: x"),
                        2,
                        0);
        Map<String, Summary> all = new LinkedHashMap<>();
        put(all, Lineup.LOOMKEEPER, new Round(failed, 0, 0, 0));

        assertTrue(
                Table.rows(SCENARIO, all)
                        .endsWith(
                                "    not clean: error -101 3 times; connection lost: x;"
                                        + " 2 unanswered; nothing was measured\n"));
    }

    @Test
    void jsonQuotesWhatHasToBe() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a\"b", "\\\n");
        map.put("n", List.of(1, 2.5, true));

        assertEquals("{\"a\\\"b\":\"\\\\\\u000a\",\"n\":[1,\n2.500,\ntrue]}", Json.of(map));
    }

    private static void put(Map<String, Summary> all, String server, Round round) {
        all.put(server, Summary.of(server, List.of(round)));
    }

    /** A second of {@code ops}, each of the same latency; 1 ms of the server's CPU. */
    private static Round round(int ops, int latencyUs) {
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
        return new Round(outcome, 1_000_000, 0, 0);
    }
}
