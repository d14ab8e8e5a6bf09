package io.loomkeeper.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Digests of the tree at some zxids, the last 1,024 of them, for comparing servers with {@code
 * hash}.
 */
final class DigestHistory {
    private static final Logger LOG = LoggerFactory.getLogger(DigestHistory.class);
    private static final int KEPT = 1024;
    private static final int INTERVAL = 128;

    private final long[] zxids = new long[KEPT];
    private final long[] digests = new long[KEPT];
    private int count;
    private long mismatches;
    private long mismatchZxid = -1;

    /** Keeps those of every 128th zxid (protocol 14). */
    void onDigest(long zxid, long digest) {
        if (zxid % INTERVAL == 0) {
            add(zxid, digest);
        }
    }

    private synchronized void add(long zxid, long digest) {
        zxids[count % KEPT] = zxid;
        digests[count % KEPT] = digest;
        count++;
    }

    /** A transaction has led to another tree here than on the server that proposed it. */
    synchronized void onMismatch(long zxid) {
        if (mismatches == 0 || zxid != mismatchZxid + 1) {
            LOG.warn(
                    "transaction 0x{} has led to another tree here than on the server that proposed"
                            + " it; directly following ones are not logged",
                    Long.toHexString(zxid));
        }
        mismatches++;
        mismatchZxid = zxid;
    }

    /** How often that was so. */
    synchronized long mismatches() {
        return mismatches;
    }

    interface Visitor {
        void onDigest(long zxid, long digest);
    }

    synchronized void forEach(Visitor visitor) {
        for (int i = Math.max(0, count - KEPT); i < count; i++) {
            visitor.onDigest(zxids[i % KEPT], digests[i % KEPT]);
        }
    }
}
