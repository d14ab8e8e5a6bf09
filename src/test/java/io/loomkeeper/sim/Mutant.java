package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.adds;
import static io.loomkeeper.sim.Mutation.blinds;
import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.forgets;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;

import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A mistake that some server has had, put into ours: the simulator has to find each. */
enum Mutant {
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
            calls("zab.Broadcast", "advance", "durable", "last")),
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
            "ZOOKEEPER-2418, 4352 (S5)", forgets("zab.History", "trim", "base")),
    COMMITS_AGAIN_WHAT_IS_COMMITTED("(S10)", forgets("zab.Broadcast", "commit", "committed")),
    DECIDES_AN_ELECTION_WITHOUT_A_QUORUM(
            "(E3)", skips("zab.Election", "maybeDecide", "isQuorum", 1)),
    EMPTY_SERVER_VOTES("ZOOKEEPER-261 (E8)", skips("zab.Member", "<init>", "lastZxid", 0)),
    NEVER_ADOPTS_A_BETTER_VOTE("(E1)", returns("zab.Vote", "isBetterThan", 0)),
    OBSERVER_STANDS_FOR_ELECTION(
            "ZOOKEEPER-764 (E7)", skips("zab.Looking", "conclude", "leader", 0)),
    USES_UP_ITS_EPOCH("ZOOKEEPER-1277 (L1)", returns("zab.Broadcast", "isEnding", 0)),
    COUNTS_HEADS_FOR_WEIGHTS("(S24)", skips("zab.Hierarchical", "weightPresent", "weightOf", 1)),
    GROUP_IS_WON_BY_ANYBODY_IN_IT("(S24)", skips("zab.Hierarchical", "isQuorum", "weight", 0)),
    ELECTS_WHO_HAS_NO_WEIGHT("(E7)", returns("zab.Hierarchical", "mayLead", 1)),
    SYNC_IS_ANSWERED_AT_ONCE("stale sync (C4)", skips("zab.Broadcast", "sync", "last", 0)),
    LEARNER_ANSWERS_SYNC_BY_ITSELF("(C4)", blinds("server.Forwards", "isReady", "isAnswered", 1)),
    LEADER_SYNCS_TO_WHAT_IS_PUBLISHED(
            "Loomkeeper's own (C4)", returns("server.Proposals", "hasToWait", 0)),
    READ_OVERTAKES_A_WRITE(
            "ZOOKEEPER-1863 (C3)", blinds("server.Proposals", "answer", "pending", 0)),
    CONNECTION_BEFORE_STILL_COUNTS(
            "Loomkeeper's own (C3)", skips("server.Clients", "unseat", "drop", 0)),
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
            skips("server.Proposals", "hasCreated", "forEachWriteUpTo", 0)),
    SESSION_ENDS_THAT_WAS_HEARD_OF_MEANWHILE(
            "Loomkeeper's own (C6)", skips("server.Pipeline", "endDue", "isDue", 1)),
    EPHEMERAL_IS_LEFT_BEHIND(
            "ZOOKEEPER-1208, 2355 (C7, C8)", skips("tree.DataTree", "onCloseSession", "delete", 0)),
    EPHEMERAL_IS_NOT_LISTED("(C7)", skips("tree.TreeEditor", "create", "list", 0)),
    LEARNER_TELLS_NO_WATCHER("(C9)", skips("server.Deliveries", "deliver", "fire", 0)),
    WATCH_FIRES_TWICE("ZOOKEEPER-1667 (C9)", skips("tree.Watches", "fireExact", "clear", 0)),
    MISSED_CHILDREN_ARE_NOT_TOLD(
            "ZOOKEEPER-961 (C9)", returns("tree.Watches", "missedOfChildren", 0)),
    WATCH_OF_NOBODY_IS_LEFT(
            "ZOOKEEPER-1382 (C10)", skips("server.Proposals", "answer", "isHere", 1)),
    SUFFIX_IS_USED_AGAIN("ZOOKEEPER-1046 (C11)", skips("tree.Preparer", "suffix", "abs", 0)),
    REFUSED_MULTI_IS_NOT_TAKEN_BACK("(C12)", skips("tree.Preparer", "multi", "rewind", 0)),
    DELETED_CHILD_DOES_NOT_COUNT("(C13)", skips("tree.TreeEditor", "delete", "onChildDeleted", 0));

    /** Where it comes from, and which rule it breaks. */
    final String origin;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
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

    /**
     * How it was found.
     *
     * @param found the rule and words; null when it was not
     */
    record Catch(Mutant mutant, long seed, long runs, long tookNs, @Nullable String found) {
        String line() {
            return String.format(
                    Locale.ROOT,
                    "%-45s %8.1f s %6d runs, seed %d: %s",
                    mutant,
                    tookNs / 1e9,
                    runs,
                    seed,
                    found == null
                            ? "NOT FOUND"
                            : found.substring(0, Math.min(110, found.length())));
        }
    }

    /** Runs seeds from {@code firstSeed} on until a rule breaks or the time is over. */
    Catch hunt(long firstSeed, long forNs) throws ReflectiveOperationException {
        LongFunction<@Nullable String> hunt = new MutantLoader(this).hunt();
        long beganNs = System.nanoTime();
        long seed = firstSeed;
        String found = hunt.apply(seed);
        while (found == null && System.nanoTime() - beganNs < forNs) {
            found = hunt.apply(++seed);
        }
        return new Catch(this, seed, seed - firstSeed + 1, System.nanoTime() - beganNs, found);
    }
}
