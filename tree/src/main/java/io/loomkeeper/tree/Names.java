package io.loomkeeper.tree;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 64-bit hash and the equality of node names, for names held as UTF-8 bytes and for components
 * of a path string, without copying the component.
 *
 * <p>The hash is SipHash-1-3 of the UTF-8 bytes under a fixed key: every server puts the same names
 * in the same order. The key being known, names that collide can be sought; a {@link Trie.Bucket}
 * is sorted and searched by halves, so they gain little. A string is taken as {@code
 * String.getBytes(UTF_8)} encodes it.
 */
final class Names {
    private static final VarHandle LITTLE_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long V0 = 0x736f6d6570736575L ^ 0x4c6f6f6d6b656570L;
    private static final long V1 = 0x646f72616e646f6dL ^ 0x657220747265652eL;
    private static final long V2 = 0x6c7967656e657261L ^ 0x4c6f6f6d6b656570L;
    private static final long V3 = 0x7465646279746573L ^ 0x657220747265652eL;

    private Names() {}

    /** Hash of {@code length} UTF-8 bytes of {@code array} from {@code offset}. */
    static long hash(byte[] array, int offset, int length) {
        Sip sip = new Sip();
        int end = offset + (length & ~7);
        for (int i = offset; i < end; i += 8) {
            sip.word((long) LITTLE_ENDIAN_LONG.get(array, i));
        }
        long last = (long) length << 56;
        for (int i = 0; i < (length & 7); i++) {
            last |= (array[end + i] & 0xffL) << (8 * i);
        }
        return sip.finish(last);
    }

    /** Hash of the characters of {@code path} in [{@code from}, {@code to}) as UTF-8. */
    static long hash(String path, int from, int to) {
        Sip sip = new Sip();
        int length = to - from;
        int end = from + (length & ~7);
        int seen = 0;
        for (int i = from; i < end; i += 8) {
            long word = 0;
            for (int j = 0; j < 8; j++) {
                int c = path.charAt(i + j);
                seen |= c;
                word |= (long) c << (8 * j);
            }
            sip.word(word);
        }
        long last = (long) length << 56;
        for (int i = end; i < to; i++) {
            int c = path.charAt(i);
            seen |= c;
            last |= (long) c << (8 * (i - end));
        }
        if (seen >= 0x80) {
            byte[] utf8 = path.substring(from, to).getBytes(StandardCharsets.UTF_8);
            return hash(utf8, 0, utf8.length);
        }
        return sip.finish(last);
    }

    /** Order by unsigned bytes, of a name in bytes against a path component. */
    static int compare(byte[] array, int offset, int length, String path, int from, int to) {
        int common = Math.min(length, to - from);
        for (int i = 0; i < common; i++) {
            int c = path.charAt(from + i);
            if (c >= 0x80) {
                byte[] utf8 = path.substring(from, to).getBytes(StandardCharsets.UTF_8);
                return Arrays.compareUnsigned(array, offset, offset + length, utf8, 0, utf8.length);
            }
            int difference = (array[offset + i] & 0xff) - c;
            if (difference != 0) {
                return difference;
            }
        }
        return Integer.compare(length, to - from);
    }

    /** Whether these bytes are what some string is encoded as. */
    static boolean isUtf8(byte[] array, int offset, int length) {
        int seen = 0;
        for (int i = offset; i < offset + length; i++) {
            seen |= array[i];
        }
        if (seen >= 0) {
            return true;
        }
        byte[] utf8 =
                new String(array, offset, length, StandardCharsets.UTF_8)
                        .getBytes(StandardCharsets.UTF_8);
        return Arrays.equals(array, offset, offset + length, utf8, 0, utf8.length);
    }

    /** How many chars a string of these UTF-8 bytes has. */
    static int utf16Length(byte[] array, int offset, int length) {
        int chars = 0;
        for (int i = offset; i < offset + length; i++) {
            int b = array[i] & 0xff;
            chars += (b & 0xc0) == 0x80 ? 0 : b >= 0xf0 ? 2 : 1;
        }
        return chars;
    }

    /** A bijection that spreads the bits of a number over all 64. */
    static long spread(long number) {
        long z = number + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** The four words of SipHash's state. Lives on the stack of the two hash methods. */
    private static final class Sip {
        private long v0 = V0;
        private long v1 = V1;
        private long v2 = V2;
        private long v3 = V3;

        void word(long m) {
            v3 ^= m;
            round();
            v0 ^= m;
        }

        long finish(long last) {
            word(last);
            v2 ^= 0xff;
            round();
            round();
            round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        private void round() {
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
        }
    }
}
