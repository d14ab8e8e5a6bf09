package io.loomkeeper.net;

import io.loomkeeper.zab.Message;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What one quorum link has still to send, bounded in bytes. Appended to by the pipeline, taken from
 * by the link's writer.
 */
final class LinkQueue {
    /** About what a message takes beside its contents. */
    private static final int MESSAGE_BYTES = 64;

    /** One message in so many has its wait measured. */
    private static final int ITEMS_PER_SAMPLE = 1_000;

    private static final int SHORT_ITEMS_MAX = 4;
    private static final int SHORT_BYTES_MAX = 4096;

    /** Something to be sent. */
    sealed interface Item {}

    /** One message. */
    record Packet(Message message) implements Item {}

    /** Transactions of this server's history, read when their turn comes. */
    record History(long afterZxid, long lastZxid) implements Item {}

    private final long bytesMax;

    // All below is guarded by this.
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private long waitingBytes;
    private boolean closed;
    private @Nullable Thread sleeper;
    private long added;
    private long taken;

    /** How many had been added with the one whose wait is measured; 0: none is. */
    private long sample;

    private long sampleNs;
    private long waitedNs = -1;

    LinkQueue(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /**
     * Adds one, for which nobody is woken before {@link #wake}. False when this is one too many,
     * and the caller has to close; what is closed drops it.
     */
    synchronized boolean add(Item item) {
        if (closed) {
            return true;
        }
        waitingBytes += bytes(item);
        if (waitingBytes > bytesMax) {
            return false;
        }
        items.add(item);
        added++;
        if (sample == 0 && added % ITEMS_PER_SAMPLE == 0) {
            sample = added;
            sampleNs = System.nanoTime();
        }
        return true;
    }

    /** Wakes the writer, if it waits for what was added. */
    void wake() {
        Thread waiting;
        synchronized (this) {
            waiting = sleeper;
            sleeper = null;
        }
        LockSupport.unpark(waiting);
    }

    /**
     * Writer: the oldest item, or null when there is none; then the next {@link #wake} unparks the
     * caller.
     */
    synchronized @Nullable Item poll() {
        Item item = take();
        if (item == null) {
            sleeper = Thread.currentThread();
        }
        return item;
    }

    private @Nullable Item take() {
        Item item = items.poll();
        if (item != null) {
            waitingBytes -= bytes(item);
            taken++;
            if (taken == sample) {
                sample = 0;
                waitedNs = System.nanoTime() - sampleNs;
            }
        }
        return item;
    }

    /** Whether so little waits that it is sent in the time in which a thread wakes. */
    synchronized boolean isShort() {
        return items.size() <= SHORT_ITEMS_MAX && waitingBytes <= SHORT_BYTES_MAX;
    }

    synchronized boolean isEmpty() {
        return items.isEmpty();
    }

    /** The oldest item, if it is one message that goes out as it is; else null. */
    synchronized @Nullable Packet pollShort() {
        return items.peek() instanceof Packet packet && isPlain(packet.message())
                ? (Packet) take()
                : null;
    }

    private static boolean isPlain(Message message) {
        return !(message instanceof Message.Snap || message instanceof Message.UpToDate);
    }

    /** How long one of the messages taken has waited, in ns, told once; -1 when none is new. */
    synchronized long takeWaitedNs() {
        long told = waitedNs;
        waitedNs = -1;
        return told;
    }

    synchronized long waitingBytes() {
        return waitingBytes;
    }

    synchronized PeerLinks.Waiting waiting() {
        return new PeerLinks.Waiting(items.size(), waitingBytes);
    }

    /** Drops everything, and everything that comes. */
    void close() {
        synchronized (this) {
            closed = true;
            items.clear();
        }
        wake();
    }

    private static long bytes(Item item) {
        return MESSAGE_BYTES
                + switch (item) {
                    case Packet(var message) -> message.contentBytes();
                    case History _ -> 0L;
                };
    }
}
