package io.loomkeeper.admin;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Figures as Prometheus's text.
 *
 * <p>The library ends a counter's name in {@code _total}, as Prometheus came to want it; Apache
 * 3.9's names are older and have no such end, and dashboards ask for them by name. So a counter
 * whose name has no such end is given as one of unknown type.
 */
final class PrometheusText implements Metrics.Sink {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final String TOTAL = "_total";

    /**
     * The upper bounds of a histogram's buckets, in seconds: three to a decade of what forces take.
     */
    private static final double[] BOUNDS = {
        0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005,
        0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
    };

    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);

    /** What came last, and may go on. */
    private Family family = new Family("", Type.GAUGE, new ArrayList<>());

    private enum Type {
        GAUGE,
        COUNTER,
        UNKNOWN,
        SUMMARY,
        HISTOGRAM
    }

    /** One name with all its points. */
    private record Family(String name, Type type, List<Point> points) {}

    /** A figure with its labels; {@code values} is a Double, a Distribution or Times. */
    private record Point(Labels labels, Object values) {}

    @Override
    public void gauge(String name, List<Metrics.Label> labels, double value) {
        add(name, Type.GAUGE, labels, value);
    }

    @Override
    public void counter(String name, List<Metrics.Label> labels, double value) {
        add(name, name.endsWith(TOTAL) ? Type.COUNTER : Type.UNKNOWN, labels, value);
    }

    @Override
    public void summary(String name, List<Metrics.Label> labels, Metrics.Distribution values) {
        add(name, Type.SUMMARY, labels, values);
    }

    @Override
    public void histogram(String name, List<Metrics.Label> labels, Metrics.Times values) {
        add(name, Type.HISTOGRAM, labels, values);
    }

    private void add(String name, Type type, List<Metrics.Label> labels, Object values) {
        if (!family.name.equals(name)) {
            write();
            family = new Family(name, type, new ArrayList<>());
        }
        List<String> names = labels.stream().map(Metrics.Label::name).toList();
        List<String> texts = labels.stream().map(Metrics.Label::value).toList();
        family.points.add(new Point(Labels.of(names, texts), values));
    }

    /** All of it, in UTF-8. */
    byte[] bytes() {
        write();
        family = new Family("", Type.GAUGE, new ArrayList<>());
        return out.toByteArray();
    }

    /**
     * One family at a time: Apache's names, taken together, are not unlike enough for the library.
     */
    private void write() {
        if (family.points.isEmpty()) {
            return;
        }
        MetricSnapshot snapshot =
                switch (family.type) {
                    case GAUGE -> gauge();
                    case COUNTER -> counter();
                    case UNKNOWN -> unknown();
                    case SUMMARY -> summary();
                    case HISTOGRAM -> histogram();
                };
        try {
            writer.write(out, MetricSnapshots.of(snapshot), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MetricSnapshot gauge() {
        GaugeSnapshot.Builder all = GaugeSnapshot.builder().name(family.name).help(family.name);
        for (Point point : family.points) {
            all.dataPoint(
                    GaugeDataPointSnapshot.builder()
                            .labels(point.labels)
                            .value((Double) point.values)
                            .build());
        }
        return all.build();
    }

    private MetricSnapshot counter() {
        String name = family.name.substring(0, family.name.length() - TOTAL.length());
        CounterSnapshot.Builder all = CounterSnapshot.builder().name(name).help(name);
        for (Point point : family.points) {
            all.dataPoint(
                    CounterDataPointSnapshot.builder()
                            .labels(point.labels)
                            .value((Double) point.values)
                            .build());
        }
        return all.build();
    }

    private MetricSnapshot unknown() {
        UnknownSnapshot.Builder all = UnknownSnapshot.builder().name(family.name).help(family.name);
        for (Point point : family.points) {
            all.dataPoint(
                    UnknownDataPointSnapshot.builder()
                            .labels(point.labels)
                            .value((Double) point.values)
                            .build());
        }
        return all.build();
    }

    private MetricSnapshot summary() {
        SummarySnapshot.Builder all = SummarySnapshot.builder().name(family.name).help(family.name);
        for (Point point : family.points) {
            Metrics.Distribution values = (Metrics.Distribution) point.values;
            all.dataPoint(
                    SummaryDataPointSnapshot.builder()
                            .labels(point.labels)
                            .quantiles(quantiles(values))
                            .count(values.count())
                            .sum((double) values.sum())
                            .build());
        }
        return all.build();
    }

    /** Those of Apache's provider; of no values, as there, they are no number. */
    private static Quantiles quantiles(Metrics.Distribution values) {
        Quantiles.Builder quantiles = Quantiles.builder();
        quantiles.quantile(0.5, quantile(values, 0.5));
        if (values.isDetailed()) {
            quantiles.quantile(0.9, quantile(values, 0.9));
            quantiles.quantile(0.99, quantile(values, 0.99));
        }
        return quantiles.build();
    }

    private static double quantile(Metrics.Distribution values, double share) {
        return values.count() == 0 ? Double.NaN : values.percentile(share);
    }

    private MetricSnapshot histogram() {
        HistogramSnapshot.Builder all =
                HistogramSnapshot.builder().name(family.name).help(family.name);
        for (Point point : family.points) {
            Metrics.Times times = (Metrics.Times) point.values;
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            long below = 0;
            for (double bound : BOUNDS) {
                long upTo = Math.max(below, times.countUpTo(bound));
                buckets.bucket(bound, upTo - below);
                below = upTo;
            }
            long upTo = Math.max(below, times.countUpTo(Double.POSITIVE_INFINITY));
            buckets.bucket(Double.POSITIVE_INFINITY, upTo - below);
            all.dataPoint(
                    HistogramDataPointSnapshot.builder()
                            .labels(point.labels)
                            .classicHistogramBuckets(buckets.build())
                            .sum(times.sumSeconds())
                            .build());
        }
        return all.build();
    }
}
