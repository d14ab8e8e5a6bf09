package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * What one server has counted since it started, or since srst. It is handed to whoever counts, and
 * any thread may count without waiting for another. The names are those of Apache's metrics
 * (protocol 22), under which mntr prints them; what can be read from the server's state instead of
 * counted is in {@link ServerView}.
 */
final class ServerMetrics {
    /**
     * Names that a client has chosen and that metrics are kept by; what more come are not counted.
     */
    static final int NAMESPACES_MAX = 1_000;

    /** Something that happened so many times, or so many bytes; named as mntr names it. */
    enum Counter {
        CONNECTION_REQUEST_COUNT("connection_request_count"),
        CONNECTION_REJECTED("connection_rejected"),
        CONNECTION_DROP_COUNT("connection_drop_count"),
        UNSUCCESSFUL_HANDSHAKE("unsuccessful_handshake"),
        TLS_HANDSHAKE_EXCEEDED("tls_handshake_exceeded"),
        CONNECTION_REVALIDATE_COUNT("connection_revalidate_count"),
        CNXN_CLOSED_WITHOUT_ZK_SERVER_RUNNING("cnxn_closed_without_zk_server_running"),
        SESSIONLESS_CONNECTIONS_EXPIRED("sessionless_connections_expired"),
        STALE_SESSIONS_EXPIRED("stale_sessions_expired"),
        STALE_REQUESTS("stale_requests"),
        STALE_REQUESTS_DROPPED("stale_requests_dropped"),
        BYTES_RECEIVED_COUNT("bytes_received_count"),
        RESPONSE_BYTES("response_bytes"),
        WATCH_BYTES("watch_bytes"),
        DIGEST_MISMATCHES_COUNT("digest_mismatches_count"),
        SNAPSHOT_ERROR_COUNT("snapshot_error_count"),
        SNAPSHOT_RATE_LIMITED_COUNT("snapshot_rate_limited_count"),
        RESTORE_ERROR_COUNT("restore_error_count"),
        RESTORE_RATE_LIMITED_COUNT("restore_rate_limited_count"),
        INSECURE_ADMIN_COUNT("insecure_admin_count"),
        UNRECOVERABLE_ERROR_COUNT("unrecoverable_error_count"),
        // an ensemble's, 0 without one
        PROPOSAL_COUNT("proposal_count"),
        COMMIT_COUNT("commit_count"),
        LOOKING_COUNT("looking_count"),
        SNAP_COUNT("snap_count"),
        DIFF_COUNT("diff_count"),
        REVALIDATE_COUNT("revalidate_count"),
        LEARNER_PROPOSAL_RECEIVED_COUNT("learner_proposal_received_count"),
        LEARNER_COMMIT_RECEIVED_COUNT("learner_commit_received_count");

        private final String text;

        Counter(String text) {
            this.text = text;
        }

        /** The metric's name, without {@code zk_}. */
        String text() {
            return text;
        }
    }

    /** Something that took a time in milliseconds, or had a size; named as mntr names it. */
    enum Summary {
        FSYNC_TIME("fsynctime", false),
        SNAPSHOT_TIME("snapshottime", false),
        RESTORE_TIME("restore_time", false),
        DB_INIT_TIME("dbinittime", false),
        STARTUP_SNAP_LOAD_TIME("startup_snap_load_time", false),
        STARTUP_TXNS_LOAD_TIME("startup_txns_load_time", false),
        STARTUP_TXNS_LOADED("startup_txns_loaded", false),
        NODE_CREATED_WATCH_COUNT("node_created_watch_count", false),
        NODE_DELETED_WATCH_COUNT("node_deleted_watch_count", false),
        NODE_CHANGED_WATCH_COUNT("node_changed_watch_count", false),
        NODE_CHILDREN_WATCH_COUNT("node_children_watch_count", false),
        CONNECTION_TOKEN_DEFICIT("connection_token_deficit", false),
        READ_LATENCY("readlatency", true),
        UPDATE_LATENCY("updatelatency", true),
        PROPAGATION_LATENCY("propagation_latency", true),
        JVM_PAUSE_TIME("jvm_pause_time_ms", true),
        // an ensemble's, empty without one
        ELECTION_TIME("election_time", false),
        LEADER_UNAVAILABLE_TIME("leader_unavailable_time", false),
        UNAVAILABLE_TIME("unavailable_time", false),
        FOLLOWER_SYNC_TIME("follower_sync_time", false),
        OBSERVER_SYNC_TIME("observer_sync_time", false),
        INFLIGHT_SNAP_COUNT("inflight_snap_count", false),
        INFLIGHT_DIFF_COUNT("inflight_diff_count", false),
        PROPOSAL_LATENCY("proposal_latency", true),
        PROPOSAL_ACK_CREATION_LATENCY("proposal_ack_creation_latency", true),
        COMMIT_PROPAGATION_LATENCY("commit_propagation_latency", true),
        QUORUM_ACK_LATENCY("quorum_ack_latency", true);

        private final String text;
        private final boolean percentiles;

        Summary(String text, boolean percentiles) {
            this.text = text;
            this.percentiles = percentiles;
        }

        /** The metric's name, without {@code zk_} and the prefix of each of its figures. */
        String text() {
            return text;
        }
    }

    /** The same of each of several servers; named as mntr names it, behind a server's id. */
    enum SummarySet {
        ACK_LATENCY("ack_latency", true),
        LEARNER_HANDLER_QP_SIZE("learner_handler_qp_size", false),
        LEARNER_HANDLER_QP_TIME("learner_handler_qp_time_ms", true);

        private final String text;
        private final boolean percentiles;

        SummarySet(String text, boolean percentiles) {
            this.text = text;
            this.percentiles = percentiles;
        }

        /** The metric's name, as {@link Summary#text}. */
        String text() {
            return text;
        }
    }

    private final Map<Counter, LongAdder> counters = new EnumMap<>(Counter.class);
    private final Map<Summary, LatencyStats> summaries = new EnumMap<>(Summary.class);
    private final Map<SummarySet, ConcurrentMap<String, LatencyStats>> sets =
            new EnumMap<>(SummarySet.class);
    private final Map<String, LongAdder> quotaExceeded = new ConcurrentHashMap<>();
    private final LatencyStats requestLatency = LatencyStats.basic();
    private final LongAdder packetsReceived = new LongAdder();
    private final LongAdder packetsSent = new LongAdder();
    private final LongAdder fsyncThresholdExceeded = new LongAdder();
    private final LongAdder authFailed = new LongAdder();
    private final LongAdder plainLocal = new LongAdder();
    private final LongAdder plainRemote = new LongAdder();
    private final AtomicLong lastResponseBytes = new AtomicLong(-1);
    private final LongAccumulator minResponseBytes = new LongAccumulator(Math::min, Long.MAX_VALUE);
    private final LongAccumulator maxResponseBytes = new LongAccumulator(Math::max, -1);

    ServerMetrics() {
        for (Counter counter : Counter.values()) {
            counters.put(counter, new LongAdder());
        }
        for (SummarySet set : SummarySet.values()) {
            sets.put(set, new ConcurrentHashMap<>());
        }
        for (Summary summary : Summary.values()) {
            summaries.put(
                    summary,
                    summary.percentiles ? LatencyStats.withPercentiles() : LatencyStats.basic());
        }
    }

    /** The figures of one key of a set, made when they are asked for first. */
    LatencyStats summary(SummarySet set, String key) {
        LatencyStats stats = of(set).get(key);
        return stats != null
                ? stats
                : of(set).computeIfAbsent(
                                key,
                                _ ->
                                        set.percentiles
                                                ? LatencyStats.withPercentiles()
                                                : LatencyStats.basic());
    }

    /** The keys of a set that there are figures of, with these. */
    SortedMap<String, LatencyStats> summaries(SummarySet set) {
        return new TreeMap<>(of(set));
    }

    private ConcurrentMap<String, LatencyStats> of(SummarySet set) {
        return requireNonNull(sets.get(set));
    }

    private LongAdder adder(Counter counter) {
        return requireNonNull(counters.get(counter));
    }

    void increment(Counter counter) {
        adder(counter).increment();
    }

    void add(Counter counter, long amount) {
        adder(counter).add(amount);
    }

    long count(Counter counter) {
        return adder(counter).sum();
    }

    /** The figures of one summary; record into them directly. */
    LatencyStats summary(Summary summary) {
        return requireNonNull(summaries.get(summary));
    }

    /**
     * A packet came in, four-letter words included.
     *
     * @param bytes with the length prefix
     */
    void onPacketReceived(int bytes) {
        packetsReceived.increment();
        add(Counter.BYTES_RECEIVED_COUNT, bytes);
    }

    /** A packet went out: a reply, an event, or the answer to a four-letter word. */
    void onPacketSent() {
        packetsSent.increment();
    }

    /**
     * A reply was serialised.
     *
     * @param bytes without the length prefix
     */
    void onResponse(int bytes) {
        add(Counter.RESPONSE_BYTES, bytes);
        lastResponseBytes.setOpaque(bytes);
        minResponseBytes.accumulate(bytes);
        maxResponseBytes.accumulate(bytes);
    }

    /** A read was answered so long after it had come in. */
    void onRead(long latencyMs) {
        requestLatency.record(latencyMs);
        summary(Summary.READ_LATENCY).record(latencyMs);
    }

    /**
     * A write, or another request that has a transaction, was answered so long after it had come
     * in.
     */
    void onUpdate(long latencyMs) {
        requestLatency.record(latencyMs);
        summary(Summary.UPDATE_LATENCY).record(latencyMs);
    }

    /**
     * The log was forced to the disk.
     *
     * @param warningThresholdMs above it, the force counts as slow
     */
    void onFsync(long tookMs, long warningThresholdMs) {
        summary(Summary.FSYNC_TIME).record(tookMs);
        if (tookMs > warningThresholdMs) {
            fsyncThresholdExceeded.increment();
        }
    }

    /** A hard quota refused a write of {@code path}. Counted by the path's first element. */
    void onQuotaExceeded(String path) {
        int end = path.indexOf('/', 1);
        String namespace = path.substring(1, end < 0 ? path.length() : end);
        LongAdder adder = quotaExceeded.get(namespace);
        if (adder == null && quotaExceeded.size() < NAMESPACES_MAX) {
            adder = quotaExceeded.computeIfAbsent(namespace, _ -> new LongAdder());
        }
        if (adder != null) {
            adder.increment();
        }
    }

    /** Writes that a hard quota refused, by the first element of their path. */
    SortedMap<String, Long> quotaExceeded() {
        SortedMap<String, Long> counts = new TreeMap<>();
        quotaExceeded.forEach((namespace, count) -> counts.put(namespace, count.sum()));
        return counts;
    }

    /** A client's credentials were refused. */
    void onAuthFailed() {
        authFailed.increment();
    }

    /** A connection without TLS came, from this machine or from another. */
    void onPlainConnection(boolean isLocal) {
        (isLocal ? plainLocal : plainRemote).increment();
    }

    /** Connections without TLS from this machine; srst leaves it alone, as the next one. */
    long plainLocalCount() {
        return plainLocal.sum();
    }

    /** Connections without TLS from other machines. */
    long plainRemoteCount() {
        return plainRemote.sum();
    }

    /** Of all requests, from when each came in until it was answered, in milliseconds. */
    LatencyStats requestLatency() {
        return requestLatency;
    }

    long packetsReceived() {
        return packetsReceived.sum();
    }

    long packetsSent() {
        return packetsSent.sum();
    }

    /** Forces that took longer than fsync.warningthresholdms; srst leaves it alone. */
    long fsyncThresholdExceedCount() {
        return fsyncThresholdExceeded.sum();
    }

    /** Refused credentials; srst leaves it alone. */
    long authFailedCount() {
        return authFailed.sum();
    }

    /** Bytes of the last reply; -1 before the first. */
    long lastClientResponseSize() {
        return lastResponseBytes.getOpaque();
    }

    /** Bytes of the shortest reply; -1 before the first. */
    long minClientResponseSize() {
        long bytes = minResponseBytes.get();
        return bytes == Long.MAX_VALUE ? -1 : bytes;
    }

    /** Bytes of the longest reply; -1 before the first. */
    long maxClientResponseSize() {
        return maxResponseBytes.get();
    }

    /** What srst does: everything starts anew, but for slow forces and refused credentials. */
    void reset() {
        requestLatency.reset();
        packetsReceived.reset();
        packetsSent.reset();
        lastResponseBytes.setOpaque(-1);
        minResponseBytes.reset();
        maxResponseBytes.reset();
        counters.values().forEach(LongAdder::reset);
        quotaExceeded.clear();
        sets.values().forEach(Map::clear);
        summaries.values().forEach(LatencyStats::reset);
    }
}
