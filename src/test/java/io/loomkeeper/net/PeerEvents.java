package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What links have put into the sink, to be taken out in order. */
final class PeerEvents implements PeerSink {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<Heard> notifications = new LinkedBlockingQueue<>();
    private final BlockingQueue<Reachable> reachables = new LinkedBlockingQueue<>();
    private volatile boolean isFull;
    private volatile boolean isFailing;
    private volatile int progress;

    sealed interface Event {}

    record Accepted(long link) implements Event {}

    record Up(long link) implements Event {}

    record Down(long link) implements Event {}

    record Came(long link, Message message) implements Event {}

    record Heard(long from, Notification notification) {}

    record Reachable(long sid, boolean isReachable) {}

    /** Whether it takes nothing for now. */
    void full(boolean nowFull) {
        isFull = nowFull;
    }

    /** Whether taking a notification ends in an error. */
    void failing(boolean nowFailing) {
        isFailing = nowFailing;
    }

    int progress() {
        return progress;
    }

    @Override
    public boolean offerNotification(long from, Notification notification) {
        if (isFailing) {
            throw new StackOverflowError("as asked for");
        }
        return !isFull && notifications.add(new Heard(from, notification));
    }

    @Override
    public boolean offerReachable(long sid, boolean isReachable) {
        return !isFull && reachables.add(new Reachable(sid, isReachable));
    }

    @Override
    public boolean offerAccepted(long link) {
        return !isFull && events.add(new Accepted(link));
    }

    @Override
    public boolean offerLinkUp(long link) {
        return !isFull && events.add(new Up(link));
    }

    @Override
    public boolean offerLinkDown(long link) {
        return !isFull && events.add(new Down(link));
    }

    @Override
    public boolean offerMessage(long link, Message message) {
        return !isFull && events.add(new Came(link, message));
    }

    @Override
    public synchronized boolean offerProgress(long link) {
        progress++;
        return true;
    }

    /** The next event of any quorum link; it must come within 10 s. */
    Event next() throws InterruptedException {
        Event event = events.poll(10, TimeUnit.SECONDS);
        assertNotNull(event, "nothing came");
        return event;
    }

    Message nextMessage() throws InterruptedException {
        return assertInstanceOf(Came.class, next()).message();
    }

    /** What has come by now, none of it taken out. */
    int count() {
        return events.size();
    }

    Heard nextHeard() throws InterruptedException {
        Heard heard = notifications.poll(10, TimeUnit.SECONDS);
        assertNotNull(heard, "no notification came");
        return heard;
    }

    int heardCount() {
        return notifications.size();
    }

    Reachable nextReachable() throws InterruptedException {
        Reachable reachable = reachables.poll(10, TimeUnit.SECONDS);
        assertNotNull(reachable, "nothing was reported");
        return reachable;
    }
}
