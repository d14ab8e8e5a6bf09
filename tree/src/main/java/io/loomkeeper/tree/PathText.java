package io.loomkeeper.tree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A path as UTF-8 in an array that is used again for the next one; a scratch object. */
final class PathText {
    private static final byte[] HIDDEN = "/zookeeper/".getBytes(StandardCharsets.UTF_8);

    byte[] bytes = new byte[256];
    int length;

    /** Takes {@code path}; the root, "/", has no bytes, as the digest wants it (protocol 14). */
    PathText set(String path) {
        length = 0;
        if (path.length() > 1) {
            append(path, 0, path.length());
        }
        return this;
    }

    /** Where the last component begins. */
    int nameFrom() {
        int from = length;
        while (from > 0 && bytes[from - 1] != '/') {
            from--;
        }
        return from;
    }

    /** Adds '/' and a name. */
    void push(byte[] array, int nameFrom, int nameLength) {
        reserve(nameLength + 1);
        bytes[length] = '/';
        System.arraycopy(array, nameFrom, bytes, length + 1, nameLength);
        length += nameLength + 1;
    }

    /** Whether the digest leaves it out (protocol 14). */
    boolean isHidden() {
        int hidden = HIDDEN.length;
        return length >= hidden && Arrays.equals(bytes, 0, hidden, HIDDEN, 0, hidden);
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public String toString() {
        return length == 0 ? "/" : new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private void append(String text, int from, int to) {
        reserve(to - from);
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                appendEncoded(text.substring(from, to).getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[length + i - from] = (byte) c;
        }
        length += to - from;
    }

    private void appendEncoded(byte[] utf8) {
        reserve(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
    }

    /** Makes room for {@code more} bytes behind {@link #length}. */
    void reserve(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }
}
