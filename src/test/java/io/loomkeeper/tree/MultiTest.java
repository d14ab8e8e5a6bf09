package io.loomkeeper.tree;

import static io.loomkeeper.tree.Writing.as;
import static io.loomkeeper.tree.Writing.creation;
import static io.loomkeeper.tree.Writing.failed;
import static io.loomkeeper.tree.Writing.multi;
import static io.loomkeeper.tree.Writing.setData;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Facts about multi in {@link Preparer}: protocol 5, invariants C12 and S12. */
final class MultiTest {
    private final Writing writing = new Writing();

    private List<Op> replyOps() {
        Response.Multi answer = as(Response.Multi.class, writing.log.getLast().response());
        return answer.results().stream().map(Response.OpResult::op).toList();
    }

    @Test
    void laterOpsSeeEarlierOnes() {
        writing.done(
                multi(
                        creation("/p"),
                        creation("/p/c", 1),
                        new Request.Check("/p/c", 0),
                        setData("/p", "x"),
                        new Request.Check("/p", 1),
                        new Request.Delete("/p/c", 0),
                        new Request.Delete("/p", 1)));
        assertFalse(writing.tree.head().exists("/p"));
    }

    @Test
    void allOpsShareOneZxidAndOneTime() {
        writing.done(multi(creation("/a"), creation("/b"), setData("/a", "x")));
        assertEquals(writing.zxid, writing.stat("/a").czxid());
        assertEquals(writing.zxid, writing.stat("/a").mzxid());
        assertEquals(writing.zxid, writing.stat("/b").czxid());
        assertEquals(writing.timeMs, writing.stat("/b").ctime());
    }

    @Test
    void sequencesAdvanceInsideAMulti() {
        writing.done(creation("/p"));
        writing.done(multi(creation("/p/n-", 2), creation("/p/n-", 2), creation("/p/n-", 2)));
        assertTrue(writing.tree.head().exists("/p/n-0000000002"));
        assertEquals(3, writing.node("/p").cversion());
    }

    @Test
    void point7CreatesWithAStatAnswerAsCreate2() {
        writing.done(
                multi(
                        creation(Op.CREATE, "/a", 0, -1),
                        creation(Op.CREATE2, "/b", 0, -1),
                        creation(Op.CREATE_CONTAINER, "/c", 4, -1),
                        creation(Op.CREATE_TTL, "/d", 5, 10),
                        setData("/a", "x"),
                        new Request.Check("/a", 1),
                        new Request.Delete("/a", -1)));
        assertEquals(
                List.of(
                        Op.CREATE,
                        Op.CREATE2,
                        Op.CREATE2,
                        Op.CREATE2,
                        Op.SET_DATA,
                        Op.CHECK,
                        Op.DELETE),
                replyOps());
    }

    @Test
    void resultsAreThoseOfTheirMoment() {
        writing.done(multi(creation("/a"), setData("/a", "x"), setData("/a", "xyz")));
        Response.Multi answer = as(Response.Multi.class, writing.log.getLast().response());
        Response.PathStat created = as(Response.PathStat.class, answer.results().get(0).response());
        assertEquals(0, created.stat().version());
        Response.StatOnly first = as(Response.StatOnly.class, answer.results().get(1).response());
        assertEquals(1, first.stat().version());
        assertEquals(1, first.stat().dataLength());
        Response.StatOnly second = as(Response.StatOnly.class, answer.results().get(2).response());
        assertEquals(writing.stat("/a"), second.stat());
    }

    @Test
    void changesComeInTheOrderOfTheOps() {
        writing.done(multi(creation("/a"), setData("/a", "x"), new Request.Delete("/a", -1)));
        assertEquals(
                List.of(
                        new Change.Created("/a", Acl.OPEN, Acl.OPEN),
                        new Change.DataChanged("/a", Acl.OPEN),
                        new Change.Deleted("/a", Acl.OPEN, Acl.OPEN)),
                writing.lastChanges());
    }

    @Test
    void point6FailedMultiTakesEverythingBack() {
        writing.done(creation("/p"));
        Stat before = writing.stat("/p");
        Stat rootBefore = writing.stat("/");
        long digest = writing.tree.head().digest();
        Response answer =
                writing.submit(
                        multi(
                                creation("/p/a", 1),
                                setData("/p", "x"),
                                new Request.Delete("/nope", -1),
                                creation("/p/b")));
        assertEquals(new Response.FailedMulti(4, 2, KeeperError.NO_NODE), answer);
        assertEquals(before, writing.stat("/p"));
        assertEquals(rootBefore, writing.stat("/"));
        assertEquals(digest, writing.tree.head().digest());
        assertEquals(List.of(), writing.lastChanges());
        assertEquals(List.of(), writing.tree.head().ephemeralsOf(Writing.SESSION));
        assertEquals("/p/n-0000000000", writing.created(creation("/p/n-", 2)), "no number is lost");
    }

    @Test
    void goldenVector9FailedMultiIsLoggedWithWhatWasWellAndWithErrors() {
        writing.submit(
                multi(
                        creation("/m1"),
                        new Request.Delete("/nope", -1),
                        new Request.Check("/never", 0)));
        Txn.MultiTxn txn = as(Txn.MultiTxn.class, writing.lastTxn());
        assertEquals(
                List.of(
                        new Txn.CreateTxn(Op.CREATE2, "/m1", Bytes.EMPTY, Acl.OPEN, false, 1),
                        new Txn.ErrorTxn(-101),
                        new Txn.ErrorTxn(-2)),
                txn.txns());
        assertEquals(
                new Response.FailedMulti(3, 1, KeeperError.NO_NODE),
                writing.log.getLast().response());
    }

    @Test
    void aSuccessfulCheckIsLoggedWithTheNextVersion() {
        writing.done(creation("/a"));
        writing.done(multi(new Request.Check("/a", 0)));
        assertEquals(new Txn.MultiTxn(List.of(new Txn.CheckTxn("/a", 1))), writing.lastTxn());
    }

    @Test
    void checkChecksInTheOrderOfTheReference() {
        writing.done(creation("/locked", List.of(new Acl(0, Writing.JOE))));
        writing.done(creation("/a"));
        assertFailsAlone(KeeperError.BAD_ARGUMENTS, new Request.Check("/a/", 9));
        assertFailsAlone(KeeperError.NO_NODE, new Request.Check("/none", 9));
        assertFailsAlone(KeeperError.NO_AUTH, new Request.Check("/locked", 9));
        assertFailsAlone(KeeperError.BAD_VERSION, new Request.Check("/a", 9));
        writing.done(multi(new Request.Check("/a", -1)));
    }

    private void assertFailsAlone(KeeperError error, Request.Write op) {
        assertEquals(new Response.FailedMulti(1, 0, error), writing.submit(multi(op)));
    }

    @Test
    void emptyMultiUsesUpAZxid() {
        assertEquals(new Response.Multi(List.of()), writing.submit(multi()));
        assertEquals(new Txn.MultiTxn(List.of()), writing.lastTxn());
    }

    @Test
    void foreignOpsSpoilTheWhole() {
        for (Request.Write foreign :
                List.of(
                        new Request.SetAcl("/a", Acl.OPEN, -1),
                        new Request.DeleteContainer("/a"),
                        new Request.Multi(List.of()),
                        new Request.CloseSession(),
                        new Request.CreateSession(1),
                        new Request.Reconfig(null, null, null, -1),
                        new Request.Malformed(KeeperError.MARSHALLING_ERROR))) {
            writing.refused(KeeperError.MARSHALLING_ERROR, multi(creation("/a"), foreign));
            writing.refused(
                    KeeperError.MARSHALLING_ERROR, multi(new Request.Delete("/none", -1), foreign));
            assertFalse(writing.tree.head().exists("/a"), foreign::toString);
        }
    }

    @Test
    void aTooLongMultiIsTakenBack() {
        Writing small =
                new Writing(TreeOptions.DEFAULT, new Preparer.Options(false, false, 1000, 0));
        List<Request.Write> ops = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ops.add(creation("/node-" + i));
        }
        assertEquals(failed(KeeperError.MARSHALLING_ERROR), small.submit(new Request.Multi(ops)));
        assertEquals(new Txn.ErrorTxn(-5), small.lastTxn());
        assertEquals(1, small.stat("/").numChildren());
        small.done(new Request.Multi(ops.subList(0, 10)));
    }

    @Test
    void sm3NobodySeesHalfAMulti() {
        TreeVersion published = writing.tree.seal();
        writing.done(multi(creation("/a"), creation("/b")));
        assertFalse(published.exists("/a"));
        assertEquals(writing.zxid - 1, published.zxid());
        TreeVersion next = writing.tree.seal();
        assertTrue(next.exists("/a") && next.exists("/b"));
    }
}
