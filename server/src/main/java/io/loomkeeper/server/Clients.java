package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Change;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeVersion;
import java.util.ArrayList;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections of this server and what they are told, whatever this server's part in the
 * ensemble is. Whom it told something it remembers until {@link #wake}. Pipeline thread only.
 */
final class Clients {
    /** So many the pipeline answers itself (docs/adr/0015-prompt-replies.md). */
    private static final int FEW = 4;

    private final Long2ObjectHashMap<Client> byId = new Long2ObjectHashMap<>();
    private final ArrayList<Client> touched = new ArrayList<>();
    private final Sessions sessions;
    private final SessionIds ids;
    private final Answers answers;
    private final PipelineMeter meter;

    Clients(Sessions sessions, Pipeline.Parts parts, PipelineMeter meter) {
        this.sessions = sessions;
        this.ids = parts.ids();
        this.meter = meter;
        this.answers = new Answers(parts, byId, meter);
    }

    Client open(ClientLink link, boolean knowsReadOnly) {
        Client client = new Client(link, knowsReadOnly);
        byId.put(link.id(), client);
        return client;
    }

    /** The client of that connection; null when it is gone. */
    @Nullable Client find(long connectionId) {
        return byId.get(connectionId);
    }

    boolean isHere(Client client) {
        return byId.get(client.link.id()) == client;
    }

    /** The connection is gone: its watches go, its session stays. */
    void onClosed(long connectionId) {
        Client client = byId.remove(connectionId);
        if (client != null) {
            sessions.unbind(client);
            answers.forget(client);
        }
    }

    /** Closes a connection; nothing that still comes from it counts. */
    void drop(Client client) {
        client.link.close();
        onClosed(client.link.id());
    }

    /** Closes every connection; nothing that still comes from them counts. */
    void dropAll() {
        for (Client client : new ArrayList<>(byId.values())) {
            drop(client);
        }
    }

    /** Answers a ConnectRequest: the session is this client's from now on. */
    void connect(Client client, long sessionId, int timeoutMs, long nowMs) {
        sessions.track(sessionId, timeoutMs, nowMs);
        sessions.bind(sessionId, client);
        client.link.connected(
                new ConnectResponse(
                        timeoutMs,
                        sessionId,
                        Bytes.of(ids.password(sessionId)),
                        client.readOnlyFlag()));
    }

    /** Answers a ConnectRequest: there is no such session, or it is another's. */
    void refuse(Client client) {
        client.link.refused(ConnectResponse.invalid(client.readOnlyFlag()));
    }

    /**
     * The session is going to be bound to another connection: what still comes from the one before
     * would take effect behind what the client asks for on the new one (C3).
     */
    void unseat(long sessionId) {
        Client before = sessions.boundTo(sessionId);
        if (before != null) {
            drop(before);
        }
    }

    /** The watch events of one committed transaction; they come before everything else of it. */
    void fire(Applied applied) {
        long zxid = applied.header().zxid();
        for (Change change : applied.changes()) {
            answers.fire(change, zxid, this::touchLink);
        }
    }

    /** Answers a write; a client whose session has moved is closed instead (protocol 15.9). */
    void reply(Client client, Asked asked, long zxid, Response response) {
        if (response instanceof Response.Failed(var error) && error == KeeperError.SESSION_MOVED) {
            client.link.close();
        }
        client.link.reply(asked, zxid, response);
        touch(client);
    }

    /** Answers what is no write from {@code version}. */
    void answer(Client client, Asked asked, Request request, TreeVersion version) {
        answers.answer(client, asked, request, version);
        meter.onAnswered(client, asked, request);
        touch(client);
    }

    /** The session has ended: its connection is told what was queued, then it closes. */
    void onSessionClosed(long sessionId) {
        Client bound = sessions.end(sessionId);
        if (bound != null) {
            bound.link.closeAfterFlush();
            touchLink(bound);
        }
    }

    private void touch(Client client) {
        client.answered++;
        touchLink(client);
    }

    private void touchLink(Client client) {
        if (!client.touched) {
            client.touched = true;
            touched.add(client);
        }
    }

    /** Whoever was told something since the last call is woken; what it saw is published. */
    void wake() {
        boolean few = touched.size() <= FEW;
        for (Client client : touched) {
            client.touched = false;
            if (client.answered > 0) {
                client.link.completed(client.answered);
                client.answered = 0;
            }
            if (few) {
                client.link.sendOrWake();
            } else {
                client.link.wake();
            }
        }
        touched.clear();
    }
}
