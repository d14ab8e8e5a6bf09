package io.loomkeeper.tree;

/** Bytes that are no transaction. */
public final class TxnFormatException extends Exception {
    private static final long serialVersionUID = 1;

    TxnFormatException(String what, int at) {
        super(what + " at byte " + at + " of the transaction");
    }
}
