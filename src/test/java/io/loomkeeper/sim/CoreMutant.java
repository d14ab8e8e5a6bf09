package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.blinds;
import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;

import java.util.List;

/**
 * A mistake in the core against a rule that the simulator checks as well, but behind another one
 * that speaks first (S17, S18, D4).
 */
enum CoreMutant implements FactMistake {
    LEADER_OF_AN_OLDER_EPOCH_IS_FOLLOWED(
            "S17",
            new Fact("zab.ApacheTalkTest", "leaderOfAnOlderEpochIsLeft"),
            skips("zab.Learning", "onLeaderInfo", "acceptedEpoch", 0)),
    WHO_HAS_NOT_ALL_THAT_WAS_CHOSEN_LEADS(
            "S18",
            new Fact("zab.PeerTest", "fiveServersElectTheLongestHistory"),
            blinds("zab.Vote", "isBetterThan", "zxid", 0),
            returns("zab.Leading", "isMoreRecent", 0)),
    NEW_LEADER_IS_ACKED_BEFORE_ITS_HISTORY_IS_DURABLE(
            "D4",
            new Fact("zab.PeerTest", "epochIsAckedAfterTheHistoryAndItselfAreDurable"),
            calls("zab.Learning", "maybeAckNewLeader", "durable", "last"));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    CoreMutant(String rules, Fact fact, Mutation... mutations) {
        recipe = new Recipe(rules, fact, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}
