package io.loomkeeper.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What has come from one socket and is not consumed yet, cut into frames where it lies.
 *
 * <pre>
 *   0            start           end                 capacity
 *   | consumed   | received      | room              |
 *                | int length | payload … |
 * </pre>
 *
 * <p>Small while the connection is quiet. It doubles when the bytes received fill it, never because
 * of a length that was only announced, so it is at most twice as large as what was sent. It becomes
 * small again at the first quiet moment.
 */
final class FrameBuffer {
    /** {@link #next}: the frame is not all here. */
    static final int INCOMPLETE = -1;

    /** {@link #next}: no frame may have this length. */
    static final int ILLEGAL = -2;

    static final int QUIET_BYTES = 1024;

    private static final int BUSY_BYTES_MAX = 16 * 1024;
    private static final int QUIET_READ_BYTES = 256;
    private static final int READ_BYTES_MAX = 64 * 1024;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private int start;
    private int end;
    private int lastRead;
    private int offset;

    FrameBuffer() {
        allocate(QUIET_BYTES);
    }

    /** Where frames lie; may be another buffer after each {@link #receive}. */
    DirectBuffer buffer() {
        return buffer;
    }

    int capacity() {
        return bytes.capacity();
    }

    /** Bytes received and not consumed. */
    int available() {
        return end - start;
    }

    /** Waits for bytes; false at the end of the stream. Invalidates the frame at hand. */
    boolean receive(ReadableByteChannel channel) throws IOException {
        if (start == end) {
            onDrained();
        } else if (end == capacity() || (start > 0 && end > capacity() / 4 * 3)) {
            makeRoom();
        }
        assert end < capacity() : end;
        bytes.clear().position(end).limit(end + Math.min(capacity() - end, READ_BYTES_MAX));
        lastRead = channel.read(bytes);
        end = bytes.position();
        return lastRead >= 0;
    }

    /** Whether the last read left no room: there is more where that came from. */
    boolean wasFilled() {
        return end == capacity();
    }

    /**
     * The length of the next frame's payload, which starts at {@link #offset} and is consumed with
     * this call; or INCOMPLETE, or ILLEGAL when it is negative or longer than {@code bytesMax}.
     */
    int next(int bytesMax) {
        if (available() < Integer.BYTES) {
            return INCOMPLETE;
        }
        int length = peekInt();
        if (length < 0 || length > bytesMax) {
            return ILLEGAL;
        }
        if (available() - Integer.BYTES < length) {
            return INCOMPLETE;
        }
        offset = start + Integer.BYTES;
        start = offset + length;
        return length;
    }

    int offset() {
        return offset;
    }

    /** The first byte available, which the caller has seen to be there. */
    int peekByte() {
        assert available() >= 1;
        return buffer.getByte(start);
    }

    /** The first four bytes available, which the caller has seen to be there. */
    int peekInt() {
        assert available() >= Integer.BYTES;
        return buffer.getInt(start, ByteOrder.BIG_ENDIAN);
    }

    /** The first eight bytes available from {@code index} on; the caller has seen them there. */
    long peekLong(int index) {
        assert available() >= index + Long.BYTES;
        return buffer.getLong(start + index, ByteOrder.BIG_ENDIAN);
    }

    /** Consumes all that is here; the stream has a copy. */
    InputStream takeAll() {
        byte[] copy = Arrays.copyOfRange(bytes.array(), start, end);
        discard();
        return new ByteArrayInputStream(copy);
    }

    /** Consumes all that is here, unseen. */
    void discard() {
        start = end;
    }

    /** A read that filled the buffer says busy, one that brought next to nothing says quiet. */
    private void onDrained() {
        int capacity = capacity();
        if (lastRead == capacity && capacity < BUSY_BYTES_MAX) {
            allocate(2 * capacity);
        } else if (capacity > BUSY_BYTES_MAX
                || (capacity > QUIET_BYTES && lastRead < QUIET_READ_BYTES)) {
            allocate(QUIET_BYTES);
        }
        start = 0;
        end = 0;
    }

    /** The buffer is filled with part of a frame, perhaps behind consumed ones. */
    private void makeRoom() {
        byte[] from = bytes.array();
        int received = available();
        if (start == 0) {
            long frame = Integer.BYTES + (long) peekInt();
            allocate((int) Math.min(2L * from.length, Math.max(frame, from.length + 1L)));
        }
        System.arraycopy(from, start, bytes.array(), 0, received);
        start = 0;
        end = received;
    }

    private void allocate(int capacity) {
        byte[] array = new byte[capacity];
        bytes = ByteBuffer.wrap(array);
        buffer.wrap(array);
    }
}
