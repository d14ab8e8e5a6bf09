package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientMeter;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;

/** What client connections report, as this server's metrics count it. */
record ClientCounts(ServerMetrics metrics, StageTimes stages, SlowRequests slow)
        implements ClientMeter {
    private static final long NS_PER_MS = 1_000_000;

    @Override
    public void onReceived(int bytes) {
        metrics.onPacketReceived(bytes);
    }

    @Override
    public void onReplied(Op op, long latencyNs, int bytes) {
        metrics.onPacketSent();
        metrics.onResponse(bytes - Integer.BYTES);
        if (op.kind() == Op.Kind.WRITE) {
            metrics.onUpdate(latencyNs / NS_PER_MS);
        } else {
            metrics.onRead(latencyNs / NS_PER_MS);
        }
    }

    @Override
    public void onEvent(int bytes) {
        metrics.onPacketSent();
        metrics.add(Counter.WATCH_BYTES, bytes);
    }

    @Override
    public void onSentBeside(int bytes) {
        metrics.onPacketSent();
    }

    @Override
    public void onIncident(Incident incident) {
        switch (incident) {
            case REFUSED -> metrics.increment(Counter.CONNECTION_REJECTED);
            case SESSIONLESS -> metrics.increment(Counter.SESSIONLESS_CONNECTIONS_EXPIRED);
            case CUT_OFF -> metrics.increment(Counter.CONNECTION_DROP_COUNT);
            case AUTH_FAILED -> metrics.onAuthFailed();
            case HANDSHAKE_FAILED -> {
                metrics.onAuthFailed();
                metrics.increment(Counter.UNSUCCESSFUL_HANDSHAKE);
            }
            case HANDSHAKE_EXCEEDED -> metrics.increment(Counter.TLS_HANDSHAKE_EXCEEDED);
        }
    }

    @Override
    public void onPlain(boolean isLocal) {
        metrics.onPlainConnection(isLocal);
    }

    @Override
    public void onAdmitted(long deficit) {
        metrics.summary(Summary.CONNECTION_TOKEN_DEFICIT).record(deficit);
    }

    @Override
    public void onWritten(long tookNs) {
        stages.onReply(tookNs);
    }

    @Override
    public long slowNs() {
        return slow.thresholdNs();
    }

    @Override
    public void onSlowRead(Asked asked, long sessionId, Request.Read read, long latencyNs) {
        slow.onSlow(asked, sessionId, SlowRequests.path(read), latencyNs, "");
    }
}
