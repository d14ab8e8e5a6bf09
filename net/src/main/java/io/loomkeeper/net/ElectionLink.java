package io.loomkeeper.net;

import io.loomkeeper.net.wire.ElectionDecoder;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.NotificationCodec;
import io.loomkeeper.zab.Notification;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection between the election ports of two servers, with two virtual threads: one reads
 * notifications, one writes the newest that there is. Garbage ends the link, and nothing else (E9).
 */
final class ElectionLink {
    private static final Logger LOG = LoggerFactory.getLogger(ElectionLink.class);
    private static final int READ_BYTES = 4096;
    private static final int NO_TIMEOUT = Integer.MAX_VALUE;

    private final PeerSocket socket;
    private final ElectionPeer peer;
    private final ElectionDecoder decoder;
    private final Thread writer;
    private volatile boolean closed;

    ElectionLink(PeerSocket socket, ElectionPeer peer) {
        this(socket, peer, new ElectionDecoder());
    }

    /** One that was accepted, with what came behind the hello. */
    ElectionLink(PeerSocket socket, ElectionPeer peer, ElectionDecoder decoder) {
        this.socket = socket;
        this.peer = peer;
        this.decoder = decoder;
        writer =
                Thread.ofVirtual()
                        .name("election-" + peer.sid() + "-write")
                        .unstarted(this::runWriter);
    }

    void start() {
        Thread.ofVirtual().name("election-" + peer.sid() + "-read").start(this::runReader);
        writer.start();
    }

    void wake() {
        LockSupport.unpark(writer);
    }

    void close() {
        closed = true;
        socket.closeBeside();
        wake();
    }

    private void runReader() {
        byte[] bytes = new byte[READ_BYTES];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        try {
            int length = 0;
            while (length >= 0 && !closed) {
                decoder.receive(buffer, 0, length);
                deliver();
                length = socket.read(bytes, NO_TIMEOUT);
            }
        } catch (IOException e) {
            LOG.debug("election link to {} is down: {}", peer.sid(), e.toString());
        } catch (MalformedException e) {
            LOG.warn("election link to {} dropped: {}", peer.sid(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("election link to {} dropped: its reader failed", peer.sid(), e);
        } catch (Error e) {
            peer.home().ports().fatal().accept(e);
        } finally {
            close();
            peer.onBroken(this);
        }
    }

    private void deliver() throws MalformedException {
        for (Notification next = decoder.next(); next != null; next = decoder.next()) {
            Notification notification = next;
            peer.onHeard();
            peer.home().offer(sink -> sink.offerNotification(peer.sid(), notification));
        }
    }

    private void runWriter() {
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        JuteOutput out = new JuteOutput(buffer);
        try {
            while (!closed) {
                Notification next = peer.poll(this);
                if (next == null) {
                    LockSupport.park(this);
                    continue;
                }
                out.position(0);
                NotificationCodec.encode(next, out);
                socket.write(ByteBuffer.wrap(buffer.byteArray(), 0, out.position()));
            }
        } catch (IOException e) {
            LOG.debug("election link to {} cannot be written: {}", peer.sid(), e.toString());
        } catch (RuntimeException e) {
            LOG.error("election link to {} dropped: its writer failed", peer.sid(), e);
        } catch (Error e) {
            peer.home().ports().fatal().accept(e);
        } finally {
            close();
        }
    }
}
