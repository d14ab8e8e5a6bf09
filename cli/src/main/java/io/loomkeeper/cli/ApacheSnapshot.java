package io.loomkeeper.cli;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.PortableImageReader;
import io.loomkeeper.tree.SealedImage;
import io.loomkeeper.tree.TreeVersion;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Adler32;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A snapshot's file as Apache's servers write and read it: a {@link SealedImage}.
 *
 * <p>The zxid of the state is that of the file's name, {@code snapshot.<zxid>}. What Apache wrote
 * while transactions were applied may hold the effects of later ones. A file whose name ends in
 * {@code .gz} or {@code .snappy} is compressed as a whole.
 */
final class ApacheSnapshot {
    static final String GZIP = ".gz";

    private static final String SNAPPY = ".snappy";
    private static final int WINDOW_BYTES = 1 << 17;
    private static final int WINDOW_BYTES_MAX = Integer.MAX_VALUE - 16;
    private static final Pattern NAME =
            Pattern.compile("snapshot\\.([0-9a-f]{1,16})(\\.gz|\\.snappy)?");

    private final Path file;
    private final InputStream in;
    private final Adler32 sum = new Adler32();
    private byte[] window = new byte[WINDOW_BYTES];
    private UnsafeBuffer buffer = new UnsafeBuffer(window);
    private int at;
    private int limit;
    private long before;

    private ApacheSnapshot(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /** The zxid in a name; empty when it is not that of a snapshot. */
    static OptionalLong zxid(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                ? OptionalLong.of(Long.parseUnsignedLong(name.group(1), 16))
                : OptionalLong.empty();
    }

    static String name(long zxid) {
        return "snapshot." + Long.toHexString(zxid);
    }

    /** By its first bytes, or for what is compressed by its name. */
    static boolean isSnapshot(Path file) throws IOException {
        String name = file.getFileName().toString();
        boolean isCompressed = name.endsWith(GZIP) || name.endsWith(SNAPPY);
        return isCompressed
                ? zxid(file).isPresent()
                : SnapshotFile.magic(file) == SealedImage.MAGIC;
    }

    /**
     * Reads a file to its end.
     *
     * @return the tree, sealed
     * @throws CorruptLogException with the offset, when it is damaged
     */
    static TreeVersion read(Path file) throws IOException {
        long zxid = zxid(file).orElse(0);
        try (InputStream in = open(file)) {
            return new ApacheSnapshot(file, in).read(zxid);
        } catch (ZipException | StreamCorruptedException | EOFException e) {
            throw new CorruptLogException(file, 0, "not compressed as its name says: " + e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        String name = file.getFileName().toString();
        InputStream bytes = Files.newInputStream(file);
        try {
            if (name.endsWith(GZIP)) {
                return new GZIPInputStream(bytes, WINDOW_BYTES);
            }
            return name.endsWith(SNAPPY)
                    ? new SnappyStream(new BufferedInputStream(bytes, WINDOW_BYTES))
                    : bytes;
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    private TreeVersion read(long zxid) throws IOException {
        need(SealedImage.HEADER_BYTES, "ends too early");
        check(buffer.getInt(at, BIG_ENDIAN) == SealedImage.MAGIC, "wrong magic");
        int version = buffer.getInt(at + Integer.BYTES, BIG_ENDIAN);
        check(version == SealedImage.VERSION, "format version " + version);
        take(SealedImage.HEADER_BYTES);
        TreeVersion tree = readImage(zxid);
        readSeal();
        if (has(1)) {
            need(SealedImage.DIGEST_BYTES, "ends too early");
            take(SealedImage.DIGEST_BYTES);
            readSeal();
        }
        if (has(1)) {
            need(SealedImage.ZXID_BYTES, "ends too early");
            take(SealedImage.ZXID_BYTES);
            readSeal();
        }
        DataTree counted = new DataTree(tree, Source.OPTIONS);
        counted.recountQuotas();
        return counted.seal();
    }

    private TreeVersion readImage(long zxid) throws IOException {
        PortableImageReader image = new PortableImageReader(zxid, Source.OPTIONS);
        while (true) {
            try {
                take(image.read(buffer, at, limit - at));
            } catch (ImageException e) {
                throw new CorruptLogException(
                        file,
                        SealedImage.HEADER_BYTES + e.offset(),
                        String.valueOf(e.getMessage()));
            }
            TreeVersion tree = image.complete();
            if (tree != null) {
                return tree;
            }
            check(fill(), "ends too early");
        }
    }

    private void readSeal() throws IOException {
        long expected = sum.getValue();
        need(SealedImage.SEAL_BYTES, "ends before its seal");
        check(buffer.getLong(at, BIG_ENDIAN) == expected, "wrong checksum of what is before");
        check(
                buffer.getInt(at + Long.BYTES, BIG_ENDIAN) == 1
                        && buffer.getByte(at + SealedImage.SEAL_BYTES - 1) == '/',
                "no seal");
        take(SealedImage.SEAL_BYTES);
    }

    private void check(boolean holds, String otherwise) throws CorruptLogException {
        if (!holds) {
            throw new CorruptLogException(file, before + at, otherwise);
        }
    }

    private void need(int length, String otherwise) throws IOException {
        check(has(length), otherwise);
    }

    private boolean has(int length) throws IOException {
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
    private boolean fill() throws IOException {
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
        int n = in.read(window, limit, window.length - limit);
        limit += Math.max(0, n);
        return n > 0;
    }

    /**
     * Writes a tree as Apache's 3.9 would; older servers take what they know of it.
     *
     * @param progress told of each piece, in bytes
     */
    static void write(TreeVersion version, OutputStream out, Progress progress) throws IOException {
        byte[] copy = new byte[WINDOW_BYTES];
        try {
            new SealedImage(version)
                    .write(
                            (source, offset, length) -> {
                                byte[] piece = length > copy.length ? new byte[length] : copy;
                                source.getBytes(offset, piece, 0, length);
                                put(out, piece, length);
                                progress.advance(length);
                            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void put(OutputStream out, byte[] bytes, int length) {
        try {
            out.write(bytes, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
