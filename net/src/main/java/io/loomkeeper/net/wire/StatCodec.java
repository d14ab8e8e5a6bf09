package io.loomkeeper.net.wire;

import io.loomkeeper.tree.Stat;

/**
 * A Stat on the wire: 68 bytes (protocol 3).
 *
 * <pre>
 *   long czxid, mzxid, ctime, mtime   int version, cversion, aversion
 *   long ephemeralOwner               int dataLength, numChildren        long pzxid
 * </pre>
 */
final class StatCodec {
    private StatCodec() {}

    static Stat decode(JuteInput in) throws MalformedException {
        return new Stat(
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readInt(),
                in.readInt(),
                in.readLong());
    }

    static void encode(Stat stat, JuteOutput out) {
        out.writeLong(stat.czxid());
        out.writeLong(stat.mzxid());
        out.writeLong(stat.ctime());
        out.writeLong(stat.mtime());
        out.writeInt(stat.version());
        out.writeInt(stat.cversion());
        out.writeInt(stat.aversion());
        out.writeLong(stat.ephemeralOwner());
        out.writeInt(stat.dataLength());
        out.writeInt(stat.numChildren());
        out.writeLong(stat.pzxid());
    }
}
