package io.loomkeeper.zab;

import io.loomkeeper.zab.Learner.Phase;
import java.util.ArrayList;
import java.util.List;

/**
 * How a learner gets the leader's history (protocol 15.3, 15.4): what it lacks, after what it has
 * too much is cut, or else an image. Each stream is cut in the step that decides on it, and the
 * learner belongs to the audience of the broadcast from that step on: it misses nothing, and gets
 * nothing twice (S9).
 */
final class Synchronizer {
    private final Member member;
    private final Broadcast broadcast;
    private final int epoch;

    Synchronizer(Member member, Broadcast broadcast, int epoch) {
        this.member = member;
        this.broadcast = broadcast;
        this.epoch = epoch;
    }

    /** Decides at once, if our memory reaches back far enough; else when the disk has answered. */
    void begin(Learner learner) {
        long theirs = learner.lastZxid;
        if (theirs < 0) {
            sendImage(learner);
        } else if (theirs >= member.history().base()) {
            decide(learner, member.history().greatestUpTo(theirs));
        } else {
            learner.enter(Phase.LOCATING, member.nowMs());
            member.journal().locate(learner.link, theirs);
        }
    }

    /** Where its history ends in ours; -1: ours does not reach back. */
    void onLocated(Learner learner, long found) {
        if (found < 0) {
            sendImage(learner);
        } else {
            decide(learner, found);
        }
    }

    /**
     * Rule T2: a common point is a zxid that both have. If the learner's last one is not in our
     * history, the one before it in ours is in its own too if it is of the same epoch: what a
     * server has of one epoch has no gaps (S5). Of another epoch it may be anything.
     *
     * @param found the greatest zxid of our history that is not above the learner's last
     */
    private void decide(Learner learner, long found) {
        long theirs = learner.lastZxid;
        if (found == theirs || isEpochBegin(theirs)) {
            goOnFrom(learner, found);
        } else if (Zxid.epoch(found) == Zxid.epoch(theirs) && found <= broadcast.committed()) {
            truncate(learner, found);
        } else {
            sendImage(learner);
        }
    }

    /** Apache's servers say this when they have nothing of the epoch whose history they share. */
    private static boolean isEpochBegin(long zxid) {
        return Zxid.counter(zxid) == 0;
    }

    private void goOnFrom(Learner learner, long common) {
        long committed = broadcast.committed();
        if (common <= committed || learner.isOurs) {
            long promised = isEpochBegin(learner.lastZxid) ? learner.lastZxid : 0;
            send(learner, new Message.Diff(Math.max(committed, promised)));
            learner.keptUpTo = common;
            sendAfter(learner, common);
        } else {
            truncate(learner, committed);
        }
    }

    private void truncate(Learner learner, long target) {
        assert target <= broadcast.committed() : "T2";
        send(learner, new Message.Trunc(target));
        sendAfter(learner, target);
    }

    /**
     * The state of exactly one zxid, behind which the stream goes on: all that is committed or will
     * be when the epoch is established. Less would take away from the learner, until it has the
     * rest again, what it may hold as one of a quorum (S19, S20).
     */
    void sendImage(Learner learner) {
        Image image = member.stateMachine().image(undelivered());
        assert image.zxid() == broadcast.committed() : "S19";
        send(learner, new Message.Snap(image.zxid(), image));
        sendAfter(learner, image.zxid());
    }

    private List<Entry> undelivered() {
        History history = member.history();
        List<Entry> tail = new ArrayList<>();
        int end = history.indexAfter(broadcast.committed());
        for (int i = history.indexAfter(history.delivered()); i < end; i++) {
            tail.add(history.entry(i));
        }
        return tail;
    }

    /** All that comes after a zxid of our history, then NEWLEADER. */
    private void sendAfter(Learner learner, long zxid) {
        History history = member.history();
        long from = zxid;
        if (from < history.base()) {
            member.links().sendHistory(learner.link, from, history.base());
            from = history.base();
        }
        for (int i = history.indexAfter(from); i < history.size(); i++) {
            sendEntry(learner, history.entry(i));
        }
        learner.enter(Phase.SYNCING, member.nowMs());
        learner.hardenedUpTo = broadcast.committed();
        send(learner, new Message.NewLeader(Zxid.of(epoch, 0), member.inForce().lastSeen().text()));
    }

    private void sendEntry(Learner learner, Entry entry) {
        boolean isCommitted = entry.zxid() <= broadcast.committed();
        if (isCommitted || !learner.isObserver) {
            send(learner, new Message.Proposal(entry.zxid(), entry.txn()));
        }
        if (isCommitted) {
            send(learner, new Message.Commit(entry.zxid()));
        } else if (!learner.isObserver) {
            learner.onProposed(entry.zxid(), member.nowMs());
        }
    }

    private void send(Learner learner, Message message) {
        member.links().send(learner.link, message);
    }
}
