package io.loomkeeper.server;

import io.loomkeeper.admin.Command;
import io.loomkeeper.admin.Command.Reply;
import io.loomkeeper.admin.Fields;
import io.loomkeeper.log.SnapshotStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The admin server's commands that are about sessions, watches and snapshots, with Apache's names
 * and fields.
 */
record TreeCommands(ServerView view, SnapshotStore snapshots) {
    private static final long MS_PER_S = 1000;

    List<Command> all() {
        return List.of(
                serving(List.of("dump"), this::dump),
                serving(List.of("watches", "wchc"), this::watches),
                serving(List.of("watches_by_path", "wchp"), this::watchesByPath),
                serving(List.of("watch_summary", "wchs"), this::watchSummary),
                serving(List.of("last_snapshot", "lsnp"), this::lastSnapshot));
    }

    private interface Maker {
        Fields make();
    }

    private static Command serving(List<String> names, Maker maker) {
        return Command.whileServing(names, _ -> Reply.of(maker.make()));
    }

    private Fields dump() {
        Map<Long, List<Long>> byExpiry = new TreeMap<>();
        view.eachSession(
                (sessionId, expiresAtMs) ->
                        byExpiry.computeIfAbsent(expiresAtMs, _ -> new ArrayList<>())
                                .add(sessionId));
        Fields expiries = new Fields();
        byExpiry.forEach((expiryMs, ids) -> expiries.put(Long.toString(expiryMs), ids));
        Map<Long, List<String>> ephemerals = new LinkedHashMap<>();
        view.eachEphemeral((sessionId, path) -> add(ephemerals, sessionId, path));
        return new Fields()
                .put("expiry_time_to_session_ids", expiries)
                .put("session_id_to_ephemeral_paths", fields(ephemerals));
    }

    private Fields watches() {
        Map<Long, List<String>> bySession = new LinkedHashMap<>();
        view.eachWatch((sessionId, path) -> add(bySession, sessionId, path));
        return new Fields().put("session_id_to_watched_paths", fields(bySession));
    }

    private Fields watchesByPath() {
        Map<String, List<Long>> byPath = new LinkedHashMap<>();
        view.eachWatch((sessionId, path) -> add(byPath, path, sessionId));
        return new Fields().put("path_to_session_ids", fields(byPath));
    }

    private static <K, V> void add(Map<K, List<V>> lists, K key, V value) {
        lists.computeIfAbsent(key, _ -> new ArrayList<>()).add(value);
    }

    private static <K, V> Fields fields(Map<K, List<V>> lists) {
        Fields fields = new Fields();
        lists.forEach((key, values) -> fields.put(String.valueOf(key), values));
        return fields;
    }

    private Fields watchSummary() {
        ServerView.WatchSummary summary = view.watchSummary();
        return new Fields()
                .put("num_connections", summary.connections())
                .put("num_paths", summary.paths())
                .put("num_total_watches", summary.watches());
    }

    /** Minus one each, as hexadecimal and as a number, when there is none. */
    private Fields lastSnapshot() {
        try {
            List<Long> zxids = snapshots.zxids();
            long zxid = zxids.isEmpty() ? -1 : zxids.getFirst();
            OptionalLong writtenMs =
                    zxids.isEmpty() ? OptionalLong.empty() : snapshots.writtenMs(zxid);
            return new Fields()
                    .put("zxid", Long.toHexString(writtenMs.isPresent() ? zxid : -1))
                    .put(
                            "timestamp",
                            writtenMs.isPresent() ? writtenMs.getAsLong() / MS_PER_S : -1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
