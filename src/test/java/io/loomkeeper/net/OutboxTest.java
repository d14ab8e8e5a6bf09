package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.Stat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final Response EMPTY = Response.Empty.INSTANCE;
    private static final long BYTES_MAX = 100_000;
    private static final Stat STAT = new Stat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private final OutstandingRequests outstanding = new OutstandingRequests(1000);
    private final Outbox outbox = new Outbox(BYTES_MAX, outstanding);

    @Test
    void framesLeaveInTheOrderInWhichTheyCame() {
        outbox.event(5, EventType.NODE_CREATED, "/a");
        reply(1, 5, EMPTY);
        reply(2, 6, data(10_000));
        outbox.event(7, EventType.NODE_DELETED, "/a");
        outbox.offerRead(3, 7, EMPTY);
        assertEquals(List.of(-1, 1, 2, -1, 3), xids());
    }

    @Test
    void replyIsHeldBackUntilItsVersionIsPublished() {
        outbox.begin();
        outbox.event(5, EventType.NODE_CREATED, "/a");
        outbox.reply(1, 5, EMPTY);
        assertFalse(outbox.needsFlush());
        assertFalse(outbox.beginFlush());

        outbox.completed(1);
        assertTrue(outbox.needsFlush());
        assertEquals(List.of(-1, 1), xids());
    }

    @Test
    void consumerThatIsAtWorkLeavesAHeldReplyAlone() {
        outbox.event(4, EventType.NODE_CREATED, "/a");
        assertTrue(outbox.beginFlush());
        outbox.begin();
        outbox.reply(1, 5, EMPTY);
        assertNull(outbox.next());

        outbox.completed(1);
        assertEquals(List.of(-1, 1), xids());
    }

    @Test
    void directReplyIsRefusedBehindALaterEvent() {
        outbox.event(6, EventType.NODE_CREATED, "/a");
        assertEquals(Outbox.TOO_OLD, outbox.offerRead(1, 5, EMPTY));
        assertTrue(outbox.offerRead(1, 6, EMPTY) > 0);
        assertEquals(List.of(-1, 1), xids());
    }

    @Test
    void directReplyIsRefusedBehindALaterEventThatHasAlreadyLeft() {
        outbox.event(6, EventType.NODE_CREATED, "/a");
        assertEquals(List.of(-1), xids());
        assertEquals(Outbox.TOO_OLD, outbox.offerRead(1, 5, EMPTY));
    }

    @Test
    void largeDirectReplyIsRefusedBehindALaterEventToo() {
        outbox.event(6, EventType.NODE_CREATED, "/a");
        assertEquals(Outbox.TOO_OLD, outbox.offerRead(1, 5, data(10_000)));
        assertEquals(List.of(-1), xids());
    }

    @Test
    void catchUpEventsDoNotHoldDirectRepliesBack() {
        reply(1, 5, EMPTY);
        outbox.event(-1, EventType.NODE_DELETED, "/a");
        assertTrue(outbox.offerRead(2, 5, EMPTY) > 0);
    }

    @Test
    void repliesOutOfOrderDoNotHoldDirectRepliesBack() {
        outbox.replyOutOfOrder(-4, 0, EMPTY);
        assertTrue(outbox.offerRead(1, 1, EMPTY) > 0);
        assertEquals(List.of(-4, 1), xids());
    }

    @Test
    void inFlightCountsWhatWasBegunAndNotCompleted() {
        outbox.begin();
        outbox.begin();
        outbox.begin();
        outbox.completed(2);
        assertEquals(1, outbox.inFlight());
        assertEquals(1, outstanding.count());
    }

    @Test
    void closingGivesUpWhatIsInFlight() {
        outbox.begin();
        outbox.begin();
        outbox.close();
        assertEquals(0, outbox.inFlight());
        assertEquals(0, outstanding.count());
        outbox.completed(2);
        outbox.begin();
        assertEquals(0, outstanding.count());
    }

    @Test
    void onlyOneConsumesAtATime() {
        assertFalse(outbox.beginFlush());
        reply(1, 1, EMPTY);
        assertTrue(outbox.needsFlush());
        assertTrue(outbox.beginFlush());
        assertFalse(outbox.needsFlush());
        assertFalse(outbox.beginFlush());
    }

    @Test
    void consumerSeesWhatIsAppendedBeforeItHasEnded() {
        reply(1, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        Chunk first = taken();
        reply(2, 2, EMPTY);
        assertFalse(outbox.needsFlush());
        outbox.written(first);
        assertNotNull(outbox.next());
        assertNull(outbox.next());
        reply(3, 3, EMPTY);
        assertTrue(outbox.needsFlush());
    }

    @Test
    void smallRepliesShareOneChunkAndLargeOnesHaveTheirOwn() {
        reply(1, 1, EMPTY);
        reply(2, 1, EMPTY);
        reply(3, 1, data(10_000));
        reply(4, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        assertEquals(List.of(1, 2), Frames.xids(taken().content()));
        assertEquals(List.of(3), Frames.xids(taken().content()));
        assertEquals(List.of(4), Frames.xids(taken().content()));
        assertNull(outbox.next());
    }

    @Test
    void chunksAreBounded() {
        for (int xid = 1; xid <= 4000; xid++) {
            reply(xid, 1, EMPTY);
        }
        assertTrue(outbox.beginFlush());
        assertTrue(taken().length() < 70_000);
        assertNotNull(outbox.next());
    }

    @Test
    void smallBufferIsKeptAndALargeOneIsNot() {
        reply(1, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        Chunk small = taken();
        outbox.written(small);
        assertNull(outbox.next());
        for (int xid = 0; xid < 1000; xid++) {
            reply(xid, 1, EMPTY);
        }
        assertTrue(outbox.beginFlush());
        assertSame(small, taken());
        assertTrue(small.capacity() > 4096);
        outbox.written(small);
        reply(1, 1, EMPTY);
        assertTrue(taken() != small);
    }

    @Test
    void waitingBytesCountUntilTheyAreWritten() {
        reply(1, 1, EMPTY);
        assertEquals(20, outbox.waitingBytes());
        assertTrue(outbox.beginFlush());
        Chunk chunk = taken();
        assertEquals(20, outbox.waitingBytes());
        outbox.written(chunk);
        assertEquals(0, outbox.waitingBytes());
    }

    @Test
    void whatOneConsumerLeavesTheNextOneTakesFirst() {
        reply(1, 1, EMPTY);
        reply(2, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        Chunk chunk = taken();
        chunk.onSent(20);
        reply(3, 2, EMPTY);
        outbox.giveBack(chunk);
        assertEquals(60, outbox.waitingBytes());
        assertTrue(outbox.beginFlush());
        Chunk again = taken();
        assertEquals(List.of(2), Frames.xids(again.content()));
        outbox.written(again);
        assertEquals(List.of(3), Frames.xids(taken().content()));
    }

    @Test
    void slowReaderIsCutOffWhenItsBoundIsPassed() {
        assertTrue(reply(1, 1, data(60_000)) > 0);
        assertTrue(reply(2, 1, data(60_000)) > 0);
        assertFalse(outbox.isClosed());
        assertEquals(Outbox.DROPPED, outbox.event(2, EventType.NODE_CREATED, "/a"));
        assertTrue(outbox.isClosed());
        assertFalse(outbox.beginFlush());
    }

    @Test
    void oneReplyMayBeLargerThanTheBound() {
        assertTrue(reply(1, 1, data(3 * (int) BYTES_MAX)) > 0);
        assertEquals(List.of(1), xids());
        assertTrue(reply(2, 1, EMPTY) > 0);
    }

    @Test
    void closingLetsGoWhatIsHereAndNothingAfterIt() {
        reply(1, 1, EMPTY);
        outbox.closeAfterFlush();
        assertFalse(outbox.isFlushedAndClosing());
        assertEquals(Outbox.DROPPED, reply(2, 2, EMPTY));
        assertEquals(Outbox.DROPPED, outbox.offerRead(3, 2, EMPTY));
        assertEquals(List.of(1), xids());
        assertTrue(outbox.isFlushedAndClosing());
    }

    @Test
    void closingAnEmptyOutboxNeedsAConsumerToo() {
        assertFalse(outbox.needsFlush());
        outbox.closeAfterFlush();
        assertTrue(outbox.beginFlush());
        assertNull(outbox.next());
        assertTrue(outbox.isFlushedAndClosing());
    }

    @Test
    void closedOutboxDropsAll() {
        reply(1, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        outbox.close();
        assertNull(outbox.next());
        assertEquals(Outbox.DROPPED, reply(2, 2, EMPTY));
        assertFalse(outbox.needsFlush());
        outbox.close();
    }

    @Test
    void replyThatCannotBeEncodedLeavesNothingBehind() {
        reply(1, 1, EMPTY);
        Response broken = new Response.Children(Frames.brokenNames(), STAT);
        try {
            reply(2, 1, broken);
        } catch (IllegalStateException _) {
            reply(3, 1, EMPTY);
        }
        assertEquals(List.of(1, 3), xids());
        assertEquals(0, outbox.waitingBytes());
    }

    @Test
    void textLeavesAsItIs() {
        outbox.text("imok".getBytes(StandardCharsets.US_ASCII));
        assertTrue(outbox.beginFlush());
        byte[] sent = new byte[4];
        taken().content().get(sent);
        assertEquals("imok", new String(sent, StandardCharsets.US_ASCII));
    }

    private Chunk taken() {
        Chunk chunk = outbox.next();
        assertNotNull(chunk);
        return chunk;
    }

    private List<Integer> xids() {
        List<Integer> xids = new ArrayList<>();
        assertTrue(outbox.beginFlush());
        for (Chunk chunk = outbox.next(); chunk != null; chunk = outbox.next()) {
            xids.addAll(Frames.xids(chunk.content()));
            outbox.written(chunk);
        }
        return xids;
    }

    private static Response data(int length) {
        return new Response.Data(Bytes.of(new byte[length]), STAT);
    }

    /** A reply whose version is published. */
    private int reply(int xid, long zxid, Response body) {
        outbox.begin();
        int bytes = outbox.reply(xid, zxid, body);
        outbox.completed(1);
        return bytes;
    }
}
