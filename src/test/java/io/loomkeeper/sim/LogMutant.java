package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.skips;
import static io.loomkeeper.sim.Slips.follows;
import static io.loomkeeper.sim.Slips.retries;
import static io.loomkeeper.sim.Slips.swallows;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/** A mistake about what is on disk, and when (S14, D2, D8 to D12, T3 to T6). */
enum LogMutant implements FactMistake {
    PROMISE_IS_NOT_FORCED(
            "D2",
            new Fact("log.EpochFileTest", "whatWasPromisedSurvivesALossOfPower"),
            skips("log.WholeFile", "write", "force", 0)),
    NAME_OF_A_PROMISE_IS_NOT_FORCED(
            "D2, D8",
            new Fact("log.EpochFileTest", "whatWasPromisedSurvivesALossOfPower"),
            skips("log.WholeFile", "put", "forceDirectory", 0)),
    RUN_IS_NOT_FORCED(
            "D8",
            new Fact("log.PowerLossTest", "whatWasAcknowledgedSurvives"),
            skips("log.ChronicleRun", "<init>", "forceDirectory", 0)),
    SEGMENT_IS_NOT_FORCED(
            "D8",
            new Fact("log.PowerLossTest", "whatWasAcknowledgedSurvives"),
            skips("log.ChronicleRun", "begin", "forceDirectory", 0)),
    NOTE_OF_WHAT_IS_DURABLE_IS_NOT_FORCED(
            "D8",
            new Fact("log.PowerLossTest", "whatWasAcknowledgedSurvives"),
            skips("log.DurableExtent", "advanceDurably", "force", 0)),
    SEGMENT_ENDS_WITHOUT_A_FORCE(
            "D8",
            new Fact("log.PowerLossTest", "whatWasAcknowledgedSurvives"),
            skips("log.LogTail", "roll", "forceWhole", 0)),
    SNAPSHOT_IS_NOT_FORCED(
            "D8",
            new Fact("log.PowerLossTest", "whatWasAcknowledgedSurvives"),
            skips("log.SnapshotWriter", "commit", "force", 0)),
    NAME_OF_A_SNAPSHOT_IS_NOT_FORCED(
            "D8",
            new Fact("log.PowerLossTest", "whatWasAcknowledgedSurvives"),
            skips("log.WholeFile", "put", "forceDirectory", 0)),
    PURGE_COUNTS_DAMAGED_SNAPSHOTS(
            "D8",
            new Fact("log.RecoveryTest", "retentionDoesNotCountADamagedSnapshot"),
            skips("log.Retention", "purgeLocked", "isSound", 1)),
    FORCE_THAT_FAILED_IS_TRIED_AGAIN(
            "D9",
            new Fact("log.ForceTest", "aForceThatFailedIsNotTriedAgain"),
            retries("log.LogTail", "settle", "force")),
    FORCE_THAT_FAILED_COUNTS(
            "D9",
            new Fact("log.TxnLogTest", "theFirstFailedForceIsTheLastWord"),
            swallows("log.LogTail", "settle", "force", 0)),
    LOG_THAT_FAILED_TAKES_MORE(
            "D9",
            new Fact("log.TxnLogTest", "theFirstFailedForceIsTheLastWord"),
            skips("log.TxnLog", "append", "hasFailed", 0)),
    PROMISE_THAT_FAILED_COUNTS(
            "D9, D2",
            new Fact("log.EpochFileTest", "aPromiseThatCannotBeForcedIsNotMade"),
            swallows("log.EpochFile", "accept", "storeUnchecked", 0)),
    FORCE_COUNTS_FOR_WHAT_CAME_MEANWHILE(
            "D11",
            new Fact("log.ForceTest", "whatArrivesDuringAForceIsNotDurableByIt"),
            follows("log.Syncer", "syncBatch", "settle", LogMutant::takeInMore)),
    DURABLE_ZXID_OUTLIVES_A_TRUNCATION(
            "D11",
            new Fact("log.TxnLogTest", "truncationDropsTheTailAndTheHistoryGoesOn"),
            skips("log.Syncer", "settle", "noteDurable", 0)),
    START_READS_NOTHING_BACK(
            "D12",
            new Fact("log.ForceTest", "aDiskThatForgetsWhatWasForcedIsFoundAtTheStart"),
            skips("log.TxnLog", "start", "checkReadable", 0)),
    START_DOES_NOT_ASK_WHAT_IS_FORCED(
            "D12",
            new Fact("log.ForceTest", "aForceThatReachesAnotherFileIsFoundAtTheStart"),
            skips("log.TxnLog", "start", "checkForced", 0)),
    SNAPSHOTS_ABOVE_A_CUT_STAY(
            "T3",
            new Fact("log.RecoveryTest", "truncationDeletesTheSnapshotsThatHoldMore"),
            skips("log.Syncer", "cut", "deleteAfter", 0)),
    SNAPSHOTS_GO_AFTER_THE_CUT(
            "T3",
            new Fact("log.PowerLossTest", "aTruncationHappensWhollyOrNotAtAll"),
            skips("log.Syncer", "cut", "deleteAfter", 0),
            follows("log.Syncer", "cut", "cut", LogMutant::deleteSnapshots)),
    SNAPSHOTS_ABOVE_A_CUT_COME_BACK(
            "T3",
            new Fact("log.PowerLossTest", "aTruncationHappensWhollyOrNotAtAll"),
            skips("log.SnapshotStore", "delete", "forceDirectory", 0)),
    CUT_IS_NOTED_BEFORE_IT_IS_FORCED(
            "T4",
            new Fact("log.PowerLossTest", "aTruncationHappensWhollyOrNotAtAll"),
            skips("log.LogTail", "settle", "force", 0),
            follows("log.LogTail", "settle", "advanceDurably", LogMutant::forceSegment)),
    CUT_IS_NOT_FORCED(
            "T5",
            new Fact("log.PowerLossTest", "aTruncationHappensWhollyOrNotAtAll"),
            skips("log.LogTail", "cut", "settle", 0)),
    DIRECTORY_OF_A_CUT_IS_NOT_FORCED(
            "T5",
            new Fact("log.PowerLossTest", "aTruncationHappensWhollyOrNotAtAll"),
            skips("log.ChronicleRun", "begin", "forceDirectory", 0)),
    CUT_THAT_FAILED_COUNTS(
            "T6",
            new Fact("log.TxnLogTest", "aTruncationThatWasNotMadeDurableDidNotHappen"),
            swallows("log.Syncer", "cut", "cut", 0));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    LogMutant(String rules, Fact fact, Mutation... mutations) {
        recipe = new Recipe(rules, fact, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }

    /** {@code this.queue.drain()} of the syncer. */
    private static void takeInMore(CodeBuilder code) {
        code.aload(0).getfield(Slips.ours("log.Syncer"), "queue", Slips.ours("log.AppendQueue"));
        Slips.call(code, "log.AppendQueue", "drain", ConstantDescs.CD_int);
        code.pop();
    }

    /** {@code snapshots.deleteAfter(zxid)} of the syncer. */
    private static void deleteSnapshots(CodeBuilder code) {
        code.aload(3).lload(1);
        code.invokevirtual(
                Slips.ours("log.SnapshotStore"),
                "deleteAfter",
                MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long));
    }

    /** {@code run.force()} of the log's tail. */
    private static void forceSegment(CodeBuilder code) {
        code.aload(0).getfield(Slips.ours("log.LogTail"), "run", Slips.ours("log.ChronicleRun"));
        Slips.call(code, "log.ChronicleRun", "force", ConstantDescs.CD_void);
    }
}
