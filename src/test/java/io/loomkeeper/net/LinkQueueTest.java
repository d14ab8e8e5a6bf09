package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.zab.Message;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class LinkQueueTest {
    private static final int TXN_BYTES = 1_000;

    private final LinkQueue queue = new LinkQueue(10 * TXN_BYTES);

    private boolean add(long zxid) {
        return queue.add(
                new LinkQueue.Packet(
                        new Message.Proposal(zxid, new UnsafeBuffer(new byte[TXN_BYTES]))));
    }

    /** Rule L5: its link is closed then. */
    @Test
    void whatIsOneTooManyIsRefused() {
        int taken = 0;
        while (taken < 100 && add(taken + 1)) {
            taken++;
        }
        assertEquals(9, taken, "of 1,064 bytes each");
    }

    @Test
    void whatWasTakenOutMakesRoom() {
        for (int zxid = 1; zxid <= 100; zxid++) {
            assertTrue(add(zxid));
            assertNotNull(queue.poll());
        }
        assertEquals(0, queue.waitingBytes());
    }

    @Test
    void whatIsClosedDropsAll() {
        assertTrue(add(1));
        queue.close();
        assertTrue(add(2));
        assertNull(queue.poll());
    }
}
