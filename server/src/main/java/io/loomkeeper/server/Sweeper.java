package io.loomkeeper.server;

import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeVersion;
import java.util.ArrayDeque;

/**
 * Finds containers that are empty and TTL nodes that are over, and has them deleted, so many a
 * minute (WIRE.md 10). Pipeline thread only; a child created meanwhile saves its parent, because
 * each deletion is judged like any write.
 */
final class Sweeper implements PipelineAgent.Ticked {
    private static final long MS_PER_MINUTE = 60_000;

    private final Config.Tree limits;
    private final PublishedState published;
    private final Pipeline pipeline;
    private final ArrayDeque<String> candidates = new ArrayDeque<>();
    private long nextSweepMs = Long.MIN_VALUE;
    private long nextDeleteMs;

    Sweeper(Config.Tree limits, PublishedState published, Pipeline pipeline) {
        this.limits = limits;
        this.published = published;
        this.pipeline = pipeline;
    }

    @Override
    public void onTick(long nowMs, long wallMs) {
        if (nextSweepMs == Long.MIN_VALUE) {
            nextSweepMs = nowMs + limits.containerCheckIntervalMs();
        }
        if (nowMs >= nextSweepMs && candidates.isEmpty()) {
            nextSweepMs = nowMs + limits.containerCheckIntervalMs();
            nextDeleteMs = nowMs;
            collect(wallMs);
        }
        if (!candidates.isEmpty() && nowMs >= nextDeleteMs && pipeline.ready()) {
            nextDeleteMs = nowMs + Math.max(1, MS_PER_MINUTE / limits.containerMaxPerMinute());
            pipeline.submitInternal(new Request.DeleteContainer(candidates.remove()));
        }
    }

    private void collect(long wallMs) {
        TreeVersion version = published.version();
        version.forEachContainer(
                (path, node) -> {
                    if (node.childCount() == 0 && isUsedUp(node, wallMs)) {
                        candidates.add(path);
                    }
                });
        version.forEachTtl(
                (path, ttlMs, node) -> {
                    if (node.childCount() == 0 && wallMs - node.mtimeMs() > ttlMs) {
                        candidates.add(path);
                    }
                });
    }

    /** Had a child once; or never had one for so long that it will not get one. */
    private boolean isUsedUp(NodeView node, long wallMs) {
        if (node.cversion() > 0) {
            return true;
        }
        long neverUsedMs = limits.containerMaxNeverUsedIntervalMs();
        return neverUsedMs > 0 && wallMs - node.mtimeMs() > neverUsedMs;
    }
}
