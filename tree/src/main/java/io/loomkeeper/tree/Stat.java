package io.loomkeeper.tree;

/**
 * What a client sees of a node beside its data: the 68-byte Stat record of protocol 3, in wire
 * order.
 *
 * @param ctime ms since 1970 of the creating transaction
 * @param mtime ms since 1970 of the last setData
 * @param cversion creates and deletes of children: stored x 2 - numChildren (protocol 7.2)
 * @param ephemeralOwner session id, or 0 for persistent, container and TTL nodes
 * @param dataLength bytes; 0 for null data
 */
public record Stat(
        long czxid,
        long mzxid,
        long ctime,
        long mtime,
        int version,
        int cversion,
        int aversion,
        long ephemeralOwner,
        int dataLength,
        int numChildren,
        long pzxid) {}
