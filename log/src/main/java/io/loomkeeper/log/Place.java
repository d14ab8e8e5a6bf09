package io.loomkeeper.log;

/**
 * A point in the history, between two records.
 *
 * @param segment the number of the segment, 0 before the first
 * @param endOffset where the last record before this point ends in the segment's file, in bytes
 * @param zxid of the last transaction before this point
 * @param crc of the last record before this point
 */
record Place(long segment, long endOffset, long zxid, int crc) {
    /**
     * Where a history begins that has nothing before it but a snapshot of {@code zxid}, or nothing.
     */
    static Place origin(long zxid) {
        return new Place(0, 0, zxid, 0);
    }

    boolean isOrigin() {
        return segment == 0;
    }

    @Override
    public String toString() {
        return "zxid 0x"
                + Long.toHexString(zxid)
                + " (segment "
                + segment
                + ", byte "
                + endOffset
                + ")";
    }
}
