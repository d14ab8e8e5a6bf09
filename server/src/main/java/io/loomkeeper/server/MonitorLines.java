package io.loomkeeper.server;

import io.loomkeeper.admin.Metrics;
import java.util.List;

/**
 * Figures as Apache's default provider gives them, one by one and without labels: a key stands
 * before the name, and a summary is a figure for each of its kinds (protocol 22).
 */
final class MonitorLines implements Metrics.Sink {
    /** Takes them. */
    interface Lines {
        void text(String name, String value);

        void whole(String name, long value);

        void decimal(String name, double value);
    }

    private final Lines lines;

    MonitorLines(Lines lines) {
        this.lines = lines;
    }

    private static String named(String name, List<Metrics.Label> labels) {
        return labels.isEmpty() ? name : labels.getFirst().value() + "_" + name;
    }

    @Override
    public void text(String name, String value) {
        lines.text(name, value);
    }

    @Override
    public void gauge(String name, List<Metrics.Label> labels, double value) {
        lines.decimal(named(name, labels), value);
    }

    @Override
    public void gauge(String name, List<Metrics.Label> labels, long value) {
        lines.whole(named(name, labels), value);
    }

    @Override
    public void counter(String name, List<Metrics.Label> labels, double value) {
        lines.decimal(named(name, labels), value);
    }

    @Override
    public void counter(String name, List<Metrics.Label> labels, long value) {
        lines.whole(named(name, labels), value);
    }

    @Override
    public void summary(String name, List<Metrics.Label> labels, Metrics.Distribution values) {
        String full = named(name, labels);
        lines.decimal("avg_" + full, values.average());
        lines.whole("min_" + full, values.min());
        lines.whole("max_" + full, values.max());
        lines.whole("cnt_" + full, values.count());
        lines.whole("sum_" + full, values.sum());
        if (values.isDetailed()) {
            lines.whole("p50_" + full, values.percentile(0.5));
            lines.whole("p95_" + full, values.percentile(0.95));
            lines.whole("p99_" + full, values.percentile(0.99));
            lines.whole("p999_" + full, values.percentile(0.999));
        }
    }

    /** Apache's providers have none; it goes to those who scrape. */
    @Override
    public void histogram(String name, List<Metrics.Label> labels, Metrics.Times values) {
        // nothing
    }
}
