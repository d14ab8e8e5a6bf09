package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.blinds;
import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.forgets;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;
import static io.loomkeeper.sim.Slips.compares;
import static io.loomkeeper.sim.Slips.mutes;
import static io.loomkeeper.sim.Slips.repeats;
import static io.loomkeeper.sim.Slips.shifts;

import java.util.List;

/** A mistake against one rule, which is found by the check of that rule and no other. */
enum RuleMutant implements Mistake {
    DURABLE_ZXID_OUTLIVES_A_TRUNCATION(
            "(S1)",
            forgets("zab.History", "truncate", "durable"),
            forgets("zab.History", "onTruncated", "durable")),
    WHAT_IS_ABANDONED_STAYS_IN_THE_STATE("(S2)", skips("server.Proposals", "abandon", "rewind", 0)),
    SENDS_OTHER_BYTES_THAN_IT_LOGS("(S3)", skips("zab.History", "append", "putBytes", 0)),
    DELIVERS_TWICE("(S3)", repeats("zab.History", "deliver", "onDelivered")),
    LEADER_DELIVERS_ALL_THAT_IT_HAS("(S4)", calls("zab.History", "deliverable", "min", "max")),
    DROPS_WHAT_THE_JOURNAL_HAS_NO_ROOM_FOR(
            "(S5)",
            forgets("zab.Learning", "onProposal", "stalled"),
            returns("zab.History", "isNext", 1)) {
        @Override
        public long firstSeed() {
            return 20;
        }
    },
    DELIVERS_EVERY_SECOND("(S6)", repeats("zab.History", "deliver", "markDelivered")),
    DELIVERS_AGAIN_WHAT_RECOVERY_APPLIED(
            "(S7)", forgets("zab.History", "<init>", "deliveredCount")),
    ANSWERS_WHAT_IS_PROPOSED("(S11)", skips("server.PendingQueue", "takePublishable", "zxid", 0)),
    HEARS_OF_NO_LATER_EPOCH(
            "(S16)",
            skips("zab.Leading", "onIntroduced", "heardOfEpoch", 0),
            skips("zab.Learning", "onLeaderInfo", "acceptedEpoch", 0)) {
        @Override
        public long firstSeed() {
            return 40;
        }
    },
    IMAGE_LACKS_THE_TAIL(
            "Loomkeeper's own (S19)",
            skips("zab.Synchronizer", "undelivered", "indexAfter", 0),
            mutes("zab.Synchronizer", "sendImage")) {
        @Override
        public long firstSeed() {
            return 1_020;
        }
    },
    APPENDS_WHILE_ITS_HISTORY_IS_REPLACED(
            "(D3)", skips("zab.Learning", "isBusy", "isChanging", 0)) {
        @Override
        public long firstSeed() {
            return 4;
        }
    },
    LEARNER_APPLIES_WHAT_IT_HAS(
            "(D7)", calls("zab.Learning", "maybeDeliver", "deliverable", "lastProposed")),
    CUTS_LESS_THAN_IT_IS_TOLD(
            "(T1)",
            shifts("zab.Learning", "truncateIf", "truncate"),
            mutes("zab.History", "truncate")),
    CUTS_ONE_TOO_FEW(
            "(T2)",
            shifts("zab.Synchronizer", "decide", "truncate"),
            mutes("zab.Synchronizer", "truncate")),
    NEW_LEADER_CUTS_WHAT_IT_HAS_NOT_DELIVERED(
            "(T8)",
            calls("zab.Leading", "maybeEstablish", "deliver", "truncate"),
            calls("zab.Leading", "maybeEstablish", "last", "delivered"),
            mutes("zab.History", "truncate")),
    VOTES_FOR_WHO_HAS_LESS("(E1)", blinds("zab.Vote", "isBetterThan", "zxid", 0)),
    FIRST_VOTE_HEARD_IS_KEPT("(E2)", calls("zab.Looking", "onNotification", "put", "putIfAbsent")),
    TAKES_AN_EARLIER_ROUND_FROM_ITS_LEADER(
            "(E4)", compares("zab.Election", "onSettled", 1), mutes("zab.Member", "adoptRound")) {
        @Override
        public long firstSeed() {
            return 12;
        }
    },
    JOINS_WHO_NEVER_SAID_THAT_IT_LEADS("(E5)", returns("zab.Election", "claimsToLead", 1)),
    SHOWS_THE_EPOCH_IT_WAS_ELECTED_IN(
            "ZOOKEEPER-1732 (E10)",
            forgets("zab.Leading", "maybeEstablish", "vote"),
            forgets("zab.Learning", "maybeServe", "vote")),
    NEW_SESSION_IS_NEVER_TOLD("(L2)", returns("server.Publication", "connectThen", 0)),
    OBSERVERS_ARE_TOLD_OF_NO_LEADER("(L3)", skips("zab.Member", "onNotification", "notify", 0)) {
        @Override
        public long firstSeed() {
            return 12;
        }
    },
    WRITE_IS_FORWARDED_TWICE("(C1)", repeats("server.Forwards", "write", "forward")),
    REPLY_GOES_TO_ANY_WRITE_OF_ITS_SESSION(
            "(C1)",
            skips("server.Forwards", "maybeReply", "xid", 0),
            skips("server.Forwards", "maybeReply", "cxid", 0)),
    CLOSES_WITH_WHAT_ANOTHER_SESSION_HAS(
            "(C7)", shifts("tree.Preparer", "closeSession", "ephemeralsOf")),
    /** Found by other reads as well: in this seed what is left behind is read itself. */
    EPHEMERAL_OUTLIVES_ITS_SESSION("(C8)", skips("tree.DataTree", "onCloseSession", "delete", 0)) {
        @Override
        public long firstSeed() {
            return 46;
        }
    },
    MULTI_IS_TOLD_WITHOUT_ITS_PARTS("(C12)", skips("tree.DataTree", "onMulti", "add", 0)),
    VERSION_DOES_NOT_RISE("(C13)", skips("tree.Preparer", "setData", "version", 0));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    RuleMutant(String origin, Mutation... mutations) {
        recipe = new Recipe(origin, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}
