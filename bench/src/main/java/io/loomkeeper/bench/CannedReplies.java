package io.loomkeeper.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Answers that cost next to nothing to make and have the shape and size of real ones.
 *
 * <p>It keeps no tree. It remembers the size of the value that was last written by anybody, and how
 * many nodes were created and not deleted: getData answers with as many bytes, getChildren with as
 * many names, less the one for the parent.
 */
final class CannedReplies {
    /** Bytes of a request's xid and type. */
    static final int HEADER_BYTES = 8;

    private static final int STAT_BYTES = 68;
    private static final int STAT_LENGTH_AT = 52;
    private static final int HEAD_BYTES = 20;
    private static final int MULTI_HEADER_BYTES = 9;
    private static final int MULTI_GROWTH = 4;
    private static final int NODE_DATA_CHANGED = 3;
    private static final int SYNC_CONNECTED = 3;
    private static final byte[] CHILD = "n00000000".getBytes(StandardCharsets.US_ASCII);

    private byte[] value = {};
    private int liveNodes;
    private int namedNodes = -1;
    private byte[] names = {};
    private long zxid;

    /** Whether {@code type} has to be on disk before it is answered. */
    static boolean isWrite(int type) {
        return switch (type) {
            case Frames.CREATE,
                    Frames.DELETE,
                    Frames.SET_DATA,
                    Frames.MULTI,
                    Frames.CLOSE_SESSION ->
                    true;
            default -> false;
        };
    }

    /** How long the answer to the request whose payload is there can be at most. */
    int replyBytesMax(ByteBuffer in, int start, int end) {
        int bytes = HEAD_BYTES + Integer.BYTES + STAT_BYTES;
        return switch (in.getInt(start + Integer.BYTES)) {
            case Frames.GET_DATA -> bytes + value.length;
            case Frames.GET_CHILDREN -> bytes + liveNodes * (Integer.BYTES + CHILD.length);
            default -> bytes + MULTI_GROWTH * (end - start);
        };
    }

    /**
     * Appends the whole frame of the answer.
     *
     * @param in the request's payload from {@code start} to {@code end}
     * @throws IndexOutOfBoundsException when the payload is not what its type promises
     */
    void answer(ByteBuffer in, int start, int end, ByteBuffer out) {
        int type = in.getInt(start + Integer.BYTES);
        int frame = out.position();
        if (isWrite(type)) {
            zxid++;
        }
        out.putInt(0).putInt(in.getInt(start)).putLong(zxid).putInt(0);
        int body = start + HEADER_BYTES;
        switch (type) {
            case Frames.CREATE -> {
                liveNodes++;
                int afterPath = afterVar(in, body, end);
                rememberValue(in, afterPath, end);
                out.put(out.position(), in, body, afterPath - body);
                out.position(out.position() + afterPath - body);
            }
            case Frames.DELETE -> liveNodes = Math.max(0, liveNodes - 1);
            case Frames.SET_DATA -> {
                rememberValue(in, afterVar(in, body, end), end);
                stat(out);
            }
            case Frames.EXISTS -> stat(out);
            case Frames.GET_DATA -> {
                out.putInt(value.length).put(value);
                stat(out);
            }
            case Frames.GET_CHILDREN -> children(out);
            case Frames.MULTI -> multi(in, body, end, out);
            default -> {
                // an empty body will do for all others
            }
        }
        out.putInt(frame, out.position() - frame - Integer.BYTES);
    }

    /** Appends a notification that the data of the node at {@code path} changed. */
    void notifyChanged(byte[] path, ByteBuffer out) {
        out.putInt(HEAD_BYTES + 2 * Integer.BYTES + path.length);
        out.putInt(Frames.NOTIFICATION_XID).putLong(zxid).putInt(0);
        out.putInt(NODE_DATA_CHANGED).putInt(SYNC_CONNECTED).putInt(path.length).put(path);
    }

    /** Per op its type and a Stat: every op is taken for a setData. */
    private void multi(ByteBuffer in, int start, int end, ByteBuffer out) {
        int at = start;
        while (end - at > MULTI_HEADER_BYTES && in.get(at + Integer.BYTES) == 0) {
            int path = at + MULTI_HEADER_BYTES;
            int data = afterVar(in, path, end);
            rememberValue(in, data, end);
            out.putInt(in.getInt(at)).put((byte) 0).putInt(0);
            stat(out);
            at = afterVar(in, data, end) + Integer.BYTES;
        }
        out.putInt(-1).put((byte) 1).putInt(-1);
    }

    private void children(ByteBuffer out) {
        int count = Math.max(0, liveNodes - 1);
        if (namedNodes != count) {
            ByteBuffer list = ByteBuffer.allocate(Integer.BYTES + count * (4 + CHILD.length));
            list.putInt(count);
            for (int i = 0; i < count; i++) {
                list.putInt(CHILD.length).put(CHILD);
            }
            names = list.array();
            namedNodes = count;
        }
        out.put(names);
    }

    private void stat(ByteBuffer out) {
        int start = out.position();
        for (int i = 0; i < STAT_BYTES; i += Integer.BYTES) {
            out.putInt(0);
        }
        out.putLong(start, zxid);
        out.putInt(start + STAT_LENGTH_AT, value.length);
    }

    private void rememberValue(ByteBuffer in, int lengthAt, int end) {
        int length = afterVar(in, lengthAt, end) - lengthAt - Integer.BYTES;
        if (length != value.length) {
            value = new byte[length];
            Arrays.fill(value, (byte) 'v');
        }
    }

    /** Index behind the string or buffer that begins at {@code lengthAt}. */
    private static int afterVar(ByteBuffer in, int lengthAt, int end) {
        int length = Math.max(0, in.getInt(lengthAt));
        return lengthAt + Integer.BYTES + Objects.checkIndex(length, end - lengthAt);
    }
}
