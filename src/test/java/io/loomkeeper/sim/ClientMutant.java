package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.blinds;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;

import java.util.List;

/** A mistake in what clients may rely on (C1 to C13). */
enum ClientMutant implements Mistake {
    SYNC_IS_ANSWERED_AT_ONCE("stale sync (C4)", skips("zab.Broadcast", "sync", "last", 0)),
    LEARNER_ANSWERS_SYNC_BY_ITSELF("(C4)", blinds("server.Forwards", "isReady", "isAnswered", 1)),
    LEADER_SYNCS_TO_WHAT_IS_PUBLISHED(
            "Loomkeeper's own (C4)", returns("server.Proposals", "hasToWait", 0)),
    STRICT_SYNC_PROPOSES_NOTHING(
            "Jepsen's ZooKeeper, sync and read (C4)", returns("server.Proposals", "barrier", 0)) {
        @Override
        public long firstSeed() {
            return Plan.STRICT_SYNCS + 560;
        }
    },
    READ_OVERTAKES_A_WRITE(
            "ZOOKEEPER-1863 (C3)", blinds("server.Proposals", "answer", "pending", 0)),
    CONNECTION_BEFORE_STILL_COUNTS(
            "Loomkeeper's own (C3)", skips("server.Clients", "unseat", "drop", 0)) {
        @Override
        public long firstSeed() {
            return 390;
        }
    },
    MOVED_SESSION_WRITES_FROM_BOTH_ENDS("(C3)", returns("server.Sessions", "admits", 1)),
    OLD_STATE_SERVES_WHO_HAS_SEEN_MORE(
            "(C5)", skips("server.Pipeline", "onConnect", "lastZxidSeen", 0)),
    LEADER_DOES_NOT_HEAR_OF_LEARNERS_SESSIONS(
            "(C6)", skips("server.Learners", "onMessage", "touch", 0)),
    WHO_IS_HEARD_COUNTS_AS_SILENT("(C6)", returns("server.Sessions$Session", "hear", 0)),
    LEADER_FORGETS_SESSIONS_OF_BEFORE("(C6)", skips("server.Pipeline", "onLeading", "recover", 0)),
    DEAD_SESSION_GOES_ON("(C6)", returns("server.Pipeline", "isAlive", 1)),
    NEW_SESSION_IS_DENIED(
            "Loomkeeper's own (C6)",
            skips("server.Proposals", "hasCreated", "forEachWriteUpTo", 0)) {
        @Override
        public long firstSeed() {
            return 300;
        }
    },
    SESSION_ENDS_THAT_WAS_HEARD_OF_MEANWHILE(
            "Loomkeeper's own (C6)", skips("server.Pipeline", "endDue", "isDue", 1)) {
        @Override
        public long firstSeed() {
            return 800;
        }
    },
    EPHEMERAL_IS_LEFT_BEHIND(
            "ZOOKEEPER-1208, 2355 (C2, C7, C8)",
            skips("tree.DataTree", "onCloseSession", "delete", 0)),
    EPHEMERAL_IS_NOT_LISTED("(C7)", skips("tree.TreeEditor", "create", "list", 0)),
    LEARNER_TELLS_NO_WATCHER("(C9)", skips("server.Deliveries", "deliver", "fire", 0)),
    WATCH_FIRES_TWICE("ZOOKEEPER-1667 (C9)", skips("tree.Watches", "fireExact", "clear", 0)),
    MISSED_CHILDREN_ARE_NOT_TOLD(
            "ZOOKEEPER-961 (C9)", returns("tree.Watches", "missedOfChildren", 0)),
    WATCH_OF_NOBODY_IS_LEFT(
            "ZOOKEEPER-1382 (C10)", skips("server.Proposals", "answer", "isHere", 1)),
    SUFFIX_IS_USED_AGAIN("ZOOKEEPER-1046 (C11)", skips("tree.Preparer", "suffix", "abs", 0)),
    REFUSED_MULTI_IS_NOT_TAKEN_BACK("(C12, S22)", skips("tree.Preparer", "multi", "rewind", 0)),
    DELETED_CHILD_DOES_NOT_COUNT("(C13)", skips("tree.TreeEditor", "delete", "onChildDeleted", 0));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    ClientMutant(String origin, Mutation... mutations) {
        recipe = new Recipe(origin, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}
