package io.loomkeeper.conformance;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a script that shows a difference as short as it can in the time it is given, by leaving
 * parts out.
 */
final class Shrinker {
    private final Predicate<List<Step>> differs;
    private final long deadlineNanos;

    /**
     * Prepares to shrink.
     *
     * @param differs plays a script and says whether the two servers still part
     */
    Shrinker(Predicate<List<Step>> differs, int withinSeconds) {
        this.differs = differs;
        this.deadlineNanos = System.nanoTime() + SECONDS.toNanos(withinSeconds);
    }

    /**
     * A script that still shows a difference: {@code script} itself, if no shorter one was found.
     */
    List<Step> shrink(List<Step> script) {
        List<Step> steps = withoutParts(script, differs);
        for (int i = steps.size() - 1; i >= 0 && hasTime(); i--) {
            if (steps.get(i) instanceof Step.Batch(int client, List<Op> ops) && ops.size() > 1) {
                List<Step> around = steps;
                int at = i;
                List<Op> fewer =
                        withoutParts(ops, kept -> differs.test(with(around, at, client, kept)));
                steps = with(steps, i, client, fewer);
            }
        }
        return withoutParts(steps, differs);
    }

    private static List<Step> with(List<Step> steps, int at, int client, List<Op> ops) {
        List<Step> changed = new ArrayList<>(steps);
        changed.set(at, new Step.Batch(client, ops));
        return changed;
    }

    /** Leaves out ever smaller runs of elements for as long as the rest still differs. */
    private <T> List<T> withoutParts(List<T> whole, Predicate<List<T>> isGood) {
        List<T> kept = whole;
        for (int length = Math.max(1, whole.size() / 2); length > 0; length /= 2) {
            for (int from = kept.size() - length; from >= 0 && hasTime(); from -= length) {
                List<T> rest = new ArrayList<>(kept.subList(0, from));
                rest.addAll(kept.subList(Math.min(from + length, kept.size()), kept.size()));
                if (!rest.isEmpty() && isGood.test(rest)) {
                    kept = rest;
                }
            }
        }
        return kept;
    }

    private boolean hasTime() {
        return System.nanoTime() < deadlineNanos;
    }
}
