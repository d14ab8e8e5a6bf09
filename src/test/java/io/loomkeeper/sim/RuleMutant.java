package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.compares;
import static io.loomkeeper.sim.Mutation.forgets;
import static io.loomkeeper.sim.Mutation.mutes;
import static io.loomkeeper.sim.Mutation.repeats;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.shifts;
import static io.loomkeeper.sim.Mutation.skips;

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
    DELIVERS_EVERY_SECOND("(S6)", repeats("zab.History", "deliver", "markDelivered")),
    DELIVERS_AGAIN_WHAT_RECOVERY_APPLIED(
            "(S7)", forgets("zab.History", "<init>", "deliveredCount")),
    ANSWERS_WHAT_IS_PROPOSED("(S11)", skips("server.PendingQueue", "takePublishable", "zxid", 0)),
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
    CUTS_ONE_TOO_FEW(
            "(T2)",
            shifts("zab.Synchronizer", "decide", "truncate"),
            mutes("zab.Synchronizer", "truncate")),
    NEW_LEADER_CUTS_WHAT_IT_HAS_NOT_DELIVERED(
            "(T8)",
            calls("zab.Leading", "maybeEstablish", "deliver", "truncate"),
            calls("zab.Leading", "maybeEstablish", "last", "delivered"),
            mutes("zab.History", "truncate")),
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
    WRITE_IS_FORWARDED_TWICE("(C1)", repeats("server.Forwards", "write", "forward")),
    REPLY_GOES_TO_ANY_WRITE_OF_ITS_SESSION(
            "(C1)",
            skips("server.Forwards", "maybeReply", "xid", 0),
            skips("server.Forwards", "maybeReply", "cxid", 0));

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
