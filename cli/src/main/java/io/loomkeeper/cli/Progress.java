package io.loomkeeper.cli;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/**
 * How far a long piece of work is, as a line that is written over and over; nothing where nobody
 * looks.
 */
final class Progress implements AutoCloseable {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int WIDTH = 30;

    private final PrintWriter out;
    private final boolean isShown;
    private final String what;
    private final long total;
    private final long startNs = System.nanoTime();
    private long done;
    private long shownNs = startNs;

    /**
     * @param isShown false: nothing is written
     * @param total 0 when it is not known
     */
    Progress(PrintWriter out, boolean isShown, String what, long total) {
        this.out = out;
        this.isShown = isShown;
        this.what = what;
        this.total = total;
    }

    void advance(long more) {
        done += more;
        if (isShown && System.nanoTime() - shownNs >= STEP_NS) {
            shownNs = System.nanoTime();
            out.print("\r" + line());
            out.flush();
        }
    }

    private String line() {
        if (total <= 0) {
            return "%s  %,d".formatted(what, done);
        }
        double part = Math.min(1, (double) done / total);
        int full = (int) (part * WIDTH);
        long elapsedS = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
        return "%s  [%s%s] %3d %%  %,d of %,d  %d s"
                .formatted(
                        what,
                        "=".repeat(full),
                        " ".repeat(WIDTH - full),
                        (int) (part * 100),
                        done,
                        total,
                        elapsedS);
    }

    /** Wipes the line. */
    @Override
    public void close() {
        if (isShown && shownNs != startNs) {
            out.print("\r" + " ".repeat(line().length()) + "\r");
            out.flush();
        }
    }
}
