package io.loomkeeper.sim;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** {@code bin/sim}: runs one seed, or fresh seeds for hours. */
final class SimMain {
    private static final String USAGE =
            """
            bin/sim [SEED] [--steps N] [--servers N] [--clients N] [--without FAULT,...] [--words]
                    [--shrink N] [--seeds N] [--hours H] [--mutants all|NAME [--minutes N]]
            SEED          this one; without it, fresh ones
            --steps N     how long a run is (10000)
            --servers N   voters, instead of what the seed says
            --without     faults that do not happen
            --words       tell what happens in the last steps, also if nothing is wrong
            --shrink N    make the first failure smaller, for N seconds
            --seeds N     so many fresh seeds (100)
            --hours H     fresh seeds for so long
            --reach MARK  instead, the seeds from SEED or 1 on that reach a rare situation
            --mutants M   instead, look for mistakes put into the core: one by name, or all
            --minutes N   for each of them, or for this search, at most (10)
            """;

    /** What the command line says. */
    private static final class Wishes {
        private long steps = 10_000;
        private int servers;
        private int clients;
        private final Set<Fault> without = EnumSet.noneOf(Fault.class);
        private @Nullable Long seed;
        private int seeds = 100;
        private double hours;
        private long shrinkSeconds;
        private boolean inWords;
        private String mutants = "";
        private @Nullable Mark reach;
        private double minutes = 10;

        Plan.Wish wish() {
            return new Plan.Wish(steps, servers, without, clients);
        }
    }

    private SimMain() {}

    public static void main(String[] words) throws ReflectiveOperationException {
        Wishes wishes = parse(Arrays.asList(words).iterator());
        if (!wishes.mutants.isEmpty()) {
            System.exit(mutants(wishes));
        }
        if (wishes.reach != null) {
            System.exit(reach(wishes, wishes.reach));
        }
        System.exit(wishes.seed != null ? one(wishes) : many(wishes));
    }

    private static Wishes parse(Iterator<String> words) {
        Wishes wishes = new Wishes();
        while (words.hasNext()) {
            String word = words.next();
            switch (word) {
                case "--steps" -> wishes.steps = Long.parseLong(words.next());
                case "--servers" -> wishes.servers = Integer.parseInt(words.next());
                case "--clients" -> wishes.clients = Integer.parseInt(words.next());
                case "--seeds" -> wishes.seeds = Integer.parseInt(words.next());
                case "--shrink" -> wishes.shrinkSeconds = Long.parseLong(words.next());
                case "--hours" -> wishes.hours = Double.parseDouble(words.next());
                case "--mutants" -> wishes.mutants = words.next();
                case "--reach" -> wishes.reach = Mark.valueOf(words.next());
                case "--minutes" -> wishes.minutes = Double.parseDouble(words.next());
                case "--words" -> wishes.inWords = true;
                case "--without" -> {
                    for (String fault : words.next().split(",", -1)) {
                        wishes.without.add(Fault.valueOf(fault.toUpperCase(Locale.ROOT)));
                    }
                }
                default -> {
                    if (!word.matches("-?\\d+")) {
                        System.err.print(USAGE);
                        System.exit(2);
                    }
                    wishes.seed = Long.parseLong(word);
                }
            }
        }
        return wishes;
    }

    private static int one(Wishes wishes) {
        Plan plan = Plan.of(Objects.requireNonNull(wishes.seed), wishes.wish());
        System.out.println(plan);
        Campaign campaign = new Campaign();
        Simulation.Outcome outcome = campaign.run(plan);
        if (wishes.inWords && outcome.violation() == null) {
            outcome = new Simulation(plan).run(outcome.steps() - 400);
            outcome.lines().forEach(System.out::println);
        }
        campaign.report().forEach(System.out::println);
        return tell(campaign.failures(), wishes);
    }

    private static int many(Wishes wishes) {
        Campaign campaign = new Campaign();
        SplittableRandom seeds = new SplittableRandom(System.nanoTime());
        long untilNs = System.nanoTime() + (long) (wishes.hours * 3600e9);
        for (int i = 0; wishes.hours > 0 ? System.nanoTime() < untilNs : i < wishes.seeds; i++) {
            campaign.run(Plan.of(seeds.nextLong(2 * Plan.STRICT_SYNCS), wishes.wish()));
            if (campaign.failures().size() >= 10) {
                break;
            }
        }
        campaign.report().forEach(System.out::println);
        return tell(campaign.failures(), wishes);
    }

    private static int reach(Wishes wishes, Mark mark) {
        long untilNs = System.nanoTime() + (long) (wishes.minutes * 60e9);
        int found = 0;
        for (long seed = wishes.seed == null ? 1 : wishes.seed; found < 10; seed++) {
            long count = new Simulation(Plan.of(seed, wishes.wish())).run().marks().count(mark);
            if (count > 0) {
                System.out.println(mark + " in seed " + seed + ": " + count);
                found++;
            }
            if (System.nanoTime() > untilNs) {
                break;
            }
        }
        return found > 0 ? 0 : 1;
    }

    private static int mutants(Wishes wishes) throws ReflectiveOperationException {
        int missed = 0;
        for (Mistake mutant : Mistake.all()) {
            if (wishes.mutants.equals("all") || wishes.mutants.equals(mutant.name())) {
                long first = wishes.seed == null ? mutant.firstSeed() : wishes.seed;
                Mistake.Catch caught = mutant.hunt(first, (long) (wishes.minutes * 60e9));
                System.out.println(caught.line());
                missed += caught.found() == null ? 1 : 0;
            }
        }
        return missed;
    }

    /** The first failure is made smaller, if there is time for it. */
    private static int tell(List<Simulation.Outcome> failures, Wishes wishes) {
        for (Simulation.Outcome failure : failures) {
            Campaign.describe(failure).forEach(System.out::println);
        }
        if (!failures.isEmpty() && wishes.shrinkSeconds > 0) {
            long forNs = wishes.shrinkSeconds * 1_000_000_000L;
            Simulation.Outcome small =
                    new Shrinker(failures.getFirst(), wishes.wish(), forNs).shrink();
            System.out.println("smaller:");
            Campaign.describe(small).forEach(System.out::println);
        }
        return failures.isEmpty() ? 0 : 1;
    }
}
