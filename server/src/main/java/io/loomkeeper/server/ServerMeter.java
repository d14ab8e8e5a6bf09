package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.zab.Peer;
import org.jspecify.annotations.Nullable;

/** What the pipeline reports, as this server's metrics and its log of slow requests have it. */
final class ServerMeter implements PipelineMeter, PipelineAgent.Spectator {
    private static final long NS_PER_MS = 1_000_000;

    private final ServerMetrics metrics;
    private final StageTimes stages;
    private final SlowRequests slow;
    private final @Nullable EnsembleMeter members;
    private final RoleLog roles;
    private final Expiries expiries = new Expiries();
    private final @Nullable AuditLog audit;

    /**
     * @param members null on a server that stands alone, where proposals and commits do not count,
     *     as in Apache's server
     * @param audit null without one
     */
    ServerMeter(
            ServerMetrics metrics,
            StageTimes stages,
            SlowRequests slow,
            @Nullable EnsembleMeter members,
            @Nullable AuditLog audit) {
        this.metrics = metrics;
        this.stages = stages;
        this.slow = slow;
        this.members = members;
        this.roles = new RoleLog(metrics);
        this.audit = audit;
    }

    @Override
    public void onBatchEnd(Peer peer, PublishedState.Standing standing, long nowMs) {
        expiries.onRun(nowMs);
        if (members != null) {
            members.onBatchEnd(standing);
            roles.observe(peer, standing, nowMs);
        }
    }

    @Override
    public void onTaken(long receivedNs) {
        stages.onRing(System.nanoTime() - receivedNs);
    }

    @Override
    public long nowNs() {
        return System.nanoTime();
    }

    @Override
    public void onConnect(boolean isRenewal) {
        metrics.increment(Counter.CONNECTION_REQUEST_COUNT);
        if (isRenewal) {
            metrics.increment(Counter.CONNECTION_REVALIDATE_COUNT);
        }
    }

    @Override
    public void onTurnedAway() {
        metrics.increment(Counter.CNXN_CLOSED_WITHOUT_ZK_SERVER_RUNNING);
    }

    @Override
    public void onRevalidated() {
        metrics.increment(Counter.REVALIDATE_COUNT);
    }

    @Override
    public void onDurable(long zxid) {
        if (members != null) {
            members.onDurable(zxid);
        }
    }

    @Override
    public void onAcked(long sid, long zxid) {
        if (members != null) {
            members.onAcked(sid, zxid);
        }
    }

    @Override
    public void onExpired(long sessionId, Sessions.Silence silence, long nowMs) {
        metrics.increment(Counter.STALE_SESSIONS_EXPIRED);
        expiries.onExpired(sessionId, silence, nowMs);
    }

    @Override
    public boolean audits() {
        return audit != null;
    }

    @Override
    public void onAudited(Client client, Request.Write request, Applied applied) {
        if (audit != null) {
            audit.onWrite(client, request, applied);
        }
    }

    @Override
    public void onSessionEnded(Applied applied) {
        if (audit != null) {
            audit.onSessionEnded(applied);
        }
    }

    @Override
    public void onProposed(long beganNs, long preparedNs, long handedNs) {
        stages.onPrepare(preparedNs - beganNs);
        stages.onAppend(handedNs - preparedNs);
        if (members != null) {
            metrics.increment(Counter.PROPOSAL_COUNT);
        }
    }

    @Override
    public void onCommitted(PendingQueue.Write write, long committedNs) {
        stages.onQuorum(committedNs - write.handedNs());
        if (members != null) {
            metrics.increment(Counter.COMMIT_COUNT);
            members.onCommitted(write.applied().header().zxid());
        }
        Client client = write.from();
        long receivedNs = write.asked().receivedNs();
        if (client == null || receivedNs == 0) {
            return;
        }
        long untilCommittedNs = committedNs - receivedNs;
        if (members != null) {
            metrics.summary(Summary.QUORUM_ACK_LATENCY).record(untilCommittedNs / NS_PER_MS);
        }
        if (untilCommittedNs > slow.thresholdNs()) {
            slow.onSlow(
                    write.asked(),
                    client.sessionId,
                    SlowRequests.path(write.applied().txn()),
                    untilCommittedNs,
                    course(write, committedNs));
        }
    }

    private static String course(PendingQueue.Write write, long committedNs) {
        return ": %d until it was judged and handed to the log, %d until it was committed"
                .formatted(
                        (write.handedNs() - write.asked().receivedNs()) / NS_PER_MS,
                        (committedNs - write.handedNs()) / NS_PER_MS);
    }

    @Override
    public void onPublished(long beganNs) {
        stages.onApply(System.nanoTime() - beganNs);
    }

    @Override
    public void onForwarded(Client client, Asked asked, Txn txn) {
        long tookNs = System.nanoTime() - asked.receivedNs();
        if (tookNs > slow.thresholdNs()) {
            slow.onSlow(
                    asked,
                    client.sessionId,
                    SlowRequests.path(txn),
                    tookNs,
                    ", by way of the leader");
        }
    }

    @Override
    public void onAnswered(Client client, Asked asked, Request request) {
        long nowNs = System.nanoTime();
        long tookNs = nowNs - asked.receivedNs();
        if (tookNs > slow.thresholdNs()) {
            slow.onSlow(
                    asked,
                    client.sessionId,
                    SlowRequests.path(request),
                    tookNs,
                    ", by way of the pipeline");
        }
    }

    @Override
    public void onImage() {
        metrics.increment(Counter.SNAP_COUNT);
    }

    @Override
    public void onApplied(long createdMs, long nowMs) {
        metrics.summary(Summary.PROPAGATION_LATENCY).record(nowMs - createdMs);
        if (members != null) {
            members.onApplied(createdMs, nowMs);
        }
    }

    @Override
    public void onFired(EventType type, int connections) {
        Summary summary =
                switch (type) {
                    case NODE_CREATED -> Summary.NODE_CREATED_WATCH_COUNT;
                    case NODE_DELETED -> Summary.NODE_DELETED_WATCH_COUNT;
                    case NODE_DATA_CHANGED -> Summary.NODE_CHANGED_WATCH_COUNT;
                    case NODE_CHILDREN_CHANGED -> Summary.NODE_CHILDREN_WATCH_COUNT;
                };
        metrics.summary(summary).record(connections);
    }
}
