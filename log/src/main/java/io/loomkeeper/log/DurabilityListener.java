package io.loomkeeper.log;

/**
 * What the log tells the server, on the syncer thread, or on the appending one within {@link
 * TxnLog#flush(boolean)}; never on both at once. All methods must be short and must not throw.
 */
public interface DurabilityListener {
    /**
     * Everything up to and including {@code zxid} is on disk (rules D6 and D11). Rising, except
     * over {@link #onHistoryChanged}.
     */
    void onDurable(long zxid);

    /**
     * The history was cut, or replaced by a snapshot: it ends at {@code zxid}, on disk, and reports
     * rise from there. A report of a later zxid that is still on its way is void.
     */
    default void onHistoryChanged(long zxid) {}

    /**
     * The first error of any kind; called once and last (rule D9). Nothing that was not reported
     * durable before will be: the server stops acknowledging and exits.
     */
    void onFailure(Throwable cause);

    /**
     * One force has returned; called just before its {@link #onDurable}.
     *
     * @param durationNs of the force alone, in nanoseconds
     * @param records how many transactions it made durable
     * @param bytes how many bytes of log it made durable
     */
    default void onForced(long durationNs, int records, long bytes) {}
}
