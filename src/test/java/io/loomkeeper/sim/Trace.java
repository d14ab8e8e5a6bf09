package io.loomkeeper.sim;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/** What happened: always as one number that differs when anything does, on demand in words. */
final class Trace {
    private static final int LINES_KEPT = 80;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private long hash = 0x9e3779b97f4a7c15L;
    private final Supplier<String> prefix;
    private boolean inWords;

    /**
     * @param prefix of each line
     */
    Trace(Supplier<String> prefix) {
        this.prefix = prefix;
    }

    void startWords() {
        inWords = true;
    }

    void mix(long value) {
        hash = (hash ^ value) * 0xff51afd7ed558ccdL;
        hash ^= hash >>> 32;
    }

    void say(Supplier<String> words) {
        if (inWords) {
            if (lines.size() == LINES_KEPT) {
                lines.removeFirst();
            }
            lines.add(prefix.get() + words.get());
        }
    }

    long hash() {
        return hash;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
