package io.loomkeeper.zab;

import org.jspecify.annotations.Nullable;

/**
 * What a learner makes of the configurations that its leader tells it of (S23, protocol 15.2, 15.7,
 * 17.5).
 */
final class LeadersConfiguration {
    private static final long NONE = -1;

    private final InForce inForce;
    private final long leader;

    /** Version of the newest that this leader has proposed to us. */
    private long proposed = NONE;

    /** The leader's newest, as it said with the end of its history. */
    private @Nullable Membership announced;

    LeadersConfiguration(Member member, long leader) {
        this.inForce = member.inForce();
        this.leader = leader;
    }

    /** From now on what decides is a quorum of this one too, if it makes one. */
    void onProposal(Entry entry) {
        Membership made = inForce.madeBy(entry.txn());
        if (made != null) {
            proposed = made.version();
            inForce.see(made);
        }
    }

    /**
     * A reconfiguration is committed.
     *
     * @return false when this server has another leader or role in it, and is to leave
     */
    boolean onCommitted(long zxid, long designated) {
        Membership next = inForce.next();
        if (next == null || next.version() != zxid) {
            return true;
        }
        Membership before = inForce.activate(next);
        return designated == leader && (before == null || !inForce.changesRole(before));
    }

    /** What was seen before, and is neither this nor in the leader's history, is given up. */
    void onNewLeader(@Nullable String config) {
        Membership theirs = inForce.read(config);
        announced = theirs;
        if (theirs != null && theirs.version() >= proposed) {
            inForce.see(theirs);
        }
    }

    /**
     * The epoch is established, and with it what was announced.
     *
     * @param committed up to where the leader has said so
     * @return false when this server has another leader or role in it, and is to leave
     */
    boolean onUpToDate(int epoch, long committed) {
        Membership before =
                announced == null || !isCommitted(announced, epoch, committed)
                        ? null
                        : inForce.activate(announced);
        return before == null || (inForce.keeps(leader, before) && !inForce.changesRole(before));
    }

    /**
     * Apache's leaders tell who comes while a reconfiguration is under way of its outcome; whether
     * it is committed they say later. A number without a transaction is the epoch's own; of an
     * earlier epoch it is what the leader had seen, and was established with.
     */
    private static boolean isCommitted(Membership membership, int epoch, long committed) {
        long version = membership.version();
        return Zxid.counter(version) == 0 || Zxid.epoch(version) < epoch || version <= committed;
    }
}
