package io.loomkeeper.net.wire;

import io.loomkeeper.tree.Bytes;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads Jute values, one after the other, from a slice of a buffer (protocol 1).
 *
 * <pre>
 *   boolean  1 byte, any non-zero is true
 *   int      4 bytes, big-endian
 *   long     8 bytes, big-endian
 *   ustring  int length, then UTF-8; length -1 is null
 *   buffer   int length, then bytes; length -1 is null
 *   vector   int count, then elements; count -1 is null
 * </pre>
 *
 * <p>Every length and count is checked against the bytes that are there before anything is
 * allocated for it, so a frame can cost no more memory than it has bytes. What does not fit is a
 * {@link MalformedException}. Bytes after the last value read are nobody's concern: that is how the
 * protocol grows.
 *
 * <p>Reusable, not thread-safe; nothing it returns refers to the buffer.
 */
public final class JuteInput {
    private DirectBuffer buffer = new UnsafeBuffer(0, 0);
    private int position;
    private int limit;

    /** Starts over on {@code length} bytes of {@code source} from {@code offset}. */
    public JuteInput wrap(DirectBuffer source, int offset, int length) {
        source.boundsCheck(offset, length);
        buffer = source;
        position = offset;
        limit = offset + length;
        return this;
    }

    /** Bytes not read yet. */
    public int remaining() {
        return limit - position;
    }

    public boolean readBool() throws MalformedException {
        return buffer.getByte(advance(1)) != 0;
    }

    public int readInt() throws MalformedException {
        return buffer.getInt(advance(Integer.BYTES), ByteOrder.BIG_ENDIAN);
    }

    public long readLong() throws MalformedException {
        return buffer.getLong(advance(Long.BYTES), ByteOrder.BIG_ENDIAN);
    }

    /** Ill-formed UTF-8 becomes U+FFFD, as in Apache's reader. */
    public @Nullable String readString() throws MalformedException {
        int length = readLength();
        if (length < 0) {
            return null;
        }
        return readUtf8(length);
    }

    /** That many bytes of UTF-8, ill-formed ones as above. */
    String readUtf8(int length) throws MalformedException {
        int start = advance(length);
        byte[] array = buffer.byteArray();
        return array == null
                ? buffer.getStringWithoutLengthUtf8(start, length)
                : new String(
                        array, buffer.wrapAdjustment() + start, length, StandardCharsets.UTF_8);
    }

    /** A string whose absence means the same as the empty one. */
    public String readStringOrEmpty() throws MalformedException {
        String text = readString();
        return text == null ? "" : text;
    }

    /** Whether a string or buffer that comes next is null. */
    boolean isNullNext() {
        return remaining() >= Integer.BYTES && buffer.getInt(position, ByteOrder.BIG_ENDIAN) == -1;
    }

    /** A copy of the bytes. */
    public @Nullable Bytes readBytes() throws MalformedException {
        int length = readLength();
        return length < 0 ? null : Bytes.copyOf(buffer, advance(length), length);
    }

    /**
     * The count at the head of a vector, -1 for null, 0 for any other negative one.
     *
     * @param elementBytesMin the shortest that one element can be, at least 1
     */
    public int readCount(int elementBytesMin) throws MalformedException {
        assert elementBytesMin > 0 : elementBytesMin;
        int count = readInt();
        if (count > remaining() / elementBytesMin) {
            throw new MalformedException("vector count " + count + " in " + remaining() + " bytes");
        }
        // Apache takes every other negative count for an empty vector
        return count < -1 ? 0 : count;
    }

    /** Passes over a string or buffer, null counting as empty; returns its length. */
    int skipString() throws MalformedException {
        int length = Math.max(0, readLength());
        advance(length);
        return length;
    }

    /** Index in the buffer of the next value. */
    int position() {
        return position;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    private int readLength() throws MalformedException {
        int length = readInt();
        if (length < -1 || length > remaining()) {
            throw new MalformedException("length " + length + " in " + remaining() + " bytes");
        }
        return length;
    }

    private int advance(int length) throws MalformedException {
        if (length > remaining()) {
            throw new MalformedException("frame ends " + (length - remaining()) + " bytes early");
        }
        int start = position;
        position += length;
        return start;
    }
}
