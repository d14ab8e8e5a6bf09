package io.loomkeeper.server;

import io.loomkeeper.admin.Command;
import io.loomkeeper.admin.Command.Reply;
import io.loomkeeper.admin.Fields;
import io.loomkeeper.server.ServerView.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The admin server's commands that are about the server and its connections, with Apache's names
 * and fields.
 */
final class ServerCommands {
    private static final String TRACE_MASK = "traceMask";

    private final Config config;
    private final ServerMetrics metrics;
    private final ServerView view;
    private final FourLetterWords words;
    private final Map<String, String> systemProperties;

    ServerCommands(
            Config config,
            ServerMetrics metrics,
            ServerView view,
            FourLetterWords words,
            Map<String, String> systemProperties) {
        this.config = config;
        this.metrics = metrics;
        this.view = view;
        this.words = words;
        this.systemProperties = systemProperties;
    }

    List<Command> all() {
        return List.of(
                serving(List.of("configuration", "conf", "config"), this::configuration),
                serving(List.of("dirs"), this::directories),
                serving(List.of("ruok"), Fields::new),
                serving(List.of("is_read_only", "isro"), this::readOnly),
                serving(List.of("server_stats", "srvr"), this::server),
                serving(List.of("stats", "stat"), this::stats),
                serving(List.of("connections", "cons"), () -> connections(new Fields(), false)),
                serving(List.of("hash"), this::digests),
                serving(List.of("connection_stat_reset", "crst"), this::resetConnections),
                serving(List.of("stat_reset", "srst"), this::resetServer),
                always(List.of("monitor", "mntr"), this::monitor),
                always(List.of("environment", "env", "envi"), this::environment),
                always(List.of("system_properties", "sysp"), this::systemProperties),
                always(List.of("get_trace_mask", "gtmk"), this::traceMask),
                Command.always(List.of("set_trace_mask", "stmk"), this::setTraceMask));
    }

    /** What makes the fields of an answer. */
    private interface Maker {
        Fields make();
    }

    private static Command serving(List<String> names, Maker maker) {
        return Command.whileServing(names, _ -> Reply.of(maker.make()));
    }

    private static Command always(List<String> names, Maker maker) {
        return Command.always(names, _ -> Reply.of(maker.make()));
    }

    private Fields configuration() {
        Config.Client client = config.client();
        return new Fields()
                .put("client_port", view.clientPort())
                .put("data_dir", view.dataDir().toAbsolutePath().toString())
                .put("data_log_dir", view.dataLogDir().toAbsolutePath().toString())
                .put("tick_time", config.tickTimeMs())
                .put("max_client_cnxns", config.limits().maxClientCnxns())
                .put("min_session_timeout", client.minSessionTimeoutMs())
                .put("max_session_timeout", client.maxSessionTimeoutMs())
                .put("server_id", view.serverId())
                .put("client_port_listen_backlog", client.listenBacklog());
    }

    private Fields directories() {
        return new Fields()
                .put("datadir_size", view.dataDirSizeBytes())
                .put("logdir_size", view.logDirSizeBytes());
    }

    private Fields readOnly() {
        return new Fields().put("read_only", isReadOnly());
    }

    private boolean isReadOnly() {
        return view.mode().equals("read-only");
    }

    private Fields server() {
        Fields fields =
                new Fields()
                        .put("version", words.version())
                        .put("read_only", isReadOnly())
                        .put("server_stats", figures())
                        .put("client_response", responses());
        view.leadership().ifPresent(leading -> fields.put("proposal_stats", sizes(leading)));
        return fields.put("node_count", view.nodeCount());
    }

    private Fields figures() {
        LatencyStats latency = metrics.requestLatency();
        return new Fields()
                .put("packets_sent", metrics.packetsSent())
                .put("packets_received", metrics.packetsReceived())
                .put("fsync_threshold_exceed_count", metrics.fsyncThresholdExceedCount())
                .put("client_response_stats", responses())
                .put("provider_null", false)
                .put("server_state", view.mode())
                .put("uptime", view.uptimeMs())
                .put("outstanding_requests", view.outstandingRequests())
                .put("min_latency", latency.min())
                .put("avg_latency", latency.average())
                .put("max_latency", latency.max())
                .put("data_dir_size", view.dataDirSizeBytes())
                .put("log_dir_size", view.logDirSizeBytes())
                .put("last_processed_zxid", view.lastZxid())
                .put("num_alive_client_connections", view.connectionCount())
                .put("auth_failed_count", metrics.authFailedCount())
                .put("non_mtlsremote_conn_count", metrics.plainRemoteCount())
                .put("non_mtlslocal_conn_count", metrics.plainLocalCount());
    }

    private Fields responses() {
        return new Fields()
                .put("last_buffer_size", metrics.lastClientResponseSize())
                .put("min_buffer_size", metrics.minClientResponseSize())
                .put("max_buffer_size", metrics.maxClientResponseSize());
    }

    private static Fields sizes(ServerView.Leadership leading) {
        return new Fields()
                .put("last_buffer_size", leading.sizes().last())
                .put("min_buffer_size", leading.sizes().min())
                .put("max_buffer_size", leading.sizes().max());
    }

    private Fields stats() {
        return connections(server(), true);
    }

    private Fields connections(Fields fields, boolean briefly) {
        List<Fields> plain = new ArrayList<>();
        List<Fields> secure = new ArrayList<>();
        view.eachConnection(
                connection ->
                        (connection.isEncrypted() ? secure : plain)
                                .add(shown(connection, briefly)));
        return fields.put("connections", plain).put("secure_connections", secure);
    }

    private static Fields shown(Connection connection, boolean briefly) {
        Fields fields =
                new Fields()
                        .put("remote_socket_address", connection.remoteAddress().toString())
                        .put("interest_ops", connection.interestOps())
                        .put("outstanding_requests", connection.queued())
                        .put("packets_received", connection.packetsReceived())
                        .put("packets_sent", connection.packetsSent());
        if (briefly) {
            return fields;
        }
        return fields.put("session_id", connection.sessionId())
                .put("last_operation", StatusText.operation(connection.lastOp()))
                .put("established", connection.establishedMs())
                .put("session_timeout", connection.sessionTimeoutMs())
                .put("last_cxid", connection.lastCxid())
                .put("last_zxid", connection.lastZxid())
                .put("last_response_time", connection.lastResponseTimeMs())
                .put("last_latency", connection.lastLatencyMs())
                .put("min_latency", connection.minLatencyMs())
                .put("avg_latency", connection.avgLatencyMs())
                .put("max_latency", connection.maxLatencyMs());
    }

    private Fields digests() {
        List<Fields> digests = new ArrayList<>();
        view.eachDigest(
                (zxid, digest) ->
                        digests.add(
                                new Fields()
                                        .put("zxid", zxid)
                                        .put("digest", digest)
                                        .put("digest_version", 2)));
        return new Fields().put("digests", digests);
    }

    private Fields resetConnections() {
        view.resetConnectionStats();
        return new Fields();
    }

    private Fields resetServer() {
        metrics.reset();
        return new Fields();
    }

    private Fields monitor() {
        Fields fields = new Fields();
        new MonitorMetrics(metrics, view, words.version())
                .collect(
                        new MonitorLines(
                                new MonitorLines.Lines() {
                                    @Override
                                    public void text(String name, String value) {
                                        fields.put(name, value);
                                    }

                                    @Override
                                    public void whole(String name, long value) {
                                        fields.put(name, value);
                                    }

                                    @Override
                                    public void decimal(String name, double value) {
                                        fields.put(name, value);
                                    }
                                }));
        return fields;
    }

    private Fields environment() {
        Fields fields = new Fields();
        words.environment().forEach(fields::put);
        return fields;
    }

    private Fields systemProperties() {
        Fields fields = new Fields();
        new TreeMap<>(systemProperties)
                .forEach((name, value) -> fields.put(name, Secrets.shown(name, value)));
        return fields;
    }

    private Fields traceMask() {
        return new Fields().put("tracemask", words.traceMask());
    }

    private Reply setTraceMask(Map<String, String> arguments) {
        String mask = arguments.get(TRACE_MASK);
        if (mask == null) {
            return Reply.error("setTraceMask requires long traceMask argument");
        }
        try {
            words.traceMask(Long.parseLong(mask));
        } catch (NumberFormatException e) {
            return Reply.error("setTraceMask requires long traceMask argument, got " + mask);
        }
        return Reply.of(traceMask());
    }
}
