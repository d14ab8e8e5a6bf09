package io.loomkeeper.cli;

import io.loomkeeper.tree.TreeVersion;

/**
 * A state that was read from files.
 *
 * @param version sealed
 * @param base the zxid of the snapshot it began with; 0 for none
 * @param replayed how many transactions were applied to that
 * @param partedZxid the first transaction since which the digests that were logged are of another
 *     tree; -1 when all is well
 */
record State(TreeVersion version, long base, long replayed, long partedZxid) {
    static State of(Replay replay, long base) {
        return new State(replay.seal(), base, replay.count(), replay.partedZxid());
    }

    long zxid() {
        return version.zxid();
    }
}
