package io.loomkeeper.bench;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What a load measured.
 *
 * @param elapsedNs that the operations of {@code latencies} took, all together
 * @param apart those of {@code latencies} that were to be looked at by themselves
 * @param errors how often each error code came, the whole time
 * @param failures the first broken connections and the like
 * @param unanswered requests that no answer came to
 * @param generatorCpuNs that this process used in the window, compilers included
 */
record Outcome(
        long elapsedNs,
        Histogram latencies,
        Histogram apart,
        SortedMap<Integer, Long> errors,
        List<String> failures,
        long unanswered,
        long generatorCpuNs) {

    static Outcome of(List<Tally> tallies, long elapsedNs, long generatorCpuNs) {
        Histogram latencies = Tally.histogram();
        Histogram apart = Tally.histogram();
        SortedMap<Integer, Long> errors = new TreeMap<>();
        long unanswered = 0;
        for (Tally tally : tallies) {
            latencies.add(tally.latencies());
            apart.add(tally.apartLatencies());
            tally.errors().forEach((code, count) -> errors.merge(code, count, Long::sum));
            unanswered += tally.unanswered();
        }
        List<String> failures = tallies.stream().flatMap(t -> t.failures().stream()).toList();
        return new Outcome(
                elapsedNs, latencies, apart, errors, failures, unanswered, generatorCpuNs);
    }

    long ops() {
        return latencies.getTotalCount();
    }

    double opsPerSecond() {
        return ops() * 1e9 / elapsedNs;
    }

    double percentileUs(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1e3;
    }

    double maxUs() {
        return latencies.getMaxValue() / 1e3;
    }

    /** Per operation. */
    double generatorCpuUs() {
        return generatorCpuNs / 1e3 / Math.max(1, ops());
    }

    /** Whether every request was answered, and none with an error. */
    boolean isClean() {
        return errors.isEmpty() && failures.isEmpty() && unanswered == 0 && ops() > 0;
    }

    /** What went wrong, in one line; empty if nothing did. */
    String complaints() {
        StringBuilder text = new StringBuilder();
        errors.forEach((code, n) -> text.append("; error %d %d times".formatted(code, n)));
        failures.forEach(failure -> text.append("; ").append(failure));
        if (unanswered > 0) {
            text.append("; ").append(unanswered).append(" unanswered");
        }
        if (ops() == 0) {
            text.append("; nothing was measured");
        }
        return text.isEmpty() ? "" : text.substring(2);
    }
}
