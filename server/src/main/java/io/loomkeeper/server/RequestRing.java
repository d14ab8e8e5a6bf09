package io.loomkeeper.server;

import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.RequestSink;
import io.loomkeeper.zab.Peer;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The one door to the pipeline: many threads put messages in, the pipeline thread takes them out in
 * order.
 *
 * <p>A message in the ring:
 *
 * <pre>
 *   type FRAME   | connection id: 8 | received ns: 8 | payload |
 *   type ASIDE   | ticket: 8 |        a frame too large for the ring, a handshake, a task, or what another
 *                                    server says, kept beside it
 *   type CLOSED  | connection id: 8 |
 * </pre>
 *
 * <p>Durable zxids come by a lane of their own, one rising number, and so do the other reports of
 * storage: a full ring never holds up the report that empties it. The ring and what is kept beside
 * it are bounded in bytes; when full, {@link #offer} refuses and the connection stops reading.
 */
final class RequestRing implements RequestSink {
    /** Receives what the ring holds, on the pipeline thread. */
    interface Receiver {
        /** False while it can take nothing: what is left stays in the ring. */
        boolean ready();

        void onConnect(ClientLink from, DirectBuffer frame, int offset, int length);

        void onFrame(
                long connectionId, long receivedNs, DirectBuffer frame, int offset, int length);

        void onClosed(long connectionId);

        void onTask(Runnable task);

        /** Something from another server. */
        void onPeer(Consumer<Peer> message);
    }

    private static final int FRAME = 1;
    private static final int ASIDE = 2;
    private static final int CLOSED = 3;
    private static final int FRAME_HEADER_BYTES = 2 * BitUtil.SIZE_OF_LONG;

    private static final int RING_BYTES = 8 << 20;

    /**
     * Above this a frame is kept beside the ring, so that one client's megabyte does not fill it.
     */
    private static final int INLINE_FRAME_BYTES = 64 << 10;

    private static final long ASIDE_BYTES_MAX = 64L << 20;

    private sealed interface Aside {}

    private record LargeFrame(long connectionId, long receivedNs, UnsafeBuffer frame)
            implements Aside {}

    private record Connect(ClientLink from, UnsafeBuffer frame) implements Aside {}

    private record Task(Runnable body) implements Aside {}

    private record FromPeer(Consumer<Peer> message, int bytes) implements Aside {}

    private final ManyToOneRingBuffer ring =
            new ManyToOneRingBuffer(
                    new UnsafeBuffer(
                            ByteBuffer.allocateDirect(
                                    RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH)));
    private final Map<Long, Aside> aside = new ConcurrentHashMap<>();
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicLong asideBytes = new AtomicLong();
    private final AtomicLong durable = new AtomicLong(-1);
    private long durableTaken = -1;

    private final Queue<Consumer<Pipeline>> reports = new ConcurrentLinkedQueue<>();

    private volatile boolean asleep;
    private volatile @Nullable Thread consumer;

    @Override
    public boolean offerConnect(ClientLink from, DirectBuffer frame, int offset, int length) {
        return offerCopied(copy -> new Connect(from, copy), frame, offset, length);
    }

    @Override
    public boolean offer(
            ClientLink from, long receivedNs, DirectBuffer frame, int offset, int length) {
        if (length > INLINE_FRAME_BYTES) {
            long id = from.id();
            return offerCopied(copy -> new LargeFrame(id, receivedNs, copy), frame, offset, length);
        }
        int index = ring.tryClaim(FRAME, FRAME_HEADER_BYTES + length);
        if (index < 0) {
            return false;
        }
        ring.buffer().putLong(index, from.id());
        ring.buffer().putLong(index + BitUtil.SIZE_OF_LONG, receivedNs);
        ring.buffer().putBytes(index + FRAME_HEADER_BYTES, frame, offset, length);
        ring.commit(index);
        wake();
        return true;
    }

    private boolean offerCopied(
            Function<UnsafeBuffer, Aside> message, DirectBuffer frame, int offset, int length) {
        if (asideBytes.addAndGet(length) > ASIDE_BYTES_MAX) {
            asideBytes.addAndGet(-length);
            return false;
        }
        UnsafeBuffer copy = new UnsafeBuffer(new byte[length]);
        copy.putBytes(0, frame, offset, length);
        if (!offerAside(message.apply(copy))) {
            asideBytes.addAndGet(-length);
            return false;
        }
        return true;
    }

    private boolean offerAside(Aside message) {
        long ticket = tickets.incrementAndGet();
        aside.put(ticket, message);
        if (!offerLong(ASIDE, ticket)) {
            aside.remove(ticket);
            return false;
        }
        return true;
    }

    private boolean offerLong(int type, long value) {
        int index = ring.tryClaim(type, BitUtil.SIZE_OF_LONG);
        if (index < 0) {
            return false;
        }
        ring.buffer().putLong(index, value);
        ring.commit(index);
        wake();
        return true;
    }

    @Override
    public boolean offerClosed(ClientLink from) {
        return offerLong(CLOSED, from.id());
    }

    /**
     * Runs {@code task} on the pipeline thread, in its place among the messages; false when full.
     */
    boolean offerTask(Runnable task) {
        return offerAside(new Task(task));
    }

    /**
     * Takes what another server says.
     *
     * @param bytes that it holds, about
     */
    boolean offerPeer(Consumer<Peer> message, int bytes) {
        if (asideBytes.addAndGet(bytes) > ASIDE_BYTES_MAX
                || !offerAside(new FromPeer(message, bytes))) {
            asideBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Our journal is durable up to {@code zxid}. Called by the log's thread. */
    void durable(long zxid) {
        durable.setRelease(zxid);
        wake();
    }

    /** The newest durable zxid if there is one not taken yet, else -1. Pipeline thread only. */
    long takeDurable() {
        long zxid = durable.getAcquire();
        if (zxid == durableTaken) {
            return -1;
        }
        durableTaken = zxid;
        return zxid;
    }

    /**
     * Storage has done what was asked of it: {@code report} runs on the pipeline thread, whether
     * the pipeline takes anything else or not. There is at most a handful of them.
     */
    void report(Consumer<Pipeline> report) {
        reports.add(report);
        wake();
    }

    /** Hands all reports to {@code pipeline}; returns how many. Pipeline thread only. */
    int drainReports(Pipeline pipeline) {
        int count = 0;
        for (Consumer<Pipeline> next = reports.poll(); next != null; next = reports.poll()) {
            next.accept(pipeline);
            count++;
        }
        return count;
    }

    /** Hands over at most {@code limit} messages; returns how many. Pipeline thread only. */
    int drain(Receiver receiver, int limit) {
        ControlledMessageHandler handler =
                (type, buffer, index, length) -> {
                    if (!receiver.ready()) {
                        return ControlledMessageHandler.Action.ABORT;
                    }
                    switch (type) {
                        case FRAME ->
                                receiver.onFrame(
                                        buffer.getLong(index),
                                        buffer.getLong(index + BitUtil.SIZE_OF_LONG),
                                        buffer,
                                        index + FRAME_HEADER_BYTES,
                                        length - FRAME_HEADER_BYTES);
                        case ASIDE -> onAside(receiver, buffer.getLong(index));
                        case CLOSED -> receiver.onClosed(buffer.getLong(index));
                        default -> throw new AssertionError("message type " + type);
                    }
                    return ControlledMessageHandler.Action.CONTINUE;
                };
        return ring.controlledRead(handler, limit);
    }

    private void onAside(Receiver receiver, long ticket) {
        switch (aside.remove(ticket)) {
            case LargeFrame(long connectionId, long receivedNs, UnsafeBuffer frame) -> {
                asideBytes.addAndGet(-frame.capacity());
                receiver.onFrame(connectionId, receivedNs, frame, 0, frame.capacity());
            }
            case Connect(ClientLink from, UnsafeBuffer frame) -> {
                asideBytes.addAndGet(-frame.capacity());
                receiver.onConnect(from, frame, 0, frame.capacity());
            }
            case Task(Runnable body) -> receiver.onTask(body);
            case FromPeer(Consumer<Peer> message, int bytes) -> {
                asideBytes.addAndGet(-bytes);
                receiver.onPeer(message);
            }
            case null -> throw new AssertionError("no message under ticket " + ticket);
        }
    }

    /** Whether no message waits. */
    boolean isEmpty() {
        return ring.size() == 0;
    }

    private boolean hasWork() {
        return !isEmpty() || durable.getAcquire() != durableTaken || !reports.isEmpty();
    }

    private void wake() {
        if (asleep) {
            Thread sleeper = consumer;
            if (sleeper != null) {
                LockSupport.unpark(sleeper);
            }
        }
    }

    /**
     * How the pipeline thread waits: it says that it is asleep, looks once more, and parks. A
     * producer pays for an unpark only then.
     *
     * @param tickMs bounds the sleep, so that ticks go on and nothing that is due waits; asked each
     *     time
     */
    IdleStrategy idleStrategy(LongSupplier tickMs) {
        return new IdleStrategy() {
            @Override
            public void idle(int workCount) {
                if (workCount == 0) {
                    idle();
                }
            }

            @Override
            public void idle() {
                consumer = Thread.currentThread();
                asleep = true;
                try {
                    if (!hasWork()) {
                        LockSupport.parkNanos(
                                RequestRing.this,
                                TimeUnit.MILLISECONDS.toNanos(tickMs.getAsLong()));
                    }
                } finally {
                    asleep = false;
                }
            }

            @Override
            public void reset() {}
        };
    }
}
