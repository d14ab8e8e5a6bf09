package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.ConnectionStats;
import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.ResponseCodec;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Response;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection inside the process of its server: encodes the replies as a connection does,
 * counts them, and throws the bytes away when they would leave.
 */
final class InProcessClient implements ClientLink {
    private static final int TIMEOUT_MS = 40_000;

    private final long id;
    private final RequestRing ring;
    private final Mailbox mailbox;
    private final JuteOutput replies = new JuteOutput(new ExpandableArrayBuffer(1 << 14));
    private volatile long sessionId;

    /** Since the last wake. Pipeline thread only. */
    private int answered;

    /** What the clients of one thread share: how many of their requests are answered. */
    static final class Mailbox {
        private static final long LOOK_AGAIN_NS = TimeUnit.SECONDS.toNanos(1);

        private final AtomicLong answered = new AtomicLong();
        private volatile boolean asleep;
        private volatile @Nullable Thread sleeper;
        private volatile String refusal = "";

        long answered() {
            return answered.get();
        }

        /** What the first reply said that was an error; empty while there was none. */
        String refusal() {
            return refusal;
        }

        /** Waits until there are more than {@code seen}, or for a second. One thread only. */
        void awaitMoreThan(long seen) {
            sleeper = Thread.currentThread();
            asleep = true;
            try {
                if (answered.get() <= seen) {
                    LockSupport.parkNanos(this, LOOK_AGAIN_NS);
                }
            } finally {
                asleep = false;
            }
        }

        private void onAnswered(int count) {
            answered.set(answered.get() + count);
            if (asleep) {
                LockSupport.unpark(sleeper);
            }
        }

        private void refuse(String why) {
            if (refusal.isEmpty()) {
                refusal = why;
            }
        }
    }

    /**
     * @param mailbox all whose clients are of one server, so that one thread answers
     */
    InProcessClient(long id, RequestRing ring, Mailbox mailbox) {
        this.id = id;
        this.ring = ring;
        this.mailbox = mailbox;
    }

    /** Asks for a session; the answer counts as one. */
    void connect() {
        ExpandableArrayBuffer frame = new ExpandableArrayBuffer();
        JuteOutput out = new JuteOutput(frame);
        Handshake.encodeRequest(new ConnectRequest(0, TIMEOUT_MS, 0, null, false), out);
        int header = Integer.BYTES;
        if (!ring.offerConnect(this, frame, header, out.position() - header)) {
            throw new IllegalStateException("the ring is full");
        }
    }

    /** Puts a request into the ring; false when that is full. */
    boolean offer(DirectBuffer payload) {
        return ring.offer(this, System.nanoTime(), payload, 0, payload.capacity());
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public InetSocketAddress remote() {
        return InetSocketAddress.createUnresolved("client", 1);
    }

    @Override
    public List<AuthId> identities() {
        return List.of(AuthId.ANYONE);
    }

    @Override
    public long sessionId() {
        return sessionId;
    }

    /** Now, always: its session never ends. */
    @Override
    public long lastHeardMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public void connected(ConnectResponse response) {
        sessionId = response.sessionId();
        mailbox.onAnswered(1);
    }

    @Override
    public void refused(ConnectResponse response) {
        mailbox.refuse("no session");
    }

    @Override
    public void reply(Asked asked, long zxid, Response body) {
        ResponseCodec.encodeReply(asked.xid(), zxid, body, replies);
        if (body instanceof Response.Failed(var error)) {
            mailbox.refuse(asked.op() + ": " + error);
        }
        answered++;
    }

    @Override
    public void event(long zxid, EventType type, String path) {
        ResponseCodec.encodeEvent(zxid, type, path, replies);
    }

    @Override
    public void completed(int count) {}

    @Override
    public void wake() {
        replies.position(0);
        int count = answered;
        answered = 0;
        mailbox.onAnswered(count);
    }

    @Override
    public void closeAfterFlush() {
        close();
    }

    @Override
    public void close() {
        mailbox.refuse("the connection was closed");
    }

    @Override
    public ConnectionStats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resetStats() {}
}
