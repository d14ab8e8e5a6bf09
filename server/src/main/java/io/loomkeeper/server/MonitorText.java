package io.loomkeeper.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import java.lang.management.ManagementFactory;

/**
 * The answer to mntr: one line {@code zk_<metric>\t<value>} for each metric, named and shaped as
 * Apache's (protocol 22). A summary is a line for each of its figures.
 */
final class MonitorText {
    private final ServerMetrics metrics;
    private final ServerView view;
    private final String version;
    private final StringBuilder text = new StringBuilder();

    MonitorText(ServerMetrics metrics, ServerView view, String version) {
        this.metrics = metrics;
        this.view = view;
        this.version = version;
    }

    String mntr() {
        line("version", version);
        line("server_state", view.mode());
        appendPart();
        appendRequests();
        appendState();
        appendFileDescriptors();
        for (Counter counter : Counter.values()) {
            line(counter.text(), count(counter));
        }
        metrics.quotaExceeded()
                .forEach(
                        (name, count) -> line(name + "_quota_exceeded_error_per_namespace", count));
        for (Summary summary : Summary.values()) {
            appendSummary(summary.text(), metrics.summary(summary));
        }
        return text.toString();
    }

    /** This server's part in an ensemble. */
    private void appendPart() {
        String part =
                switch (view.mode()) {
                    case "leader" -> "leading";
                    case "follower" -> "following";
                    case "observer" -> "observing";
                    default -> "";
                };
        if (!part.isEmpty()) {
            line("peer_state", part + " - broadcast");
            line("quorum_size", view.quorumSize());
        }
        view.leadership().ifPresent(this::appendLeadership);
    }

    private void appendLeadership(ServerView.Leadership leadership) {
        line("leader_uptime", leadership.uptimeMs());
        line("learners", leadership.learners());
        line("synced_followers", leadership.syncedFollowers());
        line("synced_non_voting_followers", 0);
        line("synced_observers", leadership.syncedObservers());
        line("last_proposal_size", leadership.sizes().last());
        line("min_proposal_size", leadership.sizes().min());
        line("max_proposal_size", leadership.sizes().max());
    }

    private void appendRequests() {
        LatencyStats latency = metrics.requestLatency();
        line("avg_latency", latency.average());
        line("max_latency", latency.max());
        line("min_latency", latency.min());
        line("packets_received", metrics.packetsReceived());
        line("packets_sent", metrics.packetsSent());
        line("last_client_response_size", metrics.lastClientResponseSize());
        line("max_client_response_size", metrics.maxClientResponseSize());
        line("min_client_response_size", metrics.minClientResponseSize());
        line("auth_failed_count", metrics.authFailedCount());
    }

    private void appendState() {
        line("num_alive_connections", view.connectionCount());
        line("outstanding_requests", view.outstandingRequests());
        line("uptime", view.uptimeMs());
        line("znode_count", view.nodeCount());
        line("watch_count", view.watchCount());
        line("ephemerals_count", view.ephemeralsCount());
        line("approximate_data_size", view.approximateDataSizeBytes());
        line("global_sessions", view.sessionCount());
        line("local_sessions", 0);
    }

    private void appendFileDescriptors() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
            line("open_file_descriptor_count", os.getOpenFileDescriptorCount());
            line("max_file_descriptor_count", os.getMaxFileDescriptorCount());
        }
    }

    private void appendSummary(String name, LatencyStats stats) {
        line("avg_" + name, stats.average());
        line("min_" + name, stats.min());
        line("max_" + name, stats.max());
        line("cnt_" + name, stats.count());
        line("sum_" + name, stats.sum());
        if (stats.hasPercentiles()) {
            line("p50_" + name, stats.percentile(0.5));
            line("p95_" + name, stats.percentile(0.95));
            line("p99_" + name, stats.percentile(0.99));
            line("p999_" + name, stats.percentile(0.999));
        }
    }

    private long count(Counter counter) {
        return counter == Counter.DIGEST_MISMATCHES_COUNT
                ? view.digestMismatches()
                : metrics.count(counter);
    }

    private void line(String name, long value) {
        line(name, Long.toString(value));
    }

    private void line(String name, double value) {
        line(name, Double.toString(value));
    }

    private void line(String name, String value) {
        text.append("zk_").append(name).append('\t').append(value).append('\n');
    }
}
