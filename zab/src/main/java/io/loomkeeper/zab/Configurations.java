package io.loomkeeper.zab;

import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What configurations are written in and kept in: a port of the agreement core, implemented by
 * {@code server}. Called on the one thread. What is to be kept is durable when a call returns; a
 * disk that fails ends the process (D9).
 */
public interface Configurations {
    /** Those of an ensemble whose members never change: nothing is read, nothing kept. */
    static Configurations fixed() {
        return new FixedConfigurations();
    }

    /** False: what others say of configurations is not for this server. */
    boolean isDynamic();

    /** What was seen last before this process began, and may be newer than the active one. */
    @Nullable Membership seenBefore();

    /** What a text says (protocol 17.2); null when it is no configuration. */
    @Nullable Membership read(String text);

    /** The configuration that a transaction makes; null when it is of another kind. */
    @Nullable Membership madeBy(DirectBuffer txn);

    /** The same members and quorums under another version. */
    Membership renumbered(Membership membership, long version);

    /** Whether a server has another quorum address in one than in the other. */
    boolean hasMoved(long sid, Membership from, Membership to);

    /**
     * Keeps what was proposed and is not active yet, and lets its members be reached.
     *
     * @param next null when there is none any more
     */
    void onSeen(@Nullable Membership next);

    /** Goes by this one from now on, and keeps it. */
    void onActive(Membership membership);
}
