package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.server.ServerMetrics.Counter;
import io.loomkeeper.server.ServerMetrics.Summary;
import io.loomkeeper.server.ServerMetrics.SummarySet;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.zab.Message;
import java.util.Map;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class EnsembleMeterTest {
    private static final long SELF = 3;

    private final ServerMetrics metrics = new ServerMetrics();
    private final EnsembleMeter meter = new EnsembleMeter(metrics, SELF);

    private void become(String mode) {
        meter.onBatchEnd(new PublishedState.Standing(true, mode, 1));
    }

    private long count(Summary summary) {
        return metrics.summary(summary).count();
    }

    private static Message.Proposal proposal() {
        return new Message.Proposal(1, new UnsafeBuffer(new byte[1]));
    }

    private static long secondsAgo(int seconds) {
        return System.currentTimeMillis() - seconds * 1000L;
    }

    @Test
    void followerTimesEachProposalFromTheLeadersClock() {
        become("follower");
        for (int zxid = 1; zxid <= 5; zxid++) {
            meter.onReceived(proposal());
            meter.onAppended(zxid, secondsAgo(7));
        }
        meter.onDurable(3);
        meter.onReceived(new Message.Commit(1));
        meter.onApplied(100, 108);
        meter.onApplied(100, 108);
        become("follower");

        assertEquals(5, count(Summary.PROPOSAL_LATENCY));
        assertEquals(7, metrics.summary(Summary.PROPOSAL_LATENCY).min() / 1000);
        assertEquals(3, count(Summary.PROPOSAL_ACK_CREATION_LATENCY));
        assertEquals(7, metrics.summary(Summary.PROPOSAL_ACK_CREATION_LATENCY).min() / 1000);
        assertEquals(2, count(Summary.COMMIT_PROPAGATION_LATENCY));
        assertEquals(16, metrics.summary(Summary.COMMIT_PROPAGATION_LATENCY).sum());
        assertEquals(5, metrics.count(Counter.LEARNER_PROPOSAL_RECEIVED_COUNT));
        assertEquals(1, metrics.count(Counter.LEARNER_COMMIT_RECEIVED_COUNT));
        assertEquals(Map.of(), metrics.summaries(SummarySet.ACK_LATENCY));
    }

    @Test
    void whatAServerHadMissedIsNoDelay() {
        meter.onReceived(proposal());
        meter.onAppended(1, 0);
        meter.onApplied(0, 1_000_000);
        become("follower");
        meter.onDurable(1);
        become("follower");

        assertEquals(0, count(Summary.PROPOSAL_LATENCY));
        assertEquals(0, count(Summary.PROPOSAL_ACK_CREATION_LATENCY));
        assertEquals(0, count(Summary.COMMIT_PROPAGATION_LATENCY));
        assertEquals(0, metrics.count(Counter.LEARNER_PROPOSAL_RECEIVED_COUNT));
    }

    @Test
    void observerGetsCommitsAlone() {
        become("observer");
        meter.onReceived(new Message.Inform(1, new UnsafeBuffer(new byte[1])));
        meter.onAppended(1, 0);
        meter.onDurable(1);
        meter.onApplied(10, 30);
        become("observer");

        assertEquals(1, metrics.count(Counter.LEARNER_COMMIT_RECEIVED_COUNT));
        assertEquals(20, metrics.summary(Summary.COMMIT_PROPAGATION_LATENCY).max());
        assertEquals(0, count(Summary.PROPOSAL_LATENCY));
        assertEquals(0, count(Summary.PROPOSAL_ACK_CREATION_LATENCY));
    }

    @Test
    void leaderTimesOneAckInAThousandOfEachServerUntilTheCommit() {
        become("leader");
        for (int zxid = 1; zxid <= 1_000; zxid++) {
            meter.onAppended(zxid, secondsAgo(2));
        }
        meter.onAcked(1, 999);
        meter.onAcked(1, 1_000);
        meter.onAcked(1, 1_000);
        meter.onDurable(1_000);
        meter.onCommitted(1_000);
        meter.onAcked(2, 1_000);

        assertEquals(
                Set.of("1", Long.toString(SELF)),
                metrics.summaries(SummarySet.ACK_LATENCY).keySet());
        assertEquals(1, metrics.summary(SummarySet.ACK_LATENCY, "1").count());
        assertEquals(2, metrics.summary(SummarySet.ACK_LATENCY, "1").max() / 1000);
        assertEquals(0, count(Summary.PROPOSAL_LATENCY));
        become("leader");
        assertEquals(1_000, count(Summary.PROPOSAL_ACK_CREATION_LATENCY));
    }

    @Test
    void learnersThatCatchUpAreCountedWhenOneBeginsAndWhenOneEnds() {
        meter.onSent(11, new Message.Diff(5));
        meter.onSent(12, new Message.Trunc(5));
        meter.onSent(13, new Message.Snap(0, new TreeImage(empty())));
        meter.onEnded(11);
        meter.onSent(12, new Message.UpToDate());
        meter.onSent(12, new Message.UpToDate());

        LatencyStats byDiff = metrics.summary(Summary.INFLIGHT_DIFF_COUNT);
        assertEquals(3, byDiff.count());
        assertEquals(1 + 2 + 0, byDiff.sum());
        assertEquals(1, count(Summary.INFLIGHT_SNAP_COUNT));
        assertEquals(2, metrics.count(Counter.DIFF_COUNT));
    }

    private static TreeVersion empty() {
        return new DataTree(TreeOptions.DEFAULT).seal();
    }

    @Test
    void linksAreToldApartByTheServerAtTheirOtherEnd() {
        meter.links().onDrained(1, 4);
        meter.links().onWaited(1, 9_000_000);
        meter.links().onDrained(2, 0);

        assertEquals(4, metrics.summary(SummarySet.LEARNER_HANDLER_QP_SIZE, "1").max());
        assertEquals(9, metrics.summary(SummarySet.LEARNER_HANDLER_QP_TIME, "1").max());
        assertEquals(
                Set.of("1", "2"), metrics.summaries(SummarySet.LEARNER_HANDLER_QP_SIZE).keySet());
        metrics.reset();
        assertEquals(Map.of(), metrics.summaries(SummarySet.LEARNER_HANDLER_QP_SIZE));
    }
}
