package io.loomkeeper.server;

import io.loomkeeper.net.PeerPorts;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import io.loomkeeper.server.ServerMetrics.SummarySet;
import io.loomkeeper.zab.Message;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.agrona.collections.LongArrayQueue;

/**
 * What goes on between the servers of an ensemble, counted under Apache's names and by its rules:
 * delays are from the leader's clock in a transaction's header to this server's, and only while
 * this server serves, so that what it had missed counts for nothing. Pipeline thread only, but for
 * {@link #links}.
 */
final class EnsembleMeter {
    /** One ack in so many transactions is timed for each server. */
    private static final int ACKS_PER_SAMPLE = 1_000;

    private static final long NS_PER_MS = 1_000_000;

    private enum Part {
        NONE,
        LEADER,
        FOLLOWER,
        OBSERVER
    }

    private final ServerMetrics metrics;
    private final long sid;
    private final Run proposals;
    private final Run acks;
    private final Run commits;

    /** What is in the journal and not known to be durable: each one's zxid, then its time. */
    private final LongArrayQueue undurable = new LongArrayQueue(-1);

    /** Learners that catch up, by their links: whether each was sent an image. */
    private final Map<Long, Boolean> catchingUp = new LinkedHashMap<>();

    private final Set<Long> ackedSample = new HashSet<>();
    private long sampleZxid = Long.MAX_VALUE;
    private long sampleMs;
    private PublishedState.Standing seen = PublishedState.Standing.ABSENT;
    private Part part = Part.NONE;

    /** Equal values one behind the other, which are added at once. */
    private static final class Run {
        private final LatencyStats stats;
        private long value;
        private long times;

        Run(LatencyStats stats) {
            this.stats = stats;
        }

        void add(long next) {
            if (next != value) {
                end();
                value = next;
            }
            times++;
        }

        void end() {
            if (times > 0) {
                stats.record(value, times);
                times = 0;
            }
        }
    }

    /**
     * @param sid this server's id
     */
    EnsembleMeter(ServerMetrics metrics, long sid) {
        this.metrics = metrics;
        this.sid = sid;
        proposals = new Run(metrics.summary(Summary.PROPOSAL_LATENCY));
        acks = new Run(metrics.summary(Summary.PROPOSAL_ACK_CREATION_LATENCY));
        commits = new Run(metrics.summary(Summary.COMMIT_PROPAGATION_LATENCY));
    }

    /** For the links' writers. */
    PeerPorts.Meter links() {
        return new PeerPorts.Meter() {
            @Override
            public void onDrained(long learner, int waiting) {
                of(SummarySet.LEARNER_HANDLER_QP_SIZE, learner).record(waiting);
            }

            @Override
            public void onWaited(long learner, long ns) {
                of(SummarySet.LEARNER_HANDLER_QP_TIME, learner).record(ns / NS_PER_MS);
            }
        };
    }

    private LatencyStats of(SummarySet set, long server) {
        return metrics.summary(set, Long.toString(server));
    }

    /** The journal took a transaction that the leader has given this time. */
    void onAppended(long zxid, long createdMs) {
        if (part != Part.LEADER && part != Part.FOLLOWER) {
            return;
        }
        undurable.addLong(zxid);
        undurable.addLong(createdMs);
        if (part == Part.FOLLOWER) {
            proposals.add(System.currentTimeMillis() - createdMs);
        } else if (zxid % ACKS_PER_SAMPLE == 0) {
            sampleZxid = zxid;
            sampleMs = createdMs;
            ackedSample.clear();
        }
    }

    /** The journal is durable up to there, and an ack of that is on its way. */
    void onDurable(long zxid) {
        if (undurable.isEmpty()) {
            return;
        }
        long nowMs = System.currentTimeMillis();
        while (!undurable.isEmpty() && undurable.peekLong() <= zxid) {
            undurable.pollLong();
            acks.add(nowMs - undurable.pollLong());
        }
        onAcked(sid, zxid);
    }

    /** On a leader: a server is durable up to there. */
    void onAcked(long server, long zxid) {
        if (part == Part.LEADER && zxid >= sampleZxid && ackedSample.add(server)) {
            of(SummarySet.ACK_LATENCY, server).record(System.currentTimeMillis() - sampleMs);
        }
    }

    /** On a leader: committed up to there. Acks that come later are not timed. */
    void onCommitted(long zxid) {
        if (zxid >= sampleZxid) {
            sampleZxid = Long.MAX_VALUE;
        }
    }

    /** A transaction is applied; on a learner its commit has just come. */
    void onApplied(long createdMs, long nowMs) {
        if (part == Part.FOLLOWER || part == Part.OBSERVER) {
            commits.add(nowMs - createdMs);
        }
    }

    /** A message came on a quorum link. */
    void onReceived(Message message) {
        if (part == Part.FOLLOWER && message instanceof Message.Proposal) {
            metrics.increment(Counter.LEARNER_PROPOSAL_RECEIVED_COUNT);
        } else if ((part == Part.FOLLOWER && message instanceof Message.Commit)
                || (part == Part.OBSERVER && message instanceof Message.Inform)) {
            metrics.increment(Counter.LEARNER_COMMIT_RECEIVED_COUNT);
        }
    }

    /** A message goes out on a quorum link. An image is counted where it is made. */
    void onSent(long link, Message message) {
        switch (message) {
            case Message.Diff _, Message.Trunc _ -> {
                metrics.increment(Counter.DIFF_COUNT);
                begin(link, false);
            }
            case Message.Snap _ -> begin(link, true);
            case Message.UpToDate _ -> {
                Boolean byImage = catchingUp.remove(link);
                if (byImage != null) {
                    countCatchingUp(byImage);
                }
            }
            default -> {
                // about nobody who catches up
            }
        }
    }

    private void begin(long link, boolean byImage) {
        catchingUp.put(link, byImage);
        countCatchingUp(byImage);
    }

    private void countCatchingUp(Boolean byImage) {
        long many = catchingUp.values().stream().filter(byImage::equals).count();
        Summary summary =
                byImage.booleanValue() ? Summary.INFLIGHT_SNAP_COUNT : Summary.INFLIGHT_DIFF_COUNT;
        metrics.summary(summary).record(many);
    }

    /** A quorum link is gone. */
    void onEnded(long link) {
        catchingUp.remove(link);
    }

    /** A run is at its end. */
    void onBatchEnd(PublishedState.Standing standing) {
        proposals.end();
        acks.end();
        commits.end();
        if (!standing.equals(seen)) {
            seen = standing;
            part = partIn(standing);
            undurable.clear();
            sampleZxid = Long.MAX_VALUE;
        }
    }

    private static Part partIn(PublishedState.Standing standing) {
        return switch (standing.mode()) {
            case "leader" -> Part.LEADER;
            case "follower" -> Part.FOLLOWER;
            case "observer" -> Part.OBSERVER;
            default -> Part.NONE;
        };
    }
}
