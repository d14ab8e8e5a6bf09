package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Txn;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which requests took longer than an operator wants, and where the time went; so many lines in
 * a while and no more. Whoever finds one slow does not wait for the line to be written.
 */
final class SlowRequests {
    private static final Logger LOG = LoggerFactory.getLogger(SlowRequests.class);
    private static final long NS_PER_MS = 1_000_000;
    private static final long WINDOW_NS = 10_000_000_000L;
    private static final int LINES_MAX = 20;

    private final long thresholdNs;
    private final AtomicLong window = new AtomicLong(Long.MIN_VALUE);
    private final AtomicLong lines = new AtomicLong();

    /**
     * @param thresholdMs 0: nothing is slow
     */
    SlowRequests(long thresholdMs) {
        this.thresholdNs =
                thresholdMs == 0 || thresholdMs > Long.MAX_VALUE / NS_PER_MS
                        ? Long.MAX_VALUE
                        : thresholdMs * NS_PER_MS;
    }

    /** What takes longer is slow. */
    long thresholdNs() {
        return thresholdNs;
    }

    /**
     * A request was slow.
     *
     * @param path null when it has none
     * @param where the time went, in words
     */
    void onSlow(Asked asked, long sessionId, @Nullable String path, long tookNs, String where) {
        if (!admits(System.nanoTime())) {
            return;
        }
        String line =
                "slow request: %s of session 0x%x at %s took %d ms%s"
                        .formatted(
                                asked.op(),
                                sessionId,
                                path == null ? "no path" : path,
                                tookNs / NS_PER_MS,
                                where);
        Thread.ofVirtual().name("slow-request").start(() -> LOG.warn("{}", line));
    }

    /** Lines that are not said are told of by none: the metrics have them all. */
    private boolean admits(long nowNs) {
        long current = nowNs / WINDOW_NS;
        if (window.getAndSet(current) != current) {
            lines.set(0);
        }
        return lines.incrementAndGet() <= LINES_MAX;
    }

    /** The path of a transaction: the first one of several; null when it has none. */
    static @Nullable String path(Txn txn) {
        return switch (txn) {
            case Txn.CreateTxn create -> create.path();
            case Txn.CreateContainerTxn create -> create.path();
            case Txn.CreateTtlTxn create -> create.path();
            case Txn.DeleteTxn delete -> delete.path();
            case Txn.SetDataTxn set -> set.path();
            case Txn.ReconfigTxn reconfig -> reconfig.path();
            case Txn.SetAclTxn set -> set.path();
            case Txn.CheckTxn check -> check.path();
            case Txn.MultiTxn multi ->
                    multi.txns().isEmpty() ? null : path(multi.txns().getFirst());
            case Txn.CreateSessionTxn _, Txn.CloseSessionTxn _, Txn.ErrorTxn _ -> null;
        };
    }

    /** The path of a request that is no write; null when it has none. */
    static @Nullable String path(Request request) {
        return switch (request) {
            case Request.GetData read -> read.path();
            case Request.Exists read -> read.path();
            case Request.GetAcl read -> read.path();
            case Request.GetChildren read -> read.path();
            case Request.GetAllChildrenNumber read -> read.path();
            case Request.GetEphemerals read -> read.prefix();
            case Request.AddWatch watch -> watch.path();
            case Request.CheckWatches watch -> watch.path();
            case Request.RemoveWatches watch -> watch.path();
            case Request.Sync sync -> sync.path();
            case Request.MultiRead multi ->
                    multi.ops().isEmpty() ? null : path(multi.ops().getFirst());
            case Request.WhoAmI _,
                    Request.SetWatches _,
                    Request.Ping _,
                    Request.Unreadable _,
                    Request.Auth _,
                    Request.Sasl _,
                    Request.Write _ ->
                    null;
        };
    }
}
