package io.loomkeeper.conformance;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One thing that a script makes happen, to both servers alike. Clients are numbered; each has one
 * session at most.
 */
sealed interface Step {
    int client();

    /** A new session. */
    record Open(int client, int timeoutMs, boolean withReadOnlyFlag) implements Step {}

    /** A new connection for the client's session, with or without the old one still standing. */
    record Reopen(int client, How how) implements Step {}

    /** The connection is cut; the session lives. */
    record Drop(int client) implements Step {}

    /** Requests sent in one go, without waiting for a reply in between. */
    record Batch(int client, List<Op> ops) implements Step {}

    /** Bytes that are no frame; the server closes the connection without a word. */
    record Raw(int client, ByteBuffer bytes) implements Step {}

    /** In what a reconnect is right or wrong (protocol 2.4). */
    enum How {
        RIGHT,
        WITHOUT_READ_ONLY_FLAG,
        WRONG_PASSWORD,
        UNKNOWN_SESSION,
        ZXID_AHEAD
    }
}
