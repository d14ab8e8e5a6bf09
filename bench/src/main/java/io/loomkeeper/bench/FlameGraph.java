package io.loomkeeper.bench;

import java.util.Locale;

/**
 * Folded stacks as a picture that can be zoomed: as wide as its weight each call, callees above
 * their caller. One page of HTML with a script of its own, and nothing from elsewhere.
 */
final class FlameGraph {
    private static final int ROW = 18;
    private static final double NARROWEST = 0.0004;

    private final Markup page = new Markup();
    private final long total;
    private final String unit;
    private int deepest;

    private FlameGraph(StackFold fold, String unit) {
        this.total = Math.max(1, fold.root().weight());
        this.unit = unit;
    }

    /**
     * The page.
     *
     * @param about what was recorded, in a sentence
     * @param unit of the weights, in the plural
     */
    static String of(String title, String about, StackFold fold, String unit) {
        FlameGraph graph = new FlameGraph(fold, unit);
        Markup calls = new Markup();
        graph.write(fold.root(), 0, 0, calls);
        graph.head(title, about);
        graph.page.add(
                "<div id=\"graph\" style=\"height:%spx\">".formatted((graph.deepest + 1) * ROW));
        graph.page.add(calls.text()).add("</div>");
        graph.page.add(SCRIPT).add("</main></body></html>");
        return graph.page.text();
    }

    private void head(String title, String about) {
        page.add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        page.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.add("<title>" + Markup.escaped(title) + "</title>")
                .add(STYLE)
                .add("</head><body><main>");
        page.add("<h1>" + Markup.escaped(title) + "</h1>");
        page.add("<p>" + Markup.escaped(about) + "</p>");
        page.add(
                "<p>As wide as its share of all %s; callers below, callees above. Click to zoom, click \u201call\u201d to return;"
                                .formatted(Markup.escaped(unit))
                        + " find: <input id=\"find\" placeholder=\"part of a name\"> <output id=\"found\"></output></p>");
    }

    /** One call and what it calls; what is too narrow to be seen is left out. */
    private void write(StackFold.Frame frame, int depth, long before, Markup calls) {
        double width = (double) frame.weight() / total;
        if (width < NARROWEST) {
            return;
        }
        deepest = Math.max(deepest, depth);
        String share = String.format(Locale.ROOT, "%.2f", 100 * width);
        String name = Markup.escaped(frame.name());
        calls.add(
                "<div data-x=\"%s\" data-w=\"%s\" data-d=\"%s\" style=\"left:%s%%;width:%s%%;bottom:%spx;background:%s\" title=\"%s (%s %%)\">%s</div>"
                        .formatted(
                                fraction((double) before / total),
                                fraction(width),
                                depth,
                                fraction(100.0 * before / total),
                                fraction(100 * width),
                                depth * ROW,
                                colour(frame.name()),
                                name,
                                share,
                                name));
        long at = before;
        for (StackFold.Frame callee : frame.callees()) {
            write(callee, depth + 1, at, calls);
            at += callee.weight();
        }
    }

    private static String fraction(double number) {
        return String.format(Locale.ROOT, "%.5f", number);
    }

    /** The same for the same class, warm. */
    private static String colour(String name) {
        int hash = name.substring(0, Math.max(0, name.lastIndexOf('.'))).hashCode();
        return "hsl(%s 75%% %s%%)"
                .formatted(15 + Math.floorMod(hash, 40), 60 + Math.floorMod(hash >> 8, 16));
    }

    private static final String STYLE =
            """
            <style>
            body { font: 14px system-ui, sans-serif; margin: 0; background: Canvas; color: CanvasText; color-scheme: light dark; }
            main { padding: 20px; }
            h1 { font-size: 22px; margin: 0 0 6px; }
            p { margin: 4px 0 10px; }
            #graph { position: relative; }
            #graph div { position: absolute; height: 17px; line-height: 17px; overflow: hidden; white-space: nowrap; cursor: pointer;
              font-size: 12px; padding: 0 3px; box-sizing: border-box; color: #1c1206; border-radius: 2px; border-right: 1px solid Canvas; }
            #graph div.hit { outline: 2px solid #6a1fb5; outline-offset: -2px; }
            </style>""";

    private static final String SCRIPT =
            """
            <script>
            const calls = [...document.querySelectorAll('#graph div')].map(e => ({e, x: +e.dataset.x, w: +e.dataset.w, d: +e.dataset.d}));
            function zoom(to) {
              for (const c of calls) {
                const above = c.d < to.d && c.x <= to.x + 1e-6 && c.x + c.w >= to.x + to.w - 1e-6;
                const left = above ? 0 : (c.x - to.x) / to.w, width = above ? 1 : c.w / to.w;
                c.e.style.display = left + width <= 1e-6 || left >= 1 - 1e-6 ? 'none' : '';
                c.e.style.left = 100 * left + '%'; c.e.style.width = 100 * width + '%';
              }
            }
            calls.forEach(c => c.e.onclick = () => zoom(c));
            document.getElementById('find').oninput = event => {
              const text = event.target.value.toLowerCase(); let covered = 0; const hits = [];
              for (const c of calls) {
                const hit = text && c.e.textContent.toLowerCase().includes(text);
                c.e.classList.toggle('hit', !!hit);
                if (hit && !hits.some(h => h.d < c.d && h.x <= c.x + 1e-9 && h.x + h.w >= c.x + c.w - 1e-9)) { hits.push(c); covered += c.w; }
              }
              document.getElementById('found').value = text ? (100 * covered).toFixed(1) + ' % of all' : '';
            };
            </script>""";
}
