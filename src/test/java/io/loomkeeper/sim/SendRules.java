package io.loomkeeper.sim;

import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Message.Ack;
import io.loomkeeper.zab.Message.AckEpoch;
import io.loomkeeper.zab.Zxid;
import org.jspecify.annotations.Nullable;

/** Who may say what on a quorum link, and when: checked as it is said. */
final class SendRules {
    private final Simulation world;

    SendRules(Simulation world) {
        this.world = world;
    }

    void onSend(Connection.End from, Message message) {
        SyncWitness witness = from.connection.witness;
        if (witness.epoch > 0 && witness.epoch < from.server.disk().accepted()) {
            throw new Violation(
                    "S17",
                    from.server
                            + " has promised epoch "
                            + from.server.disk().accepted()
                            + " and says "
                            + message
                            + " in "
                            + witness.epoch);
        }
        if (from.isLeader()) {
            onLeaderSays(witness, from.server, message);
        } else {
            onLearnerSays(witness, from.server, message);
        }
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

    // what a leader says

    private void onLeaderSays(SyncWitness witness, SimServer leader, Message message) {
        switch (message) {
            case Message.LeaderInfo(int epoch, _) -> {
                check(leader.disk().accepted() == epoch, "D2", leader, message);
                witness.epoch = epoch;
            }
            case Message.Diff diff -> onDiff(witness, leader, diff);
            case Message.Trunc(long zxid) -> onTrunc(witness, leader, zxid);
            case Message.Snap(_, TreeImage image) -> onSnap(witness, leader, image);
            case Message.Snap snap -> throw new Violation("S21", "a strange image: " + snap);
            case Message.NewLeader(long zxid, _) -> onNewLeader(witness, leader, zxid);
            case Message.UpToDate _ -> onUpToDate(witness, leader);
            case Message.Proposal(long zxid, var txn) ->
                    onProposal(witness, leader, world.history.entry(zxid, txn, 0, txn.capacity()));
            case Message.Commit(long zxid) -> onCommit(witness, leader, zxid);
            case Message.Inform(long zxid, var txn) -> {
                onProposal(witness, leader, world.history.entry(zxid, txn, 0, txn.capacity()));
                onCommit(witness, leader, zxid);
            }
            case Message.CommitAndActivate(long zxid, long designated) ->
                    onActivate(witness, leader, zxid, designated);
            case Message.InformAndActivate(long zxid, long designated, var txn) -> {
                onProposal(witness, leader, world.history.entry(zxid, txn, 0, txn.capacity()));
                onActivate(witness, leader, zxid, designated);
            }
            case Message.Revalidated(long sessionId, boolean isValid) ->
                    world.expiry.onRevalidated(leader, sessionId, isValid);
            case Message.Ping _, Message.Sync _ -> {}
            default -> throw new Violation("E9", leader + " says " + message);
        }
    }

    private void onDiff(SyncWitness witness, SimServer leader, Message.Diff diff) {
        Logged reported = present(witness.reported, "S9", leader, "sync before AckEpoch");
        check(leader.disk().appended().contains(reported), "S9", leader, diff);
        Logged end = diff.zxid() < reported.zxid ? reported.upTo(diff.zxid()) : reported;
        witness.sent = reported;
        witness.committed = end;
        boolean isEmpty = leader.disk().appended() == reported;
        world.marks.reach(isEmpty ? Mark.DIFF_EMPTY : Mark.DIFF_FROM_CACHE);
        if (witness.learner.server.wasSnapInterrupted()) {
            world.marks.reach(Mark.SNAP_INTERRUPTED_THEN_DIFF);
            witness.learner.server.expectImage(false);
        }
    }

    /** T2: the target is in both histories. S20: what goes is not chosen. */
    private void onTrunc(SyncWitness witness, SimServer leader, long zxid) {
        Logged target = present(world.history.find(zxid), "T2", leader, "Trunc to nowhere");
        Logged reported = present(witness.reported, "S9", leader, "sync before AckEpoch");
        check(leader.disk().appended().contains(target), "T2", leader, "Trunc to " + target);
        check(reported.contains(target), "T2", leader, "not the learner's: " + target);
        check(
                world.history.chosenIn(reported) - 1 <= target.index,
                "S20",
                leader,
                "Trunc to " + target);
        witness.cutTo = zxid;
        witness.sent = target;
        witness.committed = target;
        witness.truncated = true;
        world.marks.reach(Mark.TRUNC_SENT);
    }

    private void onSnap(SyncWitness witness, SimServer leader, TreeImage image) {
        Logged end = present(world.history.find(image.zxid()), "S21", leader, image.zxid());
        check(leader.disk().appended().contains(end), "S21", leader, end);
        check(image.version().digest() == end.digest, "S21", leader, "digest of " + end);
        witness.sent = end;
        witness.committed = end;
        witness.learner.server.expectImage(true);
        world.marks.reach(Mark.SNAP_SENT);
        world.nemesis.onSnap(leader);
    }

    private void onNewLeader(SyncWitness witness, SimServer leader, long zxid) {
        int epoch = Zxid.epoch(zxid);
        EpochWitness known = world.invariants.epoch(epoch);
        check(epoch == witness.epoch, "S15", leader, "NewLeader of another epoch " + epoch);
        check(witness.sent != null, "S9", leader, "NewLeader before any sync");
        check(known.isPromisedByQuorum(leader.index), "S15", leader, "no quorum for " + epoch);
        check(known.claim(leader.index), "S15", leader, "second leader of epoch " + epoch);
        check(leader.disk().current() == epoch, "D5", leader, "its own current epoch is old");
        witness.sentBeforeNewLeader = witness.sent;
        if (leader.machine().outstanding() > 0) {
            world.marks.reach(Mark.JOINED_WHILE_PROPOSALS_OUTSTANDING);
        }
    }

    private void onUpToDate(SyncWitness witness, SimServer leader) {
        check(witness.newLeaderAcked, "S10", leader, "UpToDate before NewLeader was acked");
        check(world.invariants.epoch(witness.epoch).isEstablished(), "S10", leader, "too early");
        witness.upToDateSent = true;
    }

    /** S9: the broadcast goes on where the synchronization ended. */
    private void onProposal(SyncWitness witness, SimServer leader, Logged entry) {
        check(witness.sent != null, "S9", leader, "proposal before any sync");
        check(
                entry.previous == witness.sent,
                "S9",
                leader,
                "sends " + entry + " behind " + witness.sent + ", not " + entry.previous);
        witness.sent = entry;
        if (witness.truncated) {
            world.marks.reach(Mark.TRUNC_WITH_TRANSACTIONS_BEHIND);
            witness.truncated = false;
        }
    }

    /** S10. Before the epoch is established, what is sent is the initial history. */
    private void onCommit(SyncWitness witness, SimServer leader, long zxid) {
        Logged entry =
                present(world.history.find(zxid), "S10", leader, "commits what nobody proposed");
        Logged sent = present(witness.sent, "S9", leader, "commits before it syncs");
        check(entry.index <= sent.index, "S9", leader, "commits the unsent " + entry);
        check(
                entry.previous == witness.committed,
                "S10",
                leader,
                "commits " + entry + " behind " + witness.committed);
        check(
                world.history.isChosen(entry)
                        || !world.invariants.epoch(witness.epoch).isEstablished(),
                "S10",
                leader,
                "commits " + entry + ", which no quorum has");
        witness.committed = entry;
    }

    /** Rule S23: it is decided, and whoever is to lead may. */
    private void onActivate(SyncWitness witness, SimServer leader, long zxid, long designated) {
        onCommit(witness, leader, zxid);
        Configuration made = world.history.proposed(zxid).configuration;
        check(made.version == zxid, "S23", leader, Words.hex(zxid) + " makes no configuration");
        check(
                made.electorate.hasWeight((int) designated - 1),
                "S23",
                leader,
                "names " + designated + " as the leader of " + made);
        world.votes.onNamed(leader, designated);
    }

    // what a learner says

    private void onLearnerSays(SyncWitness witness, SimServer learner, Message message) {
        SimDisk disk = learner.disk();
        switch (message) {
            case Message.FollowerInfo(int accepted, _) -> {
                check(accepted == disk.accepted(), "D2", learner, message);
                check(!learner.isObserver(), "E7", learner, message);
            }
            case Message.ObserverInfo(int accepted, _) ->
                    check(accepted == disk.accepted(), "D2", learner, message);
            case AckEpoch ack -> onAckEpoch(witness, learner, ack);
            case Ack(long zxid) -> onAck(witness, learner, zxid);
            case Message.Pong _, Message.Forward _, Message.Revalidate _ -> {}
            default -> throw new Violation("E9", learner + " says " + message);
        }
    }

    private void onAckEpoch(SyncWitness witness, SimServer learner, AckEpoch ack) {
        SimDisk disk = learner.disk();
        check(disk.accepted() == witness.epoch, "D2", learner, ack);
        if (isForImage(ack)) {
            witness.reported = world.history.beginning();
            return;
        }
        check(
                ack.lastZxid() == disk.durable().zxid && disk.durable() == disk.appended(),
                "D1",
                learner,
                ack + ", durable is " + disk.durable());
        EpochWitness epoch = world.invariants.epoch(witness.epoch);
        int leader = witness.leader.server.index;
        if (ack.currentEpoch() == -1) {
            if (epoch.leader() != leader) {
                world.marks.reach(Mark.EPOCH_PROMISED_TO_TWO_CANDIDATES);
            }
        } else {
            check(!disk.isWiped(), "E8", learner, "an empty disk counts: " + ack);
            check(ack.currentEpoch() == disk.current(), "D1", learner, ack);
            check(epoch.promise(learner.index, leader), "S15", learner, "promises twice: " + ack);
        }
        witness.reported = disk.durable();
    }

    /** Its history cannot be cut where the leader said: it asks for an image. */
    private static boolean isForImage(AckEpoch ack) {
        return ack.lastZxid() == -1 && ack.currentEpoch() == -1;
    }

    /** D4, D5, D6: what is acked is on disk, and NewLeader is acked first. */
    private void onAck(SyncWitness witness, SimServer learner, long zxid) {
        SimDisk disk = learner.disk();
        if (Zxid.counter(zxid) == 0) {
            check(Zxid.epoch(zxid) == witness.epoch, "D6", learner, "acks another epoch");
            if (witness.newLeaderAcked) {
                return;
            }
            Logged initial =
                    present(witness.sentBeforeNewLeader, "D4", learner, "acks before NewLeader");
            check(
                    disk.durable().contains(initial) && !disk.isRewriting(),
                    "D4",
                    learner,
                    "acks NewLeader with " + disk.durable() + " on disk instead of " + initial);
            check(disk.current() == witness.epoch, "D5", learner, "acks before it writes epoch");
            witness.newLeaderAcked = true;
            world.invariants.epoch(witness.epoch).ackNewLeader(learner.index);
            return;
        }
        check(witness.newLeaderAcked, "D6", learner, "acks a proposal before NewLeader");
        Logged entry = world.history.find(zxid);
        check(
                entry != null && disk.durable().contains(entry),
                "D6",
                learner,
                "acks 0x" + Long.toHexString(zxid) + ", durable is " + disk.durable());
    }
}
