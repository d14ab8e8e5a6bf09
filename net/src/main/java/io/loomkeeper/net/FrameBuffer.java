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
 * <p>Small while the connection is quiet. It doubles when a read fills it, never because of a
 * length that was only announced, so it is at most twice as large as what was sent. It becomes
 * small again when reads bring next to nothing.
 */
final class FrameBuffer {
    /** {@link #next}: the frame is not all here. */
    static final int INCOMPLETE = -1;

    /** {@link #next}: no frame may have this length. */
    static final int ILLEGAL = -2;

    static final int QUIET_BYTES = 1024;

    private static final int BUSY_BYTES_MAX = 32 * 1024;
    private static final int QUIET_READ_BYTES = 256;

    /** A burst may end with a small read; it takes another one to be quiet. */
    private static final int QUIET_READS = 2;

    private static final int READ_BYTES_MAX = 64 * 1024;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private int start;
    private int end;
    private int quietReads;
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
        makeRoom();
        assert end < capacity() : end;
        bytes.clear().position(end).limit(end + Math.min(capacity() - end, READ_BYTES_MAX));
        int read = channel.read(bytes);
        end = bytes.position();
        quietReads = read < QUIET_READ_BYTES ? quietReads + 1 : 0;
        return read >= 0;
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

    private void makeRoom() {
        if (wasFilled() && capacity() < BUSY_BYTES_MAX) {
            moveTo(2 * capacity());
        } else if (start == end) {
            onDrained();
        } else if (wasFilled() && start == 0) {
            moveTo((int) Math.min(2L * capacity(), Integer.BYTES + (long) peekInt()));
        } else if (end > capacity() / 4 * 3) {
            moveTo(capacity());
        }
    }

    private void onDrained() {
        int wanted = quietReads < QUIET_READS ? Math.min(capacity(), BUSY_BYTES_MAX) : QUIET_BYTES;
        if (wanted < capacity()) {
            allocate(wanted);
        }
        start = 0;
        end = 0;
    }

    /** Puts what is received to the front, in another array if this one has another length. */
    private void moveTo(int capacity) {
        byte[] from = bytes.array();
        int received = available();
        if (capacity != from.length) {
            allocate(capacity);
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
