package io.loomkeeper.server;

import io.loomkeeper.server.ServerView.WatchSummary;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The answers to wchs, wchc and wchp: the data watches, in all, by session and by path (protocol
 * 21).
 */
record WatchText(ServerView view) {
    String wchs() {
        WatchSummary summary = view.watchSummary();
        return "%d connections watching %d paths\nTotal watches:%d\n"
                .formatted(summary.connections(), summary.paths(), summary.watches());
    }

    String wchc() {
        Map<Long, Set<String>> pathsBySession = new TreeMap<>();
        view.eachWatch(
                (session, path) ->
                        pathsBySession.computeIfAbsent(session, _ -> new TreeSet<>()).add(path));
        StringBuilder text = new StringBuilder();
        pathsBySession.forEach(
                (session, paths) -> {
                    text.append(hex(session)).append('\n');
                    paths.forEach(path -> text.append('\t').append(path).append('\n'));
                });
        return text.append('\n').toString();
    }

    String wchp() {
        Map<String, Set<Long>> sessionsByPath = new TreeMap<>();
        view.eachWatch(
                (session, path) ->
                        sessionsByPath.computeIfAbsent(path, _ -> new TreeSet<>()).add(session));
        StringBuilder text = new StringBuilder();
        sessionsByPath.forEach(
                (path, sessions) -> {
                    text.append(path).append('\n');
                    sessions.forEach(
                            session -> text.append('\t').append(hex(session)).append('\n'));
                });
        return text.append('\n').toString();
    }

    private static String hex(long session) {
        return "0x" + Long.toHexString(session);
    }
}
