package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.blinds;
import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.forgets;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;
import static io.loomkeeper.sim.Slips.overlooks;
import static io.loomkeeper.sim.Slips.swallows;

import java.util.List;

/**
 * A mistake about state, sockets and queues, and about a history that is cut (S12, S14, T6, T7, E9,
 * L).
 */
enum FactMutant implements FactMistake {
    PUBLISHES_WHAT_GOES_ON_CHANGING(
            "S12",
            new Fact("server.PipelineTest", "whatIsNotDurableIsNotPublished"),
            calls("server.Proposals", "seal", "seal", "head")),
    VERSION_CHANGES_AFTER_IT_WAS_SEALED(
            "S12",
            new Fact("tree.TreeVersionTest", "zxidAndEffectsOfAVersionStayTogether"),
            forgets("tree.DataTree", "seal", "sealed")),
    DIRECTORY_IN_USE_IS_TAKEN(
            "S14",
            new Fact("log.DataDirLockTest", "aSecondServerIsToldWhoHoldsTheDirectory"),
            overlooks("log.DataDirLock", "acquire")),
    SERVER_TAKES_NO_LOCK(
            "S14",
            new Fact("server.DataDirsTest", "oneServerAtATimeWritesADirectory"),
            skips("server.Server", "start", "acquire", 0)),
    CUT_THAT_IS_REFUSED_COUNTS(
            "T6",
            new Fact("server.DurableHistoryTest", "aCutThatCannotBeMadeIsTheEnd"),
            returns("server.DurableHistory", "require", 0)),
    NO_STATE_IS_BUILT_BEHIND_A_CUT(
            "T7",
            new Fact("server.DurableHistoryTest", "whatIsCutOffTheLogIsGoneFromTheTree"),
            skips("server.DurableHistory", "onCut", "load", 0)),
    STATE_BUILT_BEHIND_A_CUT_IS_NOT_TAKEN(
            "T7",
            new Fact("server.DurableHistoryTest", "whatIsCutOffTheLogIsGoneFromTheTree"),
            skips("server.Pipeline", "onTruncated", "replace", 0)),
    CORE_GOES_ON_FROM_WHAT_WAS_CUT(
            "T7",
            new Fact("zab.SynchronizationTest", "recoveredStateIsTakenBackWhenItIsTruncated"),
            forgets("zab.History", "onTruncated", "delivered")),
    NOTIFICATION_OF_ANY_LENGTH_IS_TAKEN(
            "E9",
            new Fact("net.wire.ElectionCodecTest", "notificationsOfNoKnownShapeAreMalformed"),
            overlooks("net.wire.ElectionDecoder", "next")),
    LINK_GOES_ON_BEHIND_GARBAGE(
            "E9",
            new Fact("net.ElectionLinksTest", "nothingIsHeardBehindGarbage"),
            swallows("net.ElectionLink", "deliver", "next", 0)),
    LEARNER_IS_SILENT_WHILE_IT_INSTALLS(
            "L4",
            new Fact("zab.SynchronizationTest", "slowInstallationIsWaitedFor"),
            skips("zab.Learning", "maybeShowLife", "send", 0)),
    QUEUE_TO_A_SLOW_SERVER_HAS_NO_BOUND(
            "L5",
            new Fact("net.LinkQueueTest", "whatIsOneTooManyIsRefused"),
            blinds("net.LinkQueue", "add", "waitingBytes", 0)),
    QUEUE_TO_A_SLOW_CLIENT_HAS_NO_BOUND(
            "L5, RD-9",
            new Fact("net.OutboxTest", "slowReaderIsCutOffWhenItsBoundIsPassed"),
            blinds("net.Outbox", "admits", "waitingBytes", 0)),
    QUEUE_TO_THE_PIPELINE_HAS_NO_BOUND(
            "L5",
            new Fact("server.RequestRingTest", "largeFramesAreBoundedInBytes"),
            skips("server.RequestRing", "offerCopied", "addAndGet", 0)),
    QUEUE_TO_THE_LOG_HAS_NO_BOUND(
            "L5",
            new Fact("log.AppendQueueTest", "longRecordsAreBoundedInBytes"),
            skips("log.AppendQueue", "offerLong", "get", 0)),
    QUEUE_OF_A_BUSY_LEARNER_HAS_NO_BOUND(
            "L5",
            new Fact("zab.ApacheTalkTest", "learnerThatInstallsTakesInNoMoreThanItsBound"),
            returns("zab.Inbox", "isFull", 0)),
    SILENT_LEARNER_IS_KEPT(
            "L5",
            new Fact("zab.PeerTest", "silentFollowerIsCutOff"),
            returns("zab.Learners", "dropSilent", 0));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    FactMutant(String rules, Fact fact, Mutation... mutations) {
        recipe = new Recipe(rules, fact, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}
