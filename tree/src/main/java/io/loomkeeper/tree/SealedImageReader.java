package io.loomkeeper.tree;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.zip.Adler32;
import org.agrona.concurrent.UnsafeBuffer;

/** Takes a {@link SealedImage} from a source, to its end. Memory is taken for what came. */
final class SealedImageReader {
    private static final int WINDOW_BYTES = 1 << 17;
    private static final int WINDOW_BYTES_MAX = Integer.MAX_VALUE - 16;

    private final ImageSource in;
    private final Adler32 sum = new Adler32();
    private byte[] window = new byte[WINDOW_BYTES];
    private UnsafeBuffer buffer = new UnsafeBuffer(window);
    private int at;
    private int limit;
    private long before;

    SealedImageReader(ImageSource in) {
        this.in = in;
    }

    SealedImage.Found read(long zxid, TreeOptions options) throws ImageException {
        need(SealedImage.HEADER_BYTES, "ends too early");
        check(buffer.getInt(at, BIG_ENDIAN) == SealedImage.MAGIC, "wrong magic");
        int version = buffer.getInt(at + Integer.BYTES, BIG_ENDIAN);
        check(version == SealedImage.VERSION, "format version " + version);
        take(SealedImage.HEADER_BYTES);
        TreeVersion tree = readImage(new PortableImageReader(zxid, options));
        readSeal();
        if (has(SealedImage.DIGEST_BYTES + SealedImage.SEAL_BYTES)) {
            take(SealedImage.DIGEST_BYTES);
            readSeal();
        }
        OptionalLong last = OptionalLong.empty();
        if (has(1)) {
            need(SealedImage.ZXID_BYTES, "ends too early");
            last = OptionalLong.of(buffer.getLong(at, BIG_ENDIAN));
            take(SealedImage.ZXID_BYTES);
            readSeal();
        }
        check(!has(1), "goes on behind its last seal");
        return new SealedImage.Found(tree, last);
    }

    private TreeVersion readImage(PortableImageReader image) throws ImageException {
        while (true) {
            try {
                take(image.read(buffer, at, limit - at));
            } catch (ImageException e) {
                throw new ImageException(e, SealedImage.HEADER_BYTES);
            }
            TreeVersion tree = image.complete();
            if (tree != null) {
                return tree;
            }
            check(fill(), "ends too early");
        }
    }

    private void readSeal() throws ImageException {
        long expected = sum.getValue();
        need(SealedImage.SEAL_BYTES, "ends before its seal");
        check(buffer.getLong(at, BIG_ENDIAN) == expected, "wrong checksum of what is before");
        check(
                buffer.getInt(at + Long.BYTES, BIG_ENDIAN) == 1
                        && buffer.getByte(at + SealedImage.SEAL_BYTES - 1) == '/',
                "no seal");
        take(SealedImage.SEAL_BYTES);
    }

    private void check(boolean holds, String otherwise) throws ImageException {
        if (!holds) {
            throw new ImageException(otherwise, before + at);
        }
    }

    private void need(int length, String otherwise) throws ImageException {
        check(has(length), otherwise);
    }

    private boolean has(int length) throws ImageException {
        while (limit - at < length) {
            if (!fill()) {
                return false;
            }
        }
        return true;
    }

    private void take(int length) {
        sum.update(window, at, length);
        at += length;
    }

    /** Gets more behind what is there; the window grows only once it is full of bytes that came. */
    private boolean fill() throws ImageException {
        if (at > 0) {
            System.arraycopy(window, at, window, 0, limit - at);
            before += at;
            limit -= at;
            at = 0;
        }
        if (limit == window.length) {
            int doubled = (int) Math.min(2L * window.length, WINDOW_BYTES_MAX);
            check(doubled > window.length, "something too long");
            window = Arrays.copyOf(window, doubled);
            buffer = new UnsafeBuffer(window);
        }
        int n = in.read(buffer, limit, window.length - limit);
        limit += Math.max(0, n);
        return n > 0;
    }
}
