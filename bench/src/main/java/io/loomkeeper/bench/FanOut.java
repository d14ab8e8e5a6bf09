package io.loomkeeper.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * One node, many watchers: all of them read it with a watch, then one session sets it, then all are
 * notified, and so on. One operation is the set up to the last notification.
 */
final class FanOut implements Worker, FrameReader.Sink {
    private static final int READ_BYTES = 1 << 16;
    private static final int SELECT_TIMEOUT_MS = 20;

    private final SocketChannel writer;
    private final List<SocketChannel> watchers;
    private final Window window;
    private final Tally tally;
    private final ByteBuffer shared = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteBuffer watch;
    private final ByteBuffer set;
    private int repliesDue;
    private int notificationsDue;
    private int err;

    /** Channels with an established session each, which this makes non-blocking. */
    FanOut(SocketChannel writer, List<SocketChannel> watchers, Window window, Frame frames) {
        this.writer = writer;
        this.watchers = watchers;
        this.window = window;
        tally = new Tally(window, false);
        watch = frames.watch();
        set = frames.set();
    }

    /** What watchers and writer send. */
    record Frame(ByteBuffer watch, ByteBuffer set) {
        static Frame of(String path, byte[] value) {
            return new Frame(once(Frames.getData(path, true)), once(Frames.setData(path, value)));
        }

        private static ByteBuffer once(Template template) {
            ByteBuffer frame = ByteBuffer.allocateDirect(template.length());
            template.append(frame, 0);
            return frame.flip();
        }
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public void run() {
        try (Selector selector = Selector.open()) {
            register(selector, writer);
            for (SocketChannel watcher : watchers) {
                register(selector, watcher);
            }
            while (!window.endedBy(System.nanoTime()) && cycle(selector)) {
                // the window is not full yet
            }
            selector.keys().forEach(SelectionKey::cancel);
            selector.selectNow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onFrame(int xid, long zxid, int errOfFrame) {
        if (xid == Frames.NOTIFICATION_XID) {
            notificationsDue--;
        } else {
            repliesDue--;
            err = errOfFrame == 0 ? err : errOfFrame;
        }
    }

    /** Whether all came that was due. */
    private boolean cycle(Selector selector) throws IOException {
        err = 0;
        repliesDue = watchers.size();
        for (SocketChannel watcher : watchers) {
            Sessions.writeFully(watcher, watch.duplicate());
        }
        if (!await(selector)) {
            return false;
        }
        long startNs = System.nanoTime();
        repliesDue = 1;
        notificationsDue = watchers.size();
        Sessions.writeFully(writer, set.duplicate());
        if (!await(selector)) {
            tally.onUnanswered(startNs, System.nanoTime());
            return false;
        }
        tally.onReply(startNs, System.nanoTime(), err);
        return true;
    }

    private boolean await(Selector selector) throws IOException {
        while (repliesDue > 0 || notificationsDue > 0) {
            if (window.graceEndedBy(System.nanoTime())) {
                tally.onFailure(
                        "%d replies and %d notifications never came"
                                .formatted(repliesDue, notificationsDue));
                return false;
            }
            selector.select(this::onReady, SELECT_TIMEOUT_MS);
        }
        return true;
    }

    private void onReady(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        FrameReader reader = (FrameReader) key.attachment();
        try {
            if (reader.read(channel, shared) < 0) {
                throw new EOFException("the server closed the connection");
            }
            reader.forEachFrame(shared, this);
        } catch (IOException e) {
            key.cancel();
            tally.onFailure("connection lost: " + e.getMessage());
        }
    }

    private void register(Selector selector, SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, new FrameReader());
    }
}
