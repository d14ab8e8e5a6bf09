package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Asserts that a version holds what the reference holds, down to every derived number. */
final class SameTree {
    private SameTree() {}

    static void assertSame(ReferenceTree expected, TreeVersion actual) {
        assertEquals(expected.zxid, actual.zxid(), "zxid");
        assertEquals(expected.nodes.size() + 1, actual.nodeCount(), "nodes");
        assertEquals(expected.dataBytes(), actual.dataBytes(), "size");
        long digest = expected.options.digestEnabled() ? expected.digest() : 0;
        assertEquals(digest, actual.digest(), "digest");
        for (String path : expected.nodes.keySet()) {
            assertSameNode(path, expected, actual);
        }
        assertNull(actual.node("/missing"));
        assertNull(actual.node("/a/"));
        assertNull(actual.node("a"));
        assertNull(actual.node(""));
        assertNull(actual.node("//"));
        assertSameLists(expected, actual);
    }

    private static void assertSameNode(String path, ReferenceTree expected, TreeVersion actual) {
        ReferenceTree.Node node = expected.node(path);
        NodeView view = actual.node(path);
        assertNotNull(view, path);
        assertEquals(expected.stat(path), actual.stat(path), path);
        assertEquals(node.data(), view.data(), path);
        assertEquals(node.acl(), view.acl(), path);
        assertEquals(node.acl(), actual.aclOf(path), path);
        assertEquals(node.owner(), view.ephemeralOwner(), path);
        assertEquals(node.cversion(), view.cversion(), path);
        assertEquals(node.pzxid(), view.pzxid(), path);
        NavigableSet<String> names = new TreeSet<>();
        view.children()
                .forEach(
                        (array, offset, length) ->
                                names.add(
                                        new String(array, offset, length, StandardCharsets.UTF_8)));
        NavigableSet<String> children = expected.children(path);
        assertEquals(children, names, path);
        assertEquals(children.size(), view.children().count(), path);
        long utf8 = 0;
        for (String name : children) {
            utf8 += name.getBytes(StandardCharsets.UTF_8).length;
        }
        assertEquals(utf8, view.children().utf8Bytes(), path);
        long below =
                path.equals("/")
                        ? expected.nodes.size() - 1
                        : expected.nodes.keySet().stream()
                                .filter(other -> other.startsWith(path + "/"))
                                .count();
        assertEquals(below, actual.descendants(path), path);
        assertEquals(expected.quotaPrefix(path), actual.quotaPrefix(path), path);
        assertEquals(expected.quotaPrefix(path + "/x"), actual.quotaPrefix(path + "/x"), path);
    }

    private static void assertSameLists(ReferenceTree expected, TreeVersion actual) {
        NavigableMap<Long, Integer> sessions = new TreeMap<>();
        actual.forEachSession(sessions::put);
        assertEquals(expected.sessions, sessions);
        assertEquals(sessions.size(), actual.sessionCount());
        sessions.forEach((id, timeout) -> assertEquals(timeout, actual.sessionTimeoutMs(id)));
        assertFalse(actual.hasSession(99));
        NavigableMap<Long, NavigableSet<String>> owned = new TreeMap<>();
        NavigableSet<String> containers = new TreeSet<>();
        NavigableMap<String, Long> ttls = new TreeMap<>();
        expected.nodes.forEach(
                (path, node) -> {
                    if (expected.isEphemeral(node.owner())) {
                        owned.put(node.owner(), expected.ephemeralsOf(node.owner()));
                    } else if (node.owner() == Long.MIN_VALUE) {
                        containers.add(path);
                    } else if (node.owner() != 0) {
                        ttls.put(path, node.owner() & 0xffffffffffL);
                    }
                });
        assertEquals(
                owned.values().stream().mapToInt(NavigableSet::size).sum(),
                actual.ephemeralCount());
        NavigableMap<Long, NavigableSet<String>> actualOwned = new TreeMap<>();
        actual.forEachEphemeralOwner(
                (id, count) -> {
                    actualOwned.put(id, new TreeSet<>(actual.ephemeralsOf(id)));
                    assertEquals(count, actual.ephemeralsOf(id).size());
                });
        assertEquals(owned, actualOwned);
        NavigableSet<String> actualContainers = new TreeSet<>();
        actual.forEachContainer((path, node) -> actualContainers.add(path));
        assertEquals(containers, actualContainers);
        NavigableMap<String, Long> actualTtls = new TreeMap<>();
        actual.forEachTtl((path, ttlMs, node) -> actualTtls.put(path, ttlMs));
        assertEquals(ttls, actualTtls);
    }
}
