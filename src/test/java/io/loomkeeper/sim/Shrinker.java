package io.loomkeeper.sim;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Makes a failing run smaller: fewer servers, clients, faults and steps, as long as the same rule
 * breaks. What is left out changes what happens, so seeds near by are tried too.
 */
final class Shrinker {
    private static final int SEEDS_TRIED = 12;

    private final long untilNs;
    private final String rule;
    private Simulation.Outcome best;
    private Plan.Wish wish;

    Shrinker(Simulation.Outcome failure, Plan.Wish wish, long forNs) {
        this.best = failure;
        this.wish = wish;
        this.rule = failure.broken().rule();
        this.untilNs = System.nanoTime() + forNs;
    }

    /** The smallest failure found in the time given. */
    Simulation.Outcome shrink() {
        boolean smaller = true;
        while (smaller && System.nanoTime() < untilNs) {
            smaller = false;
            for (Plan.Wish candidate : candidates()) {
                smaller |= tryIt(candidate);
            }
        }
        return best;
    }

    private List<Plan.Wish> candidates() {
        ArrayList<Plan.Wish> candidates = new ArrayList<>();
        Plan plan = best.plan();
        long steps = best.steps() + 1;
        for (int servers = 1; servers < plan.voters(); servers++) {
            candidates.add(new Plan.Wish(steps, servers, wish.without(), wish.clients()));
        }
        if (plan.load().clients() > 1) {
            candidates.add(new Plan.Wish(steps, wish.servers(), wish.without(), 1));
        }
        for (Fault fault : plan.perSecond().keySet()) {
            Set<Fault> without = EnumSet.of(fault);
            without.addAll(wish.without());
            candidates.add(new Plan.Wish(steps, wish.servers(), without, wish.clients()));
        }
        candidates.add(new Plan.Wish(steps / 2, wish.servers(), wish.without(), wish.clients()));
        return candidates;
    }

    private boolean tryIt(Plan.Wish candidate) {
        for (int i = 0; i < SEEDS_TRIED && System.nanoTime() < untilNs; i++) {
            Plan plan = Plan.of(best.plan().seed() + i, candidate);
            Simulation.Outcome outcome = new Simulation(plan).run();
            if (outcome.violation() != null && outcome.violation().rule().equals(rule)) {
                best = outcome;
                wish =
                        new Plan.Wish(
                                outcome.steps(),
                                candidate.servers(),
                                candidate.without(),
                                candidate.clients());
                best = new Simulation(Plan.of(plan.seed(), wish)).run();
                return true;
            }
        }
        return false;
    }
}
