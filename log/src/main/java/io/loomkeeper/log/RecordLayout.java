package io.loomkeeper.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one log record, both directions. Integers are little-endian.
 *
 * <pre>
 *   0               4               8               12              16
 *   +---------------+---------------+---------------+---------------+
 *   | crc           | length        | kind          | previous crc  |
 *   +---------------+---------------+---------------+---------------+
 *   | zxid                          | previous zxid                 |
 *   +-------------------------------+-------------------------------+
 *   | payload, length bytes ...
 * </pre>
 *
 * crc is the CRC32C of everything behind it, payload included. previous crc is the crc of the
 * record before, in the same segment or at the end of the one before: so each crc vouches for the
 * whole history.
 *
 * <p>One instance belongs to one thread.
 */
final class RecordLayout {
    static final int HEADER_BYTES = 32;

    /** A transaction, as it was appended. */
    static final int TXN = 1;

    /**
     * A transaction that an earlier run has left beyond what was known to be on disk, written once
     * more: it may stand in a segment whose beginning was never noted, where a new transaction
     * cannot.
     */
    static final int CARRIED = 3;

    /** The first record of each segment: {@link SegmentStart}. */
    static final int SEGMENT = 2;

    private static final int CRC = 0;
    private static final int LENGTH = 4;
    private static final int KIND = 8;
    private static final int PREVIOUS_CRC = 12;
    private static final int ZXID = 16;
    private static final int PREVIOUS_ZXID = 24;

    private final CRC32C checksum = new CRC32C();
    private @Nullable ByteBuffer viewed;
    private @Nullable ByteBuffer view;

    static void zxid(MutableDirectBuffer buffer, int offset, long zxid) {
        buffer.putLong(offset + ZXID, zxid, ByteOrder.LITTLE_ENDIAN);
    }

    static long zxid(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + ZXID, ByteOrder.LITTLE_ENDIAN);
    }

    static long previousZxid(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + PREVIOUS_ZXID, ByteOrder.LITTLE_ENDIAN);
    }

    static int crc(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + CRC, ByteOrder.LITTLE_ENDIAN);
    }

    static int previousCrc(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + PREVIOUS_CRC, ByteOrder.LITTLE_ENDIAN);
    }

    static int payloadLength(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + LENGTH, ByteOrder.LITTLE_ENDIAN);
    }

    static int kind(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + KIND, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Completes the header of a record whose zxid and payload are in place.
     *
     * @param length of header and payload, in bytes
     * @return the crc
     */
    int seal(
            MutableDirectBuffer buffer,
            int offset,
            int length,
            int kind,
            long previousZxid,
            int previousCrc) {
        buffer.putInt(offset + LENGTH, length - HEADER_BYTES, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + KIND, kind, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset + PREVIOUS_CRC, previousCrc, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + PREVIOUS_ZXID, previousZxid, ByteOrder.LITTLE_ENDIAN);
        int crc = checksum(buffer, offset + LENGTH, length - LENGTH);
        buffer.putInt(offset + CRC, crc, ByteOrder.LITTLE_ENDIAN);
        return crc;
    }

    /** Whether {@code length} bytes at {@code offset} are one whole record with its right crc. */
    boolean isSound(DirectBuffer buffer, int offset, int length) {
        return length >= HEADER_BYTES
                && payloadLength(buffer, offset) == length - HEADER_BYTES
                && crc(buffer, offset) == checksum(buffer, offset + LENGTH, length - LENGTH);
    }

    /** The CRC32C of a range of a buffer, with no allocation while the buffer stays the same. */
    int checksum(DirectBuffer buffer, int offset, int length) {
        checksum.reset();
        int start = buffer.wrapAdjustment() + offset;
        byte[] array = buffer.byteArray();
        if (array != null) {
            checksum.update(array, start, length);
        } else {
            checksum.update(viewOf(buffer).limit(start + length).position(start));
        }
        return (int) checksum.getValue();
    }

    // the very same buffer: equal contents are of no interest
    @SuppressWarnings("ReferenceEquality")
    private ByteBuffer viewOf(DirectBuffer buffer) {
        ByteBuffer bytes = buffer.byteBuffer();
        ByteBuffer cached = view;
        if (cached == null || viewed != bytes) {
            cached = bytes.duplicate();
            view = cached;
            viewed = bytes;
        }
        return cached.clear();
    }
}
