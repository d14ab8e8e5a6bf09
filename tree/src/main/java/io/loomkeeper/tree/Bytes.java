package io.loomkeeper.tree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * An immutable run of bytes: a slice of an array that nobody writes any more.
 *
 * <p>A slice keeps its whole array alive. What is stored for long is stored as its own array.
 */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private final byte[] array;
    private final int offset;
    private final int length;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /** Takes over {@code array}: the caller never writes it again. */
    public static Bytes of(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array, 0, array.length);
    }

    /** Takes over {@code array}, of which these are {@code length} bytes from {@code offset}. */
    public static Bytes slice(byte[] array, int offset, int length) {
        assert offset >= 0 && length >= 0 && offset + length <= array.length;
        return length == 0 ? EMPTY : new Bytes(array, offset, length);
    }

    public static Bytes copyOf(DirectBuffer source, int offset, int length) {
        byte[] copy = new byte[length];
        source.getBytes(offset, copy);
        return of(copy);
    }

    public static Bytes utf8(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    public int length() {
        return length;
    }

    public byte byteAt(int index) {
        assert index >= 0 && index < length : index;
        return array[offset + index];
    }

    /** Copies all bytes to {@code target} from {@code targetOffset} on. */
    public void copyTo(MutableDirectBuffer target, int targetOffset) {
        target.putBytes(targetOffset, array, offset, length);
    }

    /** Copies all bytes to {@code target} from {@code targetOffset} on. */
    public void copyTo(byte[] target, int targetOffset) {
        System.arraycopy(array, offset, target, targetOffset, length);
    }

    public byte[] toArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    public String utf8() {
        return new String(array, offset, length, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that
                && Arrays.equals(
                        array,
                        offset,
                        offset + length,
                        that.array,
                        that.offset,
                        that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    @Override
    public String toString() {
        int shown = Math.min(length, 64);
        String hex = HexFormat.of().formatHex(array, offset, offset + shown);
        return "Bytes[" + length + ":" + hex + (shown < length ? "…" : "") + "]";
    }
}
