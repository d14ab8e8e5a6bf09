package io.loomkeeper.sim;

/** How often each {@link Mark} was reached. */
final class Marks {
    private final long[] counts = new long[Mark.values().length];

    void reach(Mark mark) {
        counts[mark.ordinal()]++;
    }

    long count(Mark mark) {
        return counts[mark.ordinal()];
    }

    void add(Marks other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }
}
