package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A reply taken apart field by field. Text comes out byte for byte, printable where it is ASCII, so
 * that two encodings of one string are two different texts; null and empty differ as they do on the
 * wire.
 *
 * <p>Every method throws {@link BufferUnderflowException} when the reply ends before the field
 * does.
 */
final class FrameIn {
    private final ByteBuffer in;

    FrameIn(byte[] frame) {
        this.in = ByteBuffer.wrap(frame);
    }

    int int4() {
        return in.getInt();
    }

    long long8() {
        return in.getLong();
    }

    byte byte1() {
        return in.get();
    }

    /** A ustring or buffer: quoted, or the word null. */
    String quoted() {
        int length = in.getInt();
        if (length == -1) {
            return "null";
        }
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] value = new byte[length];
        in.get(value);
        return quote(value);
    }

    /** As many elements as the vector says; −1 is null. */
    int count() {
        int count = in.getInt();
        if (count < -1 || count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return count;
    }

    /** What nobody has read. */
    String rest() {
        byte[] left = new byte[in.remaining()];
        in.get(left);
        return HexFormat.of().formatHex(left);
    }

    boolean isAtEnd() {
        return !in.hasRemaining();
    }

    private static String quote(byte[] value) {
        StringBuilder text = new StringBuilder("'");
        for (char c : new String(value, ISO_8859_1).toCharArray()) {
            if (c >= ' ' && c <= '~' && "'\\#".indexOf(c) < 0) {
                text.append(c);
            } else {
                text.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
            }
        }
        return text.append('\'').toString();
    }
}
