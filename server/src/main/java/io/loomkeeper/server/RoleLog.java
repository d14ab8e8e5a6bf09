package io.loomkeeper.server;

import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.ServerState;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says, and counts, each change of this server's part in its ensemble and how long it took: in
 * Apache's words where people look for them. Pipeline thread only.
 */
final class RoleLog {
    private static final Logger LOG = LoggerFactory.getLogger(RoleLog.class);

    private final ServerMetrics metrics;
    private @Nullable ServerState state;
    private PublishedState.Standing told = PublishedState.Standing.ABSENT;

    /** Since when nobody is served. */
    private long unavailableMs;

    private long lookingMs;
    private long electedMs;

    RoleLog(ServerMetrics metrics) {
        this.metrics = metrics;
    }

    /** Looks at this server's part; most often nothing has changed. */
    void observe(Peer peer, PublishedState.Standing standing, long nowMs) {
        ServerState now = peer.state();
        if (now != state) {
            onState(now, nowMs);
            state = now;
        }
        if (!standing.equals(told)) {
            onStanding(peer, standing, nowMs);
            told = standing;
        }
    }

    private void onState(ServerState now, long nowMs) {
        if (now == ServerState.LOOKING) {
            lookingMs = nowMs;
            if (state == null || told.serves()) {
                unavailableMs = nowMs;
            }
            metrics.increment(Counter.LOOKING_COUNT);
            LOG.info("LOOKING");
            return;
        }
        electedMs = nowMs;
        long tookMs = nowMs - lookingMs;
        if (now != ServerState.OBSERVING) {
            metrics.summary(Summary.ELECTION_TIME).record(tookMs);
        }
        LOG.info("{} - LEADER ELECTION TOOK - {} MS", now, tookMs);
    }

    private void onStanding(Peer peer, PublishedState.Standing standing, long nowMs) {
        Peer.Probe probe = peer.probe();
        if (!standing.serves()) {
            LOG.info("not serving: {}", probe.reason());
            return;
        }
        long unservedMs = nowMs - unavailableMs;
        long syncMs = nowMs - electedMs;
        metrics.summary(Summary.UNAVAILABLE_TIME).record(unservedMs);
        switch (probe.state()) {
            case LEADING -> metrics.summary(Summary.LEADER_UNAVAILABLE_TIME).record(unservedMs);
            case FOLLOWING -> metrics.summary(Summary.FOLLOWER_SYNC_TIME).record(syncMs);
            case OBSERVING -> metrics.summary(Summary.OBSERVER_SYNC_TIME).record(syncMs);
            case LOOKING -> throw new AssertionError("serves: " + standing);
        }
        LOG.info(
                "Peer state changed: {} - broadcast; serving as {} in epoch {}, from 0x{}; the"
                        + " leader is server {}. Nobody was served for {} ms, {} of them behind"
                        + " the election",
                probe.state().name().toLowerCase(Locale.ROOT),
                standing.mode(),
                probe.epoch(),
                Long.toHexString(probe.lastApplied()),
                probe.leader(),
                unservedMs,
                syncMs);
    }
}
