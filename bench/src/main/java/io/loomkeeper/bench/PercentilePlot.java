package io.loomkeeper.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Latencies by percentile as a picture: along the bottom the share of requests, each nine as wide
 * as the one before; upwards how long the slowest of that share took, logarithmic too.
 */
final class PercentilePlot {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 320;
    private static final int LEFT = 64;
    private static final int RIGHT = 110;
    private static final int TOP = 14;
    private static final int BOTTOM = 46;
    private static final int NAME_GAP = 15;
    private static final List<String> PERCENTILES =
            List.of("0", "50", "90", "99", "99.9", "99.99", "99.999", "99.9999");

    private final List<LatencyCurve> curves;
    private final LogScale us;
    private final double ninesMax;
    private final Markup svg;

    private PercentilePlot(String title, List<LatencyCurve> curves) {
        this.curves = curves;
        List<Double> all =
                curves.stream()
                        .flatMap(curve -> curve.points().stream())
                        .map(LatencyCurve.Point::us)
                        .toList();
        us =
                LogScale.holding(
                        all.stream().min(Comparator.naturalOrder()).orElse(1.0),
                        all.stream().max(Comparator.naturalOrder()).orElse(1.0));
        ninesMax =
                curves.stream()
                        .flatMap(curve -> curve.points().stream())
                        .mapToDouble(LatencyCurve.Point::nines)
                        .max()
                        .orElse(1);
        svg = new Markup(WIDTH, HEIGHT, title);
    }

    /** The picture of these curves; the style of each is s0, s1, … in their order. */
    static String of(String title, List<LatencyCurve> curves) {
        PercentilePlot plot = new PercentilePlot(title, curves);
        plot.grid();
        plot.lines();
        plot.names();
        return plot.svg.end();
    }

    private double x(double nines) {
        return LEFT + (WIDTH - LEFT - RIGHT) * nines / Math.max(1e-9, ninesMax);
    }

    private double y(double latencyUs) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - us.at(latencyUs));
    }

    private void grid() {
        for (double tick : us.ticks()) {
            svg.line("grid", LEFT, y(tick), x(ninesMax), y(tick));
            svg.words("tick end", LEFT - 8, y(tick) + 4, time(tick));
        }
        double bottom = HEIGHT - BOTTOM;
        for (String percentile : PERCENTILES) {
            double nines = LatencyCurve.nines(Double.parseDouble(percentile));
            if (nines <= ninesMax + 1e-9) {
                svg.line("grid", x(nines), TOP, x(nines), bottom);
                svg.words("tick middle", x(nines), bottom + 18, percentile + " %");
            }
        }
        svg.words(
                "axis middle",
                (LEFT + x(ninesMax)) / 2,
                HEIGHT - 6,
                "share of requests answered within that time");
    }

    private void lines() {
        for (int i = 0; i < curves.size(); i++) {
            StringBuilder points = new StringBuilder();
            for (LatencyCurve.Point point : curves.get(i).points()) {
                points.append(Markup.pixels(x(point.nines())))
                        .append(',')
                        .append(Markup.pixels(y(point.us())))
                        .append(' ');
            }
            svg.add("<polyline class=\"curve s" + i + "\" points=\"" + points + "\"/>");
        }
    }

    /** Each at the end of its line, or as near below the one above as can be read. */
    private void names() {
        List<Integer> downwards =
                IntStream.range(0, curves.size())
                        .filter(i -> !curves.get(i).points().isEmpty())
                        .boxed()
                        .sorted(Comparator.comparingDouble(this::endY))
                        .toList();
        double lowest = 0;
        for (int i : downwards) {
            double at = Math.max(endY(i) + 4, lowest + NAME_GAP);
            lowest = at;
            LatencyCurve curve = curves.get(i);
            svg.words("name t" + i, x(curve.points().getLast().nines()) + 6, at, curve.server());
        }
    }

    private double endY(int curve) {
        return y(curves.get(curve).points().getLast().us());
    }

    /** Microseconds with the unit that suits them. */
    static String time(double us) {
        if (us < 1e3) {
            return trimmed(us) + " \u00b5s";
        }
        return us < 1e6 ? trimmed(us / 1e3) + " ms" : trimmed(us / 1e6) + " s";
    }

    /** Three digits that count. */
    private static String trimmed(double number) {
        int decimals = number < 10 ? 2 : number < 100 ? 1 : 0;
        String text = String.format(Locale.ROOT, "%." + decimals + "f", number);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
}
