package io.loomkeeper.zab;

import org.agrona.DirectBuffer;

/**
 * One transaction of the history.
 *
 * @param txn serialised, never changed again; opaque here
 */
public record Entry(long zxid, DirectBuffer txn) {}
