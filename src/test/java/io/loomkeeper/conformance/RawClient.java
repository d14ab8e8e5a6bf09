package io.loomkeeper.conformance;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One connection that speaks frames and knows nothing of their meaning. A thread of its own takes
 * in what the server sends, so that a deep pipeline never stands still because both ends write.
 */
final class RawClient implements AutoCloseable {
    private static final int REPLY_WITHIN_SECONDS = 20;
    private static final byte[] END = new byte[0];

    private final Socket socket;
    private final OutputStream out;
    private final LinkedBlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    private boolean ended;

    RawClient(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            out = socket.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::receive);
    }

    private void receive() {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16))) {
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                received.add(frame);
            }
        } catch (IOException _) {
            received.add(END);
        }
    }

    /** Sends each frame with its length before it, all in one write. */
    void send(List<byte[]> frames) {
        FrameOut all = new FrameOut();
        frames.forEach(all::buffer);
        sendRaw(all.bytes());
    }

    /** Sends bytes as they are. */
    void sendRaw(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException _) {
            // the server has closed: the receiving side says so
        }
    }

    /**
     * The next frame, or an empty array once the server has closed.
     *
     * @throws SilentServer when nothing comes for a long time
     */
    byte[] take() {
        if (ended) {
            return END;
        }
        try {
            byte[] frame = received.poll(REPLY_WITHIN_SECONDS, SECONDS);
            if (frame == null) {
                throw new SilentServer();
            }
            ended = frame == END;
            return frame;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Nothing came from a server that owed a frame. */
    static final class SilentServer extends RuntimeException {
        private static final long serialVersionUID = 1;

        SilentServer() {
            super("no frame within " + REPLY_WITHIN_SECONDS + " s");
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
