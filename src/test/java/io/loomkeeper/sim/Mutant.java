package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.adds;
import static io.loomkeeper.sim.Mutation.blinds;
import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.forgets;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;

import java.util.List;

/** A mistake in agreement on order. */
enum Mutant implements Mistake {
    VOTES_WITH_WHAT_IS_NOT_DURABLE(
            "ZOOKEEPER-2845, 3642, 4712 (D1)", returns("zab.History", "isSettled", 1)),
    ACKS_NEW_LEADER_BEFORE_HISTORY_IS_DURABLE(
            "ZOOKEEPER-3911, 4646 (D4)",
            calls("zab.Learning", "maybeAckNewLeader", "durable", "last")),
    NEVER_WRITES_CURRENT_EPOCH(
            "ZOOKEEPER-335, 1653 (D5)", skips("zab.Learning", "maybeAckNewLeader", "establish", 0)),
    WRITES_CURRENT_EPOCH_BEFORE_HISTORY(
            "ZOOKEEPER-4643 (D5)", adds("zab.Learning", "onLeaderInfo", "accept", "establish")),
    PROMISES_WITHOUT_WRITING(
            "lost rename of acceptedEpoch (D2)",
            skips("zab.Learning", "onLeaderInfo", "accept", 0)),
    LEADER_DOES_NOT_PROMISE_ITSELF(
            "lost rename of acceptedEpoch (D2)",
            skips("zab.Leading", "maybeFixEpoch", "accept", 0)),
    ACKS_PROPOSALS_BEFORE_THE_FORCE(
            "ack ahead of fsync (D6)", calls("zab.Learning", "sendAcks", "durable", "last")),
    ACKS_PROPOSALS_BEFORE_NEW_LEADER(
            "ZOOKEEPER-4685 (D6)", skips("zab.Learning", "sendAcks", "compareTo", 0)),
    LEADER_COUNTS_ITSELF_BEFORE_ITS_FORCE(
            "etcd#14370 (D6)",
            calls("zab.Broadcast", "isQuorumDurable", "durable", "last"),
            calls("zab.Broadcast", "commitBest", "durable", "last")),
    COMMITS_WITHOUT_QUORUM("(S10)", returns("zab.Broadcast", "isQuorumDurable", 1)),
    LEADS_WITHOUT_A_QUORUM_OF_NEW_LEADER_ACKS(
            "ZOOKEEPER-790 (S15)", skips("zab.Leading", "maybeEstablish", "hasQuorum", 1)),
    SYNCHRONIZES_WITHOUT_A_QUORUM_OF_PROMISES(
            "split brain (S15)", skips("zab.Leading", "maybeEndPromises", "isQuorum", 1)),
    COUNTS_A_PROMISE_TWICE("(S15)", skips("zab.Leading", "onPromise", "currentEpoch", 0)),
    VOTES_BY_ID_ALONE(
            "ZOOKEEPER-1154 (E1, S18)",
            blinds("zab.Vote", "isBetterThan", "peerEpoch", 0),
            blinds("zab.Vote", "isBetterThan", "zxid", 0),
            returns("zab.Leading", "isMoreRecent", 0)),
    VOTES_BY_ZXID_ALONE(
            "ZOOKEEPER-2832 (E1)",
            blinds("zab.Vote", "isBetterThan", "peerEpoch", 0),
            returns("zab.Leading", "isMoreRecent", 0)),
    COUNTS_EPOCHS_ANEW(
            "ZOOKEEPER-582 (S16, S17)",
            skips("zab.Leading", "maybeFixEpoch", "newestEpoch", 0),
            skips("zab.Learning", "onLeaderInfo", "acceptedEpoch", 0)),
    LEADER_DOES_NOT_DELIVER_ITS_TAIL(
            "ZOOKEEPER-790 (S8)", skips("zab.Leading", "maybeEstablish", "deliver", 0)),
    LEADER_WITHOUT_QUORUM_STAYS(
            "stale leader (E6)", skips("zab.Leading", "onHalfTick", "hasQuorum", 1)),
    SERVES_BEFORE_UP_TO_DATE(
            "ZOOKEEPER-790 (S13)",
            adds("zab.Learning", "maybeAckNewLeader", "sendAcks", "onUpToDate")),
    BROADCAST_MISSES_WHO_IS_SYNCHRONIZING(
            "ZAB specification, issue 1 (S9)",
            skips("zab.Leading", "synchronize", "updateAudience", 0),
            skips("zab.Leading", "onLocated", "updateAudience", 0)),
    SENDS_DIFF_WHERE_IT_MUST_CUT(
            "ZOOKEEPER-1154 (T1)", calls("zab.Synchronizer", "decide", "truncate", "goOnFrom")),
    CACHE_FORGETS_WHERE_IT_BEGINS(
            "ZOOKEEPER-2418, 4352 (S5, S20)", forgets("zab.History", "trim", "base")),
    COMMITS_AGAIN_WHAT_IS_COMMITTED("(S10)", forgets("zab.Broadcast", "deliver", "committed")),
    DECIDES_AN_ELECTION_WITHOUT_A_QUORUM(
            "(E3)", skips("zab.Election", "maybeDecide", "isQuorum", 1)),
    EMPTY_SERVER_VOTES("ZOOKEEPER-261 (E8)", skips("zab.Member", "<init>", "lastZxid", 0)),
    NEVER_ADOPTS_A_BETTER_VOTE("(E1)", returns("zab.Vote", "isBetterThan", 0)),
    OBSERVER_STANDS_FOR_ELECTION(
            "ZOOKEEPER-764 (E7)", skips("zab.Looking", "conclude", "leader", 0)),
    USES_UP_ITS_EPOCH("ZOOKEEPER-1277 (L1)", returns("zab.Broadcast", "isEnding", 0)),
    COUNTS_HEADS_FOR_WEIGHTS("(S24)", skips("zab.Hierarchical", "weightPresent", "weightOf", 1)),
    GROUP_IS_WON_BY_ANYBODY_IN_IT("(S24)", skips("zab.Hierarchical", "isQuorum", "weight", 0)),
    ELECTS_WHO_HAS_NO_WEIGHT("(E7)", returns("zab.Hierarchical", "mayLead", 1));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    Mutant(String origin, Mutation... mutations) {
        recipe = new Recipe(origin, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}
