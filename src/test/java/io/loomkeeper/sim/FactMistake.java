package io.loomkeeper.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A mistake that the simulator does not look for, because what it is made in is simulated there, or
 * does not find by the rule that it breaks: the fact fails that stands against it.
 */
interface FactMistake {
    /** All that are known. */
    static List<FactMistake> all() {
        ArrayList<FactMistake> all = new ArrayList<>(List.of(LogMutant.values()));
        all.addAll(List.of(FactMutant.values()));
        all.addAll(List.of(BoundMutant.values()));
        all.addAll(List.of(CoreMutant.values()));
        return all;
    }

    /**
     * How it is made.
     *
     * @param rules which it breaks
     * @param fact that fails then
     */
    record Recipe(String rules, Fact fact, List<Mutation> mutations) {}

    String name();

    Recipe recipe();

    /** Which rules it breaks. */
    default List<String> rules() {
        return List.of(recipe().rules().split(", "));
    }

    /** As it stands in the table of docs/invariants.md. */
    default String row() {
        Fact fact = recipe().fact();
        String mistake = name().toLowerCase(Locale.ROOT).replace('_', ' ');
        String test = fact.test().substring(fact.test().lastIndexOf('.') + 1);
        return "| %s | %s | `%s` %s |".formatted(recipe().rules(), mistake, test, fact.method());
    }
}
