package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class AppendQueueTest implements AppendQueue.Handler {
    private static final int RING_BYTES = 1 << 12;
    private static final int TOO_LONG_FOR_THE_RING = 1000;

    private final List<String> taken = new ArrayList<>();
    private final AppendQueue queue = new AppendQueue(RING_BYTES, this);

    @Override
    public void onRecord(MutableDirectBuffer record, int offset, int length) {
        int payload = length - RecordLayout.HEADER_BYTES;
        for (int i = 0; i < payload; i++) {
            byte expected = (byte) RecordLayout.zxid(record, offset);
            assertEquals(expected, record.getByte(offset + RecordLayout.HEADER_BYTES + i));
        }
        taken.add(RecordLayout.zxid(record, offset) + ":" + payload);
    }

    @Override
    public void onSegmentEnd() {
        taken.add("end");
    }

    private boolean offer(long zxid, int length) {
        UnsafeBuffer txn = new UnsafeBuffer(new byte[length + 3]);
        txn.setMemory(3, length, (byte) zxid);
        return queue.offer(zxid, txn, 3, length);
    }

    @Test
    void everythingComesOutInOrder() {
        assertTrue(offer(1, 10));
        assertTrue(offer(2, TOO_LONG_FOR_THE_RING));
        assertTrue(queue.offerSegmentEnd());
        assertTrue(offer(3, 0));
        assertTrue(offer(4, TOO_LONG_FOR_THE_RING));
        assertEquals(5, queue.drain());
        assertEquals(List.of("1:10", "2:1000", "end", "3:0", "4:1000"), taken);
        assertTrue(queue.isEmpty());
    }

    @Test
    void drainFindsWhatLiesBehindTheRingsEnd() {
        for (int zxid = 1; zxid <= 1000; zxid++) {
            assertTrue(offer(zxid, zxid * 7 % 400));
            assertEquals(1, queue.drain(), "of zxid " + zxid);
        }
    }

    @Test
    void aFullRingTakesNothing() {
        int accepted = 0;
        while (offer(accepted + 1, 200)) {
            accepted++;
        }
        while (queue.offerSegmentEnd()) {
            assertFalse(offer(99, 200));
        }
        taken.clear();
        while (queue.drain() > 0) {
            taken.removeIf("end"::equals);
        }
        assertEquals(accepted, taken.size());
        assertTrue(offer(accepted + 1, 200));
    }

    @Test
    void longRecordsAreBoundedInBytes() {
        int accepted = 0;
        while (accepted < 1000 && offer(accepted + 1, TOO_LONG_FOR_THE_RING)) {
            accepted++;
        }
        assertTrue(accepted * TOO_LONG_FOR_THE_RING <= RING_BYTES, accepted + " accepted");
        assertTrue(accepted > 1, accepted + " accepted");
        assertEquals(accepted, queue.drain());
        assertTrue(offer(50, 100 * RING_BYTES), "one is taken however long it is");
        assertFalse(offer(51, TOO_LONG_FOR_THE_RING));
    }
}
