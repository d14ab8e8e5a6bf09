package io.loomkeeper.sim;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Runs one seed, for a caller that may know this class under another loader: the rule that broke,
 * the step and words, or null.
 */
final class Hunt implements LongFunction<@Nullable String> {
    private final Plan.Wish wish;

    Hunt() {
        this(Plan.Wish.NONE);
    }

    Hunt(Plan.Wish wish) {
        this.wish = wish;
    }

    @Override
    public @Nullable String apply(long seed) {
        Simulation.Outcome outcome = new Simulation(Plan.of(seed, wish)).run();
        Violation violation = outcome.violation();
        return violation == null
                ? null
                : violation.rule() + " at step " + outcome.steps() + ": " + violation.getMessage();
    }
}
