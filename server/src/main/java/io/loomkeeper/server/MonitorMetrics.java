package io.loomkeeper.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.loomkeeper.admin.Metrics;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import io.loomkeeper.server.ServerMetrics.SummarySet;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every figure of this server that Apache's has too, under its name (docs/metrics.md). What only a
 * server that serves has is left out while this one does not.
 */
record MonitorMetrics(ServerMetrics metrics, ServerView view, String version) implements Metrics {
    private static final List<String> QUOTAS =
            List.of(
                    "quota_count_limit_per_namespace",
                    "quota_bytes_limit_per_namespace",
                    "quota_count_usage_per_namespace",
                    "quota_bytes_usage_per_namespace");

    @Override
    public void collect(Sink sink) {
        sink.text("version", version);
        sink.text("server_state", view.mode());
        if (view.isServing()) {
            part(sink);
            requests(sink);
            state(sink);
            quotas(sink);
            files(sink);
        }
        for (Counter counter : Counter.values()) {
            sink.counter(counter.text(), count(counter));
        }
        metrics.quotaExceeded()
                .forEach(
                        (namespace, count) ->
                                sink.counter(
                                        "quota_exceeded_error_per_namespace",
                                        Label.key(namespace),
                                        count));
        for (Summary summary : Summary.values()) {
            sink.summary(summary.text(), metrics.summary(summary));
        }
        for (SummarySet set : SummarySet.values()) {
            metrics.summaries(set)
                    .forEach((key, values) -> sink.summary(set.text(), Label.key(key), values));
        }
    }

    /** This server's part in an ensemble. */
    private void part(Sink sink) {
        String part =
                switch (view.mode()) {
                    case "leader" -> "leading";
                    case "follower" -> "following";
                    case "observer" -> "observing";
                    default -> "";
                };
        if (!part.isEmpty()) {
            sink.text("peer_state", part + " - broadcast");
            sink.gauge("quorum_size", view.quorumSize());
        }
        view.leadership().ifPresent(leadership -> leadership(sink, leadership));
        if (part.equals("following")) {
            sink.gauge("synced_observers", 0); // none hears from a follower
        }
        view.observedServer().ifPresent(sid -> sink.gauge("observer_master_id", sid));
    }

    private static void leadership(Sink sink, ServerView.Leadership leadership) {
        sink.gauge("leader_uptime", leadership.uptimeMs());
        sink.gauge("learners", leadership.learners());
        sink.gauge("synced_followers", leadership.syncedFollowers());
        sink.gauge("synced_non_voting_followers", 0);
        sink.gauge("synced_observers", leadership.syncedObservers());
        sink.gauge("pending_syncs", leadership.pendingSyncs());
        sink.gauge("last_proposal_size", leadership.sizes().last());
        sink.gauge("min_proposal_size", leadership.sizes().min());
        sink.gauge("max_proposal_size", leadership.sizes().max());
    }

    private void requests(Sink sink) {
        LatencyStats latency = metrics.requestLatency();
        sink.gauge("avg_latency", latency.average());
        sink.gauge("max_latency", latency.max());
        sink.gauge("min_latency", latency.min());
        sink.gauge("packets_received", metrics.packetsReceived());
        sink.gauge("packets_sent", metrics.packetsSent());
        sink.gauge("last_client_response_size", metrics.lastClientResponseSize());
        sink.gauge("max_client_response_size", metrics.maxClientResponseSize());
        sink.gauge("min_client_response_size", metrics.minClientResponseSize());
        sink.gauge("auth_failed_count", metrics.authFailedCount());
        sink.gauge("non_mtls_local_conn_count", metrics.plainLocalCount());
        sink.gauge("non_mtls_remote_conn_count", metrics.plainRemoteCount());
    }

    private void state(Sink sink) {
        sink.gauge("num_alive_connections", view.connectionCount());
        sink.gauge("outstanding_requests", view.outstandingRequests());
        sink.gauge("outstanding_tls_handshake", view.outstandingHandshakes());
        sink.gauge("uptime", view.uptimeMs());
        sink.gauge("znode_count", view.nodeCount());
        sink.gauge("watch_count", view.watchCount());
        sink.gauge("ephemerals_count", view.ephemeralsCount());
        sink.gauge("approximate_data_size", view.approximateDataSizeBytes());
        sink.gauge("global_sessions", view.sessionCount());
        sink.gauge("local_sessions", 0);
    }

    /** Limits and use, added up by the first part of the path; each name at a stretch. */
    private void quotas(Sink sink) {
        SortedMap<String, long[]> sums = new TreeMap<>();
        view.eachQuota(
                (path, countLimit, bytesLimit, count, bytes) -> {
                    int end = path.indexOf('/', 1);
                    String namespace = path.substring(1, end < 0 ? path.length() : end);
                    long[] sum = sums.computeIfAbsent(namespace, _ -> new long[4]);
                    sum[0] += countLimit;
                    sum[1] += bytesLimit;
                    sum[2] += count;
                    sum[3] += bytes;
                });
        for (int i = 0; i < QUOTAS.size(); i++) {
            String name = QUOTAS.get(i);
            int at = i;
            sums.forEach((namespace, sum) -> sink.gauge(name, Label.key(namespace), sum[at]));
        }
    }

    private static void files(Sink sink) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
            sink.gauge("open_file_descriptor_count", os.getOpenFileDescriptorCount());
            sink.gauge("max_file_descriptor_count", os.getMaxFileDescriptorCount());
        }
    }

    private long count(Counter counter) {
        return counter == Counter.DIGEST_MISMATCHES_COUNT
                ? view.digestMismatches()
                : metrics.count(counter);
    }
}
