package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.Outbox.Offer;
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
        outbox.reply(1, 5, EMPTY);
        outbox.reply(2, 6, data(10_000));
        outbox.event(7, EventType.NODE_DELETED, "/a");
        outbox.offerRead(3, 7, EMPTY);
        assertEquals(List.of(-1, 1, 2, -1, 3), xids());
    }

    @Test
    void directReplyIsRefusedBehindALaterEvent() {
        outbox.event(6, EventType.NODE_CREATED, "/a");
        assertSame(Offer.TOO_OLD, outbox.offerRead(1, 5, EMPTY));
        assertSame(Offer.APPENDED, outbox.offerRead(1, 6, EMPTY));
        assertEquals(List.of(-1, 1), xids());
    }

    @Test
    void directReplyIsRefusedBehindALaterEventThatHasAlreadyLeft() {
        outbox.event(6, EventType.NODE_CREATED, "/a");
        assertEquals(List.of(-1), xids());
        assertSame(Offer.TOO_OLD, outbox.offerRead(1, 5, EMPTY));
    }

    @Test
    void largeDirectReplyIsRefusedBehindALaterEventToo() {
        outbox.event(6, EventType.NODE_CREATED, "/a");
        assertSame(Offer.TOO_OLD, outbox.offerRead(1, 5, data(10_000)));
        assertEquals(List.of(-1), xids());
    }

    @Test
    void catchUpEventsDoNotHoldDirectRepliesBack() {
        outbox.reply(1, 5, EMPTY);
        outbox.event(-1, EventType.NODE_DELETED, "/a");
        assertSame(Offer.APPENDED, outbox.offerRead(2, 5, EMPTY));
    }

    @Test
    void repliesOutOfOrderDoNotHoldDirectRepliesBack() {
        outbox.replyOutOfOrder(-4, 0, EMPTY);
        assertSame(Offer.APPENDED, outbox.offerRead(1, 1, EMPTY));
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
        outbox.reply(1, 1, EMPTY);
        assertTrue(outbox.needsFlush());
        assertTrue(outbox.beginFlush());
        assertFalse(outbox.needsFlush());
        assertFalse(outbox.beginFlush());
    }

    @Test
    void consumerSeesWhatIsAppendedBeforeItHasEnded() {
        outbox.reply(1, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        Chunk first = taken();
        outbox.reply(2, 2, EMPTY);
        assertFalse(outbox.needsFlush());
        outbox.written(first);
        assertNotNull(outbox.next());
        assertNull(outbox.next());
        outbox.reply(3, 3, EMPTY);
        assertTrue(outbox.needsFlush());
    }

    @Test
    void smallRepliesShareOneChunkAndLargeOnesHaveTheirOwn() {
        outbox.reply(1, 1, EMPTY);
        outbox.reply(2, 1, EMPTY);
        outbox.reply(3, 1, data(10_000));
        outbox.reply(4, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        assertEquals(List.of(1, 2), Frames.xids(taken().content()));
        assertEquals(List.of(3), Frames.xids(taken().content()));
        assertEquals(List.of(4), Frames.xids(taken().content()));
        assertNull(outbox.next());
    }

    @Test
    void chunksAreBounded() {
        for (int xid = 1; xid <= 4000; xid++) {
            outbox.reply(xid, 1, EMPTY);
        }
        assertTrue(outbox.beginFlush());
        assertTrue(taken().length() < 70_000);
        assertNotNull(outbox.next());
    }

    @Test
    void smallBufferIsKeptAndALargeOneIsNot() {
        outbox.reply(1, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        Chunk small = taken();
        outbox.written(small);
        assertNull(outbox.next());
        for (int xid = 0; xid < 1000; xid++) {
            outbox.reply(xid, 1, EMPTY);
        }
        assertTrue(outbox.beginFlush());
        assertSame(small, taken());
        assertTrue(small.capacity() > 4096);
        outbox.written(small);
        outbox.reply(1, 1, EMPTY);
        assertTrue(taken() != small);
    }

    @Test
    void waitingBytesCountUntilTheyAreWritten() {
        outbox.reply(1, 1, EMPTY);
        assertEquals(20, outbox.waitingBytes());
        assertTrue(outbox.beginFlush());
        Chunk chunk = taken();
        assertEquals(20, outbox.waitingBytes());
        outbox.written(chunk);
        assertEquals(0, outbox.waitingBytes());
    }

    @Test
    void slowReaderIsCutOffWhenItsBoundIsPassed() {
        assertTrue(outbox.reply(1, 1, data(60_000)));
        assertTrue(outbox.reply(2, 1, data(60_000)));
        assertFalse(outbox.isClosed());
        assertFalse(outbox.event(2, EventType.NODE_CREATED, "/a"));
        assertTrue(outbox.isClosed());
        assertFalse(outbox.beginFlush());
    }

    @Test
    void oneReplyMayBeLargerThanTheBound() {
        assertTrue(outbox.reply(1, 1, data(3 * (int) BYTES_MAX)));
        assertEquals(List.of(1), xids());
        assertTrue(outbox.reply(2, 1, EMPTY));
    }

    @Test
    void closingLetsGoWhatIsHereAndNothingAfterIt() {
        outbox.reply(1, 1, EMPTY);
        outbox.closeAfterFlush();
        assertFalse(outbox.isFlushedAndClosing());
        assertFalse(outbox.reply(2, 2, EMPTY));
        assertSame(Offer.DROPPED, outbox.offerRead(3, 2, EMPTY));
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
        outbox.reply(1, 1, EMPTY);
        assertTrue(outbox.beginFlush());
        outbox.close();
        assertNull(outbox.next());
        assertFalse(outbox.reply(2, 2, EMPTY));
        assertFalse(outbox.needsFlush());
        outbox.close();
    }

    @Test
    void replyThatCannotBeEncodedLeavesNothingBehind() {
        outbox.reply(1, 1, EMPTY);
        Response broken = new Response.Children(Frames.brokenNames(), STAT);
        try {
            outbox.reply(2, 1, broken);
        } catch (IllegalStateException _) {
            outbox.reply(3, 1, EMPTY);
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
}
