package io.loomkeeper.bench;

import io.loomkeeper.net.wire.JuteOutput;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One session that writes to one server, one write after the other with a pause between, whatever
 * happens there. A connection that breaks is made again with the same session every few
 * milliseconds, and the write is sent again, so the client adds next to nothing to an outage.
 */
final class SteadyWriter implements AutoCloseable {
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final int CONNECT_TIMEOUT_MS = 1_000;
    private static final int ANSWER_TIMEOUT_MS = 20_000;
    private static final int PASSWD_BYTES = 16;
    private static final int ZXID_AT = 4;
    private static final int ERR_AT = 12;

    private final InetSocketAddress server;
    private final Template write;
    private final int nodes;
    private final long pauseNs;
    private final SplittableRandom random = new SplittableRandom();
    private final List<Ack> acks = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable SocketChannel channel;

    // Of the session, which outlives connections.
    private long sessionId;
    private byte[] passwd = new byte[PASSWD_BYTES];
    private long lastZxid;
    private int xid;

    /**
     * A write that was acknowledged.
     *
     * @param sentNs when it was sent, for the first time if more than once
     */
    record Ack(long sentNs, long ackedNs, long zxid) {
        int epoch() {
            return epochOf(zxid);
        }

        static int epochOf(long zxid) {
            return (int) (zxid >>> 32);
        }
    }

    private SteadyWriter(InetSocketAddress server, Template write, int nodes, long pauseNs) {
        this.server = server;
        this.write = write;
        this.nodes = nodes;
        this.pauseNs = pauseNs;
        this.thread = Thread.ofPlatform().name("writer").daemon().start(this::run);
    }

    /**
     * @param write has one numbered path
     * @param nodes the numbers are below this
     */
    static SteadyWriter start(InetSocketAddress server, Template write, int nodes, long pauseNs) {
        return new SteadyWriter(server, write, nodes, pauseNs);
    }

    /** All since then, in order. */
    List<Ack> acksSince(long timeNs) {
        synchronized (acks) {
            int first = acks.size();
            while (first > 0 && acks.get(first - 1).ackedNs() - timeNs >= 0) {
                first--;
            }
            return List.copyOf(acks.subList(first, acks.size()));
        }
    }

    /** Of the newest write that was acknowledged; 0 before there is one. */
    long newestZxid() {
        synchronized (acks) {
            return acks.isEmpty() ? 0 : acks.getLast().zxid();
        }
    }

    private void run() {
        long sentNs = 0;
        while (!closed) {
            try (SocketChannel opened = open()) {
                channel = opened;
                InputStream in = opened.socket().getInputStream();
                while (!closed) {
                    sentNs = sentNs == 0 ? System.nanoTime() : sentNs;
                    long zxid = writeOnce(opened, in);
                    synchronized (acks) {
                        acks.add(new Ack(sentNs, System.nanoTime(), zxid));
                    }
                    sentNs = 0;
                    LockSupport.parkNanos(pauseNs);
                }
            } catch (IOException _) {
                LockSupport.parkNanos(RETRY_NS);
            }
        }
    }

    private long writeOnce(SocketChannel opened, InputStream in) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(write.length());
        write.append(frame, ++xid);
        write.patch(frame, 0, random.nextInt(nodes));
        Sessions.writeFully(opened, frame.flip());
        ByteBuffer reply = Sessions.readFrame(in);
        if (reply.getInt(0) != xid || reply.getInt(ERR_AT) != 0) {
            throw new IOException("error " + reply.getInt(ERR_AT));
        }
        lastZxid = reply.getLong(ZXID_AT);
        return lastZxid;
    }

    /** A connection of the session, or of a new one when that is gone. */
    private SocketChannel open() throws IOException {
        SocketChannel opened = SocketChannel.open();
        try {
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            opened.socket().connect(server, CONNECT_TIMEOUT_MS);
            opened.socket().setSoTimeout(ANSWER_TIMEOUT_MS);
            Sessions.writeFully(opened, ByteBuffer.wrap(connectFrame()));
            takeSession(Sessions.readFrame(opened.socket().getInputStream()));
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    private byte[] connectFrame() {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        int frame = out.beginFrame();
        out.writeInt(0);
        out.writeLong(lastZxid);
        out.writeInt(LoadPlan.SESSION_TIMEOUT_MS);
        out.writeLong(sessionId);
        out.writeBytes(passwd, 0, PASSWD_BYTES);
        out.writeBool(false);
        out.endFrame(frame);
        byte[] bytes = new byte[out.position()];
        out.buffer().getBytes(0, bytes);
        return bytes;
    }

    /** int protocolVersion, int timeOut, long sessionId, buffer passwd. */
    private void takeSession(ByteBuffer reply) throws IOException {
        reply.getInt();
        if (reply.getInt() <= 0) {
            sessionId = 0;
            passwd = new byte[PASSWD_BYTES];
            throw new IOException("the session is gone");
        }
        sessionId = reply.getLong();
        passwd = new byte[PASSWD_BYTES];
        if (reply.getInt() != PASSWD_BYTES) {
            throw new IOException("a password of another length");
        }
        reply.get(passwd);
    }

    /** Its session is left to expire. */
    @Override
    public void close() {
        closed = true;
        SocketChannel open = channel;
        try {
            if (open != null) {
                open.close();
            }
            thread.join();
        } catch (IOException _) {
            // it is closed by its own thread
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
