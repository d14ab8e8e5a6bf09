package io.loomkeeper.net;

import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Response;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A client's connection as the pipeline sees it.
 *
 * <p>Only the pipeline calls what sends; anyone may call the rest. Nothing here blocks, throws or
 * fails: what is sent on a closed connection is dropped, and the pipeline learns of the closing by
 * {@link RequestSink#offerClosed}, once, after every request of the connection.
 *
 * <p>The order of calls is a protocol, told in {@link Outbox}. In short, for each transaction in
 * turn: its events, then its reply; then the publication of a version that holds them; {@link
 * #completed} after the publication; {@link #wake} once per batch.
 */
public interface ClientLink {
    /** Unlike every other connection's of this process; never 0. */
    long id();

    InetSocketAddress remote();

    /** Whether it is by TLS. */
    default boolean isEncrypted() {
        return false;
    }

    /** First {@code ip}, then whatever the client has authenticated as (protocol 8.4). */
    List<AuthId> identities();

    /** 0 until {@link #connected}. */
    long sessionId();

    /** The newest tick's time when the client was last heard of. */
    long lastHeardMs();

    /** Answers a ConnectRequest, binds the session to this connection and lets it be read on. */
    void connected(ConnectResponse response);

    /** Answers a ConnectRequest, then closes. */
    void refused(ConnectResponse response);

    /**
     * Queues a reply. A ping's xid is -2 whatever was asked (protocol 2.7).
     *
     * @param zxid of the version that the reply was computed from
     */
    void reply(Asked asked, long zxid, Response body);

    /**
     * Queues a notification.
     *
     * @param zxid of the transaction that caused it; -1 for catch-up events (protocol 11.6)
     */
    void event(long zxid, EventType type, String path);

    /** {@code count} requests of this connection are no longer in flight, replied to or dropped. */
    void completed(int count);

    /** Sees to it that what was queued leaves. */
    void wake();

    /**
     * As {@link #wake}; a few bytes that the socket takes at once leave before it returns, which
     * costs the caller a system call and spares the client a thread that wakes.
     */
    default void sendOrWake() {
        wake();
    }

    /** Sends what was queued, and nothing after it, then closes. */
    void closeAfterFlush();

    /** Closes at once. Idempotent. */
    void close();

    ConnectionStats stats();

    /** Forgets counts and latencies, not what was last asked. */
    void resetStats();
}
