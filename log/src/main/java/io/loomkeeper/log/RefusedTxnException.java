package io.loomkeeper.log;

/**
 * Thrown by a {@link RecordVisitor} that finds in a sound record what no server can have logged
 * there: the replay ends as {@link CorruptLogException}, with the record's place.
 */
public final class RefusedTxnException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * @param reason what is wrong with the transaction, in words that go behind a colon
     */
    public RefusedTxnException(String reason) {
        super(reason);
    }
}
