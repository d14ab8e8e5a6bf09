package io.loomkeeper.tree;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * One node's part of the tree digest (protocol 14): the CRC-32 of path, data and Stat fields.
 *
 * <pre>
 *   | path | data | czxid 8 | mzxid 8 | pzxid 8 | ctime 8 | mtime 8 | version 4 | cversion 4 |
 *                                                            | aversion 4 | ephemeralOwner 8 |
 * </pre>
 *
 * <p>The CRC of path and data ("content") is kept apart, so that a parent's part after a child came
 * or went costs the same whatever its data: the CRC of A followed by 60 bytes B is the CRC of A
 * moved on by 60 zero bytes, a linear map, exclusive-or the CRC of B.
 */
final class NodeDigest {
    private static final VarHandle BIG_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle BIG_ENDIAN_INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private static final int STAT_BYTES = 60;
    private static final int POLYNOMIAL = 0xedb88320;
    private static final int[][] MOVED_ON = movedOn();

    private final CRC32 crc = new CRC32();
    private final byte[] stat = new byte[STAT_BYTES];

    /** CRC of path and data. */
    int contentCrc(byte[] path, int pathLength, byte[] data, int offset, int length) {
        crc.reset();
        crc.update(path, 0, pathLength);
        crc.update(data, offset, length);
        return (int) crc.getValue();
    }

    /** The node's part, of its fields and the CRC of its path and data. */
    long of(Znode node, int contentCrc) {
        return of(node, node.pzxid, node.cversion, contentCrc);
    }

    /** As {@link #of(Znode, int)}, with a branch's own pzxid and stored cversion. */
    long of(Znode node, long pzxid, int cversion, int contentCrc) {
        BIG_ENDIAN_LONG.set(stat, 0, node.czxid);
        BIG_ENDIAN_LONG.set(stat, 8, node.mzxid);
        BIG_ENDIAN_LONG.set(stat, 16, pzxid);
        BIG_ENDIAN_LONG.set(stat, 24, node.ctime);
        BIG_ENDIAN_LONG.set(stat, 32, node.mtime);
        BIG_ENDIAN_INT.set(stat, 40, node.version);
        BIG_ENDIAN_INT.set(stat, 44, cversion);
        BIG_ENDIAN_INT.set(stat, 48, node.aversion);
        BIG_ENDIAN_LONG.set(stat, 52, node.owner);
        crc.reset();
        crc.update(stat, 0, STAT_BYTES);
        return (movedOn(contentCrc) ^ (int) crc.getValue()) & 0xffffffffL;
    }

    private static int movedOn(int crc) {
        return MOVED_ON[0][crc & 0xff]
                ^ MOVED_ON[1][(crc >>> 8) & 0xff]
                ^ MOVED_ON[2][(crc >>> 16) & 0xff]
                ^ MOVED_ON[3][crc >>> 24];
    }

    private static int[][] movedOn() {
        int[][] table = new int[4][256];
        for (int place = 0; place < 4; place++) {
            for (int value = 0; value < 256; value++) {
                int moved = value << (8 * place);
                for (int bit = 0; bit < 8 * STAT_BYTES; bit++) {
                    moved = (moved >>> 1) ^ (POLYNOMIAL & -(moved & 1));
                }
                table[place][value] = moved;
            }
        }
        return table;
    }
}
