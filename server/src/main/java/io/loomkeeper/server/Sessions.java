package io.loomkeeper.server;

import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.zab.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The live sessions of this server: which connection each is bound to, when each is due, and on a
 * leader through which server each came last.
 *
 * <p>That a session exists is replicated and stands in the tree; what stands here is local and lost
 * at a restart or a change of leader, after which every session has its whole timeout again
 * (protocol 2.6). A leader has all sessions here; a learner those of its own clients. Pipeline
 * thread only.
 */
final class Sessions {
    /** The owner of a session that came through no server yet: the first to ask becomes it. */
    private static final long NOBODY = Long.MIN_VALUE;

    /** The owner of the sessions of this server's own clients. */
    static final long HERE = Long.MIN_VALUE + 1;

    private static final class Session {
        int timeoutMs;
        long heardMs;

        /** The {@code heardMs} that {@link #takeTouched} gave last. */
        long reportedMs = Long.MIN_VALUE;

        /** A quorum link, HERE or NOBODY. */
        long owner = NOBODY;

        @Nullable Client client;

        void hear() {
            if (client != null) {
                heardMs = Math.max(heardMs, client.link.lastHeardMs());
            }
        }
    }

    private final Long2ObjectHashMap<Session> sessions = new Long2ObjectHashMap<>();
    private final SessionExpiry expiry;

    Sessions(long tickMs) {
        this.expiry = new SessionExpiry(tickMs);
    }

    /** Gives every session its whole timeout, from {@code nowMs} on. */
    void recover(TreeVersion recovered, long nowMs) {
        recovered.forEachSession((sessionId, timeoutMs) -> track(sessionId, timeoutMs, nowMs));
    }

    /** Forgets all: this server serves nobody. */
    void clear() {
        sessions.forEachLong((sessionId, _) -> expiry.forget(sessionId));
        sessions.clear();
    }

    /** The session exists from now on, or is heard again under a new timeout. */
    void track(long sessionId, int timeoutMs, long nowMs) {
        Session session = sessions.computeIfAbsent(sessionId, _ -> new Session());
        session.timeoutMs = timeoutMs;
        session.heardMs = nowMs;
        expiry.touch(sessionId, nowMs, timeoutMs);
    }

    /** A learner has heard of the session; nothing happens when there is none (protocol 15.9). */
    void touch(long sessionId, int timeoutMs, long nowMs) {
        if (sessions.containsKey(sessionId)) {
            track(sessionId, timeoutMs, nowMs);
        }
    }

    /** The session came through {@code owner} last: only from there its writes are taken now. */
    void own(long sessionId, long owner) {
        Session session = sessions.get(sessionId);
        if (session != null) {
            session.owner = owner;
        }
    }

    /**
     * Whether a write of the session may come through {@code asker}; the first one to ask since
     * this server leads becomes its owner. True for a session that is not here.
     */
    boolean admits(long sessionId, long asker) {
        Session session = sessions.get(sessionId);
        if (session == null) {
            return true;
        }
        if (session.owner == NOBODY) {
            session.owner = asker;
        }
        return session.owner == asker;
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
        session.owner = HERE;
        client.sessionId = sessionId;
        client.timeoutMs = session.timeoutMs;
        return before == client ? null : before;
    }

    /** The connection is gone; its session lives on until it is due. */
    void unbind(Client client) {
        Session session = sessions.get(client.sessionId);
        if (session != null && session.client == client) {
            session.hear();
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

    /**
     * How long a session has been silent.
     *
     * @param heardMs when its client was last heard of
     * @param client whose connection it is bound to; null when it has none
     */
    record Silence(int timeoutMs, long heardMs, @Nullable Client client) {}

    Silence silence(long sessionId) {
        Session session = sessions.get(sessionId);
        assert session != null : Long.toHexString(sessionId);
        return new Silence(session.timeoutMs, session.heardMs, session.client);
    }

    int count() {
        return sessions.size();
    }

    SessionExpiry expiry() {
        return expiry;
    }

    /** On a learner: the sessions that were heard of since the last call. */
    List<Message.Touched> takeTouched() {
        List<Message.Touched> touched = new ArrayList<>();
        sessions.forEachLong(
                (sessionId, session) -> {
                    session.hear();
                    if (session.heardMs != session.reportedMs) {
                        session.reportedMs = session.heardMs;
                        touched.add(new Message.Touched(sessionId, session.timeoutMs));
                    }
                });
        return touched;
    }

    /**
     * Gives {@code expired} each session whose client was not heard for its timeout at {@code
     * nowMs}.
     */
    void expire(long nowMs, LongConsumer expired) {
        expiry.expire(
                nowMs,
                sessionId -> {
                    if (isDue(sessionId, nowMs)) {
                        expired.accept(sessionId);
                    }
                });
    }

    /**
     * Whether the session is here and its client was not heard for its timeout; one that was heard
     * is due later.
     */
    boolean isDue(long sessionId, long nowMs) {
        Session session = sessions.get(sessionId);
        if (session == null) {
            return false;
        }
        session.hear();
        if (session.heardMs + session.timeoutMs > nowMs) {
            expiry.touch(sessionId, session.heardMs, session.timeoutMs);
            return false;
        }
        return true;
    }
}
