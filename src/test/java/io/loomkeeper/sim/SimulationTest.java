package io.loomkeeper.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole ensembles in a simulated world, with every rule checked after every step. A failure prints
 * the command that shows it again; docs/simulation.md says how to read it.
 */
final class SimulationTest {
    private static final int FIXED_SEEDS = 400;
    private static final int STRICT_SEEDS = 100;
    private static final long FRESH_NS = 15_000_000_000L;
    private static final long HUNT_NS = 300_000_000_000L;
    private static final Plan.Wish USUAL = Plan.Wish.NONE;

    /**
     * Beyond the fixed ones, found by {@code bin/sim --reach}: one in about a hundred has a
     * reconfiguration that is given up, one in several hundred a learner that was being sent a
     * state, lost its leader, and needs no state from the next.
     */
    private static final List<Long> SEEDS_OF_RARE_MARKS =
            List.of(601L, 680L, 713L, 931L, 939L, 1294L, 1997L, 2791L, 3285L, 3473L);

    /** How many rules there are of each kind. */
    private static final Map<String, Integer> RULES =
            Map.of("S", 24, "D", 12, "T", 8, "E", 10, "L", 6, "C", 13);

    @Test
    void ensemblesKeepAllRulesInFixedSeeds() {
        Campaign campaign = new Campaign();

        LongStream.rangeClosed(1, FIXED_SEEDS).forEach(seed -> campaign.run(Plan.of(seed, USUAL)));
        SEEDS_OF_RARE_MARKS.forEach(seed -> campaign.run(Plan.of(seed, USUAL)));

        assertNothingBroke(campaign);
        assertEquals(List.of(), neverReached(campaign.marks()));
    }

    @Test
    void syncsThatAreStrictAreNeverStale() {
        Campaign campaign = new Campaign();

        LongStream.rangeClosed(1, STRICT_SEEDS)
                .forEach(seed -> campaign.run(Plan.of(Plan.STRICT_SYNCS + seed, USUAL)));

        assertNothingBroke(campaign);
    }

    @Test
    void ensemblesKeepAllRulesInFreshSeeds() {
        SplittableRandom seeds = new SplittableRandom();
        Campaign campaign = new Campaign();
        long untilNs = System.nanoTime() + FRESH_NS;

        while (System.nanoTime() < untilNs && campaign.failures().isEmpty()) {
            campaign.run(Plan.of(seeds.nextLong(2 * Plan.STRICT_SYNCS), USUAL));
        }

        System.out.println("simulation of fresh seeds: " + campaign.report().getFirst());
        assertNothingBroke(campaign);
    }

    private static void assertNothingBroke(Campaign campaign) {
        ArrayList<String> told = new ArrayList<>();
        campaign.failures().stream().limit(3).map(Campaign::describe).forEach(told::addAll);
        assertTrue(told.isEmpty(), () -> String.join("\n", told));
    }

    private static List<Mark> neverReached(Marks marks) {
        return Arrays.stream(Mark.values()).filter(mark -> marks.count(mark) == 0).toList();
    }

    @Test
    void seedDecidesEverything() {
        for (long seed = 1; seed <= 20; seed++) {
            Simulation.Outcome once = new Simulation(Plan.of(seed, USUAL)).run();
            Simulation.Outcome again = new Simulation(Plan.of(seed, USUAL)).run();

            assertEquals(once.hash(), again.hash(), "seed " + seed);
            assertEquals(once.steps(), again.steps(), "seed " + seed);
        }
    }

    @Test
    void seedsDiffer() {
        assertNotEquals(
                new Simulation(Plan.of(1, USUAL)).run().hash(),
                new Simulation(Plan.of(2, USUAL)).run().hash());
    }

    /** A rule that no mistake can break, or that no check looks at, would say nothing. */
    @ParameterizedTest
    @EnumSource
    void everyMistakeIsFound(Mutant mutant) throws ReflectiveOperationException {
        assertIsFound(mutant);
    }

    @ParameterizedTest
    @EnumSource
    void everyMistakeAboutMembersIsFound(MemberMutant mutant) throws ReflectiveOperationException {
        assertIsFound(mutant);
    }

    @ParameterizedTest
    @EnumSource
    void everyMistakeAgainstClientsIsFound(ClientMutant mutant)
            throws ReflectiveOperationException {
        assertIsFound(mutant);
    }

    @ParameterizedTest
    @EnumSource
    void everyMistakeAboutDisksIsFound(DiskMutant mutant) throws ReflectiveOperationException {
        assertIsFound(mutant);
    }

    @ParameterizedTest
    @EnumSource
    void everyMistakeAgainstARuleIsFoundByThatRule(RuleMutant mutant)
            throws ReflectiveOperationException {
        String found = assertIsFound(mutant);

        assertTrue(found.startsWith(mutant.rules().getFirst() + " "), found);
    }

    private static String assertIsFound(Mistake mistake) throws ReflectiveOperationException {
        Mistake.Catch caught = mistake.hunt(mistake.firstSeed(), HUNT_NS);

        assertNotNull(caught.found(), caught::line);
        return caught.found();
    }

    /** Of docs/invariants.md: one that is found, as shown above, or that a fact fails for. */
    @Test
    void everyRuleHasAMistake() {
        TreeSet<String> without = new TreeSet<>();
        RULES.forEach(
                (letter, count) -> {
                    for (int i = 1; i <= count; i++) {
                        without.add(letter + i);
                    }
                });

        Mistake.all().forEach(mistake -> without.removeAll(mistake.rules()));
        FactMistake.all().forEach(mistake -> without.removeAll(mistake.rules()));

        assertEquals(Set.of(), without);
    }
}
