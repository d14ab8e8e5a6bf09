package io.loomkeeper.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A mistake that some server has had, put into ours: the simulator has to find each. */
interface Mistake {
    /** All that are known. */
    static List<Mistake> all() {
        ArrayList<Mistake> all = new ArrayList<>(List.of(Mutant.values()));
        all.addAll(List.of(MemberMutant.values()));
        all.addAll(List.of(ClientMutant.values()));
        all.addAll(List.of(DiskMutant.values()));
        return all;
    }

    /**
     * How it is made.
     *
     * @param origin where it comes from, and which rule it breaks
     */
    record Recipe(String origin, List<Mutation> mutations) {}

    String name();

    Recipe recipe();

    /**
     * From where on seeds are tried: a mistake that does harm once in very many runs has its own.
     */
    default long firstSeed() {
        return 1;
    }

    default String origin() {
        return recipe().origin();
    }

    /**
     * How it was found.
     *
     * @param found the rule and words; null when it was not
     */
    record Catch(Mistake mistake, long seed, long runs, long tookNs, @Nullable String found) {
        String line() {
            return String.format(
                    Locale.ROOT,
                    "%-45s %8.1f s %6d runs, seed %d: %s",
                    mistake,
                    tookNs / 1e9,
                    runs,
                    seed,
                    found == null
                            ? "NOT FOUND"
                            : found.substring(0, Math.min(110, found.length())));
        }
    }

    /** Runs seeds from {@code firstSeed} on until a rule breaks or the time is over. */
    default Catch hunt(long firstSeed, long forNs) throws ReflectiveOperationException {
        LongFunction<@Nullable String> hunt = new MutantLoader(recipe().mutations()).hunt();
        long beganNs = System.nanoTime();
        long seed = firstSeed;
        String found = hunt.apply(seed);
        while (found == null && System.nanoTime() - beganNs < forNs) {
            found = hunt.apply(++seed);
        }
        return new Catch(this, seed, seed - firstSeed + 1, System.nanoTime() - beganNs, found);
    }
}
