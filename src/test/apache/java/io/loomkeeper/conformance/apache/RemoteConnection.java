package io.loomkeeper.conformance.apache;

import org.apache.zookeeper.server.MockServerCnxn;

/** A session's connection at the server, of which only the session is known. */
final class RemoteConnection extends MockServerCnxn {
    private final long session;

    RemoteConnection(long session) {
        this.session = session;
    }

    @Override
    public long getSessionId() {
        return session;
    }
}
