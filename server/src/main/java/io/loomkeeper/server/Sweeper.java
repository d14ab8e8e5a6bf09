package io.loomkeeper.server;

import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.SweepRules;
import java.util.ArrayDeque;

/**
 * Finds containers that are empty and TTL nodes that are over, and has them deleted, so many a
 * minute (protocol 10). Pipeline thread only; a child created meanwhile saves its parent, because
 * each deletion is judged like any write.
 */
final class Sweeper implements PipelineAgent.Ticked {
    private static final long MS_PER_MINUTE = 60_000;

    /** How far apart ticks may be for the server's other deadlines. */
    private static final long TICK_MS_MAX = 20;

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

    /** How far apart ticks may be, so that sweeps come as often as they are configured to. */
    static long tickMs(Config.Tree limits) {
        return Math.min(TICK_MS_MAX, limits.containerCheckIntervalMs());
    }

    @Override
    public void onTick(long nowMs, long wallMs) {
        if (!pipeline.isLeading()) {
            nextSweepMs = Long.MIN_VALUE;
            candidates.clear();
            return;
        }
        if (nextSweepMs == Long.MIN_VALUE) {
            nextSweepMs = nowMs + limits.containerCheckIntervalMs();
        }
        if (nowMs >= nextSweepMs && candidates.isEmpty()) {
            nextSweepMs = nowMs + limits.containerCheckIntervalMs();
            nextDeleteMs = nowMs;
            candidates.addAll(
                    SweepRules.due(
                            published.version(), wallMs, limits.containerMaxNeverUsedIntervalMs()));
        }
        if (!candidates.isEmpty() && nowMs >= nextDeleteMs && pipeline.ready()) {
            nextDeleteMs = nowMs + Math.max(1, MS_PER_MINUTE / limits.containerMaxPerMinute());
            pipeline.submitInternal(new Request.DeleteContainer(candidates.remove()));
        }
    }
}
