package io.loomkeeper.cli;

import java.io.StreamCorruptedException;

/**
 * One piece of bytes in snappy's raw form, while it is unpacked. Integers are little-endian.
 *
 * <pre>
 *   length unpacked, seven bits a byte, lowest first, the eighth says that more follow
 *   elements up to the end, each by its first byte:
 *     nnnnnn00   literal   n + 1 bytes follow; from n = 60 on, n is in the next n - 59 bytes
 *     ooonnn01   copy      4 + n bytes from o * 256 + the next byte back
 *     nnnnnn10   copy      n + 1 bytes from as far back as the next two bytes say
 *     nnnnnn11   copy      the same, with four bytes
 * </pre>
 *
 * A copy may reach into what it is making: those bytes are repeated.
 */
final class SnappyBlock {
    private static final int LITERAL = 0;
    private static final int NEAR_COPY = 1;
    private static final int COPY = 2;
    private static final int SHORT_LITERALS = 60;
    private static final int NEAR_COPY_MIN = 4;
    private static final int LENGTH_BITS_MAX = 32;
    private static final int BYTES_MAX = Integer.MAX_VALUE - 16;

    /** The most that an element makes of its bytes: 64 of 3. */
    private static final int COPY_BYTES = 3;

    private static final int COPIED_MAX = 64;

    private final byte[] packed;
    private final byte[] unpacked;
    private int at;
    private int made;

    private SnappyBlock(byte[] packed) throws StreamCorruptedException {
        this.packed = packed;
        long length = length();
        require(
                length <= BYTES_MAX && length * COPY_BYTES <= (long) packed.length * COPIED_MAX,
                "longer than it can be");
        this.unpacked = new byte[(int) length];
    }

    /**
     * Unpacks a piece.
     *
     * @throws StreamCorruptedException when it was not packed so; no room is made for more than
     *     could be in it
     */
    static byte[] unpacked(byte[] packed) throws StreamCorruptedException {
        return new SnappyBlock(packed).unpack();
    }

    private long length() throws StreamCorruptedException {
        long length = 0;
        for (int shift = 0; shift < LENGTH_BITS_MAX; shift += 7) {
            int next = next();
            length |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                return length;
            }
        }
        throw new StreamCorruptedException("snappy: no length");
    }

    private byte[] unpack() throws StreamCorruptedException {
        while (at < packed.length) {
            int tag = next();
            int high = tag >>> 2;
            switch (tag & 3) {
                case LITERAL -> literal(1 + (high < SHORT_LITERALS ? high : number(high - 59)));
                case NEAR_COPY -> copy(NEAR_COPY_MIN + (high & 7), (tag >>> 5) << 8 | next());
                case COPY -> copy(1 + high, number(2));
                default -> copy(1 + high, number(4));
            }
        }
        require(made == unpacked.length, "shorter than it says");
        return unpacked;
    }

    private void literal(long length) throws StreamCorruptedException {
        require(length <= packed.length - at && length <= unpacked.length - made, "too long");
        System.arraycopy(packed, at, unpacked, made, (int) length);
        at += (int) length;
        made += (int) length;
    }

    private void copy(int length, long back) throws StreamCorruptedException {
        require(back > 0 && back <= made, "refers to what is not there");
        require(length <= unpacked.length - made, "too long");
        for (int from = made - (int) back, end = made + length; made < end; ) {
            unpacked[made++] = unpacked[from++];
        }
    }

    private long number(int bytes) throws StreamCorruptedException {
        long number = 0;
        for (int shift = 0; shift < bytes * Byte.SIZE; shift += Byte.SIZE) {
            number |= (long) next() << shift;
        }
        return number;
    }

    private int next() throws StreamCorruptedException {
        require(at < packed.length, "ends too early");
        return packed[at++] & 0xff;
    }

    private static void require(boolean holds, String otherwise) throws StreamCorruptedException {
        if (!holds) {
            throw new StreamCorruptedException("snappy: " + otherwise);
        }
    }
}
