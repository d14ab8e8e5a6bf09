package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnFormatException;
import io.loomkeeper.tree.TxnHeader;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Peer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the one writer does, on a disk that is fast or slow or full as the test says. */
final class PipelineTest {
    private static final int TIMEOUT_MS = 4_000;

    private final MemoryJournal journal = new MemoryJournal();
    private final DataTree tree = new DataTree(TreeOptions.DEFAULT);
    private final AclRules aclRules = new AclRules(AuthOptions.DEFAULT);
    private final Watches watches = new Watches(1);
    private final PublishedState published = new PublishedState(tree.seal());
    private final Sessions sessions = new Sessions(1_000);
    private final Pipeline pipeline =
            new Pipeline(
                    new Pipeline.Parts(
                            tree,
                            new Preparer(
                                    tree, aclRules, new Preparer.Options(false, false, 1 << 20, 0)),
                            new Reads(aclRules, 1 << 20),
                            watches,
                            aclRules,
                            published,
                            sessions,
                            new SessionIds(1, 1_000),
                            new DigestHistory()),
                    new Pipeline.Options(TIMEOUT_MS, TIMEOUT_MS, true),
                    stateMachine -> Peer.standalone(journal, stateMachine, 0),
                    (_, _, _) -> {});

    private int xid;

    @Test
    void newSessionIsAnsweredOnlyWhenItIsDurable() {
        FakeLink link = new FakeLink(1);
        pipeline.onTick(0, 1_000);
        pipeline.onConnect(link, new ConnectRequest(0, TIMEOUT_MS, 0, null, false));
        pipeline.endBatch();
        assertEquals(List.of(), link.told);

        flush();
        assertEquals(List.of("connected"), link.told);
        assertEquals(TIMEOUT_MS, link.connected.timeoutMs());
        assertTrue(published.version().hasSession(link.sessionId()));
    }

    @Test
    void clientThatHasSeenMoreThanThisServerIsClosedWithoutAReply() {
        FakeLink ahead = new FakeLink(1);
        pipeline.onConnect(ahead, new ConnectRequest(1, TIMEOUT_MS, 0, null, null));
        assertTrue(ahead.closed);
        assertEquals(List.of(), ahead.told);

        FakeLink level = new FakeLink(2);
        pipeline.onConnect(level, new ConnectRequest(0, TIMEOUT_MS, 0, null, null));
        assertFalse(level.closed);
    }

    @Test
    void readOnlyByteIsAnsweredOnlyIfAsked() {
        FakeLink asks = connect(1);
        assertNotNull(asks.connected.readOnly());

        FakeLink doesNot = new FakeLink(2);
        pipeline.onConnect(doesNot, new ConnectRequest(0, TIMEOUT_MS, 0, null, null));
        flush();
        assertEquals(null, doesNot.connected.readOnly());
    }

    @Test
    void wrongPasswordIsRefused() {
        FakeLink first = connect(1);
        FakeLink thief = new FakeLink(2);
        Bytes wrong = Bytes.of(new byte[16]);
        pipeline.onConnect(
                thief, new ConnectRequest(0, TIMEOUT_MS, first.sessionId(), wrong, false));
        assertEquals(List.of("refused"), thief.told);
    }

    @Test
    void sessionMovesToTheConnectionThatBringsItsPassword() {
        FakeLink first = connect(1);
        FakeLink second = renew(2, first);

        assertTrue(first.closed);
        assertEquals(first.sessionId(), second.sessionId());
        pipeline.onClosed(1);
        assertEquals(second, requireNonNull(sessions.boundTo(first.sessionId())).link);
    }

    /** C3: its reader may have been slow to hand it over. */
    @Test
    void requestOfTheConnectionBeforeDoesNotCountOnceTheSessionHasMoved() {
        FakeLink first = connect(1);
        FakeLink second = renew(2, first);
        ask(second, create("/a"));
        ask(first, new Request.Delete("/a", -1));
        flush();

        assertTrue(published.version().exists("/a"));
    }

    @Test
    void failedWriteUsesUpAZxid() {
        FakeLink link = connect(1);
        long before = published.version().zxid();
        ask(link, new Request.Delete("/missing", -1));
        ask(link, create("/a"));
        flush();

        assertEquals(
                List.of(
                        "connected",
                        "DELETE 1 at " + (before + 1) + ": NO_NODE",
                        "CREATE 2 at " + (before + 2)),
                link.told);
        assertEquals(2, link.completed);
    }

    @Test
    void readBehindAWriteSeesItAndNoLaterOne() {
        FakeLink link = connect(1);
        ask(link, create("/a"));
        ask(link, new Request.SetData("/a", Bytes.utf8("one"), -1));
        ask(link, new Request.GetData("/a", false));
        ask(link, new Request.SetData("/a", Bytes.utf8("two"), -1));
        ask(link, new Request.GetData("/a", false));
        assertEquals(List.of("connected"), link.told);

        flush();
        assertEquals("one", dataOf(link.replies.get(2)));
        assertEquals("two", dataOf(link.replies.get(4)));
    }

    @Test
    void repliesComeInTheOrderOfRequestsPingsIncluded() {
        FakeLink link = connect(1);
        long before = published.version().zxid();
        ask(link, create("/a"));
        ask(link, new Request.Ping());
        ask(link, new Request.Sync("/a"));
        ask(link, new Request.Delete("/a", -1));
        flush();

        assertEquals(
                List.of(
                        "connected",
                        "CREATE 1 at " + (before + 1),
                        "PING 2 at " + (before + 1),
                        "SYNC 3 at " + (before + 1),
                        "DELETE 4 at " + (before + 2)),
                link.told);
    }

    @Test
    void eventComesBeforeTheReplyOfTheWriteThatCausedIt() {
        FakeLink link = connect(1);
        ask(link, new Request.Exists("/a", true));
        ask(link, create("/a"));
        flush();

        long zxid = published.version().zxid();
        assertEquals(
                List.of(
                        "connected",
                        "EXISTS 1 at " + (zxid - 1) + ": NO_NODE",
                        "event NODE_CREATED /a at " + zxid,
                        "CREATE 2 at " + zxid),
                link.told);
    }

    @Test
    void watchLeftWhileWritesAreUnderWaySeesThem() {
        FakeLink writer = connect(1);
        FakeLink reader = connect(2);
        ask(writer, create("/a"));
        ask(reader, new Request.Exists("/a", true));
        assertInstanceOf(Response.Failed.class, reader.replies.getFirst());

        flush();
        assertEquals(
                "event NODE_CREATED /a at " + published.version().zxid(), reader.told.getLast());
    }

    /** protocol 11.6: a client that was away learns what it missed, under no transaction's zxid. */
    @Test
    void catchUpEventsHaveNoZxidOfTheirOwn() {
        FakeLink writer = connect(1);
        long seen = published.version().zxid();
        ask(writer, create("/a"));
        flush();
        FakeLink back = connect(2);

        ask(
                back,
                new Request.SetWatches(
                        seen, List.of("/gone"), List.of("/a"), List.of(), List.of(), List.of()));
        flush();

        assertEquals(
                List.of("event NODE_DELETED /gone at -1", "event NODE_CREATED /a at -1"),
                back.told.stream().filter(told -> told.startsWith("event")).toList());
    }

    /** protocol 14: the digest after a transaction, but for errors, which change nothing. */
    @Test
    void errorTransactionsCarryNoDigest() throws TxnFormatException {
        FakeLink link = connect(1);
        ask(link, create("/a"));
        assertNotNull(journal.lastTxn().digest());

        ask(link, create("/a"));
        assertInstanceOf(Txn.ErrorTxn.class, journal.lastTxn().txn());
        assertNull(journal.lastTxn().digest());
    }

    @Test
    void whatIsNotDurableIsNotPublished() {
        FakeLink link = connect(1);
        long before = published.version().zxid();
        ask(link, create("/a"));
        pipeline.endBatch();

        assertEquals(before, published.version().zxid());
        assertFalse(published.version().exists("/a"));
        flush();
        assertTrue(published.version().exists("/a"));
    }

    @Test
    void closeSessionTakesItsEphemeralsAlongThenClosesTheConnection() {
        FakeLink link = connect(1);
        ask(link, new Request.Create(Op.CREATE, "/e", null, Acl.OPEN, 1, -1));
        ask(link, new Request.CloseSession());
        flush();

        assertFalse(published.version().exists("/e"));
        assertFalse(published.version().hasSession(link.sessionId()));
        assertEquals(0, sessions.count());
        assertEquals("closes", link.told.getLast());
        assertTrue(link.told.get(link.told.size() - 2).startsWith("CLOSE_SESSION"));
    }

    @Test
    void silentSessionExpiresAndAHeardOneDoesNot() {
        FakeLink silent = connect(1);
        FakeLink heard = connect(2);
        ask(silent, new Request.Create(Op.CREATE, "/e", null, Acl.OPEN, 1, -1));
        flush();

        heard.heardMs = 3_500;
        pipeline.onTick(4_999, 6_000);
        flush();
        assertTrue(published.version().exists("/e"));

        pipeline.onTick(5_000, 6_000);
        flush();
        assertFalse(published.version().exists("/e"));
        assertTrue(silent.closed);
        assertFalse(heard.closed);
        assertTrue(published.version().hasSession(heard.sessionId()));
    }

    @Test
    void writeOfAnExpiringSessionIsRefused() {
        FakeLink link = connect(1);
        pipeline.onTick(5_000, 6_000);
        ask(link, create("/late"));
        flush();

        assertFalse(published.version().exists("/late"));
        assertTrue(link.told.toString().contains("SESSION_EXPIRED"));
    }

    @Test
    void fullJournalStopsTheIntakeAndLosesNothing() {
        FakeLink link = connect(1);
        journal.full = true;
        ask(link, create("/a"));
        assertFalse(pipeline.ready());
        pipeline.onTick(100_000, 100_000);

        journal.full = false;
        assertTrue(pipeline.ready());
        ask(link, create("/b"));
        flush();
        assertTrue(published.version().exists("/a"));
        assertTrue(published.version().exists("/b"));
        assertEquals(published.version().zxid(), journal.last);
    }

    @Test
    void watchesOfAClosedConnectionAreGone() {
        FakeLink link = connect(1);
        ask(link, new Request.Exists("/a", true));
        assertEquals(1, watches.count());
        pipeline.onClosed(1);
        assertEquals(0, watches.count());
    }

    @Test
    void partOfABatchThatIsDurableWaitsForTheSealedVersionItIsIn() {
        FakeLink link = connect(1);
        long before = published.version().zxid();
        ask(link, create("/a"));
        ask(link, create("/b"));
        pipeline.endBatch();

        pipeline.onDurable(before + 1);
        assertEquals(before, published.version().zxid());
        pipeline.onDurable(before + 2);
        assertEquals(before + 2, published.version().zxid());
    }

    /** In an ensemble the acks of a quorum may stand in the ring right behind the request. */
    @Test
    void whatIsCommittedInTheBatchThatProposedItIsAnsweredAtItsEnd() {
        FakeLink link = connect(1);
        long before = published.version().zxid();
        int told = link.told.size();
        ask(link, create("/a"));
        pipeline.onDurable(before + 1);
        assertEquals(told, link.told.size());
        pipeline.endBatch();
        assertEquals(before + 1, published.version().zxid());
        assertTrue(link.told.size() > told);
    }

    @Test
    void imageHoldsAllThatIsCommittedAndNothingElse() {
        FakeLink link = connect(1);
        long before = published.version().zxid();
        ask(link, create("/a"));
        ask(link, create("/b"));
        pipeline.endBatch();
        pipeline.onDurable(before + 1);

        Image image = pipeline.image(List.of());
        assertEquals(before + 1, image.zxid());
        TreeVersion version = assertInstanceOf(TreeImage.class, image).version();
        assertTrue(version.exists("/a"));
        assertFalse(version.exists("/b"));
        assertFalse(published.version().exists("/a"));
        pipeline.onDurable(before + 2);
        assertTrue(published.version().exists("/b"));
    }

    /** C4: a learner may have reported what is committed here and not published yet. */
    @Test
    void syncWaitsForWhatIsCommittedAndNotPublished() {
        FakeLink writer = connect(1);
        FakeLink reader = connect(2);
        long before = published.version().zxid();
        ask(writer, create("/a"));
        ask(writer, create("/b"));
        pipeline.endBatch();
        pipeline.onDurable(before + 1);

        ask(reader, new Request.Sync("/a"));
        assertEquals(List.of("connected"), reader.told);
        flush();
        assertEquals("SYNC 3 at " + (before + 2), reader.told.getLast());
    }

    @Test
    void syncIsAnsweredAtOnceWhenNothingIsOutstanding() {
        FakeLink link = connect(1);
        ask(link, new Request.Sync("/a"));
        assertEquals("SYNC 1 at " + published.version().zxid(), link.told.getLast());
    }

    /** C10: nobody would ever remove it. */
    @Test
    void readBehindAWriteLeavesNoWatchWhenItsConnectionIsGone() {
        FakeLink link = connect(1);
        ask(link, create("/a"));
        ask(link, new Request.GetData("/a", true));
        pipeline.onClosed(1);
        flush();

        assertEquals(0, watches.count());
    }

    /** C6: a learner has told its client, who comes here before the version is published. */
    @Test
    void sessionIsAliveFromTheCommitOfItsCreationOn() {
        FakeLink other = connect(1);
        long id = other.sessionId() + 1;
        Bytes passwd = Bytes.of(SessionIds.apachesPassword(id));
        pipeline.onConnect(new FakeLink(2), new ConnectRequest(0, TIMEOUT_MS, 0, null, false));
        ask(other, create("/a"));
        pipeline.endBatch();

        FakeLink early = new FakeLink(3);
        pipeline.onConnect(early, new ConnectRequest(0, TIMEOUT_MS, id, passwd, false));
        assertEquals(List.of("refused"), early.told);

        pipeline.onDurable(journal.last - 1);
        FakeLink moved = new FakeLink(4);
        pipeline.onConnect(moved, new ConnectRequest(0, TIMEOUT_MS, id, passwd, false));
        assertEquals(List.of("connected"), moved.told);
    }

    /** C6: its end was due while the journal had no room for it. */
    @Test
    void dueSessionThatComesBackBeforeItsEndIsSubmittedLivesOn() {
        FakeLink writer = connect(1);
        FakeLink silent = connect(2);
        journal.full = true;
        ask(writer, create("/a"));
        writer.heardMs = 5_000;
        pipeline.onTick(5_000, 6_000);

        FakeLink back = renew(3, silent);
        assertEquals(List.of("connected"), back.told);
        journal.full = false;
        pipeline.onTick(5_100, 6_100);
        flush();
        assertTrue(published.version().hasSession(back.sessionId()));
        assertFalse(back.closed);
    }

    @Test
    void sessionThatIsBeingEndedIsNotEndedOnceMore() {
        FakeLink link = connect(1);
        ask(link, new Request.CloseSession());
        long ended = journal.last;
        pipeline.onTick(5_000, 6_000);

        assertEquals(ended, journal.last);
    }

    private FakeLink connect(long id) {
        FakeLink link = new FakeLink(id);
        pipeline.onConnect(link, new ConnectRequest(0, TIMEOUT_MS, 0, null, false));
        flush();
        assertEquals(List.of("connected"), link.told);
        return link;
    }

    private FakeLink renew(long id, FakeLink before) {
        FakeLink link = new FakeLink(id);
        pipeline.onConnect(
                link,
                new ConnectRequest(
                        0, TIMEOUT_MS, before.sessionId(), before.connected.passwd(), false));
        return link;
    }

    /** A state of another server, of a zxid that is not ours. */
    private static TreeVersion elsewhere() {
        DataTree other = new DataTree(TreeOptions.DEFAULT);
        other.apply(new TxnHeader(77, 0, 1, 98), new Txn.CreateSessionTxn(TIMEOUT_MS));
        other.apply(
                new TxnHeader(77, 1, 2, 99),
                new Txn.CreateTxn(Op.CREATE, "/there", null, Acl.OPEN, true, 1));
        return other.seal();
    }

    @Test
    void otherStateTakesThePlaceOfThisOneBehindWhatIsUnderWay() {
        FakeLink link = connect(1);
        ask(link, create("/here"));
        long[] done = {0};
        pipeline.replaceBy(new Replacement(elsewhere(), 2, List.of(), zxid -> done[0] = zxid));
        pipeline.endBatch();
        assertFalse(pipeline.ready(), "nothing more comes in");
        assertNull(journal.installed, "what is under way is not durable yet");

        long written = journal.last;
        flush();
        pipeline.endBatch();
        assertEquals("CREATE 1 at " + written, link.told.getLast());
        assertTrue(link.closed);
        assertFalse(published.standing().serves());
        assertFalse(pipeline.ready(), "until it is on disk");

        TreeVersion state = requireNonNull(journal.installed);
        assertEquals(written + 1, state.zxid());
        pipeline.onDurable(state.zxid()); // as the log reports it, before the history's end of work
        pipeline.onInstalled(state);
        pipeline.endBatch();
        assertEquals(state.zxid(), done[0]);
        assertTrue(pipeline.ready());
        assertTrue(published.standing().serves());
        assertTrue(published.version().exists("/there"));
        assertFalse(published.version().exists("/here"));
        assertFalse(published.version().hasSession(link.sessionId()));

        FakeLink next = connect(2);
        ask(next, create("/next"));
        flush();
        assertTrue(published.version().exists("/next"));
        assertEquals(state.zxid() + 2, published.version().zxid());
    }

    /** Sessions that came with the state have their timeout from then on, as after a start. */
    @Test
    void sessionsOfAStateThatWasTakenInExpire() {
        pipeline.replaceBy(new Replacement(elsewhere(), 2, List.of(), _ -> {}));
        pipeline.endBatch();
        pipeline.onInstalled(requireNonNull(journal.installed));

        pipeline.onTick(3L * TIMEOUT_MS, 1_000);
        flush();

        assertFalse(published.version().hasSession(77));
        assertFalse(published.version().exists("/there"));
    }

    @Test
    void secondStateIsRefusedWhileAnotherIsOnItsWay() {
        long[] done = {0};
        pipeline.replaceBy(new Replacement(elsewhere(), 2, List.of(), _ -> {}));
        pipeline.replaceBy(new Replacement(elsewhere(), 2, List.of(), zxid -> done[0] = zxid));

        assertEquals(-1, done[0]);
    }

    private void ask(FakeLink link, Request request) {
        pipeline.onRequest(link.id(), new Asked(RequestCodec.opOf(request), ++xid, 0), request);
    }

    private void flush() {
        pipeline.endBatch();
        pipeline.onDurable(journal.last);
    }

    private static Request create(String path) {
        return new Request.Create(Op.CREATE, path, null, Acl.OPEN, 0, -1);
    }

    private static @Nullable String dataOf(Response response) {
        Bytes data = assertInstanceOf(Response.Data.class, response).data();
        return data == null ? null : data.utf8();
    }
}
