package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.net.ClientMeter.Incident;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import io.loomkeeper.tree.Op;
import org.junit.jupiter.api.Test;

class ClientCountsTest {
    private final ServerMetrics metrics = new ServerMetrics();
    private final ClientCounts counts =
            new ClientCounts(metrics, new StageTimes(), new SlowRequests(0));

    @Test
    void everythingThatLeavesIsAPacket() {
        counts.onReplied(Op.EXISTS, 0, 88);
        counts.onEvent(40);
        counts.onSentBeside(41);
        assertEquals(3, metrics.packetsSent());
        assertEquals(84, metrics.lastClientResponseSize());
        assertEquals(40, metrics.count(Counter.WATCH_BYTES));
    }

    @Test
    void receivedBytesCountWithTheirLength() {
        counts.onReceived(49);
        assertEquals(1, metrics.packetsReceived());
        assertEquals(49, metrics.count(Counter.BYTES_RECEIVED_COUNT));
    }

    @Test
    void readsAndUpdatesAreToldApartInMilliseconds() {
        counts.onReplied(Op.GET_DATA, 3_999_999, 20);
        counts.onReplied(Op.MULTI, 7_000_000, 20);
        assertEquals(3, metrics.summary(Summary.READ_LATENCY).max());
        assertEquals(7, metrics.summary(Summary.UPDATE_LATENCY).max());
        assertEquals(2, metrics.requestLatency().count());
    }

    @Test
    void incidentsHaveCountersOfTheirOwn() {
        for (Incident incident : Incident.values()) {
            counts.onIncident(incident);
        }
        assertEquals(1, metrics.count(Counter.CONNECTION_REJECTED));
        assertEquals(1, metrics.count(Counter.SESSIONLESS_CONNECTIONS_EXPIRED));
        assertEquals(1, metrics.count(Counter.CONNECTION_DROP_COUNT));
        assertEquals(1, metrics.count(Counter.UNSUCCESSFUL_HANDSHAKE));
        assertEquals(1, metrics.count(Counter.TLS_HANDSHAKE_EXCEEDED));
        // a handshake that fails is a refusal of credentials too
        assertEquals(2, metrics.authFailedCount());
    }
}
