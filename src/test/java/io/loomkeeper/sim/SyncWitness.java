package io.loomkeeper.sim;

import org.jspecify.annotations.Nullable;

/** What a witness knows of one connection between a leader and a learner. */
final class SyncWitness {
    final Connection.End learner;
    final Connection.End leader;

    /** The leader's epoch, once it has said it; 0 before. */
    int epoch;

    /** The end of the history that the learner said it has. */
    @Nullable Logged reported;

    /** The end of the history that the learner has when all that was sent has arrived. */
    @Nullable Logged sent;

    /** The newest that the learner has been told to deliver. */
    @Nullable Logged committed;

    /** What {@link #sent} was when NewLeader was sent. */
    @Nullable Logged sentBeforeNewLeader;

    /** Where the leader has told the learner to cut its history; -1: nowhere. */
    long cutTo = -1;

    boolean newLeaderAcked;
    boolean upToDateSent;
    boolean truncated;

    SyncWitness(Connection.End learner, Connection.End leader) {
        this.learner = learner;
        this.leader = leader;
    }
}
