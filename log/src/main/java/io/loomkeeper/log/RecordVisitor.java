package io.loomkeeper.log;

import org.agrona.DirectBuffer;

/** What replay hands the recovered transactions to, one by one, in the order of their zxids. */
@FunctionalInterface
public interface RecordVisitor {
    /**
     * Receives one transaction.
     *
     * @param txn valid only during the call
     * @param offset of the first byte, in bytes
     * @param length in bytes
     * @throws RefusedTxnException when it is none that can follow
     */
    void onRecord(long zxid, DirectBuffer txn, int offset, int length);
}
