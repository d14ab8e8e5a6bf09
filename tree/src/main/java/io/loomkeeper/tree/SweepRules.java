package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.List;

/** When a container or a TTL node goes by itself (protocol 10). */
public final class SweepRules {
    private SweepRules() {}

    /**
     * The nodes that are due in this version: what the leader asks its own preparer to delete.
     *
     * @param nowMs wall clock, ms since 1970
     * @param neverUsedMs after how long a container goes that never had a child; 0 for never
     */
    public static List<String> due(TreeVersion version, long nowMs, long neverUsedMs) {
        List<String> paths = new ArrayList<>();
        version.forEachContainer(
                (path, node) -> {
                    if (isDue(node, version.options(), nowMs, neverUsedMs)) {
                        paths.add(path);
                    }
                });
        version.forEachTtl(
                (path, _, node) -> {
                    if (isDue(node, version.options(), nowMs, neverUsedMs)) {
                        paths.add(path);
                    }
                });
        return paths;
    }

    /** The same question of one node; false for every other kind of node. */
    static boolean isDue(NodeView node, TreeOptions options, long nowMs, long neverUsedMs) {
        if (node.childCount() > 0) {
            return false;
        }
        long ageMs = nowMs - node.mtimeMs();
        long owner = node.ephemeralOwner();
        return switch (Owner.kind(owner, options)) {
            case PERSISTENT, EPHEMERAL -> false;
            case CONTAINER -> node.cversion() > 0 || (neverUsedMs > 0 && ageMs > neverUsedMs);
            case TTL -> ageMs > Owner.ttlMs(owner, options);
        };
    }
}
