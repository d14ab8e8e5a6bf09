package io.loomkeeper.bench;

import java.util.List;
import java.util.Locale;

/**
 * How many times better one server is than another, scenario by scenario: bars to the right of 1
 * where it is better, to the left where it is worse, twice and half equally long.
 */
final class RatioBars {
    private static final int WIDTH = 760;
    private static final int ROW = 26;
    private static final int BAR = 16;
    private static final int LEFT = 230;
    private static final int RIGHT = 70;
    private static final int TOP = 4;
    private static final int BOTTOM = 26;

    private RatioBars() {}

    /**
     * One bar.
     *
     * @param ratio above 1 is better
     * @param of what: operations per second, or the median latency
     */
    record Bar(String name, double ratio, String of) {}

    static String of(String title, List<Bar> bars) {
        int bottom = TOP + bars.size() * ROW;
        Markup svg = new Markup(WIDTH, bottom + BOTTOM, title);
        double least = bars.stream().mapToDouble(Bar::ratio).min().orElse(1);
        double most = bars.stream().mapToDouble(Bar::ratio).max().orElse(1);
        LogScale scale = LogScale.holding(Math.min(1, least), Math.max(2, most));
        for (double tick : scale.ticks()) {
            svg.line("grid", x(scale, tick), TOP, x(scale, tick), bottom);
            svg.words("tick middle", x(scale, tick), bottom + 18, times(tick));
        }
        svg.line("base", x(scale, 1), TOP, x(scale, 1), bottom);
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double top = TOP + i * ROW + (ROW - BAR) / 2.0;
            double from = Math.min(x(scale, 1), x(scale, bar.ratio()));
            double to = Math.max(x(scale, 1), x(scale, bar.ratio()));
            svg.words("label end", LEFT - 10, top + BAR - 3, bar.name());
            svg.bar(bar.ratio() >= 1 ? "bar f0" : "bar worse", from, top, to - from, BAR);
            svg.words("value", to + 6, top + BAR - 3, times(bar.ratio()) + bar.of());
        }
        return svg.end();
    }

    private static double x(LogScale scale, double ratio) {
        return LEFT + (WIDTH - LEFT - RIGHT) * scale.at(ratio);
    }

    private static String times(double ratio) {
        return "\u00d7"
                + String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.1f", ratio)
                        .replaceFirst("\\.?0+$", "");
    }
}
