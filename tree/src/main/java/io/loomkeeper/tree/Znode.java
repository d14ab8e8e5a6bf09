package io.loomkeeper.tree;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one node, taken out of its record and put back: a scratch object of whoever reads
 * or writes records.
 *
 * <p>A record is one array and is never written again. What most nodes have in common costs it
 * nothing: a node that was created with an open ACL and not touched since has a name, a flag byte,
 * two numbers and its data.
 *
 * <pre>
 *   +------------+------+-------+-------+-------+------------------------------+------+
 *   | name bytes | name | flags | czxid | ctime | what the flags announce, in  | data |
 *   | unsigned   | UTF8 | byte  | uns.  | sign. | the order of their bits      | rest |
 *   +------------+------+-------+-------+-------+------------------------------+------+
 *   flags  0x01  mzxid - czxid, signed          0x10  cversion, aversion, signed
 *          0x02  mtime - ctime, signed          0x20  owner, 8 bytes big-endian
 *          0x04  pzxid - czxid, signed          0x40  ACL id, unsigned; without it: open
 *          0x08  version, signed                0x80  data is null
 * </pre>
 *
 * <p>"Unsigned" is seven bits a byte, lowest first, high bit set on all but the last; "signed" is
 * the same of {@code (n << 1) ^ (n >> 63)}. A flag is set just where its field differs from its
 * default, so that equal nodes have equal records. The root's name is empty.
 */
final class Znode {
    /** No record's fields, name and data left out, are longer. */
    static final int META_BYTES_MAX = 104;

    /** No unsigned number of 64 bits takes more. */
    static final int VARIABLE_BYTES_MAX = 10;

    private static final VarHandle BIG_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int MZXID = 0x01;
    private static final int MTIME = 0x02;
    private static final int PZXID = 0x04;
    private static final int VERSION = 0x08;
    private static final int OTHER_VERSIONS = 0x10;
    private static final int OWNER = 0x20;
    private static final int ACL = 0x40;
    private static final int NULL_DATA = 0x80;

    long czxid;
    long mzxid;
    long pzxid;
    long ctime;
    long mtime;
    int version;

    /** As stored: creates of children only (protocol 7.2). */
    int cversion;

    int aversion;

    /** As stored: a session id or one of the special values of protocol 7.3. */
    long owner;

    /** Of {@link AclTable}; 0 for the open one. */
    long aclId;

    boolean nullData;

    /** Where the data lies in the record read last. */
    int dataOffset;

    /** Where the next field is read or written. */
    private int at;

    /** Reads all fields of {@code record}. */
    Znode read(byte[] record) {
        readMeta(record, nameOffset(record) + nameLength(record));
        return this;
    }

    /**
     * Reads flags and fields from {@code offset} on, at most {@link #META_BYTES_MAX} bytes of them
     * whatever they say; {@link #dataOffset} is where they end.
     */
    void readMeta(byte[] array, int offset) {
        int flags = array[offset];
        at = offset + 1;
        czxid = unsigned(array);
        ctime = signed(array);
        mzxid = czxid + ((flags & MZXID) != 0 ? signed(array) : 0);
        mtime = ctime + ((flags & MTIME) != 0 ? signed(array) : 0);
        pzxid = czxid + ((flags & PZXID) != 0 ? signed(array) : 0);
        version = (flags & VERSION) != 0 ? (int) signed(array) : 0;
        boolean others = (flags & OTHER_VERSIONS) != 0;
        cversion = others ? (int) signed(array) : 0;
        aversion = others ? (int) signed(array) : 0;
        owner = (flags & OWNER) != 0 ? eightBytes(array) : 0;
        aclId = (flags & ACL) != 0 ? unsigned(array) : 0;
        nullData = (flags & NULL_DATA) != 0;
        dataOffset = at;
    }

    /** Writes flags and fields; returns their end, at most META_BYTES_MAX further. */
    int writeMeta(byte[] target, int offset) {
        at = offset + 1;
        int flags = nullData ? NULL_DATA : 0;
        putUnsigned(target, czxid);
        putSigned(target, ctime);
        flags |= putIfNot0(target, mzxid - czxid, MZXID);
        flags |= putIfNot0(target, mtime - ctime, MTIME);
        flags |= putIfNot0(target, pzxid - czxid, PZXID);
        flags |= putIfNot0(target, version, VERSION);
        if (cversion != 0 || aversion != 0) {
            flags |= OTHER_VERSIONS;
            putSigned(target, cversion);
            putSigned(target, aversion);
        }
        if (owner != 0) {
            flags |= OWNER;
            putEightBytes(target, owner);
        }
        if (aclId != 0) {
            flags |= ACL;
            putUnsigned(target, aclId);
        }
        target[offset] = (byte) flags;
        return at;
    }

    /**
     * A new record of these fields; {@link #dataOffset} is where its data lies.
     *
     * @param name array with the UTF-8 bytes of the name from {@code nameFrom}
     * @param scratch of at least META_BYTES_MAX bytes
     */
    byte[] record(byte[] name, int nameFrom, int nameLength, @Nullable Bytes data, byte[] scratch) {
        nullData = data == null;
        byte[] record =
                shell(name, nameFrom, nameLength, data == null ? 0 : data.length(), scratch);
        if (data != null) {
            data.copyTo(record, dataOffset);
        }
        return record;
    }

    /** A new record of these fields with the name of {@code record} and that data. */
    byte[] recordWithData(byte[] record, @Nullable Bytes data, byte[] scratch) {
        return record(record, nameOffset(record), nameLength(record), data, scratch);
    }

    /** A new record of these fields with the name and the data of {@code record}, read last. */
    byte[] recordWithSameData(byte[] record, byte[] scratch) {
        int from = dataOffset;
        int length = record.length - from;
        byte[] changed = shell(record, nameOffset(record), nameLength(record), length, scratch);
        System.arraycopy(record, from, changed, dataOffset, length);
        return changed;
    }

    /** A record with all but its data, for which there is room from {@link #dataOffset} on. */
    byte[] shell(byte[] name, int nameFrom, int nameLength, int dataLength, byte[] scratch) {
        int metaLength = writeMeta(scratch, 0);
        int nameAt = unsignedLength(nameLength);
        dataOffset = nameAt + nameLength + metaLength;
        byte[] record = new byte[dataOffset + dataLength];
        at = 0;
        putUnsigned(record, nameLength);
        System.arraycopy(name, nameFrom, record, nameAt, nameLength);
        System.arraycopy(scratch, 0, record, nameAt + nameLength, metaLength);
        return record;
    }

    /**
     * What a client sees of the node (protocol 7.2).
     *
     * @param branch the node's, when it has one: its pzxid and cversion stand for those here
     */
    Stat stat(TreeOptions options, @Nullable Branch branch, int dataLength) {
        int children = branch != null ? branch.childCount : 0;
        int stored = branch != null ? branch.cversion : cversion;
        return new Stat(
                czxid,
                mzxid,
                ctime,
                mtime,
                version,
                stored * 2 - children,
                aversion,
                Owner.kind(owner, options) == Owner.Kind.EPHEMERAL ? owner : 0,
                dataLength,
                children,
                branch != null ? branch.pzxid : pzxid);
    }

    static int nameLength(byte[] record) {
        int length = record[0];
        return length >= 0 ? length : longNameLength(record);
    }

    private static int longNameLength(byte[] record) {
        int length = record[0] & 0x7f;
        for (int i = 1; ; i++) {
            length |= (record[i] & 0x7f) << (7 * i);
            if (record[i] >= 0) {
                return length;
            }
        }
    }

    static int nameOffset(byte[] record) {
        int offset = 1;
        while (record[offset - 1] < 0) {
            offset++;
        }
        return offset;
    }

    static int compareNames(byte[] a, byte[] b) {
        int fromA = nameOffset(a);
        int fromB = nameOffset(b);
        return Arrays.compareUnsigned(
                a, fromA, fromA + nameLength(a), b, fromB, fromB + nameLength(b));
    }

    static int unsignedLength(long value) {
        return (Math.max(Long.SIZE - Long.numberOfLeadingZeros(value), 1) + 6) / 7;
    }

    private long unsigned(byte[] array) {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte b = array[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        return value;
    }

    private long signed(byte[] array) {
        long value = unsigned(array);
        return (value >>> 1) ^ -(value & 1);
    }

    private long eightBytes(byte[] array) {
        long value = (long) BIG_ENDIAN_LONG.get(array, at);
        at += Long.BYTES;
        return value;
    }

    private int putIfNot0(byte[] target, long value, int flag) {
        if (value == 0) {
            return 0;
        }
        putSigned(target, value);
        return flag;
    }

    private void putUnsigned(byte[] target, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            target[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[at++] = (byte) rest;
    }

    private void putSigned(byte[] target, long value) {
        putUnsigned(target, (value << 1) ^ (value >> 63));
    }

    private void putEightBytes(byte[] target, long value) {
        BIG_ENDIAN_LONG.set(target, at, value);
        at += Long.BYTES;
    }
}
