package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.ClientLink;
import io.loomkeeper.zab.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class RequestRingTest {
    private final RequestRing ring = new RequestRing();
    private final Recorder seen = new Recorder();

    @Test
    void messagesComeOutInTheOrderInWhichTheyWentIn() {
        assertTrue(ring.offerConnect(link(1), frame(45), 0, 45));
        assertTrue(ring.offer(link(1), 10, frame(3), 0, 3));
        assertTrue(ring.offer(link(2), 11, frame(200_000), 0, 200_000));
        assertTrue(ring.offerClosed(link(1)));
        assertTrue(ring.offerTask(() -> seen.events.add("ran")));

        assertEquals(5, ring.drain(seen, 10));
        assertEquals(
                List.of("connect 1: 45", "1 at 10: 3", "2 at 11: 200000", "closed 1", "ran"),
                seen.events);
    }

    @Test
    void fullRingRefusesAndLosesNothing() {
        int taken = 0;
        while (ring.offer(link(1), 0, frame(60_000), 0, 60_000)) {
            taken++;
        }
        assertTrue(taken > 100, "taken " + taken);
        assertFalse(ring.offerClosed(link(1)) && ring.offer(link(1), 0, frame(60_000), 0, 60_000));

        int drained = 0;
        while (drained < taken) {
            drained += ring.drain(seen, 64);
        }
        assertTrue(ring.offer(link(1), 0, frame(60_000), 0, 60_000));
    }

    @Test
    void largeFramesAreBoundedInBytes() {
        int taken = 0;
        while (taken < 100 && ring.offer(link(1), 0, frame(1_000_000), 0, 1_000_000)) {
            taken++;
        }
        assertEquals(67, taken);
        assertEquals(67, ring.drain(seen, 100));
        assertTrue(ring.offer(link(1), 0, frame(1_000_000), 0, 1_000_000));
    }

    @Test
    void aReceiverThatIsNotReadyLeavesMessagesInPlace() {
        ring.offer(link(1), 10, frame(3), 0, 3);
        ring.offer(link(1), 11, frame(4), 0, 4);
        seen.ready = false;
        assertEquals(0, ring.drain(seen, 10));

        seen.ready = true;
        assertEquals(2, ring.drain(seen, 10));
        assertEquals(List.of("1 at 10: 3", "1 at 11: 4"), seen.events);
    }

    @Test
    void durableZxidIsTakenOnceAndOnlyTheNewest() {
        assertEquals(-1, ring.takeDurable());
        ring.durable(5);
        ring.durable(9);

        assertEquals(9, ring.takeDurable());
        assertEquals(-1, ring.takeDurable());
    }

    private static ClientLink link(long id) {
        return new FakeLink(id);
    }

    private static DirectBuffer frame(int length) {
        return new UnsafeBuffer(new byte[length]);
    }

    private static final class Recorder implements RequestRing.Receiver {
        final List<String> events = new ArrayList<>();
        boolean ready = true;

        @Override
        public boolean ready() {
            return ready;
        }

        @Override
        public void onConnect(ClientLink from, DirectBuffer frame, int offset, int length) {
            events.add("connect " + from.id() + ": " + length);
        }

        @Override
        public void onFrame(
                long connectionId, long receivedNs, DirectBuffer frame, int offset, int length) {
            events.add(connectionId + " at " + receivedNs + ": " + length);
        }

        @Override
        public void onPeer(Consumer<Peer> message) {
            events.add("peer");
        }

        @Override
        public void onClosed(long connectionId) {
            events.add("closed " + connectionId);
        }

        @Override
        public void onTask(Runnable task) {
            task.run();
        }
    }
}
