package io.loomkeeper.log;

import java.util.concurrent.CompletableFuture;

/**
 * A wish that the history be another from here on; the log takes no records until it is settled.
 */
sealed interface HistoryChange {
    /** The last zxid of the history afterwards. */
    long zxid();

    SnapshotStore snapshots();

    Completion completion();

    /** Whether it was done, for the appending thread. */
    CompletableFuture<Boolean> result();

    /** The history up to {@code zxid} stays (rules T2 to T5). */
    record Cut(
            long zxid,
            SnapshotStore snapshots,
            Completion completion,
            CompletableFuture<Boolean> result)
            implements HistoryChange {}

    /** The received snapshot of {@code zxid} takes the place of all history (rule D3). */
    record Install(
            long zxid,
            SnapshotStore snapshots,
            Completion completion,
            CompletableFuture<Boolean> result)
            implements HistoryChange {}
}
