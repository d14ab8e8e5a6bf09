package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.server.SmallEnsemble.Server;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What pipelines do as the servers of one ensemble. */
final class PipelineEnsembleTest {
    private final SmallEnsemble ensemble = new SmallEnsemble(3, 4);
    private final Server leader = ensemble.leader();
    private final Server follower = ensemble.learner(0);
    private final Server other = ensemble.learner(1);

    @Test
    void sessionIsCreatedThroughTheLeaderAndKnownOnAll() {
        FakeLink link = follower.connect();

        assertEquals(List.of("connected"), link.told);
        assertEquals(follower.sid, link.sessionId() >>> 56);
        for (Server server : ensemble.servers.values()) {
            assertTrue(server.version().hasSession(link.sessionId()), "server " + server.sid);
        }
    }

    @Test
    void learnersClientIsToldWhatTheLeadersOwnWouldBe() {
        FakeLink here = follower.connect();
        FakeLink there = leader.connect();
        List<Request> requests =
                List.of(
                        create("/x"),
                        create("/x"),
                        new Request.SetData("/x", Bytes.utf8("data"), 0),
                        new Request.SetData("/x", null, 7),
                        new Request.Multi(
                                List.of(
                                        (Request.Write) create("/x/m"),
                                        new Request.Check("/x", 99))),
                        new Request.Multi(List.of(new Request.Check("/x", -1))),
                        new Request.SetAcl("/x", List.of(), -1),
                        new Request.Delete("/x", -1));

        requests.forEach(request -> follower.ask(here, request));
        ensemble.settle();
        requests.forEach(request -> leader.ask(there, request));
        ensemble.settle();

        assertEquals(there.replies.size(), here.replies.size());
        for (int i = 0; i < here.replies.size(); i++) {
            assertEquals(kind(there.replies.get(i)), kind(here.replies.get(i)), "request " + i);
        }
        assertEquals(requests.size(), here.completed);
    }

    /** Without what differs from run to run: zxids and times. */
    private static String kind(Response response) {
        return response instanceof Response.StatOnly || response instanceof Response.Multi
                ? response.getClass().toString()
                : response.toString();
    }

    @Test
    void readBehindAForwardedWriteSeesItAndNoLaterOne() {
        FakeLink link = follower.connect();
        follower.ask(link, create("/a"));
        follower.ask(link, new Request.SetData("/a", Bytes.utf8("one"), -1));
        follower.ask(link, new Request.GetData("/a", false));
        follower.ask(link, new Request.SetData("/a", Bytes.utf8("two"), -1));
        follower.ask(link, new Request.Ping());
        follower.ask(link, new Request.GetData("/a", false));
        assertEquals(List.of("connected"), link.told);

        ensemble.settle();
        assertEquals("one", dataOf(link.replies.get(2)));
        assertEquals("two", dataOf(link.replies.get(5)));
        assertEquals(6, link.completed);
    }

    /** What it had proposed waits for acks, which come in behind the requests. */
    @Test
    void writesThatComeTooLateDoNotHoldUpAHandOver() {
        FakeLink link = leader.connect();
        leader.ask(link, create("/in-time"));
        leader.pipeline.peer().handOver();
        leader.ask(link, create("/late"));
        leader.ask(link, create("/later"));
        assertTrue(leader.pipeline.ready());

        ensemble.settle();
        ensemble.pass(1);
        assertFalse(leader.serves());
        ensemble.until(() -> ensemble.servers.values().stream().allMatch(Server::serves));
        Server next = ensemble.leader();
        FakeLink reader = next.connect();
        next.ask(reader, new Request.Exists("/in-time", false));
        next.ask(reader, new Request.Exists("/late", false));
        ensemble.settle();
        assertNotEquals(leader, next);
        assertInstanceOf(Response.StatOnly.class, reader.replies.get(0));
        assertFalse(reader.replies.get(1) instanceof Response.StatOnly);
    }

    @Test
    void syncShowsWhatWasCommittedBeforeIt() {
        FakeLink writer = leader.connect();
        FakeLink reader = follower.connect();
        leader.ask(writer, create("/a"));
        follower.ask(reader, new Request.Sync("/a"));
        follower.ask(reader, new Request.Exists("/a", false));
        ensemble.settle();

        assertInstanceOf(Response.Path.class, reader.replies.get(0));
        assertInstanceOf(Response.StatOnly.class, reader.replies.get(1));
    }

    /** C4: what the leader knows by itself may be old. */
    @Test
    void strictSyncIsAnsweredBehindATransactionOfItsOwn() {
        SmallEnsemble strict = new SmallEnsemble(true, 3);
        for (SmallEnsemble.Server server : List.of(strict.leader(), strict.learner(0))) {
            FakeLink link = server.connect();
            long before = strict.leader().version().zxid();

            server.ask(link, new Request.Sync("/"));
            assertEquals(List.of(), link.replies);
            strict.settle();

            assertInstanceOf(Response.Path.class, link.replies.get(0));
            assertEquals(before + 1, server.version().zxid());
        }
    }

    @Test
    void strictSyncOfALeaderThatIsCutOffIsNotAnswered() {
        SmallEnsemble strict = new SmallEnsemble(true, 3);
        SmallEnsemble.Server alone = strict.leader();
        FakeLink link = alone.connect();
        strict.cutOff(alone);

        alone.ask(link, new Request.Sync("/"));
        strict.pass(SmallEnsemble.TIMEOUT_MS);

        assertEquals(List.of(), link.replies);
        assertTrue(link.closed);
    }

    @Test
    void watchFiresOnALearnerBeforeTheReply() {
        FakeLink link = follower.connect();
        follower.ask(link, new Request.Exists("/a", true));
        follower.ask(link, create("/a"));
        ensemble.settle();

        List<String> last = link.told.subList(link.told.size() - 2, link.told.size());
        assertTrue(last.get(0).startsWith("event NODE_CREATED /a"), last.toString());
        assertTrue(last.get(1).startsWith("CREATE"), last.toString());
    }

    @Test
    void clientTakesItsSessionToAnotherServer() {
        FakeLink link = follower.connect();
        FakeLink moved = other.renew(link);

        assertEquals(List.of("connected"), moved.told);
        assertEquals(link.sessionId(), moved.sessionId());
        other.ask(moved, create("/a"));
        ensemble.settle();
        assertTrue(follower.version().exists("/a"));
    }

    @Test
    void writeOfAnAbandonedConnectionIsRefusedAndItCloses() {
        FakeLink link = follower.connect();
        FakeLink moved = other.renew(link);
        follower.ask(link, create("/late"));
        ensemble.settle();

        assertFalse(leader.version().exists("/late"));
        assertTrue(link.closed);
        assertFalse(moved.closed);
    }

    @Test
    void sessionThatMovesAwayFromTheLeaderLosesItsConnectionThere() {
        FakeLink link = leader.connect();
        FakeLink moved = follower.renew(link);

        assertTrue(link.closed);
        assertEquals(List.of("connected"), moved.told);
        FakeLink back = leader.renew(moved);
        assertEquals(List.of("connected"), back.told);
        follower.ask(moved, create("/late"));
        ensemble.settle();
        assertTrue(moved.closed);
        assertFalse(leader.version().exists("/late"));
    }

    @Test
    void sessionThatNobodyHasIsRefused() {
        FakeLink link = follower.connect();
        follower.ask(link, new Request.CloseSession());
        ensemble.settle();
        assertTrue(link.closed);

        assertEquals(List.of("refused"), other.renew(link).told);
        assertEquals(List.of("refused"), leader.renew(link).told);
    }

    @Test
    void leaderExpiresWhatNoServerHeardOf() {
        FakeLink silent = follower.connect();
        FakeLink heard = follower.connect();
        follower.ask(silent, ephemeral("/e"));
        follower.ask(heard, ephemeral("/f"));
        for (int i = 0; i < 10; i++) {
            heard.heardMs = ensemble.nowMs;
            ensemble.pass(1_000);
        }

        assertFalse(leader.version().hasSession(silent.sessionId()));
        assertTrue(leader.version().hasSession(heard.sessionId()));
        assertFalse(other.version().exists("/e"));
        assertTrue(other.version().exists("/f"));
        assertEquals("closes", silent.told.getLast());
    }

    @Test
    void whoLosesItsQuorumDropsItsClientsAndWhatItAloneProposed() {
        FakeLink link = leader.connect();
        FakeLink elsewhere = follower.connect();
        ensemble.cutOff(leader);
        leader.ask(link, create("/alone"));
        ensemble.until(() -> !leader.serves() && follower.serves() && other.serves());

        assertTrue(link.closed);
        assertTrue(elsewhere.closed);
        assertFalse(leader.version().exists("/alone"));
        assertEquals(0, leader.sessions.count());
        FakeLink late = leader.connect();
        assertTrue(late.closed);
        FakeLink again = other.renew(elsewhere);
        assertEquals(List.of("connected"), again.told);
    }

    @Test
    void sessionsHaveTheirWholeTimeoutUnderTheNextLeader() {
        FakeLink link = follower.connect();
        follower.ask(link, ephemeral("/e"));
        ensemble.settle();
        ensemble.cutOff(leader);
        ensemble.until(() -> !leader.serves() && follower.serves() && other.serves());

        assertTrue(follower.version().exists("/e"));
        FakeLink again = other.renew(link);
        assertEquals(List.of("connected"), again.told);
        ensemble.pass(2 * SmallEnsemble.TIMEOUT_MS);
        assertFalse(other.version().exists("/e"));
    }

    @Test
    void serversWithTheSameHistoryHoldTheSameTree() {
        FakeLink link = follower.connect();
        for (int i = 0; i < 300; i++) {
            follower.ask(link, create("/n" + i));
        }
        ensemble.settle();

        TreeVersion expected = leader.version();
        assertTrue(expected.exists("/n299"));
        for (Server server : ensemble.servers.values()) {
            assertEquals(expected.zxid(), server.version().zxid(), "server " + server.sid);
            assertEquals(expected.digest(), server.version().digest(), "server " + server.sid);
        }
    }

    private static Request create(String path) {
        return new Request.Create(Op.CREATE, path, null, Acl.OPEN, 0, -1);
    }

    private static Request ephemeral(String path) {
        return new Request.Create(Op.CREATE, path, null, Acl.OPEN, 1, -1);
    }

    private static String dataOf(Response response) {
        Bytes data = assertInstanceOf(Response.Data.class, response).data();
        return data == null ? "" : data.utf8();
    }
}
