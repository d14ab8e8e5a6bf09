package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ServerMetricsTest {
    private final ServerMetrics metrics = new ServerMetrics();

    @Test
    void readsAndUpdatesAreBothRequests() {
        metrics.onRead(3);
        metrics.onUpdate(5);

        assertEquals(2, metrics.requestLatency().count());
        assertEquals(3, metrics.summary(Summary.READ_LATENCY).max());
        assertEquals(5, metrics.summary(Summary.UPDATE_LATENCY).max());
    }

    @Test
    void responseSizesAreMinusOneBeforeTheFirst() {
        assertEquals(-1, metrics.lastClientResponseSize());
        assertEquals(-1, metrics.minClientResponseSize());
        assertEquals(-1, metrics.maxClientResponseSize());
    }

    @Test
    void responseSizesAreKept() {
        metrics.onResponse(20);
        metrics.onResponse(90);
        metrics.onResponse(16);

        assertEquals(16, metrics.lastClientResponseSize());
        assertEquals(16, metrics.minClientResponseSize());
        assertEquals(90, metrics.maxClientResponseSize());
        assertEquals(126, metrics.count(Counter.RESPONSE_BYTES));
    }

    @Test
    void refusalsByAQuotaAreCountedByTheFirstElementOfThePath() {
        metrics.onQuotaExceeded("/a/b/c");
        metrics.onQuotaExceeded("/a");
        metrics.onQuotaExceeded("/b/c");
        assertEquals(Map.of("a", 2L, "b", 1L), metrics.quotaExceeded());

        metrics.reset();
        assertEquals(Map.of(), metrics.quotaExceeded());
    }

    @Test
    void namesThatClientsChooseAreBounded() {
        for (int i = 0; i < 2 * ServerMetrics.NAMESPACES_MAX; i++) {
            metrics.onQuotaExceeded("/n" + i);
        }
        metrics.onQuotaExceeded("/n0");

        assertEquals(ServerMetrics.NAMESPACES_MAX, metrics.quotaExceeded().size());
        assertEquals(2L, metrics.quotaExceeded().get("n0"));
    }

    @Test
    void forceAboveTheThresholdIsSlow() {
        metrics.onFsync(1000, 1000);
        metrics.onFsync(1001, 1000);

        assertEquals(1, metrics.fsyncThresholdExceedCount());
        assertEquals(2, metrics.summary(Summary.FSYNC_TIME).count());
    }

    @Test
    void resetLeavesSlowForcesAndRefusedCredentialsAlone() {
        metrics.onPacketReceived(10);
        metrics.onPacketSent();
        metrics.onResponse(10);
        metrics.onRead(1);
        metrics.onFsync(2, 1);
        metrics.onAuthFailed();
        metrics.increment(Counter.CONNECTION_REJECTED);

        metrics.reset();

        assertEquals(0, metrics.packetsReceived());
        assertEquals(0, metrics.packetsSent());
        assertEquals(-1, metrics.lastClientResponseSize());
        assertEquals(-1, metrics.minClientResponseSize());
        assertEquals(-1, metrics.maxClientResponseSize());
        assertEquals(0, metrics.requestLatency().count());
        assertEquals(0, metrics.summary(Summary.FSYNC_TIME).count());
        assertEquals(0, metrics.count(Counter.CONNECTION_REJECTED));
        assertEquals(0, metrics.count(Counter.BYTES_RECEIVED_COUNT));
        assertEquals(1, metrics.fsyncThresholdExceedCount());
        assertEquals(1, metrics.authFailedCount());
    }

    @Test
    void namesAreUnique() {
        Set<String> names = new HashSet<>();
        for (Counter counter : Counter.values()) {
            names.add(counter.text());
        }
        for (Summary summary : Summary.values()) {
            names.add(summary.text());
        }

        assertEquals(Counter.values().length + Summary.values().length, names.size());
    }
}
