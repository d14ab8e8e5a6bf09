package io.loomkeeper.zab;

import java.util.SortedSet;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The configurations that this server goes by: the active one, and, from when it is proposed until
 * it is active, the next. What decides is a quorum of each (S23, protocol 17.5).
 */
final class InForce {
    private final Configurations port;
    private final StateMachine stateMachine;
    private final long sid;
    private Membership active;
    private @Nullable Membership next;
    private Quorum quorum;

    InForce(Peer.Ports ports, long sid, Membership active) {
        this.port = ports.configurations();
        this.stateMachine = ports.stateMachine();
        this.sid = sid;
        this.active = active;
        Membership seen = port.seenBefore();
        this.next = seen != null && seen.version() > active.version() ? seen : null;
        this.quorum = joined();
    }

    private Quorum joined() {
        return next == null ? active.quorum() : new Joint(active.quorum(), next.quorum());
    }

    boolean isDynamic() {
        return port.isDynamic();
    }

    Membership active() {
        return active;
    }

    @Nullable Membership next() {
        return next;
    }

    Membership lastSeen() {
        return next == null ? active : next;
    }

    Quorum quorum() {
        return quorum;
    }

    boolean isVoter(long server) {
        return active.isVoter(server) || (next != null && next.isVoter(server));
    }

    boolean isMember(long server) {
        return active.isMember(server) || (next != null && next.isMember(server));
    }

    /** All members but this server, in rising order. */
    SortedSet<Long> others() {
        SortedSet<Long> others = active.others(sid);
        if (next != null) {
            others.addAll(next.others(sid));
        }
        return others;
    }

    /** What another server's text says; null when it says nothing to this one. */
    @Nullable Membership read(@Nullable String text) {
        return text == null || !port.isDynamic() ? null : port.read(text);
    }

    @Nullable Membership madeBy(DirectBuffer txn) {
        return port.isDynamic() ? port.madeBy(txn) : null;
    }

    /**
     * A leader, or this server as one, proposes it. What is not newer than the active one takes
     * back what was proposed before.
     */
    void see(Membership proposed) {
        Membership seen = proposed.version() > active.version() ? proposed : null;
        if (versionOf(seen) != versionOf(next)) {
            next = seen;
            quorum = joined();
            port.onSeen(seen);
        }
    }

    /**
     * Rules L1, S23: whether what another voter has seen, and this server has not, may still be
     * decided. Had it come to nothing, a later epoch would have begun without it: that of this
     * server, or of whoever is ahead of it. A number alone changes nobody's vote.
     *
     * @param epoch the newest that this server has been part of
     */
    boolean mayCome(Membership told, long epoch) {
        return told.version() > lastSeen().version()
                && Zxid.counter(told.version()) != 0
                && Zxid.epoch(told.version()) >= epoch;
    }

    private static long versionOf(@Nullable Membership membership) {
        return membership == null ? -1 : membership.version();
    }

    /** A leader whose configuration was never numbered numbers it (protocol 17.4). */
    void number(long zxid) {
        if (port.isDynamic() && lastSeen().version() == 0) {
            see(port.renumbered(active, zxid));
        }
    }

    /**
     * It is committed: this server goes by it, if it is newer.
     *
     * @return what was active before; null when nothing changes
     */
    @Nullable Membership activate(Membership committed) {
        if (committed.version() <= active.version()) {
            return null;
        }
        Membership before = active;
        active = committed;
        if (versionOf(next) <= committed.version()) {
            next = null;
        }
        quorum = joined();
        port.onActive(committed);
        stateMachine.onConfiguration(committed);
        return before;
    }

    /**
     * Tells the service again, before it serves: what was delivered meanwhile may be of older
     * configurations than one that was taken up without its transaction.
     */
    void show() {
        if (port.isDynamic()) {
            stateMachine.onConfiguration(active);
        }
    }

    /** Whether whoever follows this leader may stay when {@code before} is active no more. */
    boolean keeps(long leader, Membership before) {
        return before.isVoter(leader)
                && active.isVoter(leader)
                && !port.hasMoved(leader, before, active);
    }

    /** Whether this leader goes on when {@code after} is active. */
    boolean wouldKeep(long leader, Membership after) {
        return after.isVoter(leader)
                && after.quorum().mayLead(leader)
                && !port.hasMoved(leader, active, after);
    }

    /** Whether this server has another role than {@code before}. */
    boolean changesRole(Membership before) {
        return before.observers().contains(sid) != active.observers().contains(sid);
    }
}
