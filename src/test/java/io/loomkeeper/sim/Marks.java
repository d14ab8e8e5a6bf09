package io.loomkeeper.sim;

import java.util.EnumMap;

/** How often each {@link Mark} was reached. */
final class Marks {
    private final EnumMap<Mark, Long> counts = new EnumMap<>(Mark.class);

    void reach(Mark mark) {
        counts.merge(mark, 1L, Long::sum);
    }

    long count(Mark mark) {
        return counts.getOrDefault(mark, 0L);
    }

    void add(Marks other) {
        other.counts.forEach((mark, count) -> counts.merge(mark, count, Long::sum));
    }
}
