package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.blinds;
import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.forgets;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;

import java.util.List;

/** A mistake about members that come and go (S23). */
enum MemberMutant implements Mistake {
    DECIDES_BY_THE_OLD_QUORUM_ONLY("(S23)", blinds("zab.InForce", "joined", "next", 0)),
    KEEPS_COUNTING_WHO_WAS_REMOVED("(S23)", forgets("zab.InForce", "activate", "active")),
    ACTIVATES_WHAT_IS_PROPOSED("(S23)", calls("zab.InForce", "see", "onSeen", "onActive")),
    TELLS_WHAT_IS_PROPOSED_FOR_ACTIVE(
            "(S23)", calls("zab.Member", "configText", "active", "lastSeen")),
    FORGETS_WHAT_WAS_PROPOSED(
            "(S23)",
            skips("zab.InForce", "see", "onSeen", 0),
            skips("server.Memberships", "seenBefore", "newer", 0)),
    KEEPS_WHAT_CAME_TO_NOTHING("(S23)", skips("zab.LeadersConfiguration", "onNewLeader", "see", 0)),
    LEADER_COMPLETES_NOTHING("(S23)", skips("zab.Leading", "activateLastSeen", "activate", 0)),
    COMMITS_NOTHING_BEHIND_A_RECONFIGURATION(
            "Loomkeeper's own (L6)", skips("zab.Broadcast", "advance", "version", 0)) {
        @Override
        public long firstSeed() {
            return 5_100;
        }
    },
    OBSERVER_IS_SENT_WHAT_IT_HAS(
            "Loomkeeper's own (S9)", forgets("zab.Synchronizer", "goOnFrom", "keptUpTo")),
    FOLLOWS_BY_WHAT_CAME_TO_NOTHING(
            "Loomkeeper's own (L3)", calls("zab.Election", "decidesOn", "active", "lastSeen")),
    OLDER_CONFIGURATION_IS_SHOWN(
            "Loomkeeper's own (S23)", skips("zab.Learning", "maybeServe", "show", 0)) {
        @Override
        public long firstSeed() {
            return 1_700;
        }
    },
    NOBODY_IS_TOLD_WHAT_OTHERS_HAVE_SEEN(
            "Loomkeeper's own (L1)", returns("zab.InForce", "mayCome", 0)) {
        @Override
        public long firstSeed() {
            return 672;
        }
    };

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    MemberMutant(String origin, Mutation... mutations) {
        recipe = new Recipe(origin, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}
