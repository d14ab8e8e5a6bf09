package io.loomkeeper.tree;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Writes numbers and bytes through one off-heap buffer, and sums them up as they leave it. */
final class ImageOutput {
    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private final ImageSink sink;
    private final CRC32C crc = new CRC32C();
    private int at;

    /** {@code step} is the buffer: direct, at least a hundred bytes. */
    ImageOutput(ByteBuffer step, ImageSink sink) {
        this.bytes = step;
        this.buffer = new UnsafeBuffer(step);
        this.sink = sink;
    }

    void putInt(int value) {
        reserve(Integer.BYTES);
        buffer.putInt(at, value, BIG_ENDIAN);
        at += Integer.BYTES;
    }

    void putLong(long value) {
        reserve(Long.BYTES);
        buffer.putLong(at, value, BIG_ENDIAN);
        at += Long.BYTES;
    }

    /** As {@link Znode} has it. */
    void putUnsigned(long value) {
        reserve(Znode.VARIABLE_BYTES_MAX);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer.putByte(at++, (byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.putByte(at++, (byte) rest);
    }

    /** Length + 1 and UTF-8 bytes; 0 for null. */
    void putText(@Nullable String text) {
        if (text == null) {
            putUnsigned(0);
            return;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        putUnsigned(utf8.length + 1L);
        putBytes(utf8, 0, utf8.length);
    }

    /** As a Jute string: an int, the length or -1 for null, and UTF-8 bytes. */
    void putString(@Nullable String text) {
        if (text == null) {
            putInt(-1);
            return;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        putInt(utf8.length);
        putBytes(utf8, 0, utf8.length);
    }

    void putBytes(byte[] source, int offset, int length) {
        int done = 0;
        while (done < length) {
            reserve(1);
            int step = Math.min(length - done, buffer.capacity() - at);
            buffer.putBytes(at, source, offset + done, step);
            at += step;
            done += step;
        }
    }

    /** The sum of all that was written. */
    int crc() {
        flush();
        return (int) crc.getValue();
    }

    void flush() {
        if (at > 0) {
            crc.update(bytes.clear().limit(at));
            sink.write(buffer, 0, at);
            at = 0;
        }
    }

    private void reserve(int more) {
        if (more > buffer.capacity() - at) {
            flush();
        }
    }
}
