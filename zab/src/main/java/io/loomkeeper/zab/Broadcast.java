package io.loomkeeper.zab;

import io.loomkeeper.zab.Learner.Phase;
import java.util.ArrayDeque;
import java.util.TreeSet;
import org.agrona.DirectBuffer;

/**
 * What an established leader does: it proposes, collects acks, and commits (protocol 15.7).
 * Proposals go out without waiting for the acks of earlier ones, and while our own force runs.
 */
final class Broadcast {
    private static final long NOBODY = -1;

    private final Member member;
    private final Learners learners;
    private final int epoch;
    private final ArrayDeque<PendingSync> syncs = new ArrayDeque<>();

    /** Reused by {@link #isQuorumDurable}. */
    private final TreeSet<Long> present = new TreeSet<>();

    private long lastProposed;
    private long committed;
    private boolean isEnded;

    /** Who leads next, by a reconfiguration that is committed; {@link #NOBODY}: this server. */
    private long successor = NOBODY;

    /** A Sync that a learner gets when {@code zxid} is committed. */
    private record PendingSync(long zxid, long link) {}

    Broadcast(Member member, Learners learners, int epoch) {
        this.member = member;
        this.learners = learners;
        this.epoch = epoch;
        this.committed = member.history().last();
        this.lastProposed = Zxid.of(epoch, 0);
    }

    long lastProposed() {
        return lastProposed;
    }

    /** Everything up to there was or will be sent as committed: at first, the initial history. */
    long committed() {
        return committed;
    }

    /** Whether nothing more is proposed: the epoch's zxids are used up, or another is to lead. */
    boolean isEnding() {
        int lastCounter = member.settings().lastCounter();
        return isEnded || Integer.compareUnsigned(Zxid.counter(lastProposed), lastCounter) >= 0;
    }

    void end() {
        isEnded = true;
    }

    /** Whether another is to lead by a reconfiguration: nothing more is committed here. */
    boolean hasSuccessor() {
        return successor != NOBODY;
    }

    long successor() {
        return successor;
    }

    /** Whether it was to end, whatever is left of the epoch. */
    boolean isEnded() {
        return isEnded;
    }

    /** Whether nothing is outstanding: all is committed and delivered. */
    boolean isDrained() {
        return member.history().delivered() == member.history().last();
    }

    boolean propose(DirectBuffer txn, int offset, int length) {
        if (isEnding()) {
            return false;
        }
        Entry entry = member.history().append(Zxid.next(lastProposed), txn, offset, length);
        if (entry == null) {
            return false;
        }
        lastProposed = entry.zxid();
        maybeSee(entry);
        Message proposal = new Message.Proposal(entry.zxid(), entry.txn());
        for (Learner learner : learners.audience()) {
            if (!learner.isObserver) {
                member.links().send(learner.link, proposal);
                learner.onProposed(entry.zxid(), member.nowMs());
            }
        }
        return true;
    }

    /** Rule S23: it and all behind it need a quorum of each configuration. */
    private void maybeSee(Entry entry) {
        Membership made = member.inForce().madeBy(entry.txn());
        if (made != null) {
            member.inForce().see(made);
            learners.recount();
        }
    }

    /**
     * An ack has come, of a learner or of our own journal: commit what a quorum has (S10).
     *
     * @return whether another configuration is active now
     */
    boolean advance() {
        long before = member.inForce().active().version();
        long version = -1;
        while (!hasSuccessor() && member.inForce().active().version() != version) {
            version = member.inForce().active().version();
            commitBest(); // again when another one is active: its quorum may have more already
        }
        return member.inForce().active().version() != before;
    }

    private void commitBest() {
        long best = committed;
        long own = member.history().durable();
        if (own > best && isOfThisEpoch(own) && isQuorumDurable(own)) {
            best = own;
        }
        for (Learner learner : learners.audience()) {
            long acked = learner.acked;
            if (countsFor(learner, acked) && acked > best && isQuorumDurable(acked)) {
                best = acked;
            }
        }
        if (best > committed) {
            commit(best);
        }
    }

    private boolean isOfThisEpoch(long zxid) {
        return zxid > Zxid.of(epoch, 0);
    }

    /** Rules S24, D6: a voter's, after its ack of the epoch. */
    private boolean countsFor(Learner learner, long zxid) {
        return learner.counts && learner.isAtLeast(Phase.READY) && isOfThisEpoch(zxid);
    }

    private boolean isQuorumDurable(long zxid) {
        present.clear();
        if (member.history().durable() >= zxid) {
            present.add(member.sid());
        }
        for (Learner learner : learners.audience()) {
            if (countsFor(learner, zxid) && learner.acked >= zxid) {
                present.add(learner.sid);
            }
        }
        return member.quorum().isQuorum(present);
    }

    /** A reconfiguration among it may make it the last that is committed here. */
    private void commit(long upTo) {
        assert upTo <= lastProposed && isQuorumDurable(upTo) : "S10: " + History.hex(upTo);
        Membership next = member.inForce().next();
        if (next != null && committed < next.version() && next.version() <= upTo) {
            long before = member.history().greatestUpTo(next.version() - 1);
            if (before > committed) {
                tell(before);
            }
            reconfigure(next);
        }
        if (!hasSuccessor() && upTo > committed) {
            tell(upTo);
        }
    }

    /** Rule S23: what was proposed is committed, and with it active (protocol 15.7, 17.5). */
    private void reconfigure(Membership next) {
        long designated = designated(next);
        History history = member.history();
        Entry entry = history.entry(history.indexAfter(next.version()) - 1);
        Message commit = new Message.CommitAndActivate(entry.zxid(), designated);
        Message inform = new Message.InformAndActivate(entry.zxid(), designated, entry.txn());
        for (Learner learner : learners.audience()) {
            member.links().send(learner.link, learner.lacks(entry.zxid()) ? inform : commit);
        }
        sendSyncs(entry.zxid());
        deliver(entry.zxid());
        member.inForce().activate(next);
        learners.recount();
        if (designated != member.sid()) {
            successor = designated;
            isEnded = true;
        }
    }

    /** This server, if it can go on; else the voter that has most, of those that have acked it. */
    private long designated(Membership next) {
        if (member.inForce().wouldKeep(member.sid(), next)) {
            return member.sid();
        }
        long best = member.sid();
        long most = -1;
        for (Learner learner : learners.audience()) {
            long acked = learner.acked;
            if (countsFor(learner, acked)
                    && acked >= next.version()
                    && acked > most
                    && next.quorum().mayLead(learner.sid)) {
                best = learner.sid;
                most = acked;
            }
        }
        return best;
    }

    /** Tells everybody of everything up to there, one by one and in order (protocol 15.7). */
    private void tell(long upTo) {
        History history = member.history();
        int end = history.indexAfter(upTo);
        for (int i = history.indexAfter(committed); i < end; i++) {
            sendCommit(history.entry(i));
            sendSyncs(history.entry(i).zxid());
        }
        deliver(upTo);
    }

    private void deliver(long upTo) {
        committed = upTo;
        member.noteCommitted(upTo);
        member.history().commit(member.history().deliverable(upTo));
    }

    private void sendCommit(Entry entry) {
        Message commit = new Message.Commit(entry.zxid());
        Message inform = null;
        for (Learner learner : learners.audience()) {
            if (learner.lacks(entry.zxid())) {
                inform = inform == null ? informOf(entry) : inform;
                member.links().send(learner.link, inform);
            } else {
                member.links().send(learner.link, commit);
            }
        }
    }

    private static Message informOf(Entry entry) {
        return new Message.Inform(entry.zxid(), entry.txn());
    }

    /** Syncs of learners that wait for a commit. */
    int pendingSyncs() {
        return syncs.size();
    }

    /** Right behind the commit that they waited for, before any later one (protocol 15.9). */
    private void sendSyncs(long committedZxid) {
        while (!syncs.isEmpty() && syncs.peek().zxid() <= committedZxid) {
            member.links().send(syncs.remove().link(), new Message.Sync());
        }
    }

    /**
     * @param atLeast a zxid that the answer goes behind as well; 0 for none
     */
    void sync(long link, long atLeast) {
        long behind = Math.max(member.history().last(), atLeast);
        if (behind <= committed) {
            member.links().send(link, new Message.Sync());
        } else {
            syncs.add(new PendingSync(behind, link));
        }
    }
}
