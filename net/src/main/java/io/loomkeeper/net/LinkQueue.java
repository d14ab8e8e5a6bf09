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
        Item item = items.poll();
        if (item == null) {
            sleeper = Thread.currentThread();
        } else {
            waitingBytes -= bytes(item);
        }
        return item;
    }

    synchronized long waitingBytes() {
        return waitingBytes;
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
