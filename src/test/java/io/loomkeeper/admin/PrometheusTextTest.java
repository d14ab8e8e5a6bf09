package io.loomkeeper.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class PrometheusTextTest {
    /** Values 1 to {@code count}. */
    private record Rising(long count, boolean isDetailed) implements Metrics.Distribution {
        @Override
        public long sum() {
            return count * (count + 1) / 2;
        }

        @Override
        public long min() {
            return Math.min(1, count);
        }

        @Override
        public long max() {
            return count;
        }

        @Override
        public double average() {
            return count == 0 ? 0 : (double) sum() / count;
        }

        @Override
        public long percentile(double share) {
            return (long) Math.ceil(share * count);
        }
    }

    private static List<String> figures(Consumer<Metrics.Sink> source) {
        PrometheusText text = new PrometheusText();
        source.accept(text);
        return new String(text.bytes(), UTF_8).lines().filter(l -> !l.startsWith("#")).toList();
    }

    @Test
    void countersKeepTheNameThatTheyHave() {
        assertEquals(
                List.of("snap_count 3.0", "process_cpu_seconds_total 1.5"),
                figures(
                        sink -> {
                            sink.counter("snap_count", 3);
                            sink.counter("process_cpu_seconds_total", 1.5);
                        }));
    }

    @Test
    void keysAreLabels() {
        assertEquals(
                List.of("a{key=\"\\\"\\\\\"} 2.0", "a{key=\"x\"} 1.0"),
                figures(
                        sink -> {
                            sink.gauge("a", Metrics.Label.key("x"), 1);
                            sink.gauge("a", Metrics.Label.key("\"\\"), 2);
                        }));
    }

    @Test
    void summaryHasTheMedianAndOnlyADetailedOneMore() {
        assertEquals(
                List.of("s{quantile=\"0.5\"} 50.0", "s_count 100", "s_sum 5050.0"),
                figures(sink -> sink.summary("s", new Rising(100, false))));
        assertEquals(
                List.of(
                        "s{quantile=\"0.5\"} 50.0",
                        "s{quantile=\"0.9\"} 90.0",
                        "s{quantile=\"0.99\"} 99.0",
                        "s_count 100",
                        "s_sum 5050.0"),
                figures(sink -> sink.summary("s", new Rising(100, true))));
    }

    @Test
    void medianOfNothingIsNoNumber() {
        assertEquals(
                List.of("s{quantile=\"0.5\"} NaN", "s_count 0", "s_sum 0.0"),
                figures(sink -> sink.summary("s", new Rising(0, false))));
    }

    @Test
    void bucketsOfAHistogramCountAllThatTookNoLonger() {
        Metrics.Times times =
                new Metrics.Times() {
                    @Override
                    public double sumSeconds() {
                        return 12;
                    }

                    @Override
                    public long countUpTo(double seconds) {
                        return seconds < 0.001 ? 0 : seconds < 10 ? 4 : 5;
                    }
                };

        List<String> lines =
                figures(sink -> sink.histogram("h", List.of(new Metrics.Label("l", "v")), times));

        assertTrue(lines.contains("h_bucket{l=\"v\",le=\"5.0E-4\"} 0"), lines::toString);
        assertTrue(lines.contains("h_bucket{l=\"v\",le=\"0.001\"} 4"), lines::toString);
        assertTrue(lines.contains("h_bucket{l=\"v\",le=\"10.0\"} 5"), lines::toString);
        assertTrue(lines.contains("h_bucket{l=\"v\",le=\"+Inf\"} 5"), lines::toString);
        assertTrue(lines.contains("h_count{l=\"v\"} 5"), lines::toString);
        assertTrue(lines.contains("h_sum{l=\"v\"} 12.0"), lines::toString);
    }

    @Test
    void figuresOfTheJvmCanBeWritten() {
        List<String> lines = figures(sink -> new JvmMetrics().collect(sink));

        for (String name :
                List.of(
                        "jvm_memory_bytes_used{area=\"heap\"}",
                        "jvm_threads_current",
                        "process_open_fds",
                        "loomkeeper_virtual_threads_carriers")) {
            assertTrue(lines.stream().anyMatch(line -> line.startsWith(name)), name);
        }
    }
}
