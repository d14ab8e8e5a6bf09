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
            List<Step> around = steps;
            int at = i;
            Step shorter = shrink(steps.get(i), step -> differs.test(with(around, at, step)));
            steps = with(steps, i, shorter);
        }
        return withoutParts(steps, differs);
    }

    private Step shrink(Step step, Predicate<Step> isGood) {
        return switch (step) {
            case Step.Batch batch -> shrinkBatch(batch, isGood::test);
            case Step.Together(List<Step.Batch> batches) -> {
                List<Step.Batch> kept =
                        withoutParts(batches, fewer -> isGood.test(new Step.Together(fewer)));
                for (int i = 0; i < kept.size(); i++) {
                    List<Step.Batch> around = kept;
                    int at = i;
                    Step.Batch shorter =
                            shrinkBatch(kept.get(i), b -> isGood.test(together(around, at, b)));
                    kept = together(kept, i, shorter).batches();
                }
                yield new Step.Together(kept);
            }
            case Step.Open _, Step.Reopen _, Step.Drop _, Step.Raw _, Step.Await _ -> step;
        };
    }

    private Step.Batch shrinkBatch(Step.Batch batch, Predicate<Step.Batch> isGood) {
        int client = batch.client();
        Predicate<List<Op>> isGoodOf = kept -> isGood.test(new Step.Batch(client, kept));
        return new Step.Batch(client, withoutParts(batch.ops(), isGoodOf));
    }

    private static Step.Together together(List<Step.Batch> batches, int at, Step.Batch batch) {
        List<Step.Batch> changed = new ArrayList<>(batches);
        changed.set(at, batch);
        return new Step.Together(changed);
    }

    private static List<Step> with(List<Step> steps, int at, Step step) {
        List<Step> changed = new ArrayList<>(steps);
        changed.set(at, step);
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
