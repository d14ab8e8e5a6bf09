package io.loomkeeper.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.util.Objects;

/**
 * What Apache's servers compress with snappy, unpacked as it is read (protocol 13.2). Integers are
 * big-endian.
 *
 * <pre>
 *   head    byte 0x82 | "SNAPPY" | byte 0 | int version 1 | int the oldest version that reads it
 *   block   int length | that many bytes, as {@link SnappyBlock} has them
 *   ...     up to the end of the file
 * </pre>
 *
 * <p>Streams that were put one behind the other are read as one: a head may stand where a block
 * could.
 */
final class SnappyStream extends InputStream {
    private static final int MAGIC_HIGH = 0x82534e41;
    private static final int MAGIC_LOW = 0x50505900;
    private static final int VERSION = 1;

    private final InputStream in;
    private byte[] block = {};
    private int at;

    /**
     * Reads the head.
     *
     * @throws StreamCorruptedException when it is of something else
     */
    SnappyStream(InputStream in) throws IOException {
        this.in = in;
        require(nextInt() == MAGIC_HIGH, "no snappy stream");
        readRestOfHead();
    }

    private void readRestOfHead() throws IOException {
        require(nextInt() == MAGIC_LOW, "no snappy stream");
        nextInt();
        int oldestReader = nextInt();
        require(oldestReader <= VERSION, "snappy stream of version " + oldestReader);
    }

    private static void require(boolean holds, String otherwise) throws StreamCorruptedException {
        if (!holds) {
            throw new StreamCorruptedException(otherwise);
        }
    }

    private int nextInt() throws IOException {
        int first = in.read();
        if (first < 0) {
            throw new EOFException("ends within a snappy stream");
        }
        return intBehind(first);
    }

    private int intBehind(int first) throws IOException {
        byte[] rest = bytes(Integer.BYTES - 1);
        return first << 24 | (rest[0] & 0xff) << 16 | (rest[1] & 0xff) << 8 | (rest[2] & 0xff);
    }

    /** Never makes room for more than there is. */
    private byte[] bytes(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("ends within a snappy stream");
        }
        return bytes;
    }

    @Override
    public int read() throws IOException {
        return isThereMore() ? block[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!isThereMore()) {
            return -1;
        }
        int n = Math.min(length, block.length - at);
        System.arraycopy(block, at, target, offset, n);
        at += n;
        return n;
    }

    private boolean isThereMore() throws IOException {
        while (at == block.length) {
            int first = in.read();
            if (first < 0) {
                return false;
            }
            int length = intBehind(first);
            if (length == MAGIC_HIGH) {
                readRestOfHead();
                continue;
            }
            require(length >= 0, "a block of a negative length");
            block = SnappyBlock.unpacked(bytes(length));
            at = 0;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
