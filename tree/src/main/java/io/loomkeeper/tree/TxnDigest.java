package io.loomkeeper.tree;

/**
 * What the proposer says the tree digest is after a transaction (protocol 12, 14).
 *
 * @param version of the way it is computed; only {@link #VERSION} can be compared
 */
public record TxnDigest(int version, long digest) {
    public static final int VERSION = 2;
}
