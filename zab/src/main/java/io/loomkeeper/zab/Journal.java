package io.loomkeeper.zab;

import org.agrona.DirectBuffer;

/**
 * The history of this server: a port of the agreement core, implemented by {@code log}.
 *
 * <p>One thread calls; no call blocks on the disk. What is done is reported later and elsewhere. A
 * disk that fails ends the process (D9), so no failure is reported.
 */
public interface Journal {
    /**
     * Copies one transaction into the journal, behind all earlier ones. {@link Peer#onDurable}
     * tells when everything up to and including some zxid was appended before a force began that
     * has returned without error (D6, D11).
     *
     * @param zxid greater than every zxid appended before
     * @param txn the serialised transaction, opaque here
     * @param offset of its first byte, in bytes
     * @param length in bytes
     * @return false when the journal's queue is full: nothing was taken, try again later
     */
    boolean append(long zxid, DirectBuffer txn, int offset, int length);

    /**
     * The last zxid that {@link #append} took, or what was recovered, cut to or installed since.
     */
    long lastAppended();

    /**
     * Cuts everything above {@code zxid}, which is in the history or is its base (T1 to T5), and
     * brings the state machine back to it when that was ahead (T7). {@link Peer#onTruncated} tells
     * when that is durable. Until then nothing is appended, and no durable zxid is reported; nor is
     * any later that was found before.
     */
    void truncate(long zxid);

    /**
     * Replaces history and state by an image that came from the leader, crash-atomically (D3).
     * {@link Peer#onInstalled} tells when it is durable and is the state. Until then nothing is
     * appended, and no durable zxid is reported.
     */
    void install(Image image);

    /**
     * Looks a zxid up in our history, on disk. {@link Peer#onLocated} tells the greatest one up to
     * {@code zxid} that is in it, its base included; -1 when it does not reach back that far.
     *
     * @param link whose learner or leader asked, handed back
     */
    void locate(long link, long zxid);
}
