package io.loomkeeper.log;

/**
 * The limits of a transaction log.
 *
 * @param ringBytes of the queue between the appending thread and the syncer; a power of two
 * @param segmentBytesMax at which a segment is full and the next one begins, in bytes
 * @param blockBytes that Chronicle maps at a time; a power of two, at least 64 KiB
 * @param reserveBytes of disk that are reserved at a time, ahead of the last record
 * @param forceSync false to report records durable that no force has put on disk: power loss then
 *     loses acknowledged writes
 * @param quickForceNs what the last force must have taken at most for the appending thread to do
 *     the next one by itself ({@link TxnLog#flush(boolean)}), in nanoseconds
 */
public record LogOptions(
        int ringBytes,
        long segmentBytesMax,
        int blockBytes,
        int reserveBytes,
        boolean forceSync,
        long quickForceNs) {
    private static final int BLOCK_BYTES_MAX = 1 << 30;
    private static final long QUICK_FORCE_NS = 1_000_000;

    public LogOptions {
        checkPowerOfTwo("ringBytes", ringBytes, 1 << 12);
        checkPowerOfTwo("blockBytes", blockBytes, 1 << 16);
        if (reserveBytes < 1 << 16) {
            throw new IllegalArgumentException("reserveBytes=" + reserveBytes);
        }
        if (segmentBytesMax < 1 << 12) {
            throw new IllegalArgumentException("segmentBytesMax=" + segmentBytesMax);
        }
    }

    private static void checkPowerOfTwo(String name, int value, int min) {
        if (value < min || Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(name + "=" + value);
        }
    }

    public static LogOptions defaults() {
        return new LogOptions(16 << 20, 256L << 20, 64 << 20, 256 << 10, true, QUICK_FORCE_NS);
    }

    /** The same, with room for transactions of {@code bytes} bytes. */
    public LogOptions withTxnBytesMax(int bytes) {
        long needed = 4L * (bytes + (long) RecordLayout.HEADER_BYTES + Integer.BYTES);
        long block = Math.max(blockBytes, Long.highestOneBit(needed - 1) << 1);
        if (bytes < 0 || block > BLOCK_BYTES_MAX) {
            throw new IllegalArgumentException("txnBytesMax=" + bytes);
        }
        return new LogOptions(
                ringBytes, segmentBytesMax, (int) block, reserveBytes, forceSync, quickForceNs);
    }

    /** The same, with or without forces. */
    public LogOptions withForceSync(boolean force) {
        return new LogOptions(
                ringBytes, segmentBytesMax, blockBytes, reserveBytes, force, quickForceNs);
    }

    /**
     * The longest transaction that fits, in bytes: Chronicle overlaps its mappings by a quarter.
     */
    public int txnBytesMax() {
        return blockBytes / 4 - RecordLayout.HEADER_BYTES - Integer.BYTES;
    }

    /** The same, with segments of about {@code bytes} bytes. */
    public LogOptions withSegmentBytesMax(long bytes) {
        return new LogOptions(ringBytes, bytes, blockBytes, reserveBytes, forceSync, quickForceNs);
    }

    /**
     * The same, with forces on the appending thread while the last one took no longer than that.
     */
    LogOptions withQuickForceNs(long ns) {
        return new LogOptions(ringBytes, segmentBytesMax, blockBytes, reserveBytes, forceSync, ns);
    }
}
