package io.loomkeeper.sim;

import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Vote;
import io.loomkeeper.zab.Zxid;
import java.util.Arrays;
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

    /** By server and candidate, a bit for each who said so since the server began to look. */
    private final long[][] votedFor;

    /** By server and leader, whether that has said that it leads. */
    private final boolean[][] hasClaimed;

    private final long[] roundSent;

    /** Whom a reconfiguration has named to each server as the next leader; 0: nobody. */
    private final long[] named;

    /** The notification that is being taken in. */
    private @Nullable Notification hearing;

    private @Nullable SimServer hearer;
    private @Nullable SimServer speaker;
    private final long[] committed;

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
        this.votedFor = new long[servers][servers];
        this.hasClaimed = new boolean[servers][servers];
        this.roundSent = new long[servers];
        this.named = new long[servers];
        this.committed = new long[servers];
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
        led.promise(server.index, server.index);
        led.ackNewLeader(server.index);
    }

    void onTruncate(SimServer server, long zxid, Logged target, Logged floor) {
        check(!server.machine().isLeading(), "T8", server, "leads and truncates");
        check(target.zxid == zxid, "T2", server, "has no 0x" + Long.toHexString(zxid));
        check(target.index >= floor.index, "T3", server, "truncates below its oldest snapshot");
        check(
                world.history.chosenIn(server.disk().appended()) - 1 <= target.index,
                "S20",
                server,
                "truncates to " + target);
    }

    void onInstall(SimServer server, TreeImage image, Logged end) {
        check(end != null, "S21", server, "installs an image of nothing known");
        int chosen = world.history.chosenIn(server.disk().appended());
        Logged last = world.history.chosen().get(chosen - 1);
        check(end.contains(last), "S20", server, "installs " + end);
        check(image.version().digest() == end.digest, "S21", server, "digest of " + end);
    }

    // delivery

    void onDelivered(SimServer server, Logged applied, Logged entry) {
        check(entry.index > applied.index, "S3", server, "delivers twice: " + entry);
        check(
                entry.previous == applied,
                "S6",
                server,
                "delivers " + entry + " behind " + applied + ", not " + entry.previous);
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
        named[server.index] = 0;
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
        Arrays.fill(votedFor[server.index], 0);
        Arrays.fill(hasClaimed[server.index], false);
        if (hearing != null && hearer == server && speaker != null) {
            hear(server, speaker, hearing);
        }
    }

    void onDeath(SimServer server) {
        Arrays.fill(votedFor[server.index], 0);
        Arrays.fill(hasClaimed[server.index], false);
        named[server.index] = 0;
        hearing = hearer == server ? null : hearing;
        roundSent[server.index] = 0;
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

    // election

    void onNotify(SimServer server, Notification notification) {
        Vote vote = notification.vote();
        if (notification.state() != ServerState.LOOKING || vote.equals(Vote.NONE)) {
            return;
        }
        SimDisk disk = server.disk();
        check(
                notification.round() >= roundSent[server.index],
                "E4",
                server,
                "round " + notification.round() + " after " + roundSent[server.index]);
        roundSent[server.index] = notification.round();
        Vote own = new Vote(server.sid, disk.durable().zxid, disk.current());
        check(disk.appended() == disk.durable(), "D1", server, "votes with unforced entries");
        if (disk.isWiped()) {
            check(vote.leader() != server.sid || vote.zxid() == -1, "E8", server, vote);
            return;
        }
        check(vote.leader() != server.sid || vote.equals(own), "D1", server, vote + " for " + own);
        check(!own.isBetterThan(vote) || !server.isVoter(), "E1", server, vote + ", own " + own);
        named[server.index] = 0;
        vote(server, server, vote);
    }

    private void vote(SimServer to, SimServer from, Vote vote) {
        if (vote.leader() >= 1 && vote.leader() <= world.servers.length) {
            votedFor[to.index][(int) vote.leader() - 1] |= 1L << from.index;
        }
    }

    private void hear(SimServer to, SimServer from, Notification notification) {
        Vote vote = notification.vote();
        vote(to, from, vote);
        if (notification.state() == ServerState.LEADING) {
            hasClaimed[to.index][from.index] = true;
        }
    }

    void onHeard(SimServer to, SimServer from, Notification notification) {
        hearer = to;
        speaker = from;
        hearing = notification;
        hear(to, from, notification);
    }

    /** What was heard last has had its effect. */
    void onHeardOut() {
        hearing = null;
    }

    /** A reconfiguration says who leads next, and this server has heard of it. */
    void onNamed(SimServer server, long sid) {
        named[server.index] = sid;
    }

    /**
     * E3: whoever turns to a leader has heard of a quorum for it, also of a configuration that is
     * to come, unless it leads already (E5); or a reconfiguration names it.
     */
    void onDial(SimServer server, long sid) {
        long said = votedFor[server.index][(int) sid - 1];
        boolean leads = hasClaimed[server.index][(int) sid - 1];
        Configuration seen = server.seen();
        check(
                named[server.index] == sid
                        || (isQuorum(server.disk().active().electorate, said)
                                && (leads || seen == null || isQuorum(seen.electorate, said))),
                "E3",
                server,
                "turns to " + sid + ", of which " + Long.toBinaryString(said) + " spoke");
    }

    private static boolean isQuorum(Electorate electorate, long servers) {
        return electorate.isQuorum(voter -> (servers >> voter & 1) == 1);
    }

    // messages

    void onSend(Connection.End from, Message message) {
        sends.onSend(from, message);
    }

    void onReceive(Connection.End to, Message message) {
        heardUs[to.server.index][to.other().server.index] = world.agenda.nowUs();
        switch (message) {
            case Message.CommitAndActivate(_, long designated) -> onNamed(to.server, designated);
            case Message.InformAndActivate(_, long designated, _) -> onNamed(to.server, designated);
            default -> {}
        }
        world.trace.mix(to.server.index * 31L + to.link);
        world.trace.say(() -> to.server + " hears " + to.other().server + ": " + Words.of(message));
        if (to.server.links().isOld(to)) {
            world.marks.reach(Mark.OLD_CONNECTION_SPOKE_AFTER_NEW_ONE);
        }
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
        }
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
