package io.loomkeeper.server;

import io.loomkeeper.tree.TreeVersion;
import java.util.function.LongConsumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The live sessions of this server: which connection each is bound to, and when each is due.
 *
 * <p>That a session exists is replicated and stands in the tree; what stands here is local and lost
 * at a restart, after which every session has its whole timeout again (protocol 2.6). Pipeline
 * thread only.
 */
final class Sessions {
    private static final class Session {
        int timeoutMs;
        long heardMs;
        @Nullable Client client;
    }

    private final Long2ObjectHashMap<Session> sessions = new Long2ObjectHashMap<>();
    private final SessionExpiry expiry;

    Sessions(long tickMs) {
        this.expiry = new SessionExpiry(tickMs);
    }

    /** Gives every recovered session its whole timeout, from {@code nowMs} on. */
    void recover(TreeVersion recovered, long nowMs) {
        recovered.forEachSession((sessionId, timeoutMs) -> track(sessionId, timeoutMs, nowMs));
    }

    /** The session exists from now on, or is heard again under a new timeout. */
    void track(long sessionId, int timeoutMs, long nowMs) {
        Session session = sessions.computeIfAbsent(sessionId, _ -> new Session());
        session.timeoutMs = timeoutMs;
        session.heardMs = nowMs;
        expiry.touch(sessionId, nowMs, timeoutMs);
    }

    /**
     * Binds the session to this connection; returns the connection it was bound to before, if
     * another.
     */
    @Nullable Client bind(long sessionId, Client client) {
        Session session = sessions.get(sessionId);
        assert session != null : Long.toHexString(sessionId);
        Client before = session.client;
        session.client = client;
        client.sessionId = sessionId;
        client.timeoutMs = session.timeoutMs;
        return before == client ? null : before;
    }

    /** The connection is gone; its session lives on until it is due. */
    void unbind(Client client) {
        Session session = sessions.get(client.sessionId);
        if (session != null && session.client == client) {
            session.heardMs = Math.max(session.heardMs, client.link.lastHeardMs());
            expiry.touch(client.sessionId, session.heardMs, session.timeoutMs);
            session.client = null;
        }
    }

    /** The session has ended; returns the connection it was bound to, if any. */
    @Nullable Client end(long sessionId) {
        expiry.forget(sessionId);
        Session session = sessions.remove(sessionId);
        return session == null ? null : session.client;
    }

    @Nullable Client boundTo(long sessionId) {
        Session session = sessions.get(sessionId);
        return session == null ? null : session.client;
    }

    int count() {
        return sessions.size();
    }

    SessionExpiry expiry() {
        return expiry;
    }

    /**
     * Gives {@code expired} each session whose client was not heard for its timeout at {@code
     * nowMs}.
     */
    void expire(long nowMs, LongConsumer expired) {
        expiry.expire(nowMs, sessionId -> onDue(sessionId, nowMs, expired));
    }

    private void onDue(long sessionId, long nowMs, LongConsumer expired) {
        Session session = sessions.get(sessionId);
        if (session == null) {
            return;
        }
        Client client = session.client;
        if (client != null) {
            session.heardMs = Math.max(session.heardMs, client.link.lastHeardMs());
        }
        if (session.heardMs + session.timeoutMs > nowMs) {
            expiry.touch(sessionId, session.heardMs, session.timeoutMs);
        } else {
            expired.accept(sessionId);
        }
    }
}
