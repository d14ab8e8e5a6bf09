package io.loomkeeper.server;

import io.loomkeeper.server.ServerView.Connection;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The answer to dump: sessions and connections by the moment they expire, and ephemeral nodes by
 * session (protocol 21).
 */
final class DumpText {
    private final Config config;
    private final ServerView view;
    private final DateTimeFormatter date;
    private final StringBuilder text = new StringBuilder();

    DumpText(Config config, ServerView view, ZoneId zone) {
        this.config = config;
        this.view = view;
        this.date =
                DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss zzz yyyy", Locale.US)
                        .withZone(zone);
    }

    String dump() {
        Map<Long, Long> expiryBySession = new HashMap<>();
        Map<Long, List<String>> sessions = new TreeMap<>();
        view.eachSession(
                (session, expiresAtMs) -> {
                    expiryBySession.put(session, expiresAtMs);
                    add(sessions, expiresAtMs, hex(session));
                });
        text.append("SessionTracker dump:\nSession ");
        appendSets(sessions);
        text.append("ephemeral nodes dump:\n");
        appendEphemerals();
        text.append("Connections dump:\nConnections ");
        appendSets(connections(expiryBySession));
        return text.toString();
    }

    /**
     * A connection ends with its session; one without a session, when its time for the handshake is
     * over.
     */
    private Map<Long, List<String>> connections(Map<Long, Long> expiryBySession) {
        Map<Long, List<String>> connections = new TreeMap<>();
        view.eachConnection(
                connection -> {
                    long handshake =
                            connection.establishedMs() + config.client().sessionlessTimeoutMs();
                    long expiresAtMs =
                            expiryBySession.getOrDefault(connection.sessionId(), handshake);
                    add(connections, expiresAtMs, name(connection));
                });
        return connections;
    }

    private static String name(Connection connection) {
        return "ip: " + connection.remoteAddress() + " sessionId: " + hex(connection.sessionId());
    }

    private static void add(Map<Long, List<String>> sets, long expiresAtMs, String element) {
        sets.computeIfAbsent(expiresAtMs, _ -> new ArrayList<>()).add(element);
    }

    private void appendSets(Map<Long, List<String>> sets) {
        int elements = sets.values().stream().mapToInt(List::size).sum();
        text.append("Sets (").append(sets.size());
        text.append(")/(").append(elements).append("):\n");
        sets.forEach(
                (expiresAtMs, set) -> {
                    text.append(set.size()).append(" expire at ");
                    text.append(date.format(Instant.ofEpochMilli(expiresAtMs))).append(":\n");
                    set.forEach(element -> text.append('\t').append(element).append('\n'));
                });
    }

    private void appendEphemerals() {
        Map<Long, Set<String>> pathsBySession = new TreeMap<>();
        view.eachEphemeral(
                (session, path) ->
                        pathsBySession.computeIfAbsent(session, _ -> new TreeSet<>()).add(path));
        text.append("Sessions with Ephemerals (").append(pathsBySession.size()).append("):\n");
        pathsBySession.forEach(
                (session, paths) -> {
                    text.append(hex(session)).append(":\n");
                    paths.forEach(path -> text.append('\t').append(path).append('\n'));
                });
    }

    private static String hex(long session) {
        return "0x" + Long.toHexString(session);
    }
}
