package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Peer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The writes of a learner's clients: sent to the leader as they came, answered here when the
 * transaction that each became is delivered (protocol 15.9). Pipeline thread only.
 *
 * <pre>
 *   a session's queue   write cxid 7 | read | sync | write cxid 8
 *                       the head is answered by the transaction with its session and cxid; a read
 *                       when it is the head; a sync when it is the head and the leader's answer came
 * </pre>
 *
 * <p>The leader takes a link's requests in order and gives each write exactly one transaction, if
 * only one of an error, so the head of a queue is always the next one of its session.
 */
final class Forwards {
    private final DataTree tree;
    private final Clients clients;
    private final Publication publication;
    private final Now now;
    private final Peer peer;
    private final PipelineMeter meter;
    private final JuteInput in = new JuteInput();

    private final Long2ObjectHashMap<ArrayDeque<Waiting>> bySession = new Long2ObjectHashMap<>();

    /** In the order in which they were sent: the answers carry no name. */
    private final ArrayDeque<Sync> syncs = new ArrayDeque<>();

    private final Long2ObjectHashMap<Client> creating = new Long2ObjectHashMap<>();

    /** A second handshake of a session takes the place of the first: only one can have it. */
    private final Long2ObjectHashMap<Renewal> renewing = new Long2ObjectHashMap<>();

    private record Renewal(Client client, int timeoutMs) {}

    /** What a client waits for. */
    private sealed interface Waiting {
        Client from();
    }

    /**
     * A write.
     *
     * @param audited its body, for the audit log; null without one
     */
    private record Write(Client from, Asked asked, @Nullable DirectBuffer audited)
            implements Waiting {}

    private record Local(Client from, Asked asked, Request request) implements Waiting {}

    private static final class Sync implements Waiting {
        final Client from;
        final Asked asked;
        final Request request;
        boolean isAnswered;

        Sync(Client from, Asked asked, Request request) {
            this.from = from;
            this.asked = asked;
            this.request = request;
        }

        @Override
        public Client from() {
            return from;
        }
    }

    Forwards(Pipeline.Parts parts, Proposals.Around around) {
        this.tree = parts.tree();
        this.clients = around.clients();
        this.publication = around.publication();
        this.now = around.now();
        this.peer = around.peer();
        this.meter = around.meter();
    }

    /** Forgets all: whoever waited is gone. */
    void clear() {
        bySession.clear();
        syncs.clear();
        creating.clear();
        renewing.clear();
    }

    /** Whether the leader has to hear of such a request. */
    static boolean isForwarded(Op op) {
        return op.kind() == Op.Kind.WRITE || op.kind() == Op.Kind.SYNC;
    }

    /** A new session: the client is answered when its creation is delivered. */
    void createSession(Client client, long sessionId, int timeoutMs) {
        creating.put(sessionId, client);
        UnsafeBuffer body = new UnsafeBuffer(new byte[Integer.BYTES]);
        body.putInt(0, timeoutMs, ByteOrder.BIG_ENDIAN);
        forward(client, sessionId, 0, Op.CREATE_SESSION, body);
    }

    /** A client comes back with its session: the leader knows whether there is one. */
    void renew(Client client, long sessionId, int timeoutMs) {
        Renewal before = renewing.put(sessionId, new Renewal(client, timeoutMs));
        if (before != null) {
            before.client.link.close();
        }
        peer.forward(new Message.Revalidate(sessionId, timeoutMs));
    }

    /** A write, its body copied from the client's frame. */
    void write(Client client, Asked asked, DirectBuffer body) {
        await(client, new Write(client, asked, meter.audits() ? body : null));
        forward(client, client.sessionId, asked.xid(), asked.op(), body);
    }

    /** A sync: answered behind everything that was committed when the leader got it. */
    void sync(Client client, Asked asked, Request request, DirectBuffer body) {
        Sync sync = new Sync(client, asked, request);
        syncs.add(sync);
        await(client, sync);
        forward(client, client.sessionId, asked.xid(), Op.SYNC, body);
    }

    /** Answers what needs no leader, in its turn. */
    void answer(Client client, Asked asked, Request request) {
        ArrayDeque<Waiting> queue = bySession.get(client.sessionId);
        if (queue == null) {
            clients.answer(client, asked, request, tree.seal());
        } else {
            queue.add(new Local(client, asked, request));
        }
    }

    private void await(Client client, Waiting waiting) {
        bySession.computeIfAbsent(client.sessionId, _ -> new ArrayDeque<>()).add(waiting);
    }

    private void forward(Client client, long sessionId, int cxid, Op op, DirectBuffer body) {
        List<Message.Identity> identities = new ArrayList<>();
        for (AuthId id : client.link.identities()) {
            identities.add(
                    new Message.Identity(
                            String.valueOf(id.scheme()), id.id() == null ? "" : id.id()));
        }
        peer.forward(new Message.Forward(sessionId, cxid, op.code(), body, identities));
    }

    /** The leader has answered a handshake that brought a session. */
    void onRevalidated(Message.Revalidated answer) {
        long sessionId = answer.sessionId();
        Renewal renewal = renewing.remove(sessionId);
        if (renewal == null || !clients.isHere(renewal.client)) {
            return;
        }
        if (answer.isValid()) {
            clients.connect(renewal.client, sessionId, renewal.timeoutMs, now.ms);
        } else {
            clients.refuse(renewal.client);
        }
    }

    /** The leader has answered the oldest sync that it has not answered yet. */
    void onSynced() {
        Sync sync = syncs.poll();
        if (sync != null) {
            sync.isAnswered = true;
            advance(sync.from.sessionId);
        }
    }

    /** A delivered transaction: whoever of this server's clients asked for it is answered. */
    void onDelivered(Applied applied) {
        TxnHeader header = applied.header();
        long sessionId = header.sessionId();
        switch (applied.txn()) {
            case Txn.CreateSessionTxn(int timeoutMs) ->
                    publication.connectThen(creating.remove(sessionId), sessionId, timeoutMs);
            case Txn.CloseSessionTxn _ -> {
                meter.onSessionEnded(applied);
                maybeReply(applied);
                bySession.remove(sessionId);
                clients.onSessionClosed(sessionId);
            }
            default -> {
                maybeReply(applied);
                advance(sessionId);
            }
        }
    }

    private void maybeReply(Applied applied) {
        TxnHeader header = applied.header();
        ArrayDeque<Waiting> queue = bySession.get(header.sessionId());
        if (queue != null
                && queue.peek() instanceof Write(Client from, Asked asked, DirectBuffer audited)
                && asked.xid() == header.cxid()
                && becomes(asked.op(), applied.txn())) {
            queue.remove();
            clients.reply(from, asked, header.zxid(), shaped(asked.op(), applied.response()));
            meter.onForwarded(from, asked, applied.txn());
            if (audited != null) {
                audit(from, asked, audited, applied);
            }
        }
    }

    private void audit(Client from, Asked asked, DirectBuffer body, Applied applied) {
        in.wrap(body, 0, body.capacity());
        try {
            if (RequestCodec.decode(asked.op(), in) instanceof Request.Write request) {
                meter.onAudited(from, request, applied);
            }
        } catch (MalformedException _) {
            // the leader could not read it either
        }
    }

    /**
     * Whether a request of that operation can have become this transaction: the end of a session
     * that expires, or that another connection asks for, has a cxid too.
     */
    private static boolean becomes(Op op, Txn txn) {
        return txn instanceof Txn.ErrorTxn
                || (op == Op.CLOSE_SESSION) == (txn instanceof Txn.CloseSessionTxn);
    }

    /** create has no Stat in its reply, whatever kind of node it made. */
    private static Response shaped(Op op, Response response) {
        return op == Op.CREATE && response instanceof Response.PathStat(var path, _)
                ? new Response.Path(path)
                : response;
    }

    /** Answers what nothing is in the way of any more. */
    private void advance(long sessionId) {
        ArrayDeque<Waiting> queue = bySession.get(sessionId);
        if (queue == null) {
            return;
        }
        Waiting next = queue.peek();
        while (next != null && isReady(next)) {
            queue.remove();
            answerNow(next, tree.seal());
            next = queue.peek();
        }
        if (queue.isEmpty()) {
            bySession.remove(sessionId);
        }
    }

    private static boolean isReady(Waiting waiting) {
        return switch (waiting) {
            case Write _ -> false;
            case Local _ -> true;
            case Sync sync -> sync.isAnswered;
        };
    }

    private void answerNow(Waiting waiting, TreeVersion version) {
        if (!clients.isHere(waiting.from())) {
            return;
        }
        switch (waiting) {
            case Write _ -> throw new AssertionError("a write is answered by its transaction");
            case Local(Client from, Asked asked, Request request) ->
                    clients.answer(from, asked, request, version);
            case Sync sync -> clients.answer(sync.from, sync.asked, sync.request, version);
        }
    }
}
