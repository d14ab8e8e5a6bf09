package io.loomkeeper.net;

import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;

/**
 * Is told what comes and goes on client connections, for the server's own counts.
 *
 * <p>Called on connections' threads and on the pipeline's, many at once and for every frame: an
 * implementation adds something up and returns.
 */
public interface ClientMeter {
    /** What happens to a connection that an operator may want to know the number of. */
    enum Incident {
        /** Closed when accepted: there were too many already. */
        REFUSED,
        /** Closed: it had no session in time. */
        SESSIONLESS,
        /** Closed: it did not read what waited for it. */
        CUT_OFF,
        /** Its credentials were refused. */
        AUTH_FAILED,
        /** Closed: its TLS handshake failed, as when its certificate is refused. */
        HANDSHAKE_FAILED,
        /** Closed when accepted: too many TLS handshakes were under way. */
        HANDSHAKE_EXCEEDED
    }

    /**
     * A frame, or a four-letter word, came in.
     *
     * @param bytes with the length prefix
     */
    void onReceived(int bytes);

    /**
     * A request was answered.
     *
     * @param latencyNs from its arrival to the queueing of the reply
     * @param bytes with the length prefix
     */
    void onReplied(Op op, long latencyNs, int bytes);

    /** A watch event was queued, of that many bytes with the length prefix. */
    void onEvent(int bytes);

    /** Something else was queued: a ConnectResponse or the answer to a word. */
    void onSentBeside(int bytes);

    void onIncident(Incident incident);

    /** A connection without TLS is served; {@code isLocal} when it comes from this machine. */
    default void onPlain(boolean isLocal) {}

    /** A ConnectRequest was let in, and the bucket of those that may come lacks so many tokens. */
    default void onAdmitted(long deficit) {}

    /** What was queued was written to the socket, in so long. */
    default void onWritten(long tookNs) {}

    /** A read that is answered later than so long after its arrival is {@link #onSlowRead}. */
    default long slowNs() {
        return Long.MAX_VALUE;
    }

    /** A read was answered on its connection's own thread, and was slow. */
    default void onSlowRead(Asked asked, long sessionId, Request.Read read, long latencyNs) {}
}
