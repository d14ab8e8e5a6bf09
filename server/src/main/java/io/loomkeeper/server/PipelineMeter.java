package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Txn;

/**
 * Is told what the pipeline does and how long it took, for the server's own counts: an
 * implementation adds something up and returns. Pipeline thread only.
 *
 * <p>The pipeline has no clock; what it needs to know of time for this it asks here, and nothing
 * that it does depends on the answer.
 */
interface PipelineMeter {
    /** Counts nothing, and has no clock. */
    PipelineMeter NONE = new PipelineMeter() {};

    /** Of a clock that only rises, the one of {@link Asked#receivedNs}. */
    default long nowNs() {
        return 0;
    }

    /** A ConnectRequest is being answered. */
    default void onConnect(boolean isRenewal) {}

    /** A ConnectRequest came while nobody is served: its connection is closed. */
    default void onTurnedAway() {}

    /** A leader has told a learner whether a session that came there goes on. */
    default void onRevalidated() {}

    /** The journal is durable up to there. */
    default void onDurable(long zxid) {}

    /** On a leader: that server is durable up to there. */
    default void onAcked(long sid, long zxid) {}

    /** A session's end is submitted because nothing was heard of it. */
    default void onExpired(long sessionId, Sessions.Silence silence, long nowMs) {}

    /** Whether {@link #onAudited} wants the requests: they are kept for it only then. */
    default boolean audits() {
        return false;
    }

    /** A client's write is answered. */
    default void onAudited(Client client, Request.Write request, Applied applied) {}

    /** A session has ended, whoever ended it. */
    default void onSessionEnded(Applied applied) {}

    /**
     * A write was judged and applied to the head; then it was encoded and handed to the journal and
     * to the learners' links.
     */
    default void onProposed(long beganNs, long preparedNs, long handedNs) {}

    /** A write of this server is committed and its reply is queued. */
    default void onCommitted(PendingQueue.Write write, long committedNs) {}

    /** A run of commits is delivered and published; it began then. */
    default void onPublished(long beganNs) {}

    /**
     * A transaction that another server proposed has been answered here to the client who asked.
     */
    default void onForwarded(Client client, Asked asked, Txn txn) {}

    /** A request that is no write has been answered by the pipeline. */
    default void onAnswered(Client client, Asked asked, Request request) {}

    /** The whole state goes to a learner. */
    default void onImage() {}

    /** A transaction is applied. */
    default void onApplied(long createdMs, long nowMs) {}

    /** So many connections were told of one event. */
    default void onFired(EventType type, int connections) {}
}
