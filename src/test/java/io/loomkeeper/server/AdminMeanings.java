package io.loomkeeper.server;

import java.util.Map;

/** What each command of the admin server answers, in words, by its first name. */
final class AdminMeanings {
    static final Map<String, String> BY_COMMAND =
            Map.ofEntries(
                    Map.entry("configuration", "the port, the directories, limits and timeouts"),
                    Map.entry("connection_stat_reset", "sets the counts of connections to zero"),
                    Map.entry("connections", "each connection, with its session and latencies"),
                    Map.entry("dirs", "bytes of snapshots and of the log"),
                    Map.entry("dump", "sessions by when they are due, their ephemerals"),
                    Map.entry("environment", "the JVM, the system, the user"),
                    Map.entry("get_trace_mask", "the trace mask, which does nothing here"),
                    Map.entry("hash", "digests of the tree at each 128th zxid"),
                    Map.entry("initial_configuration", "zoo.cfg as it was read, without secrets"),
                    Map.entry("is_read_only", "whether only reads are served"),
                    Map.entry("last_snapshot", "zxid of the newest snapshot, and when it was made"),
                    Map.entry("leader", "who leads"),
                    Map.entry("monitor", "every figure of `mntr`"),
                    Map.entry(
                            "observer_connection_stat_reset",
                            "sets the counts of observers' links to zero"),
                    Map.entry(
                            "observers",
                            "the observers of this leader, and what each one's link has carried"),
                    Map.entry(
                            "restore",
                            "a posted state takes the place of this server's, where it stands alone"),
                    Map.entry("ruok", "no fields, and no error"),
                    Map.entry("server_stats", "version, counts, latencies, sizes, nodes"),
                    Map.entry("set_trace_mask", "takes `traceMask` for the trace mask"),
                    Map.entry(
                            "shed_connections",
                            "closes a share of the clients' connections, which is posted as"
                                    + " `{\"percentage\":30}`; their sessions live on"),
                    Map.entry(
                            "snapshot",
                            "the whole state of one zxid in Apache's format; with `streaming=false`"
                                    + " a snapshot is written on the server"),
                    Map.entry("stat_reset", "sets the server's counts to zero"),
                    Map.entry("stats", "as `server_stats`, with each connection"),
                    Map.entry("system_properties", "those of the JVM"),
                    Map.entry("voting_view", "the members that decide, with their addresses"),
                    Map.entry("watch_summary", "how many watches there are"),
                    Map.entry("watches", "watched paths by session"),
                    Map.entry("watches_by_path", "sessions by watched path"),
                    Map.entry("zabstate", "this server's part in the ensemble, epoch and zxid"));

    private AdminMeanings() {}
}
