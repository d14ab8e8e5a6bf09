package io.loomkeeper.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limit that a server on this machine can come near: one selector thread that answers every
 * request without thinking, if asked to with one fdatasync for all the writes of a turn.
 *
 * <pre>
 *   turn   select -> read each ready socket, answer into its buffer -> fdatasync -> write each buffer
 * </pre>
 *
 * <p>Any getData with a watch waits for the next setData of whatever node.
 */
final class NullServer implements Runnable, AutoCloseable {
    private static final int READ_BYTES = 1 << 22;
    private static final int FRAME_BYTES_MAX = 1 << 21;
    private static final int UNREAD_BYTES_MAX = 1 << 20;
    private static final int SELECT_TIMEOUT_MS = 1000;
    private static final byte[] NOTHING = {};

    private final ServerSocketChannel listener;
    private final Selector selector;
    private final @Nullable DiskBatch disk;
    private final CannedReplies replies = new CannedReplies();
    private final ByteBuffer shared = ByteBuffer.allocateDirect(READ_BYTES);
    private final List<Peer> touched = new ArrayList<>();
    private List<Peer> watchers = new ArrayList<>();
    private long sessionId = 1;

    private NullServer(ServerSocketChannel listener, @Nullable DiskBatch disk) throws IOException {
        this.listener = listener;
        this.disk = disk;
        selector = Selector.open();
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Listens at {@code address}; {@code disk} null: nothing is written to any. */
    static NullServer listen(InetSocketAddress address, @Nullable DiskBatch disk)
            throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        return new NullServer(listener.bind(address, 1024), disk);
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    /** Serves until closed. */
    @Override
    public void run() {
        try {
            while (selector.isOpen()) {
                selector.select(this::onReady, SELECT_TIMEOUT_MS);
                if (disk != null) {
                    disk.force();
                }
                for (int i = 0; i < touched.size(); i++) {
                    flush(touched.get(i));
                }
                touched.clear();
            }
        } catch (ClosedSelectorException _) {
            // closed while it waited
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SelectionKey key : List.copyOf(selector.keys())) {
            key.channel().close();
        }
        selector.close();
        if (disk != null) {
            disk.close();
        }
    }

    private void onReady(SelectionKey key) {
        if (key.isAcceptable()) {
            accept();
            return;
        }
        Peer peer = (Peer) key.attachment();
        try {
            touch(peer);
            if (key.isReadable()) {
                receive(peer);
            }
        } catch (IOException | IndexOutOfBoundsException _) {
            drop(peer);
        }
    }

    /**
     * All that wait: one a turn would make each wait for the disk as often as others came before.
     */
    private void accept() {
        try {
            for (SocketChannel channel = listener.accept();
                    channel != null;
                    channel = listener.accept()) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                key.attach(new Peer(key, channel));
            }
        } catch (IOException _) {
            // that client is gone again
        }
    }

    private void touch(Peer peer) {
        if (!peer.touched) {
            peer.touched = true;
            touched.add(peer);
        }
    }

    private void receive(Peer peer) throws IOException {
        shared.clear();
        shared.put(peer.carry);
        int count = peer.channel.read(shared);
        if (count < 0) {
            drop(peer);
            return;
        }
        shared.flip();
        int position = 0;
        while (shared.limit() - position >= Integer.BYTES) {
            int length = shared.getInt(position);
            if (length < CannedReplies.HEADER_BYTES || length > FRAME_BYTES_MAX) {
                drop(peer);
                return;
            }
            int start = position + Integer.BYTES;
            if (shared.limit() - start < length) {
                break;
            }
            onFrame(peer, start, start + length);
            position = start + length;
        }
        peer.carry = position == shared.limit() ? NOTHING : new byte[shared.limit() - position];
        shared.get(position, peer.carry);
    }

    private void onFrame(Peer peer, int start, int end) throws IOException {
        if (!peer.shaken) {
            peer.shaken = true;
            shakeHands(peer, start);
            return;
        }
        int type = shared.getInt(start + Integer.BYTES);
        if (disk != null && CannedReplies.isWrite(type)) {
            disk.add(shared, start, end - start);
        }
        if (type == Frames.SET_DATA) {
            notifyWatchers(start);
        }
        peer.reserve(replies.replyBytesMax(shared, start, end));
        replies.answer(shared, start, end, peer.out);
        if (type == Frames.GET_DATA && shared.get(end - 1) != 0) {
            watchers.add(peer);
        }
        peer.closing |= type == Frames.CLOSE_SESSION;
    }

    private void shakeHands(Peer peer, int start) throws IOException {
        if (disk != null) {
            disk.add(shared, start, CannedReplies.HEADER_BYTES);
        }
        int timeoutMs = shared.getInt(start + 12);
        peer.out.putInt(37).putInt(0).putInt(timeoutMs).putLong(sessionId++);
        peer.out.putInt(16).putLong(0).putLong(0).put((byte) 0);
    }

    private void notifyWatchers(int start) {
        if (watchers.isEmpty()) {
            return;
        }
        int pathAt = start + CannedReplies.HEADER_BYTES;
        byte[] path = new byte[Math.clamp(shared.getInt(pathAt), 0, FRAME_BYTES_MAX)];
        shared.get(pathAt + Integer.BYTES, path);
        List<Peer> fired = watchers;
        watchers = new ArrayList<>();
        for (Peer watcher : fired) {
            watcher.reserve(Long.BYTES * Integer.BYTES + path.length);
            replies.notifyChanged(path, watcher.out);
            touch(watcher);
        }
    }

    private void flush(Peer peer) {
        peer.touched = false;
        try {
            peer.out.flip();
            peer.channel.write(peer.out);
            peer.out.compact();
            boolean done = peer.out.position() == 0;
            if (done && peer.closing) {
                drop(peer);
                return;
            }
            int wanted =
                    (done ? 0 : SelectionKey.OP_WRITE)
                            | (peer.out.position() > UNREAD_BYTES_MAX ? 0 : SelectionKey.OP_READ);
            if (peer.key.interestOps() != wanted) {
                peer.key.interestOps(wanted);
            }
        } catch (IOException | CancelledKeyException _) {
            drop(peer);
        }
    }

    private static void drop(Peer peer) {
        peer.key.cancel();
        try {
            peer.channel.close();
        } catch (IOException _) {
            // it is gone either way
        }
    }

    /** One client. */
    private static final class Peer {
        private static final int OUT_BYTES = 1 << 12;

        private final SelectionKey key;
        private final SocketChannel channel;
        private ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
        private byte[] carry = NOTHING;
        private boolean shaken;
        private boolean closing;
        private boolean touched;

        Peer(SelectionKey key, SocketChannel channel) {
            this.key = key;
            this.channel = channel;
        }

        /** Makes room for {@code bytes} more. */
        void reserve(int bytes) {
            if (out.remaining() < bytes) {
                int wanted = Math.max(2 * out.capacity(), out.position() + bytes);
                out = ByteBuffer.allocateDirect(wanted).put(out.flip());
            }
        }
    }
}
