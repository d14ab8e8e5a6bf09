package io.loomkeeper.cli;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.ImageSource;
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
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A snapshot's file as Apache's servers write and read it: a {@link SealedImage}.
 *
 * <p>The zxid of the state is that of the file's name, {@code snapshot.<zxid>}, or, of a file with
 * another name, the one within, if it is of 3.9. What Apache wrote while transactions were applied
 * may hold the effects of later ones. A file whose name ends in {@code .gz} or {@code .snappy} is
 * compressed as a whole.
 */
final class ApacheSnapshot {
    static final String GZIP = ".gz";

    private static final String SNAPPY = ".snappy";
    private static final int WINDOW_BYTES = 1 << 17;
    private static final Pattern NAME =
            Pattern.compile("snapshot\\.([0-9a-f]{1,16})(\\.gz|\\.snappy)?");

    private ApacheSnapshot() {}

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
        OptionalLong named = zxid(file);
        SealedImage.Found found = read(file, named.orElse(0));
        if (named.isEmpty() && found.zxid().isPresent()) {
            found = read(file, found.zxid().getAsLong());
        }
        return DataTree.recounted(found.version());
    }

    private static SealedImage.Found read(Path file, long zxid) throws IOException {
        try (InputStream in = open(file)) {
            return SealedImage.read(sourceOf(in), zxid, Source.OPTIONS);
        } catch (ImageException e) {
            throw new CorruptLogException(file, e.offset(), String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            throw readable(file, Objects.requireNonNull(e.getCause()));
        } catch (ZipException | StreamCorruptedException | EOFException e) {
            throw readable(file, e);
        }
    }

    private static IOException readable(Path file, IOException e) {
        boolean isMiscompressed =
                e instanceof ZipException
                        || e instanceof StreamCorruptedException
                        || e instanceof EOFException;
        return isMiscompressed
                ? new CorruptLogException(file, 0, "not compressed as its name says: " + e)
                : e;
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

    /** Gives what it has, or the end. */
    private static ImageSource sourceOf(InputStream in) {
        byte[] piece = new byte[WINDOW_BYTES];
        return (target, offset, length) -> {
            try {
                int n = in.read(piece, 0, Math.min(length, piece.length));
                target.putBytes(offset, piece, 0, Math.max(0, n));
                return n;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
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
