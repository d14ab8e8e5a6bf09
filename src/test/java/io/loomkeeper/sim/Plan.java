package io.loomkeeper.sim;

import io.loomkeeper.zab.Majority;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What a seed decides beforehand: how large the ensemble is, how it is configured, what goes wrong
 * and how often (a swarm: each seed has its own mixture).
 *
 * @param steps after how many the run ends
 * @param perSecond how often each fault comes, per second of virtual time in a bad period
 */
record Plan(
        long seed,
        long steps,
        Electorate electorate,
        int observers,
        Tuning tuning,
        Speeds speeds,
        Load load,
        Sessions sessions,
        Changes changes,
        Map<Fault, Double> perSecond,
        String command) {
    private static final int VOTERS_MAX = 7;

    /** Leaders answer syncs strictly in runs of seeds with this bit. */
    static final long STRICT_SYNCS = 1L << 41;

    /**
     * What an operator would configure.
     *
     * @param lastCounter of an epoch: some end after few transactions
     */
    record Tuning(
            int tickTimeMs,
            int initLimit,
            int syncLimit,
            int connectLimit,
            int commitLogCount,
            int lastCounter,
            int finalizeWaitMs,
            int notificationMs) {}

    /**
     * How fast the world is.
     *
     * @param latencyUs of the network, at least and at most
     * @param forceUs of a disk, at least and at most
     * @param journalMax how many transactions may wait for the disk
     * @param queueBytesMax what may wait on a link
     * @param snapshotEvery so many transactions
     * @param clockDrift at most, as a fraction
     */
    record Speeds(
            Range latencyUs,
            Range forceUs,
            int journalMax,
            int queueBytesMax,
            int snapshotEvery,
            double clockDrift) {}

    record Range(long least, long most) {}

    /**
     * What clients do.
     *
     * @param thinkUs between two requests of a client
     * @param pipelined requests of a client that may be under way
     */
    record Load(int clients, long thinkUs, int pipelined) {}

    /**
     * How long sessions last, and what their clients do to them, each per request.
     *
     * @param moves the chance that a client goes to another server
     * @param vanishes that it falls silent, perhaps for longer than its session lasts
     * @param closes that it ends its session
     */
    record Sessions(
            int timeoutMinMs, int timeoutMaxMs, double moves, double vanishes, double closes) {}

    /**
     * How the members change.
     *
     * @param chance that a request asks for others; 0: they never change
     * @param votersMin that an ensemble keeps
     */
    record Changes(double chance, int votersMin) {}

    /** What the command line may fix; the rest is the seed's. */
    record Wish(long steps, int servers, Set<Fault> without, int clients) {
        static final Wish NONE = new Wish(10_000, 0, EnumSet.noneOf(Fault.class), 0);

        String words() {
            StringBuilder words = new StringBuilder(" --steps ").append(steps);
            if (servers > 0) {
                words.append(" --servers ").append(servers);
            }
            if (clients > 0) {
                words.append(" --clients ").append(clients);
            }
            if (!without.isEmpty()) {
                words.append(" --without ")
                        .append(without.stream().map(Fault::name).collect(Collectors.joining(",")));
            }
            return words.toString();
        }
    }

    static Plan of(long seed, Wish wish) {
        Chance chance = new Chance(new SplittableRandom(seed));
        int voters = votersOf(chance);
        if (wish.servers > 0) {
            voters = Math.min(wish.servers, VOTERS_MAX);
        }
        int observers = chance.hits(0.3) ? 1 + chance.below(2) : 0;
        Tuning tuning = tuning(chance.split());
        Speeds speeds = speeds(chance.split());
        Chance load = chance.split();
        int clients = wish.clients > 0 ? wish.clients : 1 + load.below(6);
        EnumMap<Fault, Double> faults = faults(chance.split(), wish.without);
        Electorate electorate = electorate(voters, chance);
        Sessions sessions = sessions(tuning, chance.split());
        Changes changes = changes(electorate, chance);
        if (changes.chance == 0) {
            faults.remove(Fault.DEATH_DURING_RECONFIGURATION);
        }
        return new Plan(
                seed,
                wish.steps,
                electorate,
                observers,
                tuning,
                speeds,
                new Load(clients, thinkUs(tuning, load), (int) load.spread(1, 20)),
                sessions,
                changes,
                Collections.unmodifiableMap(faults),
                "bin/sim " + seed + wish.words());
    }

    private static Electorate electorate(int voters, Chance chance) {
        return chance.hits(0.12)
                ? Electorate.hierarchy(voters, chance)
                : Electorate.majority(voters);
    }

    /** Of majorities alone. Drawn last: it disturbs nothing else of a seed. */
    private static Changes changes(Electorate electorate, Chance chance) {
        boolean isChanging = chance.hits(0.35) && electorate.quorum() instanceof Majority;
        return isChanging
                ? new Changes(chance.spread(2, 100) / 1000.0, chance.hits(0.5) ? 1 : 2)
                : new Changes(0, 2);
    }

    private static long thinkUs(Tuning tuning, Chance load) {
        long tickUs = tuning.tickTimeMs * 1000L;
        return load.spread(tickUs / 50, tickUs);
    }

    private static Sessions sessions(Tuning tuning, Chance chance) {
        int least = tuning.tickTimeMs * (int) chance.between(2, 4);
        return new Sessions(
                least,
                least * (int) chance.between(1, 3),
                chance.spread(1, 50) / 1000.0,
                chance.spread(1, 20) / 1000.0,
                chance.spread(1, 20) / 1000.0);
    }

    private static int votersOf(Chance chance) {
        int drawn = chance.below(20);
        if (drawn < 11) {
            return 3;
        }
        return drawn < 16 ? 5 : 1 + chance.below(VOTERS_MAX);
    }

    private static Tuning tuning(Chance chance) {
        return new Tuning(
                (int) chance.spread(50, 2000),
                (int) chance.between(3, 12),
                (int) chance.between(2, 8),
                chance.hits(0.5) ? 0 : (int) chance.between(2, 8),
                (int) chance.spread(1, 500),
                chance.hits(0.8) ? 0xffff_fff0 : (int) chance.spread(3, 200),
                chance.hits(0.8) ? 200 : (int) chance.between(1, 400),
                chance.hits(0.8) ? 200 : (int) chance.between(20, 400));
    }

    private static Speeds speeds(Chance chance) {
        long latencyUs = chance.spread(50, 5_000);
        long forceUs = chance.spread(100, 10_000);
        return new Speeds(
                new Range(latencyUs, latencyUs * chance.spread(1, 20)),
                new Range(forceUs, forceUs * chance.spread(1, 20)),
                (int) chance.spread(2, 2_000),
                (int) chance.spread(3_000, 1_000_000),
                (int) chance.spread(2, 60),
                chance.hits(0.5) ? 0 : 0.05);
    }

    private static EnumMap<Fault, Double> faults(Chance chance, Set<Fault> without) {
        EnumMap<Fault, Double> rates = new EnumMap<>(Fault.class);
        double intensity = chance.spread(2, 100) / 4.0;
        for (Fault fault : Fault.values()) {
            double rate = intensity * chance.spread(1, 100) / 100 * fault.rate;
            if (chance.hits(fault.share) && !without.contains(fault)) {
                rates.put(fault, rate);
            }
        }
        return rates;
    }

    /** At first. */
    int voters() {
        return electorate.voters();
    }

    /** Whether members come and go. */
    boolean isChanging() {
        return changes.chance > 0;
    }

    boolean hasStrictSyncs() {
        return (seed & STRICT_SYNCS) != 0;
    }

    int servers() {
        return voters() + observers;
    }
}
