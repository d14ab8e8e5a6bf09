package io.loomkeeper.zab;

/**
 * A transaction's place in the total order: epoch in the high 32 bits, counter in the low 32 bits.
 */
public final class Zxid {
    private Zxid() {}

    public static long of(int epoch, int counter) {
        return (long) epoch << 32 | Integer.toUnsignedLong(counter);
    }

    public static int epoch(long zxid) {
        return (int) (zxid >>> 32);
    }

    public static int counter(long zxid) {
        return (int) zxid;
    }

    /**
     * The next zxid of the same epoch; the caller has handed over before the counter is used up.
     */
    public static long next(long zxid) {
        assert counter(zxid) != -1 : "counter exhausted: 0x" + Long.toHexString(zxid);
        return zxid + 1;
    }
}
