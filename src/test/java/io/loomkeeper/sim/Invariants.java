package io.loomkeeper.sim;

import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Zxid;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of docs/invariants.md, checked as things happen: each where it could break first, so
 * that the work of a step does not grow with what went before.
 */
final class Invariants {
    private final Simulation world;
    private final SendRules sends;
    private final Int2ObjectHashMap<EpochWitness> epochs = new Int2ObjectHashMap<>();

    private final long[] committed;

    /** Up to where each learner has been told by its leader to deliver. */
    private final long[] told;

    /** When a server last heard of another on a quorum link, by receiver and sender. */
    private final long[][] heardUs;

    private final long[] leadsSinceUs;
    private final long[] quorumCheckedUs;
    private final boolean[] hasResigned;
    private int newestEpoch;

    /** The newest epoch that any server has begun to lead. */
    private int newestLed;

    Invariants(Simulation world) {
        this.world = world;
        this.sends = new SendRules(world);
        int servers = world.plan.servers();
        this.committed = new long[servers];
        this.told = new long[servers];
        this.heardUs = new long[servers][servers];
        this.leadsSinceUs = new long[servers];
        this.quorumCheckedUs = new long[servers];
        this.hasResigned = new boolean[servers];
    }

    EpochWitness epoch(int epoch) {
        EpochWitness known = epochs.get(epoch);
        if (known == null) {
            known = new EpochWitness(world.configs, world.plan.servers());
            epochs.put(epoch, known);
        }
        return known;
    }

    int newestLed() {
        return newestLed;
    }

    private static void check(boolean holds, String rule, SimServer server, Object what) {
        if (!holds) {
            throw new Violation(rule, server + ": " + what);
        }
    }

    /** What must be there by the rule. */
    private static <T> T present(@Nullable T what, String rule, SimServer server, Object words) {
        if (what == null) {
            throw new Violation(rule, server + ": " + words);
        }
        return what;
    }

    // the disk

    /** S19, and what is chosen by it. */
    void onDisk(SimServer server) {
        SimDisk disk = server.disk();
        if (disk.current() == disk.accepted() && !disk.isWiped()) {
            world.history.onDurable(server.index, disk.current(), disk.durable());
        }
        check(
                world.configs.isQuorum(voter -> isComplete(world.servers[voter].disk())),
                "S19",
                server,
                "too few disks have " + world.history.lastChosen());
    }

    private boolean isComplete(SimDisk disk) {
        return disk.isWiped()
                || world.history.chosenIn(disk.durable()) == world.history.chosen().size();
    }

    /** S1: what the core takes for its log, and for durable, is so. */
    void onDiskTold(SimServer server) {
        SimDisk disk = server.disk();
        if (disk.isRewriting()) {
            return;
        }
        Peer.Probe believed = server.peer().probe();
        check(
                believed.lastAppended() == disk.appended().zxid,
                "S1",
                server,
                "takes " + Words.hex(believed.lastAppended()) + " for " + disk.appended());
        check(
                believed.lastDurable() <= disk.durable().zxid,
                "S1",
                server,
                "takes " + Words.hex(believed.lastDurable()) + " for durable");
    }

    void onPropose(SimServer server, long zxid) {
        String named = "0x" + Long.toHexString(zxid);
        check(server.machine().isLeading(), "S3", server, "logs " + named + " that nobody sent");
        check(Zxid.epoch(zxid) == server.disk().current(), "S6", server, "proposes " + named);
        int last = world.plan.tuning().lastCounter();
        boolean fits = Integer.compareUnsigned(Zxid.counter(zxid), last) <= 0;
        check(fits, "L1", server, "has used up its epoch, and proposes " + named);
    }

    void onAccept(SimServer server, int epoch) {
        EpochWitness before = epochs.get(server.disk().accepted());
        if (before != null && !before.isEstablished() && epoch > server.disk().accepted()) {
            world.marks.reach(Mark.EPOCH_PROMISED_AND_NEVER_ESTABLISHED);
        }
        newestEpoch = Math.max(newestEpoch, epoch);
        check(
                server.disk().durable() == server.disk().appended(),
                "D1",
                server,
                "promises an epoch with a log that is not durable");
    }

    /** D5: first the history, then the epoch. */
    void onEstablish(SimServer server, int epoch) {
        onDiskTold(server);
        for (Connection.End end : server.links().ends()) {
            SyncWitness witness = end.connection.witness;
            if (!end.isLeader() && witness.epoch == epoch) {
                Logged initial =
                        present(
                                witness.sentBeforeNewLeader,
                                "D5",
                                server,
                                "epoch before NewLeader");
                check(
                        server.disk().durable().contains(initial) && !server.disk().isRewriting(),
                        "D5",
                        server,
                        "epoch " + epoch + " before " + initial);
                return;
            }
        }
        EpochWitness led = epoch(epoch);
        check(led.claim(server.index), "S15", server, "second leader of epoch " + epoch);
        Logged chosen = world.history.lastChosenBefore(epoch);
        check(server.disk().durable().contains(chosen), "S18", server, "lacks " + chosen);
        led.promise(server.index, server.index);
        led.ackNewLeader(server.index);
    }

    void onTruncate(SimServer server, long zxid, Logged target, Logged floor) {
        check(server.peer().state() != ServerState.LEADING, "T8", server, "leads and truncates");
        check(
                wasToldToCut(server, zxid),
                "T1",
                server,
                "cuts to " + Words.hex(zxid) + " by itself");
        check(target.zxid == zxid, "T2", server, "has no 0x" + Long.toHexString(zxid));
        check(target.index >= floor.index, "T3", server, "truncates below its oldest snapshot");
        check(
                world.history.chosenIn(server.disk().appended()) - 1 <= target.index,
                "S20",
                server,
                "truncates to " + target);
    }

    /** By a leader to whose epoch it is promised. */
    private static boolean wasToldToCut(SimServer server, long zxid) {
        boolean wasTold = false;
        for (Connection.End end : server.links().ends()) {
            SyncWitness witness = end.connection.witness;
            wasTold |=
                    !end.isLeader()
                            && witness.epoch == server.disk().accepted()
                            && witness.cutTo == zxid;
        }
        return wasTold;
    }

    void onInstall(SimServer server, TreeImage image, Logged end) {
        check(end != null, "S21", server, "installs an image of nothing known");
        int chosen = world.history.chosenIn(server.disk().appended());
        Logged last = world.history.chosen().get(chosen - 1);
        check(end.contains(last), "S19", server, "installs " + end + " in the place of " + last);
        check(image.version().digest() == end.digest, "S21", server, "digest of " + end);
    }

    // delivery

    void onDelivered(SimServer server, Logged applied, Logged entry) {
        boolean falls = Zxid.epoch(entry.zxid) < Zxid.epoch(applied.zxid);
        check(!falls, "S7", server, "delivers " + entry + " after " + applied);
        check(entry.index > applied.index, "S3", server, "delivers twice: " + entry);
        check(
                entry.previous == applied,
                "S6",
                server,
                "delivers " + entry + " behind " + applied + ", not " + entry.previous);
        check(
                server.peer().state() == ServerState.LEADING || entry.zxid <= told[server.index],
                "D7",
                server,
                "delivers " + entry + ", was told of " + Words.hex(told[server.index]));
        check(world.history.isChosen(entry), "S4", server, "delivers " + entry + ", not chosen");
        if (!entry.delivered && Zxid.epoch(entry.zxid) < server.disk().current()) {
            world.marks.reach(Mark.UNCOMMITTED_TAIL_COMMITTED_BY_NEXT_EPOCH);
        }
        entry.delivered = true;
        if (entry.index > server.disk().durable().index) {
            world.marks.reach(Mark.COMMIT_BEFORE_LOCAL_FORCE);
        }
    }

    void onApplied(SimServer server, Logged entry, long digest) {
        check(!entry.digestKnown || entry.digest == digest, "S22", server, "digest at " + entry);
        entry.digest = digest;
        entry.digestKnown = true;
    }

    // roles

    void onLeading(SimServer server, int epoch) {
        SimDisk disk = server.disk();
        EpochWitness known = epoch(epoch);
        check(world.configs.mayLead(server), "E7", server, "leads without a vote that weighs");
        check(known.claim(server.index), "S15", server, "second leader of epoch " + epoch);
        check(known.isPromisedByQuorum(server.index), "S15", server, "no quorum promised " + epoch);
        check(known.isEstablished(), "S24", server, "no quorum of voters acked " + epoch);
        check(disk.current() == epoch, "D5", server, "leads before it writes the epoch");
        Logged chosen = world.history.lastChosenBefore(epoch);
        check(disk.durable().contains(chosen), "S18", server, "lacks " + chosen);
        check(server.machine().applied().contains(chosen), "S8", server, "not yet at " + chosen);
        check(
                world.history.isChosen(server.machine().applied()),
                "S13",
                server,
                "leads with a state that no quorum has");
        newestLed = Math.max(newestLed, epoch);
        leadsSinceUs[server.index] = world.agenda.nowUs();
        if (hasResigned[server.index]) {
            world.marks.reach(Mark.LED_AGAIN_AFTER_RESIGNING);
        }
        hasResigned[server.index] = false;
        world.marks.reach(Mark.LEADER_ELECTED);
    }

    void onFollowing(SimServer server, ServerState state, int epoch) {
        check(epoch(epoch).isEstablished(), "S13", server, "serves before epoch is established");
        check(server.disk().current() == epoch, "D5", server, "serves in another epoch");
        check(
                world.history.isChosen(server.machine().applied()),
                "S13",
                server,
                "serves a state that no quorum has");
        world.votes.onFollowing(server);
        check((state == ServerState.OBSERVING) == server.isObserver(), "E7", server, state);
        if (server.isObserver()) {
            world.marks.reach(Mark.OBSERVER_SERVED);
        }
    }

    void onLooking(SimServer server) {
        if (server.machine().isLeading()) {
            hasResigned[server.index] = true;
            int counter = Zxid.counter(server.disk().appended().zxid);
            if (counter == world.plan.tuning().lastCounter()) {
                world.marks.reach(Mark.EPOCH_EXHAUSTED);
            }
        }
        world.votes.onLooking(server);
    }

    void onDeath(SimServer server) {
        world.votes.onDeath(server);
        hasResigned[server.index] = false;
        committed[server.index] = 0;
        if (server.machine().isLeading() && server.machine().outstanding() > 0) {
            world.marks.reach(Mark.LEADER_KILLED_WITH_PROPOSALS_OUTSTANDING);
        }
    }

    void onResumed(SimServer server) {
        leadsSinceUs[server.index] = world.agenda.nowUs();
        if (server.machine().isLeading() && newestEpoch > server.disk().accepted()) {
            world.marks.reach(Mark.PAUSED_LEADER_WOKE_DEPOSED);
        }
    }

    // messages

    void onSend(Connection.End from, Message message) {
        sends.onSend(from, message);
    }

    void onReceive(Connection.End to, Message message) {
        heardUs[to.server.index][to.other().server.index] = world.agenda.nowUs();
        onToldTo(to.server, message);
        world.trace.mix(to.server.index * 31L + to.link);
        world.trace.say(() -> to.server + " hears " + to.other().server + ": " + Words.of(message));
        if (to.server.links().isOld(to)) {
            world.marks.reach(Mark.OLD_CONNECTION_SPOKE_AFTER_NEW_ONE);
        }
    }

    private void onToldTo(SimServer server, Message message) {
        switch (message) {
            case Message.LeaderInfo _ -> told[server.index] = 0;
            case Message.Diff(long zxid) -> onTold(server, zxid);
            case Message.Trunc(long zxid) -> onTold(server, zxid);
            case Message.Snap(long zxid, _) -> onTold(server, zxid);
            case Message.Commit(long zxid) -> onTold(server, zxid);
            case Message.Inform(long zxid, _) -> onTold(server, zxid);
            case Message.CommitAndActivate(long zxid, long designated) -> {
                onTold(server, zxid);
                world.votes.onNamed(server, designated);
            }
            case Message.InformAndActivate(long zxid, long designated, _) -> {
                onTold(server, zxid);
                world.votes.onNamed(server, designated);
            }
            default -> {}
        }
    }

    private void onTold(SimServer server, long zxid) {
        told[server.index] = Math.max(told[server.index], zxid);
    }

    // clients

    void onReply(SimServer server, long zxid) {
        Logged at = present(world.history.find(zxid), "S11", server, Words.hex(zxid));
        check(world.history.isChosen(at), "S11", server, "reports " + at + ", not chosen");
        check(server.machine().applied().index >= at.index, "S11", server, "not applied: " + at);
        check(server.machine().isServing(), "S13", server, "answers and does not serve");
    }

    // after each step

    /** What the core says of itself is true. */
    void afterStep(SimServer server) {
        long zxid = server.peer().lastCommitted();
        if (zxid != committed[server.index] && server.machine().isServing()) {
            committed[server.index] = zxid;
            Logged entry = world.history.find(zxid);
            check(
                    Zxid.counter(zxid) == 0 || (entry != null && world.history.isChosen(entry)),
                    "S10",
                    server,
                    "believes committed: 0x" + Long.toHexString(zxid));
        }
        world.configs.afterStep(server);
        if (server.machine().isLeading()) {
            checkQuorumHeard(server);
        } else {
            checkState(server);
        }
    }

    /** S2: whoever proposes nothing has the state that its log says, and no other. */
    private void checkState(SimServer server) {
        SimMachine machine = server.machine();
        Logged applied = machine.applied();
        long zxid = machine.lastApplied();
        check(zxid == applied.zxid, "S2", server, "is at " + Words.hex(zxid) + " of " + applied);
        check(
                !applied.digestKnown || applied.digest == machine.head().digest(),
                "S2",
                server,
                "has another state than its log says at " + applied);
    }

    /** E6: a leader out of touch with a quorum for long enough has resigned. */
    private void checkQuorumHeard(SimServer server) {
        long nowUs = world.agenda.nowUs();
        long tickUs = world.plan.tuning().tickTimeMs() * 1000L;
        if (nowUs < quorumCheckedUs[server.index] + tickUs) {
            return;
        }
        quorumCheckedUs[server.index] = nowUs;
        long patienceUs = (long) (tickUs * (world.plan.tuning().syncLimit() + 3) * 1.2);
        long[] heard = heardUs[server.index];
        check(
                server.disk()
                                .active()
                                .electorate
                                .isQuorum(i -> i == server.index || heard[i] > nowUs - patienceUs)
                        || nowUs < leadsSinceUs[server.index] + patienceUs
                        || world.nemesis.ticksAreLate(),
                "E6",
                server,
                "leads, and has not heard of a quorum");
    }
}
