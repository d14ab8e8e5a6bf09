package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Cuts what a server sends on one connection into frames and reads no more of each than its head.
 *
 * <pre>
 *   0  int length       of all that follows
 *   4  int xid          -1 in notifications
 *   8  long zxid
 *  16  int err
 *  20  body             passed over
 * </pre>
 *
 * <p>The answer to a handshake has no such head, but enough bytes for one: its int protocolVersion
 * (0), int timeOut and long sessionId fall on xid, zxid and err.
 */
final class FrameReader {
    private static final int HEAD_BYTES = 20;
    private static final int FRAME_BYTES_MAX = 1 << 30;

    private final byte[] carry = new byte[HEAD_BYTES];
    private int carried;
    private int skip;

    /** Is told of each frame. */
    interface Sink {
        void onFrame(int xid, long zxid, int err) throws IOException;
    }

    /**
     * Reads once.
     *
     * @param shared used by one connection at a time: nothing in it is kept
     * @return bytes read, -1 at the end of the stream
     */
    int read(SocketChannel channel, ByteBuffer shared) throws IOException {
        shared.clear();
        shared.put(carry, 0, carried);
        int count = channel.read(shared);
        shared.flip();
        return count;
    }

    /** Tells {@code sink} of all frames whose head is there after {@link #read}. */
    void forEachFrame(ByteBuffer shared, Sink sink) throws IOException {
        int limit = shared.limit();
        int position = skip;
        while (limit - position >= HEAD_BYTES) {
            int length = shared.getInt(position);
            if (length < HEAD_BYTES - Integer.BYTES || length > FRAME_BYTES_MAX) {
                throw new IOException("a frame of " + length + " bytes from the server");
            }
            sink.onFrame(
                    shared.getInt(position + 4),
                    shared.getLong(position + 8),
                    shared.getInt(position + 16));
            position += Integer.BYTES + length;
        }
        skip = Math.max(0, position - limit);
        carried = Math.max(0, limit - position);
        if (carried > 0) {
            shared.get(position, carry, 0, carried);
        }
    }
}
