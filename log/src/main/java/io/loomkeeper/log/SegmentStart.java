package io.loomkeeper.log;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The first record of a segment: says after which point of the history this segment goes on. What
 * other segments hold beyond that point is no part of the history.
 *
 * <pre>
 *   record header: kind SEGMENT, zxid and previous zxid and previous crc those of the point
 *   32  magic "LKTXNLOG"      8 bytes
 *   40  format version        int
 *   44  zero                  int
 *   48  log id                long
 *   56  own segment number    long
 *   64  the point's segment   long, 0 when there is none
 *   72  the point's end offset long, 0 when there is none
 * </pre>
 *
 * @param logId drawn at random when the log was made; keeps files of different logs apart
 * @param number of this segment
 * @param after the point
 */
record SegmentStart(long logId, long number, Place after) {
    static final int BYTES = 80;

    private static final long MAGIC = 0x474f4c4e58544b4cL;
    private static final int VERSION = 1;

    /**
     * Lays the record out at the start of {@code buffer}, all but what {@link RecordLayout#seal}
     * adds.
     */
    void encode(MutableDirectBuffer buffer) {
        RecordLayout.zxid(buffer, 0, after.zxid());
        buffer.putLong(32, MAGIC, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(40, VERSION, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(44, 0, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(48, logId, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(56, number, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(64, after.segment(), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(72, after.endOffset(), ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * @param offset of a record whose crc is right
     * @throws IllegalArgumentException with the reason, when the record is not the start of a
     *     segment that this version can read
     */
    static SegmentStart decode(DirectBuffer buffer, int offset, int length) {
        require(
                RecordLayout.kind(buffer, offset) == RecordLayout.SEGMENT,
                "not a segment's first record");
        require(length == BYTES, "a segment start of " + length + " bytes");
        require(longAt(buffer, offset + 32) == MAGIC, "wrong magic");
        int version = buffer.getInt(offset + 40, ByteOrder.LITTLE_ENDIAN);
        require(version == VERSION, "format version " + version + ", known is " + VERSION);
        Place after =
                new Place(
                        longAt(buffer, offset + 64),
                        longAt(buffer, offset + 72),
                        RecordLayout.previousZxid(buffer, offset),
                        RecordLayout.previousCrc(buffer, offset));
        return new SegmentStart(longAt(buffer, offset + 48), longAt(buffer, offset + 56), after);
    }

    private static long longAt(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
    }

    private static void require(boolean condition, String reason) {
        if (!condition) {
            throw new IllegalArgumentException(reason);
        }
    }
}
