package io.loomkeeper.sim;

import io.loomkeeper.zab.Configurations;
import io.loomkeeper.zab.Entry;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.StateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One server: a disk, and while it is up a process with the production core in it. */
final class SimServer {
    /** How a process ends. */
    enum Death {
        KILLED,
        POWER_LOSS,
        DISK_ERROR
    }

    /** Ends a process in the middle of a step; nobody but the event loop may catch it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;
        private final Death death;

        Killed(Death death) {
            super(death.name(), null, false, false);
            this.death = death;
        }
    }

    /** How often a process looks at the clock when it has something to do. */
    private static final long TICK_MS = 3;

    private static final double BATCH_ENDS = 0.8;
    private static final int BATCH_US_MAX = 20_000;

    final int index;
    final long sid;

    private final Simulation world;
    private final Chance chance;

    /**
     * After so many transactions a state is written aside; servers differ in how far back they go.
     */
    private final int snapshotEvery;

    private final SimDisk disk;
    private final ArrayDeque<Runnable> inbox = new ArrayDeque<>();
    private final ArrayDeque<Runnable> urgent = new ArrayDeque<>();

    /** What other threads of this process would have done, had it not been paused. */
    private final ArrayDeque<Runnable> atResume = new ArrayDeque<>();

    private int processes;
    private @Nullable SimMachine machine;
    private @Nullable SimLinks links;
    private @Nullable SimMembers members;
    private boolean paused;
    private boolean restarting;

    /** The pipeline thread is at work. */
    private boolean isBusy;

    /** Something was done that is not published yet. */
    private boolean batchIsOpen;

    /** An image was on its way here, and has not been installed. */
    private boolean imageUnderWay;

    /** So many more effects until the process ends; negative: no end in sight. */
    private int effectsLeft = -1;

    private long tickedMs;
    private long bootUs;
    private long bootMs;
    private double clockRate = 1;
    private long tickAtUs = Long.MAX_VALUE;
    private long ticks;

    SimServer(Simulation world, int index, Chance chance) {
        this.world = world;
        this.index = index;
        this.sid = index + 1L;
        this.chance = chance;
        this.snapshotEvery = world.plan.speeds().snapshotEvery() * (int) chance.spread(1, 30);
        this.disk = new SimDisk(world, this, chance.split(), world.emptyTree());
    }

    SimDisk disk() {
        return disk;
    }

    int snapshotEvery() {
        return snapshotEvery;
    }

    Peer peer() {
        return machine().peer();
    }

    /** By its own configuration. */
    boolean isObserver() {
        return disk.active().isObserver(index);
    }

    /** By its own configuration, or what it has seen. */
    boolean isVoter() {
        Configuration seen = seen();
        return disk.active().electorate.isVoter(index)
                || (seen != null && seen.electorate.isVoter(index));
    }

    /** The configuration that it waits for, if it is up; else the one that it will find. */
    @Nullable Configuration seen() {
        SimMembers own = members;
        return isUp() && own != null ? own.seen() : disk.seen();
    }

    /** Null when members never change. */
    @Nullable SimMembers members() {
        return members;
    }

    SimMachine machine() {
        return Objects.requireNonNull(machine);
    }

    SimLinks links() {
        return Objects.requireNonNull(links);
    }

    boolean isUp() {
        return machine != null;
    }

    boolean isPaused() {
        return paused;
    }

    /** Tells one process of this server from the others. */
    int process() {
        return processes;
    }

    /** The time that the pipeline was told last. */
    long tickedMs() {
        return tickedMs;
    }

    /** This process's own clock. */
    long nowMs() {
        return bootMs + (long) ((world.agenda.nowUs() - bootUs) * clockRate / 1000);
    }

    void expectImage(boolean isUnderWay) {
        imageUnderWay = isUnderWay;
    }

    boolean wasSnapInterrupted() {
        return imageUnderWay;
    }

    // life

    void start() {
        restarting = false;
        if (isUp() || disk.isFull()) {
            return;
        }
        processes++;
        bootUs = world.agenda.nowUs();
        bootMs = oddTimeMs();
        tickedMs = bootMs;
        double drift = world.plan.speeds().clockDrift();
        clockRate = 1 + drift * (chance.between(-100, 100) / 100.0);
        effectsLeft = -1;
        tickAtUs = Long.MAX_VALUE;
        disk.onRecovered();
        links = new SimLinks(world, this);
        members = newMembers();
        batchIsOpen = false;
        machine = new SimMachine(world, this, recent());
        world.network.onStarted(this);
        world.trace.say(() -> this + " starts with " + disk.durable());
        step(this::tick);
        drain();
    }

    private @Nullable SimMembers newMembers() {
        if (!world.plan.isChanging()) {
            return null;
        }
        if (!disk.active().isMember(index)) {
            disk.rejoinWith(world.configs.forJoiner(this));
        }
        return new SimMembers(world, this);
    }

    /** The newest transactions of the log, for the cache in memory. */
    private List<Entry> recent() {
        ArrayList<Entry> recent = new ArrayList<>();
        Logged entry = disk.durable();
        int count = world.plan.tuning().commitLogCount();
        for (; entry.index > disk.floor().index && recent.size() < count; entry = entry.before()) {
            recent.add(new Entry(entry.zxid, entry.txn));
        }
        Collections.reverse(recent);
        return recent;
    }

    Peer newPeer(StateMachine stateMachine, List<Entry> recent) {
        SimMembers own = members;
        return new Peer(
                world.settings(this),
                new Peer.Ports(
                        disk,
                        disk,
                        stateMachine,
                        links(),
                        own == null ? Configurations.fixed() : own),
                new Peer.Recovered(disk.isWiped() ? -1 : disk.durable().zxid, recent));
    }

    private long oddTimeMs() {
        return switch (chance.below(5)) {
            case 0 -> 0;
            case 1 -> Integer.MAX_VALUE - chance.between(0, 10_000);
            case 2 -> (1L << 32) - chance.between(0, 10_000);
            case 3 -> 1L << 60;
            default -> chance.between(0, 1L << 40);
        };
    }

    void die(Death death) {
        if (!isUp()) {
            return;
        }
        world.trace.say(() -> this + " dies: " + death);
        world.trace.mix(death.name().hashCode());
        world.invariants.onDeath(this);
        world.expiry.forget(this);
        processes++;
        links = null;
        paused = false;
        inbox.clear();
        urgent.clear();
        atResume.clear();
        SimMachine dead = machine();
        machine = null;
        disk.crash(death == Death.POWER_LOSS);
        world.network.onDied(this, death != Death.POWER_LOSS);
        dead.dropClients(death == Death.POWER_LOSS);
        restartLater(world.nemesis.restartDelayUs());
    }

    private void restartLater(long delayUs) {
        if (restarting) {
            return;
        }
        restarting = true;
        world.agenda.add(
                delayUs,
                Agenda.Kind.PROCESS,
                index,
                () -> {
                    start();
                    if (!isUp()) {
                        restartLater(world.nemesis.restartDelayUs());
                    }
                });
    }

    void killAfter(int effects) {
        effectsLeft = effects;
    }

    void pause(long forUs) {
        if (!isUp() || paused) {
            return;
        }
        paused = true;
        int process = processes;
        world.agenda.add(
                forUs,
                Agenda.Kind.PROCESS,
                index,
                () -> {
                    if (process == processes) {
                        resume();
                    }
                });
    }

    void resume() {
        if (paused) {
            paused = false;
            world.invariants.onResumed(this);
            step(this::tick);
            while (isUp() && !paused && !atResume.isEmpty()) {
                atResume.removeFirst().run();
            }
            drain();
        }
    }

    /** Called before and after whatever the core does to the world. */
    void effect() {
        if (effectsLeft >= 0 && effectsLeft-- == 0) {
            throw new Killed(chance.hits(0.5) ? Death.KILLED : Death.POWER_LOSS);
        }
    }

    // steps

    /** Something reaches this process, in the order of the calls. */
    void post(Runnable input) {
        if (isUp()) {
            inbox.add(input);
            drain();
        }
    }

    /**
     * As {@link #post}, for what may come in while the journal is full: what the log thread says.
     */
    void postAlways(Runnable input) {
        if (isUp()) {
            urgent.add(input);
            drain();
        }
    }

    /** Takes what has come, one after the other: what comes meanwhile waits for its turn. */
    private void drain() {
        if (isBusy) {
            return;
        }
        while (isUp() && !paused) {
            if (!urgent.isEmpty()) {
                step(urgent.removeFirst());
            } else if (inbox.isEmpty() || !isReady()) {
                return;
            } else if (isUp() && !paused) {
                step(inbox.removeFirst());
            }
        }
    }

    private boolean isReady() {
        boolean[] ready = new boolean[1];
        alone(
                () -> {
                    tickIfDue();
                    ready[0] = machine().ready();
                });
        return ready[0] && isUp();
    }

    /** Runs a part of the pipeline thread's work, which may end the process. */
    private void alone(Runnable work) {
        isBusy = true;
        try {
            work.run();
        } catch (Killed killed) {
            die(killed.death);
        } finally {
            isBusy = false;
        }
    }

    private void step(Runnable input) {
        alone(
                () -> {
                    tickIfDue();
                    input.run();
                    if (isUp()) {
                        endBatchNowOrLater();
                    }
                });
        if (isUp()) {
            scheduleTick();
            world.invariants.afterStep(this);
        }
    }

    /** The pipeline thread takes several messages before it publishes, now and then. */
    private void endBatchNowOrLater() {
        if (chance.hits(BATCH_ENDS)) {
            batchIsOpen = false;
            machine().endBatch();
        } else if (!batchIsOpen) {
            batchIsOpen = true;
            int process = processes;
            world.agenda.add(
                    chance.hits(0.5) ? chance.spread(1, BATCH_US_MAX) : chance.below(BATCH_US_MAX),
                    Agenda.Kind.PROCESS,
                    index,
                    () -> {
                        if (process == processes && batchIsOpen) {
                            endOpenBatch();
                        }
                    });
        }
    }

    private void endOpenBatch() {
        if (paused) {
            atResume.add(this::endOpenBatch);
            return;
        }
        batchIsOpen = false;
        alone(machine()::endBatch);
        drain();
    }

    /** Something that another thread of this process does: not while the process is paused. */
    void beside(Runnable work) {
        if (!isUp()) {
            return;
        }
        if (paused) {
            atResume.add(work);
        } else {
            work.run();
        }
    }

    private void tickIfDue() {
        if (nowMs() >= tickedMs + TICK_MS && !world.nemesis.ticksAreLate()) {
            tick();
        }
    }

    private void tick() {
        tickedMs = nowMs();
        machine().onTick(tickedMs);
    }

    private void scheduleTick() {
        long inMs = Math.clamp(peer().nextDeadlineMs() - nowMs(), 1, 3_600_000);
        if (machine().isLeading()) {
            inMs = Math.min(inMs, world.plan.tuning().tickTimeMs());
        }
        long atUs = world.agenda.nowUs() + (long) (inMs * 1000 / clockRate) + 1;
        if (atUs >= tickAtUs) {
            return;
        }
        tickAtUs = atUs;
        long tick = ++ticks;
        int process = processes;
        long lateUs = world.nemesis.tickLateUs();
        world.agenda.add(
                atUs - world.agenda.nowUs() + lateUs,
                Agenda.Kind.TICK,
                index,
                () -> {
                    if (process == processes && tick == ticks) {
                        onTick();
                    }
                });
    }

    private void onTick() {
        tickAtUs = Long.MAX_VALUE;
        if (!paused) {
            step(this::tick);
            drain();
        }
    }

    @Override
    public String toString() {
        return (isObserver() ? "observer " : "server ") + sid;
    }
}
