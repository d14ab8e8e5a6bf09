package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What servers do together: they elect, agree, fail and come back. */
final class PeerTest {
    @Test
    void threeServersElectTheGreatestId() {
        Ensemble ensemble = Ensemble.started(3);
        assertEquals(3, ensemble.leader().sid);
        assertEquals(1, ensemble.leader().peer.epoch());
    }

    @Test
    void electionIsOverAsSoonAsAllHaveVoted() {
        Ensemble ensemble = new Ensemble(3);
        long beginMs = ensemble.nowMs;
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertTrue(ensemble.nowMs - beginMs < 50, () -> "took " + (ensemble.nowMs - beginMs));
    }

    @Test
    void fiveServersElectTheLongestHistory() {
        Ensemble ensemble = new Ensemble(5);
        ensemble.server(2).disk.entries.add(Host.entry(1));
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().sid);
        assertEquals(1, ensemble.server(5).machine.lastApplied());
    }

    @Test
    void laterEpochBeatsLongerHistory() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(1).disk.accepted = 2;
        ensemble.server(1).disk.current = 2;
        ensemble.server(3).disk.entries.add(Host.entry(1));
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.leader().sid);
        assertEquals(3, ensemble.leader().peer.epoch());
        assertEquals(0, ensemble.server(3).machine.lastApplied());
    }

    @Test
    void minorityElectsNobody() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(1).start();
        ensemble.run(20_000);
        assertFalse(ensemble.hasLeader());
        ensemble.server(2).start();
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().sid);
    }

    @Test
    void lateServerJoinsTheLeaderThatIsThere() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(1).start();
        ensemble.server(2).start();
        ensemble.until(ensemble::agrees);
        ensemble.server(3).start();
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().sid);
        assertEquals(1, ensemble.leader().peer.epoch());
    }

    @Test
    void whatIsProposedIsDeliveredEverywhere() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.propose(50);
        ensemble.until(ensemble::agrees);
        ensemble.run(50);
        assertTrue(ensemble.agrees());
        assertEquals(50, ensemble.server(1).machine.applied.size());
        assertEquals(Zxid.of(1, 50), ensemble.server(2).machine.lastApplied());
    }

    @Test
    void leaderAloneCommitsNothing() {
        Ensemble ensemble = Ensemble.started(3);
        Host leader = ensemble.leader();
        ensemble.cut(3, 1);
        ensemble.cut(3, 2);
        leader.propose("lost");
        ensemble.run(50);
        assertEquals(0, leader.machine.lastApplied());
    }

    @Test
    void whatWasAckedByAQuorumSurvivesItsLeader() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.propose(3);
        ensemble.run(Ensemble.LATENCY_MS + Ensemble.FORCE_MS);
        ensemble.leader().kill();
        ensemble.until(ensemble::agrees);
        assertEquals(Zxid.of(1, 3), ensemble.leader().machine.lastApplied());
        assertEquals(2, ensemble.leader().peer.epoch());
    }

    @Test
    void epochIsPromisedBeforeItIsSaid() {
        Ensemble ensemble = new Ensemble(3);
        boolean[] seen = new boolean[2];
        ensemble.breaksLink =
                packet -> {
                    Host.Disk disk = ensemble.server(packet.from()).disk;
                    switch (packet.message()) {
                        case Message.LeaderInfo(int epoch, _) -> {
                            assertEquals(epoch, disk.accepted);
                            seen[0] = true;
                        }
                        case Message.AckEpoch _ -> {
                            assertEquals(1, disk.accepted);
                            assertEquals(0, disk.current);
                            seen[1] = true;
                        }
                        default -> {}
                    }
                    return false;
                };
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertTrue(seen[0] && seen[1]);
    }

    @Test
    void epochIsAckedAfterTheHistoryAndItselfAreDurable() {
        Ensemble ensemble = new Ensemble(3);
        for (long zxid = 1; zxid <= 20; zxid++) {
            ensemble.server(2).disk.entries.add(Host.entry(zxid));
        }
        int[] acks = new int[1];
        ensemble.breaksLink =
                packet -> {
                    if (packet.message() instanceof Message.Ack(long zxid)
                            && zxid == Zxid.of(1, 0)) {
                        Host.Disk disk = ensemble.server(packet.from()).disk;
                        assertEquals(20, disk.entries.size());
                        assertEquals(1, disk.current);
                        acks[0]++;
                    }
                    return false;
                };
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(4, acks[0]); // each follower, and again when it is up to date
    }

    @Test
    void leaderThatDiesBeforeItsEpochStandsLeavesNothingApplied() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(3).disk.entries.add(Host.entry(1));
        ensemble.breaksLink =
                packet -> {
                    if (packet.message() instanceof Message.NewLeader && packet.from() == 3) {
                        ensemble.schedule(0, ensemble.server(3)::kill);
                        return true;
                    }
                    return false;
                };
        ensemble.startAll();
        ensemble.until(() -> !ensemble.server(3).isUp());
        ensemble.run(5);
        assertEquals(0, ensemble.server(2).machine.lastApplied());
        ensemble.until(ensemble::agrees);
    }

    @Test
    void leaderWithoutAQuorumResigns() {
        Ensemble ensemble = Ensemble.started(3);
        Host leader = ensemble.leader();
        ensemble.server(1).kill();
        ensemble.server(2).kill();
        ensemble.until(() -> !leader.peer.isLeading());
        assertEquals(ServerState.LOOKING, leader.peer.state());
        assertEquals(1, leader.machine.timesLooking);
    }

    @Test
    void silentFollowerIsCutOff() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).freeze();
        long beginMs = ensemble.nowMs;
        ensemble.until(() -> ensemble.leader().peer.probe().acked().size() == 2);
        assertTrue(ensemble.nowMs - beginMs <= 7 * Ensemble.TICK_MS);
        ensemble.propose(1);
        ensemble.run(20);
        assertEquals(Zxid.of(1, 1), ensemble.leader().machine.lastApplied());
        ensemble.server(1).thaw();
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.leader().peer.epoch());
    }

    @Test
    void frozenLeaderResignsBeforeItDoesAnythingElse() {
        Ensemble ensemble = Ensemble.started(3);
        Host old = ensemble.leader();
        old.freeze();
        ensemble.until(() -> ensemble.server(2).peer.isLeading());
        old.thaw();
        assertFalse(old.peer.isLeading());
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().peer.epoch());
    }

    @Test
    void followerThatForcesNothingIsCutOff() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).isDiskStuck = true;
        ensemble.propose(3);
        ensemble.until(() -> ensemble.leader().peer.probe().acked().size() == 2);
        assertEquals(Zxid.of(1, 3), ensemble.leader().machine.lastApplied());
    }

    @Test
    void whatIsDeliveredBeforeItIsDurableIsStillAcked() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).isDiskStuck = true;
        ensemble.propose(30);
        ensemble.run(50);
        assertEquals(30, ensemble.server(1).machine.applied.size());
        ensemble.server(1).isDiskStuck = false;
        ensemble.server(1).log.force();
        ensemble.until(ensemble::agrees);
        ensemble.run(20);
        assertEquals(Zxid.of(1, 30), ensemble.leader().peer.probe().acked().get(1L));
    }

    @Test
    void serverVotesWhenAllItHasAppendedIsDurable() {
        Ensemble ensemble = Ensemble.started(3);
        Host slow = ensemble.server(1);
        slow.isDiskStuck = true;
        ensemble.propose(1);
        ensemble.run(10);
        ensemble.leader().kill();
        ensemble.run(2_000);
        assertEquals("settling", slow.peer.probe().phase());
        assertFalse(ensemble.hasLeader());
        slow.isDiskStuck = false;
        slow.log.force();
        ensemble.until(ensemble::agrees);
    }

    @Test
    void fullJournalHoldsTheFollowerUpAndLosesNothing() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).isLogFull = true;
        ensemble.propose(5);
        ensemble.run(20);
        assertFalse(ensemble.server(1).peer.ready());
        assertEquals(0, ensemble.server(1).machine.lastApplied());
        ensemble.server(1).isLogFull = false;
        ensemble.until(ensemble::agrees);
        assertEquals(5, ensemble.server(1).machine.applied.size());
    }

    @Test
    void fullJournalHoldsTheObserverUpAndLosesNothing() {
        Ensemble ensemble = Ensemble.started(3, 9);
        ensemble.server(9).isLogFull = true;
        ensemble.propose(1);
        ensemble.run(20);
        assertEquals(0, ensemble.server(9).machine.lastApplied());
        ensemble.server(9).isLogFull = false;
        ensemble.run(20);
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.server(9).machine.applied.size());
    }

    @Test
    void observerDeliversAndDoesNotCount() {
        Ensemble ensemble = Ensemble.started(3, 9);
        assertEquals(new Peer.Following(3, 2, 1, 0), ensemble.leader().peer.probe().following());
        assertEquals(ServerState.OBSERVING, ensemble.server(9).peer.state());
        ensemble.propose(5);
        ensemble.until(ensemble::agrees);
        assertEquals(5, ensemble.server(9).machine.applied.size());
        assertEquals(5, ensemble.sentTo(9, Message.Inform.class).size());
        assertFalse(ensemble.leader().peer.probe().acked().containsKey(9L));
        ensemble.server(1).kill();
        ensemble.server(2).kill();
        ensemble.until(() -> !ensemble.hasLeader());
        ensemble.run(5_000);
        assertFalse(ensemble.hasLeader());
    }

    @Test
    void emptyServerHelpsNobodyToOffice() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.propose(4);
        ensemble.until(ensemble::agrees);
        ensemble.server(1).kill();
        ensemble.server(2).kill();
        ensemble.server(3).kill();
        ensemble.server(1).disk.entries.clear();
        ensemble.server(2).wipe();
        ensemble.server(1).start();
        ensemble.server(2).start();
        ensemble.run(30_000);
        assertFalse(ensemble.hasLeader());
        ensemble.server(3).start();
        ensemble.until(ensemble::agrees);
        assertEquals(4, ensemble.server(2).machine.applied.size());
    }

    @Test
    void whoeverHasLookedForLongIsToldOfALeader() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(3).wipe();
        ensemble.startAll();
        ensemble.cut(1, 2);
        ensemble.run(100_000);
        assertFalse(ensemble.hasLeader());
        long beginMs = ensemble.nowMs;
        ensemble.heal();
        ensemble.until(ensemble::agrees);
        assertTrue(ensemble.nowMs - beginMs < 1_000, () -> "took " + (ensemble.nowMs - beginMs));
    }

    @Test
    void usedUpEpochIsHandedOver() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.settings = ensemble.withLastCounter(7);
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        Host leader = ensemble.leader();
        ensemble.propose(7);
        assertFalse(leader.peer.propose(new UnsafeBuffer(new byte[1]), 0, 1));
        ensemble.until(() -> !leader.peer.isLeading());
        assertEquals(7, leader.machine.applied.size());
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().peer.epoch());
        ensemble.propose(1);
        ensemble.until(ensemble::agrees);
        assertEquals(Zxid.of(2, 1), ensemble.leader().machine.lastApplied());
    }

    @Test
    void leaderThatIsToStopHandsOverWhatIsOutstanding() {
        Ensemble ensemble = Ensemble.started(3);
        Host leader = ensemble.leader();
        ensemble.propose(3);
        leader.peer.handOver();
        assertFalse(leader.peer.propose(new UnsafeBuffer(new byte[1]), 0, 1));
        assertTrue(leader.peer.isLeading());
        ensemble.until(() -> !leader.peer.isLeading());
        assertEquals(3, leader.machine.applied.size());
        leader.kill();
        long beginMs = ensemble.nowMs;
        ensemble.until(ensemble::agrees);
        assertTrue(ensemble.nowMs - beginMs < 50, () -> "took " + (ensemble.nowMs - beginMs));
    }

    /** As when something on the way accepts for a port that is not open yet. */
    @Test
    void linkThatBreaksBeforeTheLeaderSpeaksIsDialledAgain() {
        Ensemble ensemble = new Ensemble(3);
        int[] broken = new int[1];
        ensemble.breaksLink =
                packet -> packet.message() instanceof Message.FollowerInfo && ++broken[0] <= 6;
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertTrue(broken[0] > 6);
        assertEquals(1, ensemble.leader().peer.probe().round());
    }

    /** The others need not wait until it is gone, and it comes back if it does not go. */
    @Test
    void leaderThatHandedOverIsNotElectedAgain() {
        Ensemble ensemble = Ensemble.started(3);
        Host old = ensemble.leader();
        old.peer.handOver();
        ensemble.until(() -> !old.peer.isLeading());
        long beginMs = ensemble.nowMs;
        ensemble.until(ensemble::hasLeader);
        assertNotEquals(old, ensemble.leader());
        assertTrue(ensemble.nowMs - beginMs < 300, () -> "took " + (ensemble.nowMs - beginMs));
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().peer.epoch());
    }

    @Test
    void leaderGivesWayToAPromiseOfALaterEpoch() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(1).start();
        ensemble.server(2).start();
        ensemble.until(ensemble::agrees);
        ensemble.server(3).disk.accepted = 8;
        ensemble.server(3).start();
        ensemble.until(ensemble::agrees);
        assertEquals(9, ensemble.leader().peer.epoch());
    }

    @Test
    void syncWaitsForWhatWasProposedBefore() {
        Ensemble ensemble = Ensemble.started(3);
        Host leader = ensemble.leader();
        long link = ensemble.linkBetween(1, 3);
        leader.peer.sync(link, 0);
        ensemble.run(5);
        assertEquals(List.of(new Message.Sync()), ensemble.server(1).machine.fromLeader);
        leader.propose("before");
        leader.peer.sync(link, 0);
        leader.propose("behind");
        int commitAt = ensemble.sent.size();
        ensemble.run(20);
        List<Message> after =
                ensemble.sent.subList(commitAt, ensemble.sent.size()).stream()
                        .filter(packet -> packet.to() == 1)
                        .map(Ensemble.Sent::message)
                        .toList();
        assertEquals(
                List.of(
                        new Message.Commit(Zxid.of(1, 1)),
                        new Message.Sync(),
                        new Message.Commit(Zxid.of(1, 2))),
                after);
        assertEquals(2, ensemble.server(1).machine.fromLeader.size());
    }

    /** What the journal had no room for is waited for by its zxid. */
    @Test
    void syncWaitsForWhatIsYetToBeProposed() {
        Ensemble ensemble = Ensemble.started(3);
        Host leader = ensemble.leader();
        leader.peer.sync(ensemble.linkBetween(1, 3), Zxid.of(1, 1));
        ensemble.run(20);
        assertEquals(List.of(), ensemble.server(1).machine.fromLeader);

        leader.propose("late");
        ensemble.run(20);

        assertEquals(List.of(new Message.Sync()), ensemble.server(1).machine.fromLeader);
    }

    @Test
    void learnersMessagesReachTheLeadersService() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).peer.forward(new Message.Revalidate(7, 100));
        ensemble.server(1).machine.touched.add(new Message.Touched(7, 100));
        ensemble.run(3 * Ensemble.TICK_MS);
        assertTrue(ensemble.leader().machine.fromLearners.contains(new Message.Revalidate(7, 100)));
        assertTrue(
                ensemble.leader().machine.fromLearners.stream()
                        .anyMatch(
                                message ->
                                        message instanceof Message.Pong pong
                                                && pong.sessions()
                                                        .contains(new Message.Touched(7, 100))));
        ensemble.leader().peer.answer(ensemble.linkBetween(1, 3), new Message.Revalidated(7, true));
        ensemble.run(5);
        assertEquals(
                List.of(new Message.Revalidated(7, true)), ensemble.server(1).machine.fromLeader);
    }

    @Test
    void singleVoterLeadsItself() {
        Ensemble ensemble = Ensemble.started(1);
        ensemble.propose(2);
        ensemble.until(ensemble::agrees);
        assertEquals(Zxid.of(1, 2), ensemble.leader().machine.lastApplied());
    }
}
