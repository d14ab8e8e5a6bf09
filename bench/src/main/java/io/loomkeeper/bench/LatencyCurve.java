package io.loomkeeper.bench;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * The latencies of one server in one scenario, as a line: for each share of the requests how long
 * the slowest of them took.
 *
 * @param points of rising share; empty when nothing was measured
 */
record LatencyCurve(String server, List<Point> points) {
    /** No further than this: one request in a million. */
    static final double NINES_MAX = 6;

    private static final int STEPS_PER_NINE = 20;

    /**
     * @param nines how many nines the share has: 1 for 90 %, 2 for 99 %, 0 for the fastest request
     * @param us that no request of the share took longer
     */
    record Point(double nines, double us) {}

    /** As far as there are requests to tell: a thousand of them have three nines. */
    static LatencyCurve of(String server, Histogram latencies) {
        List<Point> points = new ArrayList<>();
        long count = latencies.getTotalCount();
        double last = count == 0 ? -1 : Math.min(NINES_MAX, Math.log10((double) count));
        for (int step = 0; step <= last * STEPS_PER_NINE; step++) {
            double nines = (double) step / STEPS_PER_NINE;
            points.add(new Point(nines, latencies.getValueAtPercentile(percent(nines)) / 1e3));
        }
        return new LatencyCurve(server, List.copyOf(points));
    }

    /** The share with so many nines, in percent. */
    static double percent(double nines) {
        return 100 * (1 - Math.pow(10, -nines));
    }

    /** How many nines a share of {@code percent} has. */
    static double nines(double percent) {
        return -Math.log10(1 - percent / 100);
    }
}
