package io.loomkeeper.server;

import io.loomkeeper.net.ClientMeter;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.tree.Op;

/** What client connections report, as this server's metrics count it. */
record ClientCounts(ServerMetrics metrics) implements ClientMeter {
    private static final long NS_PER_MS = 1_000_000;

    @Override
    public void onReceived(int bytes) {
        metrics.onPacketReceived(bytes);
    }

    @Override
    public void onReplied(Op op, long latencyNs, int bytes) {
        metrics.onPacketSent();
        metrics.onResponse(bytes - Integer.BYTES);
        if (isUpdate(op)) {
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
        }
    }

    private static boolean isUpdate(Op op) {
        return switch (op) {
            case CREATE,
                    CREATE2,
                    CREATE_CONTAINER,
                    CREATE_TTL,
                    DELETE,
                    DELETE_CONTAINER,
                    SET_DATA,
                    SET_ACL,
                    CHECK,
                    MULTI,
                    RECONFIG,
                    CREATE_SESSION,
                    CLOSE_SESSION ->
                    true;
            case EXISTS,
                    GET_DATA,
                    GET_ACL,
                    GET_CHILDREN,
                    GET_CHILDREN2,
                    GET_ALL_CHILDREN_NUMBER,
                    GET_EPHEMERALS,
                    MULTI_READ,
                    WHO_AM_I,
                    SYNC,
                    PING,
                    AUTH,
                    SASL,
                    SET_WATCHES,
                    SET_WATCHES2,
                    ADD_WATCH,
                    CHECK_WATCHES,
                    REMOVE_WATCHES ->
                    false;
        };
    }
}
