package io.loomkeeper.server;

import io.loomkeeper.net.ClientLink;
import org.jspecify.annotations.Nullable;

/** What the pipeline knows of one connection. Pipeline thread only. */
final class Client {
    final ClientLink link;

    /** 0 until a session is bound. */
    long sessionId;

    int timeoutMs;

    /** Requests of this connection that wait in the pending queue. */
    int pending;

    /** Replies given to the link since its last wake. */
    int answered;

    /** In the pipeline's list of links to wake. */
    boolean touched;

    private final boolean knowsReadOnly;

    /**
     * @param knowsReadOnly whether its ConnectRequest carried the readOnly flag
     */
    Client(ClientLink link, boolean knowsReadOnly) {
        this.link = link;
        this.knowsReadOnly = knowsReadOnly;
    }

    /**
     * What the ConnectResponse says of read-only mode: nothing to a client that did not ask
     * (protocol 2.3).
     */
    @Nullable Boolean readOnlyFlag() {
        return knowsReadOnly ? Boolean.FALSE : null;
    }
}
