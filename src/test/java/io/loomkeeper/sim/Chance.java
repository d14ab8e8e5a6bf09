package io.loomkeeper.sim;

import java.util.SplittableRandom;

/** A stream of chance that depends on the seed alone. */
final class Chance {
    private final SplittableRandom random;

    Chance(SplittableRandom random) {
        this.random = random;
    }

    /** Another stream, which drawing from this one does not disturb. */
    Chance split() {
        return new Chance(random.split());
    }

    boolean hits(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** Both ends included. */
    long between(long least, long most) {
        return least == most ? least : random.nextLong(least, most + 1);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Small values as likely as large ones: evenly spread in the logarithm. Both ends included. */
    long spread(long least, long most) {
        double low = Math.log((double) least);
        double high = Math.log(most + 1.0);
        long drawn = (long) Math.exp(low + random.nextDouble() * (high - low));
        return Math.clamp(drawn, least, most);
    }

    /** The wait for something that happens every {@code mean} on average, at least 1. */
    long delay(long mean) {
        return 1 + (long) (-Math.log(1 - random.nextDouble()) * (double) mean);
    }

    long nextLong() {
        return random.nextLong();
    }
}
