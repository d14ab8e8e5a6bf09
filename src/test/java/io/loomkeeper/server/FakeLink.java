package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.ConnectionStats;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Response;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A connection that keeps what it was told, as text, in the order in which it was told. */
final class FakeLink implements ClientLink {
    private final long id;
    final List<String> told = new ArrayList<>();
    final List<Response> replies = new ArrayList<>();
    ConnectResponse connected = ConnectResponse.invalid(null);
    int completed;
    int wakes;
    long heardMs;
    boolean closed;

    FakeLink(long id) {
        this.id = id;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public InetSocketAddress remote() {
        return InetSocketAddress.createUnresolved("client", 1);
    }

    @Override
    public List<AuthId> identities() {
        return List.of(new AuthId("ip", "127.0.0.1"));
    }

    @Override
    public long sessionId() {
        return connected.sessionId();
    }

    @Override
    public long lastHeardMs() {
        return heardMs;
    }

    @Override
    public void connected(ConnectResponse response) {
        connected = response;
        told.add("connected");
    }

    @Override
    public void refused(ConnectResponse response) {
        told.add("refused");
    }

    @Override
    public void reply(Asked asked, long zxid, Response body) {
        told.add(asked.op() + " " + asked.xid() + " at " + zxid + outcome(body));
        replies.add(body);
    }

    private static String outcome(Response body) {
        return body instanceof Response.Failed(var error) ? ": " + error : "";
    }

    @Override
    public void event(long zxid, EventType type, String path) {
        told.add("event " + type + " " + path + " at " + zxid);
    }

    @Override
    public void completed(int count) {
        completed += count;
    }

    @Override
    public void wake() {
        wakes++;
    }

    @Override
    public void closeAfterFlush() {
        told.add("closes");
        closed = true;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public ConnectionStats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resetStats() {}
}
