package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How a server that was away, or was wrong, gets its leader's history. */
final class SynchronizationTest {
    @Test
    void deposedLeaderCutsWhatNobodyElseHas() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.propose(2);
        ensemble.until(ensemble::agrees);
        Host old = ensemble.leader();
        ensemble.cut(3, 1);
        ensemble.cut(3, 2);
        old.propose("lost");
        ensemble.until(() -> ensemble.server(2).peer.isLeading());
        ensemble.leader().propose("kept");
        ensemble.until(() -> !old.peer.isLeading());
        assertEquals(Zxid.of(1, 3), old.peer.probe().lastAppended());
        ensemble.heal();
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.sentTo(3, Message.Trunc.class).size());
        assertEquals(Zxid.of(2, 1), old.machine.lastApplied());
        assertEquals(3, old.machine.applied.size());
    }

    @Test
    void recoveredStateIsTakenBackWhenItIsTruncated() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(1).disk.entries.add(Host.entry(1));
        ensemble.server(1).start();
        ensemble.server(2).start();
        ensemble.until(ensemble::agrees);
        ensemble.leader().kill();
        ensemble.server(2).kill();
        Host wasAway = ensemble.server(3);
        wasAway.disk.entries.addAll(List.of(Host.entry(1), Host.entry(2)));
        ensemble.server(1).start();
        ensemble.server(2).start();
        ensemble.until(ensemble::agrees);
        ensemble.leader().propose("kept");
        wasAway.start();
        assertEquals(2, wasAway.machine.lastApplied());
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.sentTo(3, Message.Trunc.class).size());
    }

    @Test
    void tailOfAnotherEpochIsReplacedByAnImage() {
        Ensemble ensemble = new Ensemble(3);
        Host other = ensemble.server(3);
        other.disk.accepted = 5;
        other.disk.entries.addAll(List.of(Host.entry(1), Host.entry(Zxid.of(5, 1))));
        ensemble.server(1).disk.accepted = 6;
        ensemble.server(1).disk.current = 6;
        ensemble.server(1).disk.entries.addAll(List.of(Host.entry(1), Host.entry(2)));
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.leader().sid);
        assertEquals(1, ensemble.sentTo(3, Message.Snap.class).size());
        assertEquals(2, other.machine.lastApplied());
    }

    @Test
    void lateFollowerGetsTheDifferenceFromMemory() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).kill();
        ensemble.propose(5);
        ensemble.until(ensemble::agrees);
        ensemble.server(1).start();
        ensemble.until(ensemble::agrees);
        assertEquals(5, ensemble.server(1).machine.applied.size());
        assertEquals(0, ensemble.sentTo(1, Message.Snap.class).size());
        assertEquals(5, ensemble.sentTo(1, Message.Proposal.class).size());
    }

    @Test
    void veryLateFollowerGetsTheDifferenceFromDisk() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).kill();
        ensemble.propose(40);
        ensemble.until(ensemble::agrees);
        ensemble.server(1).start();
        ensemble.until(ensemble::agrees);
        assertEquals(40, ensemble.server(1).machine.applied.size());
        assertEquals(0, ensemble.sentTo(1, Message.Snap.class).size());
        assertEquals(40, ensemble.sentTo(1, Message.Proposal.class).size());
    }

    @Test
    void followerFromBeforeTheLogGetsAnImage() {
        Ensemble ensemble = new Ensemble(3);
        for (long sid : List.of(2L, 3L)) {
            Host host = ensemble.server(sid);
            host.disk.baseZxid = 100;
            host.disk.baseState.add(Host.entry(100));
            host.disk.accepted = 1;
            host.disk.current = 1;
        }
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.sentTo(1, Message.Snap.class).size());
        assertEquals(100, ensemble.server(1).disk.baseZxid);
        ensemble.propose(3);
        ensemble.until(ensemble::agrees);
        ensemble.server(1).kill();
        ensemble.server(1).start();
        ensemble.until(ensemble::agrees);
        assertEquals(4, ensemble.server(1).machine.applied.size());
    }

    /** Rule L4: longer than any limit, and the leader hears of it all the time. */
    @Test
    void slowInstallationIsWaitedFor() {
        Ensemble ensemble = new Ensemble(3);
        for (long sid : List.of(2L, 3L)) {
            Host host = ensemble.server(sid);
            host.disk.baseZxid = 100;
            host.disk.baseState.add(Host.entry(100));
            host.disk.accepted = 1;
            host.disk.current = 1;
            host.start();
        }
        ensemble.until(ensemble::agrees);
        int epoch = ensemble.leader().peer.epoch();
        Host away = ensemble.server(1);
        away.installMs = 100 * Ensemble.TICK_MS;
        away.start();
        for (int i = 0; i < 90; i++) {
            ensemble.run(Ensemble.TICK_MS);
            ensemble.propose(1);
        }
        assertFalse(away.peer.probe().isServing());
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.sentTo(1, Message.Snap.class).size());
        assertEquals(1, ensemble.sentTo(1, Message.LeaderInfo.class).size(), "it was dropped");
        assertEquals(epoch, ensemble.leader().peer.epoch());
    }

    @Test
    void followerThatCannotBeCutAsksForAnImage() {
        Ensemble ensemble = new Ensemble(3);
        Host odd = ensemble.server(3);
        odd.disk.baseZxid = 4;
        odd.disk.baseState.add(Host.entry(4));
        for (long sid : List.of(1L, 2L)) {
            Host host = ensemble.server(sid);
            host.disk.entries.addAll(List.of(Host.entry(1), Host.entry(2)));
            host.disk.accepted = 1;
            host.disk.current = 1;
        }
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(1, ensemble.sentTo(3, Message.Trunc.class).size());
        assertEquals(1, ensemble.sentTo(3, Message.Snap.class).size());
        assertEquals(2, odd.machine.lastApplied());
    }

    /** What the learner held as one of a quorum is in the image, though nobody has delivered it. */
    @Test
    void imageOfALeaderHasItsWholeHistory() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.breaksLink =
                packet -> packet.message() instanceof Message.UpToDate && packet.to() == 2;
        Host ahead = ensemble.server(2);
        ahead.disk.accepted = 1;
        ahead.disk.current = 1;
        ensemble.server(1)
                .disk
                .entries
                .addAll(List.of(Host.entry(1), Host.entry(2), Host.entry(3)));
        ensemble.server(1).disk.accepted = 2;
        ensemble.server(1).disk.current = 2;
        ensemble.server(1).start();
        ahead.start();
        ensemble.until(() -> ahead.disk.entries.size() == 3 && ahead.disk.current == 3);
        ensemble.breaksLink = _ -> false;
        assertEquals(0, ahead.machine.lastApplied());
        ensemble.server(1).kill();
        Host other = ensemble.server(3);
        other.disk.accepted = 1;
        other.disk.entries.addAll(List.of(Host.entry(1), Host.entry(Zxid.of(1, 1))));
        other.start();
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().sid);
        assertEquals(
                List.of(3L),
                ensemble.sentTo(3, Message.Snap.class).stream().map(Message.Snap::zxid).toList());
    }

    @Test
    void writesGoOnWhileAFollowerIsSynchronized() {
        Ensemble ensemble = Ensemble.started(3);
        ensemble.server(1).kill();
        ensemble.propose(40);
        ensemble.until(ensemble::agrees);
        ensemble.server(1).start();
        for (int i = 0; i < 60; i++) {
            ensemble.leader().propose("while " + i);
            ensemble.run(1);
        }
        ensemble.until(ensemble::agrees);
        assertEquals(100, ensemble.server(1).machine.applied.size());
        assertEquals(Zxid.of(1, 100), ensemble.server(1).machine.lastApplied());
    }

    @Test
    void lateObserverGetsWhatIsCommittedAndNoMore() {
        Ensemble ensemble = new Ensemble(3, 9);
        ensemble.server(1).start();
        ensemble.server(3).start();
        ensemble.until(ensemble::agrees);
        ensemble.propose(3);
        ensemble.until(ensemble::agrees);
        ensemble.server(1).isDiskStuck = true;
        ensemble.propose(2);
        ensemble.server(9).start();
        ensemble.until(() -> ensemble.server(9).peer.probe().isServing());
        ensemble.run(10);
        assertEquals(Zxid.of(1, 3), ensemble.server(9).peer.probe().lastAppended());
        ensemble.server(1).isDiskStuck = false;
        ensemble.server(1).log.force();
        ensemble.until(ensemble::agrees);
        assertEquals(5, ensemble.server(9).machine.applied.size());
    }

    @Test
    void followerThatComesBackKeepsWhatIsOutstanding() {
        Ensemble ensemble = Ensemble.started(3);
        Host leader = ensemble.leader();
        leader.isDiskStuck = true;
        ensemble.server(2).isDiskStuck = true;
        ensemble.propose(3);
        ensemble.until(() -> ensemble.server(1).disk.entries.size() == 3);
        ensemble.server(1).kill();
        ensemble.server(1).start();
        ensemble.until(() -> ensemble.sentTo(1, Message.UpToDate.class).size() == 2);
        ensemble.run(10);
        assertFalse(ensemble.server(1).peer.probe().isServing(), "S13: it has applied too much");
        assertEquals(3, ensemble.server(1).disk.entries.size());
        leader.isDiskStuck = false;
        leader.log.force();
        ensemble.until(ensemble::agrees);
        assertEquals(1, leader.peer.epoch());
        assertEquals(0, ensemble.sentTo(1, Message.Trunc.class).size());
    }
}
