package io.loomkeeper.tree;

/**
 * Who caused a transaction and where it stands (protocol 12).
 *
 * @param sessionId the client's session
 * @param cxid the xid of the client's request
 * @param timeMs the proposer's wall clock, ms since 1970; replicas use it, never their own
 */
public record TxnHeader(long sessionId, int cxid, long zxid, long timeMs) {}
