package io.loomkeeper.zab;

import org.agrona.DirectBuffer;

/**
 * The history of this server: a port of the agreement core, implemented by {@code log}.
 *
 * <p>One thread calls {@link #append}; it never blocks on the disk. Durability is reported later
 * and elsewhere, as {@code onDurable(zxid)}: everything up to and including {@code zxid} was
 * appended before a force began that has returned without error (rules D6 and D11).
 */
public interface Journal {
    /**
     * Copies one transaction into the journal, behind all earlier ones.
     *
     * @param zxid greater than every zxid appended before
     * @param txn the serialised transaction, opaque here
     * @param offset of its first byte, in bytes
     * @param length in bytes
     * @return false when the journal's queue is full: nothing was taken, try again later
     */
    boolean append(long zxid, DirectBuffer txn, int offset, int length);

    /** The last zxid that {@link #append} took, or the last one recovered. */
    long lastAppended();
}
