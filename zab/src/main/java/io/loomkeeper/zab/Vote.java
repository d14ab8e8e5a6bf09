package io.loomkeeper.zab;

/**
 * A candidate, and why.
 *
 * @param leader its server id
 * @param zxid the last one that is durable on it
 * @param peerEpoch its current epoch
 */
public record Vote(long leader, long zxid, long peerEpoch) {
    /** Neither candidate nor voter: what an observer, and nobody else, proposes (protocol 16.5). */
    public static final Vote NONE = new Vote(Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE);

    /** Rule E1: by epoch, then zxid, then server id. */
    public boolean isBetterThan(Vote other) {
        if (peerEpoch != other.peerEpoch) {
            return peerEpoch > other.peerEpoch;
        }
        return zxid == other.zxid ? leader > other.leader : zxid > other.zxid;
    }
}
