package io.loomkeeper.sim;

import java.util.Map;
import java.util.SplittableRandom;

/**
 * What goes wrong: bad periods, in which the plan's faults come at the plan's rates, and after each
 * a time in which all is mended and everything must come right (L1 to L3, L6).
 */
final class Nemesis {
    private enum Period {
        BAD,
        HEALING,
        CALM
    }

    /** How long everything may take to come right, beyond what the configuration allows. */
    private static final long PATIENCE_US = 30_000_000;

    private final Simulation world;
    private final Chance chance;

    /** For what damages disks: what was drawn before there was any is drawn as before. */
    private final Chance rot;

    private final long tickUs;

    private Period period = Period.CALM;
    private int periods;
    private long deadlineUs;
    private int lateness;

    Nemesis(Simulation world, Chance chance) {
        this.world = world;
        this.chance = chance;
        this.rot = new Chance(new SplittableRandom(world.plan.seed() ^ 0x2545f4914f6cdd1dL));
        this.tickUs = world.plan.tuning().tickTimeMs() * 1000L;
    }

    void begin() {
        for (SimServer server : world.servers) {
            later(chance.between(0, tickUs), server.index, server::start);
        }
        later(tickUs, -1, this::turnBad);
    }

    boolean clientsRest() {
        return period == Period.HEALING;
    }

    boolean ticksAreLate() {
        return lateness > 0;
    }

    long tickLateUs() {
        return lateness > 0 ? chance.between(0, tickUs * 2) : chance.between(0, 2_000);
    }

    long restartDelayUs() {
        return period == Period.HEALING
                ? chance.between(1_000, tickUs)
                : chance.spread(1_000, tickUs * 60);
    }

    private void later(long delayUs, int server, Runnable action) {
        world.agenda.add(delayUs, Agenda.Kind.FAULT, server, action);
    }

    // bad

    private void turnBad() {
        period = Period.BAD;
        int now = ++periods;
        world.trace.say(() -> "a bad period begins");
        for (Map.Entry<Fault, Double> fault : world.plan.perSecond().entrySet()) {
            long meanUs = (long) (tickUs * 10 / fault.getValue());
            if (fault.getKey() == Fault.DAMAGE) {
                repeatDamage(meanUs, now);
            } else {
                repeat(fault.getKey(), meanUs, now);
            }
        }
        later(tickUs * chance.spread(5, 300), -1, this::heal);
    }

    private void repeat(Fault fault, long meanUs, int during) {
        later(
                chance.delay(meanUs),
                -1,
                () -> {
                    if (period == Period.BAD && periods == during) {
                        inflict(fault);
                        repeat(fault, meanUs, during);
                    }
                });
    }

    private void repeatDamage(long meanUs, int during) {
        later(
                rot.delay(meanUs),
                -1,
                () -> {
                    if (period == Period.BAD && periods == during) {
                        damage(world.servers[rot.below(world.servers.length)]);
                        repeatDamage(meanUs, during);
                    }
                });
    }

    /** Leaders suffer more often than others. */
    private SimServer anyServer() {
        SimServer leader = world.leader();
        if (leader != null && chance.hits(0.25)) {
            return leader;
        }
        return world.servers[chance.below(world.servers.length)];
    }

    private long whileUs() {
        return chance.hits(0.5)
                ? chance.spread(1_000, tickUs * 40)
                : chance.between(tickUs, tickUs * 4 * world.plan.tuning().syncLimit());
    }

    private void inflict(Fault fault) {
        SimServer server = anyServer();
        world.trace.say(() -> fault + " at " + server);
        world.faults++;
        switch (fault) {
            case CUT -> cut();
            case STALL -> block(server.index, anyServer().index, whileUs());
            case PARTITION -> partition(whileUs());
            case SLOW_LINK -> slow(server.index, anyServer().index);
            case SLOW_CONNECTION -> {
                Connection connection = world.network.anyConnection();
                if (connection != null) {
                    slow(connection);
                }
            }
            case DAMAGE,
                    DEATH_DURING_REWRITE,
                    DEATH_DURING_RECONFIGURATION,
                    SHORT_LEADERSHIP,
                    ISOLATED_LEADER -> {}
            case WIPE -> wipe(server);
            case NO_DIAL -> {
                world.network.refuseDials(server.index, 1);
                later(whileUs(), -1, () -> world.network.refuseDials(server.index, -1));
            }
            case POWER_LOSS -> server.die(SimServer.Death.POWER_LOSS);
            case BLACKOUT -> blackout();
            case KILL -> server.die(SimServer.Death.KILLED);
            case HAND_OVER -> {
                SimServer leader = world.leader();
                if (leader != null) {
                    leader.post(() -> leader.peer().handOver());
                }
            }
            case KILL_BETWEEN_EFFECTS -> server.killAfter(chance.below(80));
            case PAUSE -> server.pause(whileUs());
            case IO_ERROR -> server.disk().failNext();
            case FULL_DISK -> {
                server.disk().fill(true);
                later(whileUs(), server.index, () -> server.disk().fill(false));
            }
            case SLOW_DISK -> {
                server.disk().slowDown(chance.spread(2, 1_000));
                later(whileUs(), server.index, () -> server.disk().slowDown(1));
            }
            case LATE_TICKS -> {
                lateness++;
                later(whileUs(), -1, () -> lateness = Math.max(0, lateness - 1));
            }
        }
    }

    /** Now and then the learner loses it, and is back before all that it said has come. */
    private void slow(Connection connection) {
        boolean atLeader = chance.hits(0.5);
        long byUs = whileUs();
        (atLeader ? connection.leader : connection.learner).extraUs = byUs;
        if (atLeader && chance.hits(0.5)) {
            later(
                    chance.between(0, byUs),
                    connection.learner.server.index,
                    () -> world.network.breakAtLearner(connection));
        }
    }

    private void cut() {
        if (chance.hits(0.3)) {
            world.network.elections().breakAny();
            return;
        }
        Connection late = world.network.lateConnection();
        Connection connection = world.network.anyConnection();
        if (late != null) {
            world.network.breakAtLearner(late);
        } else if (connection != null) {
            world.network.breakUp(connection);
        }
    }

    private void blackout() {
        world.marks.reach(Mark.ALL_SERVERS_DOWN);
        for (SimServer server : world.servers) {
            server.die(SimServer.Death.POWER_LOSS);
        }
    }

    private void wipe(SimServer server) {
        if (maySpare(server)) {
            server.die(SimServer.Death.POWER_LOSS);
            server.disk().wipe(world.emptyTree());
        }
    }

    /** So few disks are lost that every quorum has a server left that remembers (S19). */
    private boolean maySpare(SimServer server) {
        return world.configs.inUse().stream()
                .allMatch(c -> c.electorate.isQuorum(voter -> remembers(voter, server)));
    }

    /**
     * The disk of a server that does not start for it is replaced by an empty one, as an operator
     * would; only if that is safe is there any damage.
     */
    private void damage(SimServer server) {
        if (maySpare(server)) {
            world.faults++;
            server.die(SimServer.Death.KILLED);
            if (!server.disk().rot(rot)) {
                server.disk().wipe(world.emptyTree());
            }
        }
    }

    /**
     * A disk was lost right before its server was needed for a configuration to come (E8): then
     * nobody may ever lead.
     */
    private boolean hasLostAQuorum() {
        return !world.configs.inUse().stream()
                .allMatch(c -> c.electorate.isQuorum(i -> !world.servers[i].disk().isWiped()));
    }

    private boolean remembers(int voter, SimServer wiped) {
        return voter != wiped.index && !world.servers[voter].disk().isWiped();
    }

    private boolean isBad(Fault fault) {
        return period == Period.BAD && world.plan.perSecond().containsKey(fault);
    }

    /** A server has begun to lead. */
    void onLeading(SimServer server) {
        if (isBad(Fault.SHORT_LEADERSHIP) && chance.hits(0.5)) {
            cutShort(server);
        }
        if (period == Period.BAD
                && world.plan.perSecond().containsKey(Fault.ISOLATED_LEADER)
                && chance.hits(0.6)) {
            int during = periods;
            later(
                    chance.between(0, tickUs * 3),
                    server.index,
                    () -> {
                        if (period == Period.BAD && periods == during) {
                            isolate(server);
                        }
                    });
        }
    }

    /** What it proposes reaches nobody, if it proposes anything. */
    private void cutShort(SimServer server) {
        int process = server.process();
        long lonelyUs = chance.hits(0.4) ? 0 : chance.between(1, tickUs);
        if (lonelyUs > 0) {
            for (SimServer other : world.servers) {
                if (other != server) {
                    block(server.index, other.index, lonelyUs + tickUs);
                }
            }
        }
        later(
                lonelyUs + chance.below(200),
                server.index,
                () -> {
                    if (process == server.process()) {
                        server.die(SimServer.Death.KILLED);
                    }
                });
    }

    /** A leader has begun to send its state. */
    void onSnap(SimServer leader) {
        if (isBad(Fault.DEATH_DURING_REWRITE) && chance.hits(0.8)) {
            int process = leader.process();
            later(
                    chance.between(0, 3 * world.plan.speeds().latencyUs().most()),
                    leader.index,
                    () -> {
                        if (process == leader.process()) {
                            leader.die(SimServer.Death.KILLED);
                        }
                    });
        }
    }

    /** Now and then its followers know at once, and elect another while it still leads. */
    private void isolate(SimServer server) {
        if (chance.hits(0.5)) {
            world.network.loseLeader(server);
        }
        world.trace.say(() -> server + " is cut off");
        long forUs = tickUs * chance.between(1, 4L * world.plan.tuning().syncLimit());
        boolean hears = chance.hits(0.2);
        for (SimServer other : world.servers) {
            if (other != server) {
                block(server.index, other.index, forUs);
                if (!hears) {
                    block(other.index, server.index, forUs);
                }
            }
        }
    }

    /** A server begins to cut or replace its history. */
    void onRewrite(SimServer server) {
        if (period == Period.BAD
                && world.plan.perSecond().containsKey(Fault.DEATH_DURING_REWRITE)
                && chance.hits(0.3)) {
            int process = server.process();
            later(
                    chance.between(0, world.plan.speeds().forceUs().most()),
                    server.index,
                    () -> {
                        if (process == server.process()) {
                            server.die(SimServer.Death.POWER_LOSS);
                        }
                    });
        }
    }

    /** A server has seen a configuration that is not active yet. */
    void onReconfiguration(SimServer server) {
        if (period == Period.BAD
                && world.plan.perSecond().containsKey(Fault.DEATH_DURING_RECONFIGURATION)
                && chance.hits(0.4)) {
            int process = server.process();
            boolean isCutOff = chance.hits(0.3);
            later(
                    chance.between(
                            0,
                            world.plan.speeds().forceUs().most()
                                    + 2 * world.plan.speeds().latencyUs().most()),
                    server.index,
                    () -> {
                        if (process == server.process() && isCutOff) {
                            isolate(server);
                        } else if (process == server.process()) {
                            server.die(
                                    chance.hits(0.5)
                                            ? SimServer.Death.KILLED
                                            : SimServer.Death.POWER_LOSS);
                        }
                    });
        }
    }

    private void block(int from, int to, long forUs) {
        world.network.block(from, to);
        int during = periods;
        later(
                forUs,
                -1,
                () -> {
                    if (during == periods && period == Period.BAD) {
                        world.network.unblock(from, to);
                    }
                });
    }

    private void slow(int from, int to) {
        world.network.slow(from, to, whileUs());
        later(whileUs(), -1, () -> world.network.slow(from, to, 0));
    }

    /** Halves, one alone, a ring, a bridge that both halves see; now and then one way only. */
    private void partition(long forUs) {
        int servers = world.servers.length;
        int shape = chance.below(4);
        long side = chance.nextLong();
        SimServer leader = world.leader();
        int special = leader != null && chance.hits(0.5) ? leader.index : chance.below(servers);
        boolean oneWay = chance.hits(0.2);
        for (int from = 0; from < servers; from++) {
            for (int to = 0; to < servers; to++) {
                boolean apart =
                        switch (shape) {
                            case 0 -> (side >> from & 1) != (side >> to & 1);
                            case 1 -> from == special || to == special;
                            case 2 ->
                                    Math.floorMod(from - to, servers) > 1
                                            && Math.floorMod(to - from, servers) > 1;
                            default ->
                                    from != special
                                            && to != special
                                            && (side >> from & 1) != (side >> to & 1);
                        };
                if (from != to && apart && !(oneWay && from < to)) {
                    block(from, to, forUs);
                }
            }
        }
    }

    // good

    private void heal() {
        world.trace.say(() -> "all is mended");
        period = Period.HEALING;
        periods++;
        lateness = 0;
        world.network.heal();
        for (SimServer server : world.servers) {
            server.killAfter(-1);
            server.disk().heal();
            server.resume();
            if (!server.isUp()) {
                later(chance.between(0, tickUs), server.index, server::start);
            }
        }
        Plan.Tuning tuning = world.plan.tuning();
        long limits = (long) tuning.initLimit() + tuning.syncLimit() + tuning.connectLimit();
        deadlineUs = world.agenda.nowUs() + PATIENCE_US + 3 * limits * tickUs;
        watch();
    }

    private void watch() {
        later(
                tickUs / 2 + 1,
                -1,
                () -> {
                    String missing = world.missing();
                    if (missing == null) {
                        world.onConverged();
                        period = Period.CALM;
                        later(tickUs * chance.spread(1, 20), -1, this::turnBad);
                    } else if (world.agenda.nowUs() > deadlineUs && !hasLostAQuorum()) {
                        throw new Violation(missing.substring(0, 2), missing.substring(4));
                    } else {
                        watch();
                    }
                });
    }
}
