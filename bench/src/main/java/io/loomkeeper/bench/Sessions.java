package io.loomkeeper.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Opens and closes sessions one after the other, blocking, with a time limit on each wait. */
final class Sessions {
    private static final int CONNECT_TIMEOUT_MS = 10_000;
    private static final int REPLY_TIMEOUT_MS = 30_000;
    private static final int CLOSE_TIMEOUT_MS = 20_000;
    private static final int TIMEOUT_AT = 8;

    private Sessions() {}

    /**
     * Connects and shakes hands.
     *
     * @return a channel in blocking mode, its new session established
     * @throws IOException when that fails, the server's address in its message
     */
    static SocketChannel open(InetSocketAddress server, int sessionTimeoutMs) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(server, CONNECT_TIMEOUT_MS);
            writeFully(channel, ByteBuffer.wrap(Frames.connect(sessionTimeoutMs)));
            channel.socket().setSoTimeout(REPLY_TIMEOUT_MS);
            ByteBuffer reply = readFrame(channel.socket().getInputStream());
            if (reply.limit() < TIMEOUT_AT || reply.getInt(Integer.BYTES) <= 0) {
                throw new IOException("the server refused the session");
            }
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new IOException(server + ": " + e.getMessage(), e);
        }
    }

    /** Closes the sessions of channels with nothing in flight, then the channels. */
    static void close(List<SocketChannel> channels) {
        ByteBuffer close = closeFrame();
        for (SocketChannel channel : channels) {
            try {
                channel.configureBlocking(true);
                writeFully(channel, close.duplicate());
            } catch (IOException _) {
                // the server was quicker; it is closed below all the same
            }
        }
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_TIMEOUT_MS);
        for (SocketChannel channel : channels) {
            try (channel) {
                awaitEnd(channel, deadlineNs);
            } catch (IOException _) {
                // ended in another way
            }
        }
    }

    static ByteBuffer closeFrame() {
        Template close = Frames.closeSession();
        ByteBuffer frame = ByteBuffer.allocate(close.length());
        close.append(frame, 0);
        return frame.flip();
    }

    static void writeFully(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** The payload of the next frame. */
    static ByteBuffer readFrame(InputStream in) throws IOException {
        int length = ByteBuffer.wrap(readFully(in, Integer.BYTES)).getInt();
        if (length < 0 || length > 1 << 26) {
            throw new IOException("a frame of " + length + " bytes from the server");
        }
        return ByteBuffer.wrap(readFully(in, length));
    }

    private static byte[] readFully(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the server closed the connection");
        }
        return bytes;
    }

    private static void awaitEnd(SocketChannel channel, long deadlineNs) throws IOException {
        InputStream in = channel.socket().getInputStream();
        byte[] ignored = new byte[1024];
        int count = 0;
        while (count >= 0) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
            if (leftMs <= 0) {
                throw new SocketTimeoutException("the server keeps the connection open");
            }
            channel.socket().setSoTimeout((int) leftMs);
            count = in.read(ignored);
        }
    }
}
