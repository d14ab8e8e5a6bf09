package io.loomkeeper.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * Sessions that live for a moment: each slot connects, shakes hands, sends closeSession, awaits its
 * answer, and starts over. One operation is all of that.
 *
 * <p>Sockets are reset and not shut down: a closed pair of ports would be blocked for a minute, and
 * there are only some 28,000.
 */
final class SessionChurn implements Worker {
    private static final int READ_BYTES = 1 << 12;
    private static final int SELECT_TIMEOUT_MS = 20;

    private final LoadPlan plan;
    private final Window window;
    private final Tally tally;
    private final byte[] connect = Frames.connect(LoadPlan.SESSION_TIMEOUT_MS);
    private final ByteBuffer close = Sessions.closeFrame();
    private final ByteBuffer shared = ByteBuffer.allocateDirect(READ_BYTES);
    private int live;

    SessionChurn(LoadPlan plan, Window window) {
        this.plan = plan;
        this.window = window;
        tally = new Tally(window, false);
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public void run() {
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < plan.shape().connections(); i++) {
                begin(selector, plan.serverOf(i));
            }
            while (live > 0 && !window.graceEndedBy(System.nanoTime())) {
                selector.select(this::onReady, SELECT_TIMEOUT_MS);
            }
            giveUpLive(selector);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sessions still open at the end of the grace. */
    private void giveUpLive(Selector selector) throws IOException {
        for (SelectionKey key : List.copyOf(selector.keys())) {
            if (key.isValid()) {
                tally.onUnanswered(((Slot) key.attachment()).startNs, System.nanoTime());
                key.channel().close();
            }
        }
    }

    private void begin(Selector selector, InetSocketAddress server) throws IOException {
        Slot slot = new Slot(server, System.nanoTime());
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, slot);
        live++;
        if (channel.connect(server)) {
            onConnected(key, channel);
        }
    }

    private void onReady(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                onConnected(key, channel);
            } else {
                receive(key, channel);
            }
        } catch (IOException e) {
            tally.onFailure("session: " + e.getMessage());
            discard(key);
        }
    }

    private void onConnected(SelectionKey key, SocketChannel channel) throws IOException {
        key.interestOps(SelectionKey.OP_READ);
        Sessions.writeFully(channel, ByteBuffer.wrap(connect));
    }

    private void receive(SelectionKey key, SocketChannel channel) throws IOException {
        Slot slot = (Slot) key.attachment();
        if (slot.reader.read(channel, shared) < 0) {
            throw new EOFException("the server closed the connection");
        }
        slot.reader.forEachFrame(shared, slot);
        if (slot.frames == 1 && !slot.closing) {
            slot.closing = true;
            Sessions.writeFully(channel, close.duplicate());
        } else if (slot.frames == 2) {
            long now = System.nanoTime();
            tally.onReply(slot.startNs, now, slot.err);
            discard(key);
            if (!window.endedBy(now)) {
                begin(key.selector(), slot.server);
            }
        }
    }

    private void discard(SelectionKey key) {
        live--;
        key.cancel();
        try {
            key.channel().close();
        } catch (IOException e) {
            tally.onFailure("closing: " + e.getMessage());
        }
    }

    /** How far one session is. */
    private static final class Slot implements FrameReader.Sink {
        private final InetSocketAddress server;
        private final long startNs;
        private final FrameReader reader = new FrameReader();
        private int frames;
        private boolean closing;
        private int err;

        Slot(InetSocketAddress server, long startNs) {
            this.server = server;
            this.startNs = startNs;
        }

        /** First the handshake, whose timeOut is the upper half of what stands for zxid. */
        @Override
        public void onFrame(int xid, long zxid, int errOfFrame) throws IOException {
            frames++;
            if (frames == 1 && (int) (zxid >>> Integer.SIZE) <= 0) {
                throw new IOException("the server refused the session");
            }
            if (frames == 2) {
                err = errOfFrame;
            }
        }
    }
}
