package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The two watch tables as protocol 11.2 and 11.3 put them, in the plainest collections: what {@link
 * Watches} is compared with.
 */
final class WatchesModel {
    enum Mode {
        STANDARD,
        PERSISTENT,
        RECURSIVE
    }

    /** One notification as the sink sees it. */
    record Event(long watcher, EventType type, String path, List<Acl> acl) {}

    /** path -> connection -> modes. */
    final Map<String, Map<Long, Set<Mode>>> data = new HashMap<>();

    final Map<String, Map<Long, Set<Mode>>> child = new HashMap<>();

    void add(Map<String, Map<Long, Set<Mode>>> table, String path, long watcher, Mode mode) {
        table.computeIfAbsent(path, _ -> new TreeMap<>())
                .computeIfAbsent(watcher, _ -> EnumSet.noneOf(Mode.class))
                .add(mode);
    }

    private static Set<Mode> held(
            Map<String, Map<Long, Set<Mode>>> table, String path, long watcher) {
        return table.getOrDefault(path, Map.of()).getOrDefault(watcher, Set.of());
    }

    boolean has(
            Map<String, Map<Long, Set<Mode>>> table, String path, long watcher, Set<Mode> modes) {
        return !Collections.disjoint(held(table, path, watcher), modes);
    }

    void remove(
            Map<String, Map<Long, Set<Mode>>> table, String path, long watcher, Set<Mode> modes) {
        if (has(table, path, watcher, modes)) {
            held(table, path, watcher).removeAll(modes);
            sweep(table);
        }
    }

    private static void sweep(Map<String, Map<Long, Set<Mode>>> table) {
        table.values().forEach(watchers -> watchers.values().removeIf(Set::isEmpty));
        table.values().removeIf(Map::isEmpty);
    }

    void removeAll(long watcher) {
        for (var table : List.of(data, child)) {
            table.values().forEach(watchers -> watchers.remove(watcher));
            sweep(table);
        }
    }

    int count() {
        return pairs(data) + pairs(child);
    }

    Watches.Summary summary() {
        Set<Long> connections = new TreeSet<>();
        data.values().forEach(watchers -> connections.addAll(watchers.keySet()));
        return new Watches.Summary(connections.size(), data.size(), pairs(data));
    }

    private static int pairs(Map<String, Map<Long, Set<Mode>>> table) {
        return table.values().stream().mapToInt(Map::size).sum();
    }

    /** The events of one change, each step's in the order of the watchers' numbers. */
    List<Event> fire(Change change) {
        List<Event> events = new ArrayList<>();
        String path = change.path();
        String parent = PathRules.parent(path);
        switch (change) {
            case Change.Created(String _, List<Acl> acl, List<Acl> parentAcl) -> {
                step(events, toldOfData(path), EventType.NODE_CREATED, path, acl);
                step(events, toldExactly(child, parent), childrenChanged(), parent, parentAcl);
            }
            case Change.Deleted(String _, List<Acl> acl, List<Acl> parentAcl) -> {
                Set<Long> told = toldOfData(path);
                told.addAll(toldExactly(child, path));
                step(events, told, EventType.NODE_DELETED, path, acl);
                step(events, toldExactly(child, parent), childrenChanged(), parent, parentAcl);
            }
            case Change.DataChanged(String _, List<Acl> acl) ->
                    step(events, toldOfData(path), EventType.NODE_DATA_CHANGED, path, acl);
        }
        return events;
    }

    private static EventType childrenChanged() {
        return EventType.NODE_CHILDREN_CHANGED;
    }

    private static void step(
            List<Event> events, Set<Long> told, EventType type, String path, List<Acl> acl) {
        told.forEach(watcher -> events.add(new Event(watcher, type, path, acl)));
    }

    private Set<Long> toldOfData(String path) {
        Set<Long> told = toldExactly(data, path);
        data.forEach(
                (above, watchers) -> {
                    if (isAbove(above, path)) {
                        watchers.forEach(
                                (watcher, modes) -> {
                                    if (modes.contains(Mode.RECURSIVE)) {
                                        told.add(watcher);
                                    }
                                });
                    }
                });
        return told;
    }

    private static boolean isAbove(String above, String path) {
        return above.equals("/") || path.startsWith(above + "/");
    }

    private static Set<Long> toldExactly(Map<String, Map<Long, Set<Mode>>> table, String path) {
        Map<Long, Set<Mode>> watchers = table.getOrDefault(path, Map.of());
        Set<Long> told = new TreeSet<>(watchers.keySet());
        watchers.values().forEach(modes -> modes.remove(Mode.STANDARD));
        sweep(table);
        return told;
    }
}
