package io.loomkeeper.net;

import io.loomkeeper.tree.Op;

/**
 * What of a request its reply needs to know again.
 *
 * @param xid as the client numbered it; echoed
 * @param receivedNs the System.nanoTime of its arrival, for latencies
 */
public record Asked(Op op, int xid, long receivedNs) {}
