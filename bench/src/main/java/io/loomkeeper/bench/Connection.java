package io.loomkeeper.bench;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * One session's socket with its requests in flight, oldest first.
 *
 * <p>The sending half ({@link #offer}, {@link #fill}, {@link #flush}) and the receiving half
 * ({@link #complete}) may belong to two threads: {@code sent} is written by the one, {@code
 * answered} by the other. Replies come in the order of requests (protocol 2.7); any other xid is a
 * failure.
 */
final class Connection {
    private static final int OUT_BYTES_MAX = 1 << 20;
    private static final VarHandle SENT;
    private static final VarHandle ANSWERED;

    static {
        try {
            SENT = MethodHandles.lookup().findVarHandle(Connection.class, "sent", int.class);
            ANSWERED =
                    MethodHandles.lookup().findVarHandle(Connection.class, "answered", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SocketChannel channel;
    private final RequestSource source;
    private final FrameReader reader = new FrameReader();
    private final ByteBuffer out;
    private final long[] startsNs;
    private final int inFlightMax;
    private final int frameBytesMax;

    @SuppressWarnings("UnusedVariable") // by SENT
    private int sent;

    @SuppressWarnings("UnusedVariable") // by ANSWERED
    private int answered;

    private volatile boolean exhausted;
    private volatile boolean broken;

    /** Takes over {@code channel}, its session established, and makes it non-blocking. */
    Connection(SocketChannel channel, RequestSource source, int inFlightMax) throws IOException {
        channel.configureBlocking(false);
        this.channel = channel;
        this.source = source;
        this.inFlightMax = inFlightMax;
        frameBytesMax = source.frameBytesMax();
        startsNs = new long[Integer.highestOneBit(Math.max(1, inFlightMax - 1)) << 1];
        long outBytes = Math.min((long) frameBytesMax * inFlightMax, OUT_BYTES_MAX);
        out = ByteBuffer.allocateDirect((int) Math.max(outBytes, frameBytesMax));
    }

    SocketChannel channel() {
        return channel;
    }

    FrameReader reader() {
        return reader;
    }

    RequestSource source() {
        return source;
    }

    /** Appends requests until {@code inFlightMax} are unanswered or the buffer is full. */
    void fill(long nowNs) {
        while (offer(nowNs)) {
            // one more went in
        }
    }

    /** Appends one request that counts from {@code startNs} on; false when it has to wait. */
    boolean offer(long startNs) {
        int next = sent;
        if (exhausted
                || next - (int) ANSWERED.getAcquire(this) >= inFlightMax
                || out.remaining() < frameBytesMax) {
            return false;
        }
        if (!source.append(out, xid(next))) {
            exhausted = true;
            return false;
        }
        startsNs[next & (startsNs.length - 1)] = startNs;
        SENT.setRelease(this, next + 1);
        return true;
    }

    /** Writes once, if there is anything to write; false when bytes are left. */
    boolean flush() throws IOException {
        if (out.position() == 0) {
            return true;
        }
        out.flip();
        try {
            channel.write(out);
        } finally {
            out.compact();
        }
        return out.position() == 0;
    }

    /** The oldest request in flight is answered; returns when it started. */
    long complete(int xid) throws ProtocolException {
        if (inFlight() == 0 || xid != xid(answered)) {
            throw new ProtocolException(
                    "a reply to xid %d, in flight are %d from %d on"
                            .formatted(xid, inFlight(), xid(answered)));
        }
        return giveUpOldest();
    }

    /** Takes the oldest request out, of which there must be one; returns when it started. */
    long giveUpOldest() {
        int oldest = answered;
        long startNs = startsNs[oldest & (startsNs.length - 1)];
        ANSWERED.setRelease(this, oldest + 1);
        return startNs;
    }

    int inFlight() {
        return (int) SENT.getAcquire(this) - (int) ANSWERED.getAcquire(this);
    }

    /** Whether no request will follow. */
    boolean isExhausted() {
        return exhausted;
    }

    /** Sends no more; what is in flight stays due. */
    void finish() {
        exhausted = true;
    }

    boolean isBroken() {
        return broken;
    }

    void setBroken() {
        broken = true;
    }

    /** Never negative: those are reserved. */
    private static int xid(int index) {
        return index & Integer.MAX_VALUE;
    }
}
