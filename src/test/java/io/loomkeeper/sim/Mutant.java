package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;

import java.util.List;

/** A mistake that some server has had, put back into ours: the simulator has to find each. */
enum Mutant {
    VOTES_WITH_WHAT_IS_NOT_DURABLE(
            "ZK-2845, 3642, 4712: D1", returns("zab.History", "isSettled", 1)),
    ACKS_NEW_LEADER_BEFORE_HISTORY_IS_DURABLE(
            "ZK-3911, 4646: D4", calls("zab.Learning", "maybeAckNewLeader", "durable", "last")),
    NEVER_WRITES_THE_EPOCH(
            "ZK-335, 1653: D5", skips("zab.Learning", "maybeAckNewLeader", "establish", 0)),
    PROMISES_WITHOUT_WRITING("A33: D2", skips("zab.Learning", "onLeaderInfo", "accept", 0)),
    ACKS_PROPOSALS_BEFORE_THE_FORCE(
            "etcd#14370, KAFKA-like: D6", calls("zab.Learning", "sendAcks", "durable", "last"));

    /** Where it comes from, and which rule it breaks. */
    final String origin;

    private final List<Mutation> mutations;

    Mutant(String origin, Mutation... mutations) {
        this.origin = origin;
        this.mutations = List.of(mutations);
    }

    /**
     * @param name of the class, without what all of ours start with
     */
    byte[] applyTo(String name, byte[] original) {
        byte[] bytes = original;
        for (Mutation mutation : mutations) {
            if (mutation.owner().equals(name)) {
                bytes = mutation.apply(bytes);
            }
        }
        return bytes;
    }
}
