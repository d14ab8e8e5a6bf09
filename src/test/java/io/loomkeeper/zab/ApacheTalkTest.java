package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.zab.Message.Ack;
import io.loomkeeper.zab.Message.AckEpoch;
import io.loomkeeper.zab.Message.Commit;
import io.loomkeeper.zab.Message.Diff;
import io.loomkeeper.zab.Message.LeaderInfo;
import io.loomkeeper.zab.Message.NewLeader;
import io.loomkeeper.zab.Message.Ping;
import io.loomkeeper.zab.Message.Pong;
import io.loomkeeper.zab.Message.Snap;
import io.loomkeeper.zab.Message.Trunc;
import io.loomkeeper.zab.Message.UpToDate;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The conversation with Apache's servers, word by word (protocol 15.2 to 15.7). */
final class ApacheTalkTest {
    private static final long E1 = Zxid.of(1, 0);
    private static final NewLeader NEW_LEADER = new NewLeader(E1, "version=0");

    /** Leads epoch 1 with server 1 as its follower on link 1. */
    private static Script leading() {
        Script script = new Script(0, false).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 0), new AckEpoch(0, 0), new Ack(E1));
        assertEquals(List.of("leading 1"), script.roles);
        script.said();
        return script;
    }

    /** Follows server 3 in epoch 9, up to date with nothing. */
    private static Script following() {
        Script script = new Script(0, false).following();
        script.hearsLeader(
                new LeaderInfo(9), new Diff(0), new NewLeader(Zxid.of(9, 0), null), new UpToDate());
        assertEquals(List.of("following 3 9"), script.roles);
        script.said();
        return script;
    }

    @Test
    void followerIsLedThroughTheHandshake() {
        Script script = new Script(0, false).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 0));
        assertEquals(List.of(new LeaderInfo(1)), script.said());
        script.hears(1, new AckEpoch(0, 0));
        assertEquals(List.of(new Diff(0), NEW_LEADER), script.said());
        script.hears(1, new Ack(E1));
        assertEquals(List.of(new UpToDate()), script.said());
        script.hears(1, new Ack(E1));
        assertEquals(List.of(), script.said());
    }

    @Test
    void newEpochIsAboveAllThatWerePromised() {
        Script script = new Script(0, false).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 6));
        assertEquals(List.of(new LeaderInfo(7)), script.said());
        assertEquals(7, script.accepted());
    }

    @Test
    void followerWithMoreThanTheLeaderIsSentAway() {
        Script script = new Script(0, false).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 0), new AckEpoch(5, 0));
        assertEquals(List.of(1L), script.closed);
        script.dialledBy(2).hears(2, Script.apacheFollower(3, 0), new AckEpoch(0, 0), new Ack(E1));
        assertTrue(script.peer.isLeading());
    }

    @Test
    void promiseOfBeforeDoesNotCount() {
        Script script = new Script(0, false).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 0), new AckEpoch(0, -1));
        assertEquals(List.of(new LeaderInfo(1)), script.said());
    }

    @Test
    void ackOfAProposalBeforeTheAckOfTheEpochCountsLater() {
        Script script = leading();
        script.peer.onLinkDown(1);
        long zxid = script.propose();
        script.force().dialledBy(2);
        script.hears(2, Script.apacheFollower(3, 0), new AckEpoch(0, 0));
        assertEquals(
                List.of(new LeaderInfo(1), new Diff(0), Script.proposal(zxid), NEW_LEADER),
                script.said());
        script.hears(2, new Ack(zxid));
        assertEquals(0, script.peer.lastCommitted());
        script.hears(2, new Ack(E1));
        assertEquals(List.of(new UpToDate(), new Commit(zxid)), script.said());
        assertEquals(List.of(zxid), script.delivered);
    }

    @Test
    void followerThatHoldsAnOutstandingProposalGetsItAnew() {
        Script script = leading();
        long first = script.propose();
        script.hears(1, new Ack(first)).force();
        long second = script.propose();
        script.said();
        script.dialledBy(2);
        script.hears(2, Script.apacheFollower(1, 1), new AckEpoch(second, -1));
        assertEquals(
                List.of(new LeaderInfo(1), new Trunc(first), Script.proposal(second), NEW_LEADER),
                script.said());
    }

    @Test
    void zxidThatOnlyBeginsAnEpochIsNoTransaction() {
        Script script = new Script(4, false, Zxid.of(3, 1), Zxid.of(3, 2)).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 4), new AckEpoch(Zxid.of(4, 0), 3));
        assertEquals(
                List.of(
                        new LeaderInfo(5),
                        new Diff(Zxid.of(4, 0)),
                        new NewLeader(Zxid.of(5, 0), "version=0")),
                script.said());
    }

    @Test
    void followerOfAnotherHistoryGetsAnImage() {
        Script script = new Script(4, false, Zxid.of(3, 1), Zxid.of(4, 1)).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 3), new AckEpoch(Zxid.of(3, 7), 3));
        assertEquals(new Trunc(Zxid.of(3, 1)), script.said().get(1));
        Script other = new Script(4, false, Zxid.of(1, 1), Zxid.of(4, 1)).elected().dialledBy(1);
        other.hears(1, Script.apacheFollower(1, 3), new AckEpoch(Zxid.of(3, 7), 3));
        assertEquals(new Snap(Zxid.of(4, 1), new Script.State(Zxid.of(4, 1))), other.said().get(1));
    }

    @Test
    void votesForWhatThisServerOnceHadDoNotMakeItClaimThat() {
        Script script = new Script(3, false, Zxid.of(3, 1));
        Vote stale = new Vote(Script.ME, Zxid.of(3, 9), 3);
        script.peer.onNotification(1, new Notification(ServerState.LOOKING, stale, 4, 2, null));
        assertEquals(new Vote(Script.ME, Zxid.of(3, 1), 3), script.told.getLast().vote());
        assertEquals(4, script.told.getLast().round());
        script.peer.onNotification(1, new Notification(ServerState.FOLLOWING, stale, 4, 2, null));
        script.peer.onNotification(3, new Notification(ServerState.FOLLOWING, stale, 4, 2, null));
        assertEquals(ServerState.LOOKING, script.peer.state());
    }

    @Test
    void strangerGetsNothing() {
        Script script = leading();
        script.dialledBy(5).hears(5, Script.apacheFollower(77, 0));
        assertEquals(List.of(5L), script.closed);
        assertEquals(List.of(), script.said());
    }

    @Test
    void joinerGetsAllAndCountsForNothing() {
        Script script = new Script(0, true).elected().dialledBy(1);
        script.hears(1, Script.apacheFollower(1, 0), new AckEpoch(0, 0), new Ack(E1));
        script.dialledBy(5);
        script.hears(5, Script.apacheFollower(77, 0), new AckEpoch(0, 0), new Ack(E1));
        script.said();
        long zxid = script.propose();
        assertEquals(List.of(Script.proposal(zxid), Script.proposal(zxid)), script.said());
        script.force().hears(5, new Ack(zxid));
        assertEquals(List.of(), script.delivered);
        script.hears(1, new Ack(zxid));
        assertEquals(List.of(new Commit(zxid), new Commit(zxid)), script.said());
    }

    @Test
    void learnerThatTalksAsALeaderIsDropped() {
        Script script = leading().dialledBy(5).hears(5, new UpToDate());
        assertEquals(List.of(5L), script.closed);
        script.hears(5, Script.apacheFollower(3, 0));
        assertEquals(List.of(), script.said());
    }

    @Test
    void ackOfWhatWasNeverProposedDropsTheLink() {
        Script script = leading().hears(1, new Ack(Zxid.of(1, 5)));
        assertEquals(List.of(1L), script.closed);
    }

    @Test
    void followerAnswersItsLeaderWordByWord() {
        Script script = new Script(0, false).following();
        assertEquals(
                List.of(
                        new Message.FollowerInfo(
                                0, new Message.LearnerFacts(2, Learning.PROTOCOL_VERSION, 0))),
                script.said());
        script.hearsLeader(new LeaderInfo(9));
        assertEquals(List.of(new AckEpoch(0, 0)), script.said());
        assertEquals(9, script.accepted());
        long first = Zxid.of(8, 1);
        script.hearsLeader(new Diff(first), Script.proposal(first), new Commit(first));
        script.hearsLeader(new NewLeader(Zxid.of(9, 0), null));
        assertEquals(List.of(), script.said(), "D4");
        assertEquals(0, script.current(), "D5");
        script.force();
        assertEquals(9, script.current());
        assertEquals(List.of(new Ack(Zxid.of(9, 0))), script.said());
        assertEquals(List.of(), script.delivered);
        script.hearsLeader(new UpToDate());
        assertEquals(List.of(new Ack(Zxid.of(9, 0))), script.said());
        assertEquals(List.of(first), script.delivered);
    }

    @Test
    void proposalsAroundNewLeaderAreAckedAfterIt() {
        Script script = new Script(0, false).following();
        long first = Zxid.of(9, 1);
        long second = Zxid.of(9, 2);
        script.hearsLeader(new LeaderInfo(9), new Diff(0), Script.proposal(first));
        script.said();
        script.hearsLeader(new NewLeader(Zxid.of(9, 0), null), Script.proposal(second));
        script.hearsLeader(new Commit(first)); // ZOOKEEPER-4394
        assertEquals(List.of(), script.said());
        script.force();
        assertEquals(List.of(new Ack(Zxid.of(9, 0)), new Ack(second)), script.said());
        script.hearsLeader(new UpToDate(), new Commit(second));
        assertEquals(List.of(first, second), script.delivered);
    }

    @Test
    void pingIsAnsweredWhenUpToDate() {
        Script script = new Script(0, false).following();
        script.hearsLeader(new LeaderInfo(9), new Diff(0), new Ping(0));
        script.hearsLeader(new NewLeader(Zxid.of(9, 0), null), new Ping(0));
        assertFalse(script.said().stream().anyMatch(Pong.class::isInstance));
        script.hearsLeader(new UpToDate(), new Ping(5));
        assertEquals(new Pong(5, List.of()), script.said().getLast());
    }

    @Test
    void everyProposalIsAckedByItself() {
        Script script = following();
        script.hearsLeader(Script.proposal(Zxid.of(9, 1)), Script.proposal(Zxid.of(9, 2)));
        assertEquals(List.of(), script.said(), "D6");
        script.force();
        assertEquals(List.of(new Ack(Zxid.of(9, 1)), new Ack(Zxid.of(9, 2))), script.said());
    }

    @Test
    void gapInTheStreamEndsTheFollowing() {
        Script script = following();
        script.hearsLeader(Script.proposal(Zxid.of(9, 2)));
        assertEquals(List.of("following 3 9", "looking"), script.roles);
    }

    @Test
    void leaderOfAnOlderEpochIsLeft() {
        Script script = new Script(10, false).following().hearsLeader(new LeaderInfo(9));
        assertEquals(List.of("looking"), script.roles);
        assertEquals(10, script.accepted());
    }

    @Test
    void secondFollowingOfOnePromiseIsSaidToBeSo() {
        Script script = new Script(9, false).following().hearsLeader(new LeaderInfo(9));
        assertEquals(new AckEpoch(0, -1), script.said().getLast());
    }

    @Test
    void imageReplacesTheHistory() {
        Script script = new Script(3, false, Zxid.of(3, 1)).following();
        script.hearsLeader(new LeaderInfo(9));
        long zxid = Zxid.of(8, 7);
        script.hearsLeader(new Snap(zxid, new Script.State(zxid)));
        script.hearsLeader(new NewLeader(Zxid.of(9, 0), null));
        script.said();
        assertEquals(3, script.current(), "D5");
        script.installed();
        assertEquals(List.of(new Ack(Zxid.of(9, 0))), script.said());
        script.hearsLeader(new UpToDate());
        assertEquals(zxid, script.lastApplied());
        assertEquals(List.of("following 3 9"), script.roles);
    }

    /** Rule L5: its leader's link fills up, and it is cut off there. */
    @Test
    void learnerThatInstallsTakesInNoMoreThanItsBound() {
        Script follower = new Script(7, true, 1, 2);
        follower.following().hearsLeader(new LeaderInfo(9));
        long zxid = Zxid.of(8, 1);
        follower.hearsLeader(new Snap(zxid, new Script.State(zxid)));
        UnsafeBuffer txn = new UnsafeBuffer(new byte[1 << 20]);
        for (int i = 1; i <= 16; i++) {
            assertTrue(follower.peer.ready(), "after " + i + " MiB");
            follower.hearsLeader(new Message.Proposal(zxid + i, txn));
        }
        assertFalse(follower.peer.ready());
        follower.installed();
        assertTrue(follower.peer.ready());
    }

    @Test
    void truncationToWhatIsNotHereIsRefused() {
        Script script = new Script(3, false, Zxid.of(3, 1), Zxid.of(3, 4)).following();
        script.hearsLeader(new LeaderInfo(9));
        script.said();
        script.hearsLeader(new Trunc(Zxid.of(3, 2)));
        assertEquals(List.of(AckEpoch.FOR_IMAGE), script.said());
        script.peer.onLinkDown(101); // so does Apache's leader on that
        script.tick(1).following();
        script.said();
        script.hears(102, new LeaderInfo(10));
        assertEquals(List.of(AckEpoch.FOR_IMAGE), script.said());
    }

    @Test
    void syncIsPassedOnBehindTheCommitsBeforeIt() {
        Script script = following();
        script.hearsLeader(
                Script.proposal(Zxid.of(9, 1)), new Commit(Zxid.of(9, 1)), new Message.Sync());
        assertEquals(List.of(Zxid.of(9, 1)), script.delivered);
        assertEquals(List.of(new Message.Sync()), script.served);
    }
}
