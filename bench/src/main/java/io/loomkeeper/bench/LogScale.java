package io.loomkeeper.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A logarithmic axis from one round number to another.
 *
 * @param from its first tick, above 0
 * @param to its last
 */
record LogScale(double from, double to) {
    private static final double FIRST = 1e-3;
    private static final double LAST = 1e12;
    private static final int TICKS_MAX = 9;

    /** Holds both numbers, which are above 0, with a round number at each end. */
    static LogScale holding(double min, double max) {
        List<Double> round = ticksUpTo(LAST);
        double from = round.stream().filter(tick -> tick <= min).reduce(FIRST, (_, last) -> last);
        double to =
                round.stream().filter(tick -> tick >= max && tick > from).findFirst().orElse(LAST);
        return new LogScale(from, to);
    }

    /** Where a number stands: 0 at the first tick, 1 at the last. */
    double at(double number) {
        return Math.log(number / from) / Math.log(to / from);
    }

    /** The round numbers to be shown: of each power of ten three, or one where those are many. */
    List<Double> ticks() {
        List<Double> all = ticksUpTo(to).stream().filter(tick -> tick >= from).toList();
        return all.size() <= TICKS_MAX
                ? all
                : all.stream().filter(tick -> isPowerOfTen(tick.doubleValue())).toList();
    }

    private static boolean isPowerOfTen(double number) {
        double power = Math.log10(number);
        return Math.abs(power - Math.rint(power)) < 1e-6;
    }

    private static List<Double> ticksUpTo(double last) {
        List<Double> ticks = new ArrayList<>();
        for (int power = -3; power <= 12; power++) {
            for (int digit : new int[] {1, 2, 5}) {
                double tick = digit * Math.pow(10, power);
                if (tick <= last * (1 + 1e-9)) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }
}
