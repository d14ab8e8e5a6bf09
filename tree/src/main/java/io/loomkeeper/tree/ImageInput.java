package io.loomkeeper.tree;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link ImageOutput} wrote. However long something claims to be, memory is taken only
 * for bytes that arrived.
 */
final class ImageInput {
    private static final int FIRST_BYTES = 1024;

    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private final ImageSource source;
    private final CRC32C crc = new CRC32C();

    /** The bytes of the image before those in the buffer. */
    private long before;

    private int at;
    private int limit;
    private int summed;

    ImageInput(ByteBuffer step, ImageSource source) {
        this.bytes = step;
        this.buffer = new UnsafeBuffer(step);
        this.source = source;
    }

    /** How many bytes of the image were read. */
    long position() {
        return before + at;
    }

    ImageException broken(String what) {
        return new ImageException(what, position());
    }

    int nextInt() throws ImageException {
        need(Integer.BYTES);
        int value = buffer.getInt(at, BIG_ENDIAN);
        at += Integer.BYTES;
        return value;
    }

    long nextLong() throws ImageException {
        need(Long.BYTES);
        long value = buffer.getLong(at, BIG_ENDIAN);
        at += Long.BYTES;
        return value;
    }

    /** As {@link Znode} has it, in its shortest form. */
    long nextUnsigned() throws ImageException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            need(1);
            byte b = buffer.getByte(at++);
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                if ((b == 0 && shift > 0) || (shift == 63 && b > 1)) {
                    break;
                }
                return value;
            }
        }
        throw broken("a number in an unknown form");
    }

    /** An unsigned number that is a count or a length. */
    int nextCount() throws ImageException {
        long count = nextUnsigned();
        if (count < 0 || count > Integer.MAX_VALUE - Long.BYTES) {
            throw broken("a count of " + Long.toUnsignedString(count));
        }
        return (int) count;
    }

    @Nullable String nextText() throws ImageException {
        int length = nextCount();
        if (length == 0) {
            return null;
        }
        byte[] utf8 = nextBytes(new byte[0], 0, length - 1);
        if (!Names.isUtf8(utf8, 0, length - 1)) {
            throw broken("a text that is not UTF-8");
        }
        return new String(utf8, 0, length - 1, StandardCharsets.UTF_8);
    }

    /**
     * Reads {@code length} bytes into {@code target} at {@code offset}.
     *
     * @return {@code target}, or a larger copy of it where it was too small
     */
    byte[] nextBytes(byte[] target, int offset, int length) throws ImageException {
        byte[] grown = target;
        int done = 0;
        while (done < length) {
            need(1);
            int step = Math.min(length - done, limit - at);
            int end = offset + done + step;
            if (end > grown.length) {
                long doubled = Math.max(2L * grown.length, FIRST_BYTES);
                int room = (int) Math.min(doubled, (long) offset + length);
                grown = Arrays.copyOf(grown, Math.max(end, room));
            }
            buffer.getBytes(at, grown, offset + done, step);
            at += step;
            done += step;
        }
        return grown;
    }

    /**
     * Copies the next bytes to {@code target} without moving on, zeros where the image ends.
     *
     * @return how many there are
     */
    int peek(byte[] target) {
        fill(target.length);
        int there = Math.min(target.length, limit - at);
        buffer.getBytes(at, target, 0, there);
        Arrays.fill(target, there, target.length, (byte) 0);
        return there;
    }

    /** Moves on over bytes that were seen by {@link #peek}. */
    void skip(int length) {
        assert length <= limit - at;
        at += length;
    }

    /** The sum of all bytes read so far. */
    int crc() {
        sum();
        return (int) crc.getValue();
    }

    private void need(int more) throws ImageException {
        if (more > limit - at) {
            fill(more);
            if (more > limit - at) {
                throw broken("cut off");
            }
        }
    }

    /** Gets {@code more} bytes into the buffer from {@link #at} on, fewer at the end. */
    private void fill(int more) {
        if (more <= limit - at) {
            return;
        }
        sum();
        buffer.putBytes(0, buffer, at, limit - at);
        before += at;
        limit -= at;
        at = 0;
        summed = 0;
        while (more > limit) {
            int read = source.read(buffer, limit, buffer.capacity() - limit);
            if (read < 0) {
                return;
            }
            limit += read;
        }
    }

    private void sum() {
        crc.update(bytes.clear().position(summed).limit(at));
        summed = at;
    }
}
