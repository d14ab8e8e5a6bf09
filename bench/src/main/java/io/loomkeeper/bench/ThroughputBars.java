package io.loomkeeper.bench;

import java.util.List;
import java.util.Locale;

/** Figures of a few servers as bars beside each other, from 0 on, with their values written out. */
final class ThroughputBars {
    private static final int WIDTH = 760;
    private static final int ROW = 30;
    private static final int BAR = 20;
    private static final int LEFT = 110;
    private static final int RIGHT = 120;

    private ThroughputBars() {}

    /**
     * One bar.
     *
     * @param least of the rounds, whose median is {@code value}
     * @param most of the rounds
     */
    record Bar(String name, double value, double least, double most) {}

    /** The picture; the style of each bar is s0, s1, … in their order. */
    static String of(String title, List<Bar> bars) {
        Markup svg = new Markup(WIDTH, bars.size() * ROW + 4, title);
        double longest = bars.stream().mapToDouble(Bar::most).max().orElse(1);
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double top = i * ROW + 4;
            double middle = top + BAR / 2.0;
            svg.words("label end", LEFT - 8, middle + 5, bar.name());
            svg.bar("bar f" + i, LEFT, top, width(bar.value(), longest), BAR);
            svg.line(
                    "spread",
                    LEFT + width(bar.least(), longest),
                    middle,
                    LEFT + width(bar.most(), longest),
                    middle);
            double behind = LEFT + width(bar.most(), longest) + 8;
            svg.words("value", behind, middle + 5, number(bar.value()));
        }
        return svg.end();
    }

    private static double width(double value, double longest) {
        return (WIDTH - LEFT - RIGHT) * value / Math.max(1e-9, longest);
    }

    /** With commas between thousands, and decimals where there are few. */
    static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%,.0f", value);
    }

    /** Without decimals that say nothing. */
    static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
