package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.zab.Message.Ack;
import io.loomkeeper.zab.Message.AckEpoch;
import io.loomkeeper.zab.Message.Commit;
import io.loomkeeper.zab.Message.CommitAndActivate;
import io.loomkeeper.zab.Message.Diff;
import io.loomkeeper.zab.Message.LeaderInfo;
import io.loomkeeper.zab.Message.NewLeader;
import io.loomkeeper.zab.Message.Proposal;
import io.loomkeeper.zab.Message.UpToDate;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Configurations that change (S23, protocol 17.5), seen from one server, 2. */
final class ReconfigurationTest {
    private static final long E1 = Zxid.of(1, 0);
    private static final Membership FIRST = Roster.of(Set.of(1L, 2L, 3L), 0);

    private final Roster roster = new Roster();

    /** Leads epoch 1 with server 1 as its follower on link 1. */
    private Script leading() {
        Script script = new Script(FIRST, roster).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 0), new AckEpoch(0, 0), new Ack(E1));
        assertEquals(List.of("leading 1"), script.roles);
        return script;
    }

    /** Follows server 3 in epoch 9, up to date with nothing but this configuration. */
    private Script following(Membership leaders) {
        Script script = new Script(FIRST, roster).following();
        script.hearsLeader(
                new LeaderInfo(9),
                new Diff(0),
                new NewLeader(Zxid.of(9, 0), leaders.text()),
                new UpToDate());
        return script;
    }

    private static Proposal proposal(Membership made) {
        return new Proposal(made.version(), Roster.txn(made));
    }

    @Test
    void leaderNumbersWhatWasNeverNumbered() {
        Script script = leading();

        assertTrue(script.said().contains(new NewLeader(E1, "1,2,3;;;" + E1)));
        assertEquals(List.of("seen 1,2,3;;;" + E1, "active 1,2,3;;;" + E1), roster.kept);
        assertEquals("1,2,3;;;" + E1, script.told.getLast().config());
    }

    @Test
    void learnerGoesByTheLeadersConfigurationWhenTheEpochIsEstablished() {
        Script script = new Script(FIRST, roster).following();
        Membership theirs = Roster.of(Set.of(1L, 2L, 3L), 7);
        script.hearsLeader(
                new LeaderInfo(9), new Diff(0), new NewLeader(Zxid.of(9, 0), theirs.text()));
        assertEquals(List.of("seen " + theirs.text()), roster.kept);

        Membership numbered = Roster.of(Set.of(1L, 2L, 3L), Zxid.of(9, 0));
        script = following(numbered);

        assertEquals(List.of("following 3 9"), script.roles);
        assertEquals("active " + numbered.text(), roster.kept.getLast());
    }

    @Test
    void learnerThatObservesFromNowOnComesBack() {
        Membership theirs = Roster.of(Set.of(1L, 3L), Set.of(2L), Set.of(), Zxid.of(9, 0));
        Script script = following(theirs);

        assertEquals(ServerState.LOOKING, script.peer.state());
        assertEquals("active " + theirs.text(), roster.kept.getLast());
    }

    @Test
    void learnerTakesWhatIsProposedForSeenAndWhatIsCommittedForActive() {
        Script script = following(Roster.of(Set.of(1L, 2L, 3L), Zxid.of(9, 0)));
        Membership next = Roster.of(Set.of(1L, 2L, 3L, 4L), Zxid.of(9, 1));

        script.hearsLeader(proposal(next));
        assertEquals("seen " + next.text(), roster.kept.getLast());
        script.force().hearsLeader(new CommitAndActivate(next.version(), 3));

        assertEquals("active " + next.text(), roster.kept.getLast());
        assertEquals(List.of(next.version()), script.delivered);
        assertEquals(ServerState.FOLLOWING, script.peer.state());
    }

    @Test
    void commitAloneActivatesNothing() {
        Script script = following(Roster.of(Set.of(1L, 2L, 3L), Zxid.of(9, 0)));
        Membership next = Roster.of(Set.of(1L, 2L, 3L, 4L), Zxid.of(9, 1));

        script.hearsLeader(proposal(next)).force().hearsLeader(new Commit(next.version()));

        assertEquals("seen " + next.text(), roster.kept.getLast());
    }

    @Test
    void whoIsDesignatedIsFollowedWithoutAnElection() {
        Script script = following(Roster.of(Set.of(1L, 2L, 3L), Zxid.of(9, 0)));
        Membership next = Roster.of(Set.of(1L, 2L), Zxid.of(9, 1));
        script.hearsLeader(proposal(next)).force();

        script.hearsLeader(new CommitAndActivate(next.version(), 1)).tick(1);

        assertEquals(ServerState.FOLLOWING, script.peer.state());
        assertEquals(1, script.peer.leader());
    }

    @Test
    void whoIsDesignatedItselfLeadsWithoutAnElection() {
        Script script = following(Roster.of(Set.of(1L, 2L, 3L), Zxid.of(9, 0)));
        Membership next = Roster.of(Set.of(1L, 2L), Zxid.of(9, 1));
        script.hearsLeader(proposal(next)).force();

        script.hearsLeader(new CommitAndActivate(next.version(), 2)).tick(1);

        assertEquals(ServerState.LEADING, script.peer.state());
    }

    /** Apache's leaders announce what is under way to whoever comes meanwhile. */
    @Test
    void whatIsAnnouncedButNotCommittedIsOnlySeen() {
        Membership next = Roster.of(Set.of(1L, 2L, 3L, 4L), Zxid.of(9, 1));
        Script script = new Script(FIRST, roster).following();

        script.hearsLeader(new LeaderInfo(9), new Diff(0), proposal(next));
        script.hearsLeader(new NewLeader(Zxid.of(9, 0), next.text()));
        script.force().hearsLeader(new UpToDate());

        assertEquals("seen " + next.text(), roster.kept.getLast());
        script.hearsLeader(new CommitAndActivate(next.version(), 3));
        assertEquals("active " + next.text(), roster.kept.getLast());
    }

    @Test
    void whatTheLeaderDoesNotHaveIsGivenUp() {
        roster.seen = Roster.of(Set.of(2L, 4L, 5L), 5);
        Script script = new Script(FIRST, roster);
        Vote vote = new Vote(3, Zxid.of(8, 99), 8);
        for (long from : List.of(1L, 4L, 5L)) {
            script.peer.onNotification(
                    from, new Notification(ServerState.FOLLOWING, vote, 1, 2, null));
        }
        script.following();

        script.hearsLeader(
                new LeaderInfo(9), new Diff(0), new NewLeader(Zxid.of(9, 0), FIRST.text()));

        assertEquals(List.of("seen none"), roster.kept);
    }

    @Test
    void newerConfigurationIsAdoptedWhileLooking() {
        Script script = new Script(FIRST, roster);
        Membership newer = Roster.of(Set.of(2L, 3L, 4L), 5);
        Vote vote = new Vote(4, 0, 0);

        script.peer.onNotification(
                4, new Notification(ServerState.LOOKING, vote, 1, 2, newer.text()));

        assertEquals(List.of("active " + newer.text()), roster.kept);
        script.peer.onNotification(
                3, new Notification(ServerState.LOOKING, vote, 1, 2, FIRST.text()));
        assertEquals(List.of("active " + newer.text()), roster.kept);
    }

    /** Its leader had seen it and nobody has logged it: the epoch is established with it. */
    @Test
    void whatIsAnnouncedOfAnEarlierEpochIsActiveWithTheEpoch() {
        Membership theirs = Roster.of(Set.of(1L, 2L, 3L), Zxid.of(8, 3));

        following(theirs);

        assertEquals("active " + theirs.text(), roster.kept.getLast());
    }

    /** The tree shows the older one until it is told again. */
    @Test
    void whatIsActiveIsShownAgainBehindAllThatWasDeliveredBeforeServing() {
        Membership older = Roster.of(Set.of(1L, 2L, 3L, 4L), Zxid.of(8, 1));
        Membership completed = Roster.of(Set.of(1L, 2L, 3L), Zxid.of(8, 3));
        Script script = new Script(FIRST, roster).following();

        script.hearsLeader(new LeaderInfo(9), new Diff(older.version()), proposal(older));
        script.hearsLeader(new Commit(older.version()));
        script.hearsLeader(new NewLeader(Zxid.of(9, 0), completed.text()));
        script.force().hearsLeader(new UpToDate());

        assertEquals("active " + completed.text(), roster.kept.getLast());
        assertEquals(List.of(older.version()), script.delivered);
        assertEquals(1, script.deliveredWhenShown);
    }

    @Test
    void whatCameToNothingIsNotNeededToFollow() {
        roster.seen = Roster.of(Set.of(2L, 4L, 5L), 5);

        Script script = new Script(FIRST, roster).following();

        assertEquals(3, script.peer.leader());
    }

    @Test
    void whoIsToVoteAndHasNoVoteYetIsToldOfOursInItsRound() {
        roster.seen = Roster.of(Set.of(2L, 4L, 5L), 5);
        Script script = new Script(FIRST, roster);

        script.peer.onNotification(4, new Notification(ServerState.LOOKING, Vote.NONE, 7, 2, null));

        assertEquals(7, script.told.getLast().round());
        assertEquals(2, script.told.getLast().vote().leader());
    }

    private static final long WAITED_FOR = Zxid.of(1, 5);

    /** Server 1 votes for 4, which is to vote by what it has seen. */
    private static Notification forOneToCome(Vote vote, String seen) {
        return new Notification(ServerState.LOOKING, vote, 1, 2, FIRST.text(), seen);
    }

    /** L1: what it has may be chosen by the new configuration alone, so nobody else would do. */
    @Test
    void whatAVoterHasSeenIsSeenHereWhenItVotesByThat() {
        Membership next = Roster.of(Set.of(1L, 2L, 3L, 4L), WAITED_FOR);
        Vote vote = new Vote(4, Zxid.of(1, 7), 1);
        Script script = new Script(FIRST, roster);

        script.peer.onNotification(1, forOneToCome(vote, next.text()));

        assertEquals(List.of("seen " + next.text()), roster.kept);
        Notification told = script.told.getLast();
        assertEquals(vote, told.vote());
        assertEquals(2, told.round());
        assertEquals(next.text(), told.seen());
        assertEquals(FIRST.text(), told.config());
    }

    @Test
    void whatOthersHaveSeenIsNotTakenUpWithoutNeed() {
        Membership next = Roster.of(Set.of(1L, 2L, 3L, 4L), WAITED_FOR);
        Vote better = new Vote(4, Zxid.of(1, 7), 1);
        Script script = new Script(FIRST, roster);

        script.peer.onNotification(9, forOneToCome(better, next.text())); // a stranger
        script.peer.onNotification(1, forOneToCome(new Vote(5, Zxid.of(1, 7), 1), next.text()));
        script.peer.onNotification(1, forOneToCome(new Vote(4, 0, -1), next.text()));
        script.peer.onNotification(1, forOneToCome(new Vote(3, Zxid.of(1, 7), 1), next.text()));
        script.peer.onNotification(1, forOneToCome(better, "server.4=nonsense"));
        script.peer.onNotification(
                1, forOneToCome(better, Roster.of(Set.of(1L, 2L, 3L, 4L), Zxid.of(1, 0)).text()));

        assertEquals(List.of(), roster.kept);
    }

    /** The leader of a later epoch, in which this server was, did not know of it. */
    @Test
    void whatCameToNothingBeforeThisServersEpochIsNotTakenUpAgain() {
        Membership next = Roster.of(Set.of(1L, 2L, 3L, 4L), WAITED_FOR);
        Script script = new Script(FIRST, roster, 2);

        script.peer.onNotification(1, forOneToCome(new Vote(4, Zxid.of(3, 7), 3), next.text()));

        assertEquals(List.of(), roster.kept);
    }

    /** Both have promised and acked: without the second, which observes, none could lead. */
    @Test
    void whoObservesAndIsToVoteHelpsToEstablishTheEpoch() {
        roster.seen = Roster.of(Set.of(2L, 4L), 5);
        Script script = new Script(FIRST, roster);
        Vote vote = script.told.getLast().vote();
        for (long from : List.of(1L, 4L)) {
            script.peer.onNotification(
                    from, new Notification(ServerState.LOOKING, vote, 1, 2, null));
        }
        script.tick(300).dialledBy(1).dialledBy(4);
        script.hears(1, Script.apacheFollower(1, 0));
        script.hears(4, observer(4, 0)).hears(1, new AckEpoch(0, 0)).hears(4, new AckEpoch(0, 0));

        script.hears(1, new Ack(E1));
        assertEquals(List.of(), script.roles);
        script.hears(4, new Ack(E1));

        assertEquals(List.of("leading 1"), script.roles);
        assertEquals("active 2,4;;;5", roster.kept.getLast());
    }

    private static Message.ObserverInfo observer(long sid, int accepted) {
        return new Message.ObserverInfo(
                accepted, new Message.LearnerFacts(sid, Learning.PROTOCOL_VERSION, 0));
    }

    /** S9: it was a follower when it got them. */
    @Test
    void observerIsNotSentAgainWhatItHasOfTheOutstanding() {
        Script script = leading();
        long zxid = script.peer.nextZxid();
        assertTrue(script.peer.propose(Script.bytes(), 0, 3));
        script.dialledBy(4).hears(4, observer(4, 1), new AckEpoch(zxid, -1), new Ack(E1));
        script.said();

        script.force().hears(1, new Ack(zxid));

        assertEquals(List.of(new Commit(zxid), new Commit(zxid)), script.said());
    }

    /** S23, L6: the quorum of the new members has it already, and nobody says so again. */
    @Test
    void whatTheNewMembersHaveBehindAReconfigurationIsCommittedWithIt() {
        Script script = leading();
        long zxid = script.peer.nextZxid();
        UnsafeBuffer txn = Roster.txn(Roster.of(Set.of(2L), zxid));
        assertTrue(script.peer.propose(txn, 0, txn.capacity()));
        assertTrue(script.peer.propose(Script.bytes(), 0, 3));

        script.force().hears(1, new Ack(zxid));

        assertEquals(zxid + 1, script.peer.lastCommitted());
    }

    // With all others

    @Test
    void serverJoinsAndVotes() {
        Ensemble ensemble = Ensemble.changing(3, 1);

        long version = ensemble.reconfigure(Set.of(1L, 2L, 3L, 4L), Set.of());

        ensemble.until(() -> ensemble.isActive(version));
        ensemble.server(1).kill();
        ensemble.until(ensemble::agrees);
        ensemble.server(2).kill();
        ensemble.run(20_000);
        assertFalse(ensemble.hasLeader()); // two of four
    }

    @Test
    void serverThatWasRemovedFollowsWithoutAVote() {
        Ensemble ensemble = Ensemble.changing(3, 0);
        long removed = ensemble.leader().sid == 1 ? 2 : 1;
        TreeSet<Long> rest = new TreeSet<>(Set.of(1L, 2L, 3L));
        rest.remove(removed);

        long version = ensemble.reconfigure(rest, Set.of());

        ensemble.until(() -> ensemble.isActive(version));
        ensemble.propose(3);
        ensemble.until(ensemble::agrees);
        rest.forEach(sid -> ensemble.server(sid).kill());
        ensemble.server(rest.first()).start();
        ensemble.run(20_000);
        assertFalse(ensemble.hasLeader()); // one of two
    }

    @Test
    void followerThatShallObserveComesBackAsOneAndAsAFollowerAgain() {
        Ensemble ensemble = Ensemble.changing(3, 0);
        long leader = ensemble.leader().sid;
        long moved = leader == 1 ? 2 : 1;

        long down = ensemble.reconfigure(Set.of(leader, 6 - leader - moved), Set.of(moved));
        ensemble.until(() -> ensemble.isActive(down));
        assertEquals(ServerState.OBSERVING, ensemble.server(moved).peer.state());

        long up = ensemble.reconfigure(Set.of(1L, 2L, 3L), Set.of());
        ensemble.until(() -> ensemble.isActive(up));
        assertEquals(ServerState.FOLLOWING, ensemble.server(moved).peer.state());
    }

    @Test
    void leaderThatIsRemovedGivesWayWithoutAnElection() {
        Ensemble ensemble = Ensemble.changing(3, 0);
        long old = ensemble.leader().sid;
        TreeSet<Long> rest = new TreeSet<>(Set.of(1L, 2L, 3L));
        rest.remove(old);
        ensemble.propose(5);

        long version = ensemble.reconfigure(rest, Set.of());

        ensemble.until(() -> ensemble.isActive(version) && ensemble.leader().sid != old);
        ensemble.propose(2);
        ensemble.until(ensemble::agrees);
    }

    /** S23: nothing is committed by the old members alone, and nobody leads by them alone. */
    @Test
    void reconfigurationNeedsAQuorumOfTheNewMembersToo() {
        Script script = leading();
        script.said();
        long zxid = script.peer.nextZxid();
        UnsafeBuffer txn = Roster.txn(Roster.of(Set.of(2L, 4L, 5L), zxid));
        assertTrue(script.peer.propose(txn, 0, txn.capacity()));

        script.force().hears(1, new Ack(zxid));

        assertTrue(script.peer.lastCommitted() < zxid);
        assertTrue(script.said().stream().noneMatch(CommitAndActivate.class::isInstance));
        assertEquals(List.of("leading 1"), script.roles);
        script.tick(100).tick(100);
        assertEquals(List.of("leading 1", "looking"), script.roles);
    }

    /** S23: of two configurations the old one counts as well. */
    @Test
    void newMembersAloneCommitNothing() {
        Script script = leading().dialledBy(4);
        script.hears(4, Script.apacheFollower(4, 0), new AckEpoch(0, -1), new Ack(E1));
        long zxid = script.peer.nextZxid();
        UnsafeBuffer txn = Roster.txn(Roster.of(Set.of(2L, 4L), zxid));
        assertTrue(script.peer.propose(txn, 0, txn.capacity()));

        script.force().hears(4, new Ack(zxid));
        assertTrue(script.peer.lastCommitted() < zxid);
        script.said();

        script.hears(1, new Ack(zxid));
        assertEquals(zxid, script.peer.lastCommitted());
        assertEquals(
                List.of(new CommitAndActivate(zxid, 2), new CommitAndActivate(zxid, 2)),
                script.said());
    }

    /** The next leader completes what it has, or nobody ever knows of it. */
    @Test
    void reconfigurationOutlivesItsLeaderOrIsForgotten() {
        for (long after = 0; after < 30; after++) {
            Ensemble ensemble = Ensemble.changing(3, 1);
            Host old = ensemble.leader();
            long version = ensemble.reconfigure(Set.of(1L, 2L, 3L, 4L), Set.of());
            ensemble.run(after);
            old.kill();
            ensemble.until(ensemble::agrees);
            old.start();
            ensemble.propose(1);
            ensemble.until(ensemble::agrees);
            boolean isNew = ensemble.isActive(version);
            for (Host server : ensemble.servers.values()) {
                assertEquals(isNew, server.roster.isAt(version), server.toString());
            }
        }
    }

    // From one server

    @Test
    void electionNeedsAQuorumOfBothWhileOneIsToBecomeTheOther() {
        roster.seen = Roster.of(Set.of(2L, 4L, 5L), 5);
        Script script = new Script(FIRST, roster);
        Vote vote = script.told.getLast().vote();

        script.peer.onNotification(1, new Notification(ServerState.LOOKING, vote, 1, 2, null));
        script.tick(300);
        assertEquals(ServerState.LOOKING, script.peer.state());

        script.peer.onNotification(4, new Notification(ServerState.LOOKING, vote, 1, 2, null));
        script.tick(300);
        assertEquals(ServerState.LEADING, script.peer.state());
    }
}
