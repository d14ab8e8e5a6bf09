package io.loomkeeper.net;

import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.ResponseCodec;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Response;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has still to be sent: replies and events, encoded, in the promised order.
 *
 * <h2>The promise</h2>
 *
 * To a client, everything that it hears must look as if one thread had answered its requests, one
 * after the other, on one state that only moves forward:
 *
 * <ul>
 *   <li>replies come in the order of requests (protocol 6);
 *   <li>a read sees every earlier write of its own connection;
 *   <li>a transaction's events come before its reply, and before any reply that shows its effect or
 *       a later one (protocol 11.5);
 *   <li>the zxid in a reply's header is that of the state from which the reply was computed.
 * </ul>
 *
 * <h2>Who appends</h2>
 *
 * Two threads do. The pipeline appends events and the replies to requests that it was given. The
 * connection's reader appends the replies to plain reads, which it answers from the published
 * version by itself. Five rules make that look like one thread:
 *
 * <ol>
 *   <li>The reader calls {@link #begin} before it offers a request to the pipeline. The pipeline
 *       calls {@link #completed} for it after the reply is appended and the version that holds its
 *       effect is published. The reader answers nothing by itself while something is in flight. So
 *       a direct reply never overtakes an earlier one, and what it is computed from holds every
 *       earlier write: the reader sees the count at zero only after the publication.
 *   <li>The pipeline takes transactions in turn, and for each first appends its events, then its
 *       reply; then it publishes, as a rule one version for a run of transactions. So whoever sees
 *       a version finds its events already in the outbox, and no reply stands behind the events of
 *       a later transaction. (A client that gets the reply to its getData with a watch after the
 *       event that fired the watch loses the event: it did not know of the watch yet.) From the
 *       append of a reply to its {@link #completed} the outbox gives nothing to the socket: nobody
 *       hears of a write that a read on another connection might still miss.
 *   <li>A direct reply computed from version v is appended only if nothing of a later zxid is here
 *       already: {@link #offerRead} compares and appends in one step, and refuses otherwise. The
 *       reader then sends that request through the pipeline, whose answer will be new enough.
 *   <li>Events of a later zxid than v that are appended after the direct reply are in their place.
 *   <li>Events of catch-up carry zxid -1 on the wire. They need no place of their own in the order:
 *       they stand before the reply to their setWatches, which is in flight until then.
 * </ol>
 *
 * Replies that stand outside the order (auth, which clients tell by its xid -4, and refusals of
 * what the pipeline never sees) are appended by the reader; their zxid counts for nothing.
 *
 * <h2>Who consumes</h2>
 *
 * One thread at a time, the one whose {@link #beginFlush} returned true: as a rule the connection's
 * writer; or the reader for the few small replies that it has just appended, which spares a client
 * that only reads one hand-off per request; or the pipeline, for what a socket takes at once. The
 * consumer takes chunk after chunk with {@link #next} and stays the consumer until that returns
 * null. Whoever appends and then asks {@link #needsFlush} either learns that a consumer must be
 * found, or can rely on the present one to see what was appended: both happen under the lock.
 *
 * <h2>Bounds</h2>
 *
 * The lock is held while one small reply is encoded, or for the exchange of a reference; never
 * while a large body is encoded, nor during a write. Bytes that wait are bounded: while more than
 * half of {@code bytesMax} wait, the reader looks at no further request, and what it has in flight
 * is bounded by {@link ReplyBudget}; so a client that asks for much at once is slowed down. Whoever
 * does not read its events finds the bound. An append that finds more than {@code bytesMax} waiting
 * closes the outbox for good, and the connection with it. (So one reply may be larger than the
 * bound, the second may not.) Buffers live as long as there is something in them; what stays is one
 * of at most {@value #KEPT_BYTES_MAX} bytes.
 */
final class Outbox {
    static final int DROPPED = 0;
    static final int TOO_OLD = -1;

    private static final int FIRST_BYTES = 512;
    private static final int KEPT_BYTES_MAX = 4096;
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int LARGE_BODY_BYTES = 4096;
    private static final int AROUND_BODY_BYTES = 128;

    private final long bytesMax;
    private final OutstandingRequests outstanding;

    // Both written under the lock, read without it.

    private volatile int inFlight;

    /** Bytes appended and not yet handed to the socket. */
    private volatile long waitingBytes;

    // All below is guarded by this.
    private final ArrayDeque<Chunk> full = new ArrayDeque<>(2);
    private @Nullable Chunk tail;
    private @Nullable Chunk spare;

    /** The highest zxid of the pipeline's replies and events. */
    private long lastZxid;

    private boolean flushing;

    /** A reply is here whose version is not published yet (rule 2). */
    private boolean held;

    private boolean closing;
    private boolean closed;

    Outbox(long bytesMax, OutstandingRequests outstanding) {
        this.bytesMax = bytesMax;
        this.outstanding = outstanding;
    }

    /** Reader: one more request is in flight from here on. */
    synchronized void begin() {
        if (!closed) {
            inFlight = inFlight + 1;
            outstanding.add(1);
        }
    }

    /** Pipeline: {@code count} requests are in flight no longer (rule 1). */
    synchronized void completed(int count) {
        if (!closed) {
            assert count <= inFlight : count + " of " + inFlight;
            held = false;
            inFlight = inFlight - count;
            outstanding.add(-count);
        }
    }

    /** 0 once closed. */
    int inFlight() {
        return inFlight;
    }

    // What appends returns the bytes of the frame, or DROPPED when nothing is sent any more.

    /** Pipeline: appends the reply to a request that was in flight. */
    int reply(int xid, long zxid, Response body) {
        Chunk large = encodeIfLarge(xid, zxid, body);
        synchronized (this) {
            raiseLastZxid(zxid);
            held = true;
            return appendReply(xid, zxid, body, large);
        }
    }

    /** Pipeline: appends a notification. */
    synchronized int event(long zxid, EventType type, String path) {
        raiseLastZxid(zxid);
        return append(out -> ResponseCodec.encodeEvent(zxid, type, path, out));
    }

    /**
     * Reader, nothing in flight: appends a reply computed from the version of {@code zxid}; TOO_OLD
     * when something newer is here already (rule 3).
     */
    int offerRead(int xid, long zxid, Response body) {
        Chunk large = encodeIfLarge(xid, zxid, body);
        synchronized (this) {
            assert closed || inFlight == 0 : inFlight;
            if (zxid < lastZxid) {
                return TOO_OLD;
            }
            return appendReply(xid, zxid, body, large);
        }
    }

    /** Appends a reply that stands outside the order of zxids. */
    synchronized int replyOutOfOrder(int xid, long zxid, Response body) {
        return appendReply(xid, zxid, body, null);
    }

    /** Appends the reply to a sasl request, which stands outside the order of zxids. */
    synchronized int sasl(int xid, KeeperError error, @Nullable Bytes token) {
        return append(out -> ResponseCodec.encodeSasl(xid, error, token, out));
    }

    synchronized int connectResponse(ConnectResponse response) {
        return append(out -> Handshake.encodeResponse(response, out));
    }

    /** Appends the answer to a four-letter word. */
    synchronized int text(byte[] text) {
        return append(
                out -> {
                    out.buffer().putBytes(out.position(), text);
                    out.position(out.position() + text.length);
                });
    }

    long waitingBytes() {
        return waitingBytes;
    }

    /** Reader: so much waits for the client that it had better be asked nothing more for now. */
    boolean isCrowded() {
        return waitingBytes > bytesMax / 2;
    }

    /** Whether there is something to do for a consumer, and none that does it. */
    synchronized boolean needsFlush() {
        return !flushing && !closed && !held && (closing || hasContent());
    }

    /** Makes the caller the one consumer, if one is needed. */
    synchronized boolean beginFlush() {
        if (!needsFlush()) {
            return false;
        }
        flushing = true;
        return true;
    }

    /**
     * Consumer: takes the oldest chunk. Null, when there is none or the outbox is closed, ends the
     * caller's being the consumer.
     */
    synchronized @Nullable Chunk next() {
        assert flushing;
        if (closed || held || !hasContent()) {
            flushing = false;
            return null;
        }
        Chunk chunk = full.poll();
        if (chunk == null) {
            chunk = tail;
            tail = null;
        }
        return chunk;
    }

    /** Consumer: {@code chunk} has been written; its buffer may serve again. */
    synchronized void written(Chunk chunk) {
        addWaiting(-chunk.length());
        if (spare == null && !closed && chunk.capacity() <= KEPT_BYTES_MAX) {
            chunk.clear();
            spare = chunk;
        }
    }

    /** Consumer: ends being it; the rest of {@code chunk} is the next one's. */
    synchronized void giveBack(Chunk chunk) {
        assert flushing;
        if (!closed) {
            full.addFirst(chunk);
        }
        flushing = false;
    }

    /** Nothing is appended any more; what is here still leaves. */
    synchronized void closeAfterFlush() {
        closing = true;
    }

    /** Whether {@link #closeAfterFlush} was asked for and has nothing more to wait for. */
    synchronized boolean isFlushedAndClosing() {
        return closing && !flushing && !hasContent();
    }

    /** Drops everything, and everything that comes. Idempotent. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        outstanding.add(-inFlight);
        inFlight = 0;
        full.clear();
        tail = null;
        spare = null;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void addWaiting(int bytes) {
        waitingBytes = waitingBytes + bytes;
    }

    private void raiseLastZxid(long zxid) {
        lastZxid = Math.max(lastZxid, zxid);
    }

    private boolean hasContent() {
        return !full.isEmpty() || (tail != null && tail.length() > 0);
    }

    private int appendReply(int xid, long zxid, Response body, @Nullable Chunk large) {
        if (large == null) {
            return append(out -> ResponseCodec.encodeReply(xid, zxid, body, out));
        }
        if (!admits()) {
            return DROPPED;
        }
        Chunk before = tail;
        if (before != null && before.length() > 0) {
            full.add(before);
            tail = null;
        }
        full.add(large);
        addWaiting(large.length());
        return large.length();
    }

    /** A frame that cannot be encoded leaves no part of itself behind. */
    private int append(Consumer<JuteOutput> frame) {
        if (!admits()) {
            return DROPPED;
        }
        Chunk chunk = room();
        int start = chunk.length();
        try {
            frame.accept(chunk.out());
        } catch (RuntimeException e) {
            chunk.out().position(start);
            throw e;
        }
        int bytes = chunk.length() - start;
        addWaiting(bytes);
        return bytes;
    }

    private boolean admits() {
        if (!closed && waitingBytes > bytesMax) {
            close();
        }
        return !closed && !closing;
    }

    /** The chunk to append to. */
    private Chunk room() {
        Chunk chunk = tail;
        if (chunk != null && chunk.length() >= CHUNK_BYTES) {
            full.add(chunk);
            chunk = null;
        }
        if (chunk == null) {
            chunk = spare == null ? new Chunk(FIRST_BYTES) : spare;
            spare = null;
            tail = chunk;
        }
        return chunk;
    }

    private static @Nullable Chunk encodeIfLarge(int xid, long zxid, Response body) {
        long bytes = body.bodyBytes();
        if (bytes < LARGE_BODY_BYTES) {
            return null;
        }
        Chunk chunk = new Chunk(Math.toIntExact(bytes + AROUND_BODY_BYTES));
        ResponseCodec.encodeReply(xid, zxid, body, chunk.out());
        return chunk;
    }
}
