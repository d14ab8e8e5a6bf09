package io.loomkeeper.net.wire;

import io.loomkeeper.tree.Bytes;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes Jute values, one after the other, into a buffer (layouts: {@link JuteInput}).
 *
 * <p>An expandable buffer grows as needed; on any other, what does not fit is an
 * IndexOutOfBoundsException and the buffer holds the part before it. Reusable, not thread-safe.
 */
public final class JuteOutput {
    private static final int NULL_LENGTH = -1;

    private final MutableDirectBuffer buffer;
    private int position;

    /** Writes {@code buffer} from index 0. */
    public JuteOutput(MutableDirectBuffer buffer) {
        this.buffer = buffer;
    }

    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /** Index of the next byte to be written. */
    public int position() {
        return position;
    }

    /** Goes on writing at {@code position}. */
    public void position(int newPosition) {
        assert newPosition >= 0 : newPosition;
        position = newPosition;
    }

    /** Lets an expandable buffer grow once for {@code length} bytes to come. */
    public void reserve(int length) {
        buffer.checkLimit(Math.addExact(position, length));
    }

    public void writeBool(boolean value) {
        buffer.putByte(position, (byte) (value ? 1 : 0));
        position++;
    }

    public void writeInt(int value) {
        buffer.putInt(position, value, ByteOrder.BIG_ENDIAN);
        position += Integer.BYTES;
    }

    public void writeLong(long value) {
        buffer.putLong(position, value, ByteOrder.BIG_ENDIAN);
        position += Long.BYTES;
    }

    /**
     * Each UTF-16 unit by itself, so that a character beyond the basic plane leaves as two
     * three-byte surrogates, as Apache's writer has it (protocol 1).
     */
    public void writeString(@Nullable String text) {
        if (text == null) {
            writeInt(NULL_LENGTH);
            return;
        }
        int length = encodedLength(text);
        reserve(Integer.BYTES + length);
        writeInt(length);
        if (length == text.length()) {
            position += buffer.putStringWithoutLengthAscii(position, text);
        } else {
            writeUnits(text);
        }
    }

    public void writeBytes(@Nullable Bytes bytes) {
        if (bytes == null) {
            writeInt(NULL_LENGTH);
            return;
        }
        reserve(Integer.BYTES + bytes.length());
        writeInt(bytes.length());
        bytes.copyTo(buffer, position);
        position += bytes.length();
    }

    /** A string or buffer that is {@code length} bytes of {@code array} from {@code offset}. */
    public void writeBytes(byte[] array, int offset, int length) {
        writeInt(length);
        buffer.putBytes(position, array, offset, length);
        position += length;
    }

    /** A string or buffer that is {@code length} bytes of {@code source} from {@code offset}. */
    public void writeBytes(DirectBuffer source, int offset, int length) {
        reserve(Integer.BYTES + length);
        writeInt(length);
        write(source, offset, length);
    }

    /** Bytes as they are, without a length. */
    void write(DirectBuffer source, int offset, int length) {
        buffer.putBytes(position, source, offset, length);
        position += length;
    }

    /** Leaves room for the length of a frame; give the result to {@link #endFrame}. */
    public int beginFrame() {
        int start = position;
        writeInt(0);
        return start;
    }

    /** Writes the length of all that was written since {@code start = beginFrame()}. */
    public void endFrame(int start) {
        buffer.putInt(start, position - start - Integer.BYTES, ByteOrder.BIG_ENDIAN);
    }

    private static int encodedLength(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            length = Math.addExact(length, unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3);
        }
        return length;
    }

    private void writeUnits(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit < 0x80) {
                writeByte(unit);
            } else if (unit < 0x800) {
                writeByte(0xc0 | (unit >> 6));
                writeByte(0x80 | (unit & 0x3f));
            } else {
                writeByte(0xe0 | (unit >> 12));
                writeByte(0x80 | ((unit >> 6) & 0x3f));
                writeByte(0x80 | (unit & 0x3f));
            }
        }
    }

    private void writeByte(int value) {
        buffer.putByte(position, (byte) value);
        position++;
    }
}
