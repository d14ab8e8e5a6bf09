package io.loomkeeper.server;

import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer.Caller;
import io.loomkeeper.tree.Request;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Peer;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a leader does for the clients of its learners: takes their writes, knows through which
 * server each session came last, and keeps the sessions alive that learners heard of (protocol
 * 15.9). Pipeline thread only.
 */
final class Learners {
    private final Sessions sessions;
    private final Clients clients;
    private final Proposals proposals;
    private final Alive alive;
    private final Now now;
    private final Peer peer;
    private final PipelineMeter meter;
    private final JuteInput in = new JuteInput();

    /** Whether a session exists, and no end of it is under way. */
    interface Alive {
        boolean isAlive(long sessionId);
    }

    Learners(Sessions sessions, Proposals proposals, Alive alive, Proposals.Around around) {
        this.sessions = sessions;
        this.proposals = proposals;
        this.alive = alive;
        this.clients = around.clients();
        this.now = around.now();
        this.peer = around.peer();
        this.meter = around.meter();
    }

    /** A learner that serves has sent this on its link. */
    void onMessage(long link, Message message) {
        switch (message) {
            case Message.Forward forward -> onForward(link, forward);
            case Message.Revalidate(long sessionId, int timeoutMs) ->
                    onRevalidate(link, sessionId, timeoutMs);
            case Message.Pong(_, List<Message.Touched> touched) -> {
                for (Message.Touched session : touched) {
                    sessions.touch(session.sessionId(), session.timeoutMs(), now.ms);
                }
            }
            default -> throw new AssertionError("not from a learner's clients: " + message);
        }
    }

    private void onForward(long link, Message.Forward forward) {
        Op op = Op.ofCode(forward.op());
        if (op == Op.SYNC) {
            peer.sync(link, proposals.barrier());
            return;
        }
        Request.Write request = decode(op, forward.body());
        long sessionId = forward.sessionId();
        List<AuthId> identities =
                forward.identities().stream()
                        .map(identity -> new AuthId(identity.scheme(), identity.id()))
                        .toList();
        if (request instanceof Request.CreateSession(int timeoutMs)) {
            sessions.track(sessionId, timeoutMs, now.ms);
            sessions.own(sessionId, link);
        } else if (!(request instanceof Request.CloseSession)
                && !sessions.admits(sessionId, link)) {
            request = new Request.Malformed(KeeperError.SESSION_MOVED);
        }
        proposals.submit(new Caller(sessionId, forward.cxid(), identities, false), request);
    }

    /** Whatever comes gets a transaction: the learner waits for one. */
    private Request.Write decode(@Nullable Op op, DirectBuffer body) {
        if (op == null || !Forwards.isForwarded(op)) {
            return new Request.Malformed(KeeperError.UNIMPLEMENTED);
        }
        in.wrap(body, 0, body.capacity());
        try {
            return RequestCodec.decode(op, in) instanceof Request.Write write
                    ? write
                    : new Request.Malformed(KeeperError.UNIMPLEMENTED);
        } catch (MalformedException e) {
            return new Request.Malformed(KeeperError.MARSHALLING_ERROR);
        }
    }

    /** The session goes on through this learner, if it goes on; its connection here goes. */
    private void onRevalidate(long link, long sessionId, int timeoutMs) {
        meter.onRevalidated();
        boolean isValid = alive.isAlive(sessionId);
        if (isValid) {
            Client bound = sessions.boundTo(sessionId);
            if (bound != null) {
                clients.drop(bound);
            }
            sessions.track(sessionId, timeoutMs, now.ms);
            sessions.own(sessionId, link);
        }
        peer.answer(link, new Message.Revalidated(sessionId, isValid));
    }
}
