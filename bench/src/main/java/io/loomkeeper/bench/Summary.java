package io.loomkeeper.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * The rounds of one server in one scenario, in the order they were run.
 *
 * @param complaints of all rounds; empty when every request was answered well
 */
record Summary(String server, List<Round> rounds, String complaints) {

    static Summary of(String server, List<Round> rounds) {
        String complaints =
                rounds.stream()
                        .map(round -> round.outcome().complaints())
                        .filter(text -> !text.isEmpty())
                        .distinct()
                        .reduce((a, b) -> a + "; " + b)
                        .orElse("");
        return new Summary(server, List.copyOf(rounds), complaints);
    }

    /** Of all rounds together. */
    Histogram latencies() {
        Histogram all = Tally.histogram();
        rounds.forEach(round -> all.add(round.outcome().latencies()));
        return all;
    }

    double opsPerSecond() {
        return median(round -> round.outcome().opsPerSecond());
    }

    /** The median of the rounds' percentiles. */
    double percentileUs(double percentile) {
        return median(round -> round.outcome().percentileUs(percentile));
    }

    /** The longest of all rounds. */
    double maxUs() {
        return rounds.stream().mapToDouble(round -> round.outcome().maxUs()).max().orElse(0);
    }

    double serverCpuUs() {
        return median(Round::serverCpuUs);
    }

    double generatorCpuUs() {
        return median(round -> round.outcome().generatorCpuUs());
    }

    double rssMb() {
        return median(round -> round.rssBytes() / 1048576.0);
    }

    double otherCores() {
        return median(Round::otherCores);
    }

    /** How far the rounds' operations per second lie apart: (largest - smallest) / median. */
    double spread() {
        var ops = rounds.stream().mapToDouble(r -> r.outcome().opsPerSecond()).summaryStatistics();
        return (ops.getMax() - ops.getMin()) / opsPerSecond();
    }

    private double median(ToDoubleFunction<Round> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
