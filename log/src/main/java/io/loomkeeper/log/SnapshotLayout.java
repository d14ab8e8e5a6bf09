package io.loomkeeper.log;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The bytes of a snapshot file, around the image of the tree, which is opaque here. Integers are
 * little-endian. Nothing in it depends on time, machine or how the image was handed over: two
 * servers at one zxid write the same bytes.
 *
 * <pre>
 *   header    0  magic "LKSNAPSH"  8 bytes
 *             8  format version    int
 *            12  zero              int
 *            16  zxid              long
 *            24  crc               int, CRC32C of the 24 bytes before
 *   frames       length            int, 1 to 1048576; only the last frame is shorter than 1048576
 *                crc               int, CRC32C of the content
 *                content           length bytes
 *   trailer      zero              int, where a frame would have its length
 *                crc               int, CRC32C of the crcs of header and frames, in order, and of the 24
 *                                  bytes that follow
 *                zxid              long
 *                frames            long, how many
 *                content bytes     long, of all frames
 *   end of file
 * </pre>
 */
final class SnapshotLayout {
    static final long MAGIC = 0x485350414e534b4cL;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 28;
    static final int FRAME_HEADER_BYTES = 8;
    static final int FRAME_BYTES_MAX = 1 << 20;
    static final int TRAILER_BYTES = 32;

    private static final String OWN = "snapshot.";
    private static final String RECEIVED = "received.";
    private static final String TEMPORARY = ".tmp";
    private static final Pattern ZXID = Pattern.compile("0|[1-9a-f][0-9a-f]{0,15}");

    private SnapshotLayout() {}

    /** The file of a snapshot that counts. */
    static Path file(Path directory, long zxid) {
        return directory.resolve(OWN + Long.toHexString(zxid));
    }

    /**
     * The file of a snapshot that came from elsewhere, and counts when the log begins behind it.
     */
    static Path receivedFile(Path directory, long zxid) {
        return directory.resolve(RECEIVED + Long.toHexString(zxid));
    }

    /** Where {@code file} is written before it gets its name. */
    static Path temporary(Path file) {
        return file.resolveSibling(file.getFileName() + TEMPORARY);
    }

    static boolean isTemporary(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(TEMPORARY) && (name.startsWith(OWN) || name.startsWith(RECEIVED));
    }

    /** The zxid in the name of a snapshot that counts; empty for any other file. */
    static OptionalLong zxid(Path file) {
        return zxidBehind(OWN, file);
    }

    /** The zxid in the name of a received snapshot; empty for any other file. */
    static OptionalLong receivedZxid(Path file) {
        return zxidBehind(RECEIVED, file);
    }

    private static OptionalLong zxidBehind(String prefix, Path file) {
        String name = file.getFileName().toString();
        String zxid = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        return ZXID.matcher(zxid).matches()
                ? OptionalLong.of(Long.parseUnsignedLong(zxid, 16))
                : OptionalLong.empty();
    }
}
