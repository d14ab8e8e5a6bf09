package io.loomkeeper.net;

import io.loomkeeper.net.LinkQueue.History;
import io.loomkeeper.net.LinkQueue.Item;
import io.loomkeeper.net.LinkQueue.Packet;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.QuorumCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.zab.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one quorum link sends. As a rule its thread encodes and writes what is in the queue, for as
 * long as the other end takes to read it. A few short messages the pipeline sends itself, if the
 * thread is not at it and the socket takes them at once (docs/adr/0015-prompt-replies.md). Whoever
 * does either has the turn meanwhile, so the order stays.
 */
final class QuorumWriter {
    private static final Logger LOG = LoggerFactory.getLogger(QuorumWriter.class);

    private static final int CHUNK_BYTES = 64 << 10;
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private final QuorumLink link;
    private final LinkQueue queue;
    private final LinkTraffic traffic;
    private final PeerPorts ports;
    private final ReentrantLock turn = new ReentrantLock();

    private volatile @Nullable PromptSend prompt;

    /** What was given to the socket. Written by whoever has the turn. */
    private volatile long writtenBytes;

    // All below belongs to whoever has the turn.
    private ExpandableArrayBuffer chunk = new ExpandableArrayBuffer(1024);
    private JuteOutput out = new JuteOutput(chunk);

    /** So much of the chunk has left. */
    private int sent;

    private long givenBytes;
    private long progressNs;

    QuorumWriter(QuorumLink link, LinkQueue queue, LinkTraffic traffic, PeerPorts ports) {
        this.link = link;
        this.queue = queue;
        this.traffic = traffic;
        this.ports = ports;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    /** The link's writing thread, from the moment on at which the other end is known. */
    void run(PeerSocket socket) {
        prompt = socket.prompt();
        try {
            while (!link.isShut()) {
                writeWaiting(socket);
                LockSupport.park(this);
            }
        } catch (IOException | UncheckedIOException e) {
            link.breakOff("cannot be written: " + e.getMessage());
        } catch (RuntimeException e) {
            onFailed(e);
        } catch (Error e) {
            ports.fatal().accept(e);
        }
    }

    private void onFailed(RuntimeException e) {
        LOG.error("quorum link {} dropped: its writer failed", link.id(), e);
        link.breakOff("its writer failed");
    }

    /** The last look into the queue says that this thread waits. */
    private void writeWaiting(PeerSocket socket) throws IOException {
        turn.lock();
        try {
            for (Item item = queue.poll();
                    item != null || out.position() > 0;
                    item = queue.poll()) {
                if (item == null) {
                    flush(socket);
                } else {
                    write(item, socket);
                }
            }
        } finally {
            turn.unlock();
        }
    }

    /** Pipeline: sees to it that what is in the queue leaves. */
    void sendOrWake() {
        PromptSend socket = prompt;
        if (socket == null || !sendPromptly(socket)) {
            queue.wake();
        }
    }

    /** False when there is something left for the thread. */
    private boolean sendPromptly(PromptSend socket) {
        if (!turn.tryLock()) {
            return false;
        }
        try {
            return out.position() == 0 && queue.isShort() && sendShort(socket);
        } catch (RuntimeException e) {
            onFailed(e);
            return true;
        } finally {
            turn.unlock();
        }
    }

    private boolean sendShort(PromptSend socket) {
        for (Packet packet = queue.pollShort(); packet != null; packet = queue.pollShort()) {
            maybeMeasure();
            encode(packet.message());
        }
        int length = out.position();
        if (length > 0) {
            sent = socket.send(chunk.byteArray(), 0, length);
            onGiven(sent);
            if (sent < length) {
                return false;
            }
            clear();
        }
        return queue.isEmpty();
    }

    private void write(Item item, PeerSocket socket) throws IOException {
        maybeMeasure();
        switch (item) {
            case Packet(Message.Snap snap) -> {
                encode(snap);
                flush(socket);
                imageOf(snap).write((source, from, length) -> put(source, from, length, socket));
            }
            case Packet(Message.UpToDate upToDate) -> {
                encode(upToDate);
                flush(socket);
                link.onUpToDate();
            }
            case Packet(Message message) -> encode(message);
            case History(var afterZxid, var lastZxid) ->
                    ports.history()
                            .read(
                                    afterZxid,
                                    lastZxid,
                                    (zxid, txn, from, length) ->
                                            writeTxn(zxid, txn, from, length, socket));
        }
        maybeFlush(socket);
    }

    private void encode(Message message) {
        int start = out.position();
        QuorumCodec.encode(message, out);
        traffic.onSent(QuorumCodec.zxid(chunk, start));
    }

    private static TreeImage imageOf(Message.Snap snap) {
        if (snap.image() instanceof TreeImage image) {
            return image;
        }
        throw new AssertionError("no image of a tree: " + snap.image());
    }

    private void put(DirectBuffer source, int offset, int length, PeerSocket socket) {
        try {
            out.position(0);
            chunk.putBytes(0, source, offset, length);
            out.position(length);
            flush(socket);
            progressNs = link.maybeProgress(progressNs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeTxn(long zxid, DirectBuffer buffer, int offset, int length, PeerSocket socket)
            throws IOException {
        QuorumCodec.encodeProposal(zxid, buffer, offset, length, out);
        traffic.onSent(zxid);
        encode(new Message.Commit(zxid));
        maybeFlush(socket);
        progressNs = link.maybeProgress(progressNs);
    }

    private void maybeFlush(PeerSocket socket) throws IOException {
        if (out.position() >= CHUNK_BYTES) {
            flush(socket);
        }
    }

    /** What a learner is sent, is measured once for each write. */
    private void maybeMeasure() {
        long sid = link.learnerSid();
        if (sid >= 0 && out.position() == 0) {
            ports.meter().onDrained(sid, queue.waiting().packets());
            long waitedNs = queue.takeWaitedNs();
            if (waitedNs >= 0) {
                ports.meter().onWaited(sid, waitedNs);
            }
        }
    }

    private void flush(PeerSocket socket) throws IOException {
        if (link.isShut()) {
            throw new IOException("closed");
        }
        int length = out.position() - sent;
        socket.write(ByteBuffer.wrap(chunk.byteArray(), sent, length));
        onGiven(length);
        clear();
    }

    private void onGiven(int bytes) {
        givenBytes += bytes;
        writtenBytes = givenBytes;
    }

    private void clear() {
        sent = 0;
        out.position(0);
        if (chunk.capacity() > KEPT_BYTES_MAX) {
            chunk = new ExpandableArrayBuffer(CHUNK_BYTES);
            out = new JuteOutput(chunk);
        }
    }
}
