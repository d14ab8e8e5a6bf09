package io.loomkeeper.bench;

import java.io.Console;
import java.io.PrintStream;

/**
 * How far a run of many rounds is, as one line of a terminal that is written over; else nothing.
 */
final class Progress {
    private static final int BAR = 24;
    private static final int LINE = 100;

    private final PrintStream out;
    private final boolean isShown;
    private final int rounds;
    private final long startNs;
    private int done;

    /**
     * @param rounds of about the same length, until all is done
     */
    Progress(int rounds) {
        this(rounds, System.err, isTerminal(), System.nanoTime());
    }

    Progress(int rounds, PrintStream out, boolean isShown, long startNs) {
        this.rounds = rounds;
        this.out = out;
        this.isShown = isShown;
        this.startNs = startNs;
    }

    /** Without a terminal JDK 25 has no console, or one that is none, as it was started. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** A round begins. */
    void begin(String what) {
        if (isShown) {
            out.printf("\r%-" + LINE + "s", line(what, System.nanoTime()));
            out.flush();
        }
    }

    /** The round has ended. */
    void end() {
        done++;
    }

    /** Makes room for other lines. */
    void clear() {
        if (isShown) {
            out.printf("\r%" + LINE + "s\r", "");
            out.flush();
        }
    }

    /** The bar, its percentage, what is done, and about how long it will take. */
    String line(String what, long nowNs) {
        int filled = BAR * done / Math.max(1, rounds);
        String bar = "#".repeat(filled) + "-".repeat(BAR - filled);
        String text =
                "[%s] %3d %%  %s%s"
                        .formatted(bar, 100 * done / Math.max(1, rounds), what, left(nowNs));
        return text.length() <= LINE ? text : text.substring(0, LINE);
    }

    private String left(long nowNs) {
        if (done == 0) {
            return "";
        }
        long seconds = (nowNs - startNs) / done * (rounds - done) / 1_000_000_000;
        return seconds < 90
                ? "; %d s left".formatted(seconds)
                : "; %d min left".formatted((seconds + 30) / 60);
    }
}
