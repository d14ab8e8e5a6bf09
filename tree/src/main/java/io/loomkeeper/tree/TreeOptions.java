package io.loomkeeper.tree;

/**
 * What configuration says about the state; the same on every server of an ensemble.
 *
 * @param digestEnabled whether the digest of protocol 14 is kept; without it, it is 0
 * @param extendedTypes whether owners with 0xff in their highest byte are read as TTLs (protocol
 *     7.3)
 * @param emulate353Ttl whether, beside that, any owner with its highest bit set is a TTL in the
 *     form of 3.5.3
 */
public record TreeOptions(boolean digestEnabled, boolean extendedTypes, boolean emulate353Ttl) {
    /** Apache's defaults. */
    public static final TreeOptions DEFAULT = new TreeOptions(true, false, false);
}
