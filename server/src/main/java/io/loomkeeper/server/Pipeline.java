package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Change;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Preparer.Caller;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.Entry;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.StateMachine;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The one writer: every change of state happens in a call of this object, on one thread, in the
 * order of the calls. It reads no clock and waits for nothing, so a simulator can drive it as the
 * pipeline thread does.
 *
 * <p>A write is validated against, and at once applied to, the tree's head, which nobody else sees;
 * then it is proposed. What is agreed on is delivered by {@link #onCommitted}: watch events, the
 * reply, publication, in the order that {@link io.loomkeeper.net.Outbox} demands. Requests that a
 * connection may not overtake its own writes with wait behind them in the {@link PendingQueue}.
 */
final class Pipeline implements StateMachine {
    /** Stands for what no reply answers: a handshake, or a write of this server's own. */
    private static final Asked CONNECT = new Asked(Op.CREATE_SESSION, 0, 0);

    private final DataTree tree;
    private final Preparer preparer;
    private final PublishedState published;
    private final Sessions sessions;
    private final Answers answers;
    private final SessionIds ids;
    private final Options options;
    private final CommitListener commits;
    private final DigestHistory digests;
    private final Peer peer;

    private final PendingQueue pending = new PendingQueue();
    private final Long2ObjectHashMap<Client> clients = new Long2ObjectHashMap<>();
    private final ArrayList<Client> touched = new ArrayList<>();

    /** Creations of sessions that are delivered and not yet published. */
    private final ArrayList<PendingQueue.Write> connecting = new ArrayList<>();

    private final ExpandableArrayBuffer txnBuffer = new ExpandableArrayBuffer(4096);

    /**
     * Length of the encoded transaction in {@code txnBuffer} that the journal had no room for; 0:
     * none.
     */
    private int stalledBytes;

    /** Since the last publication. */
    private long loggedBytes;

    private long sealedZxid;
    private long nowMs;
    private long wallMs;

    record Options(int minSessionTimeoutMs, int maxSessionTimeoutMs, boolean digests) {}

    /** Told of each publication, after it. Must not block. */
    interface CommitListener {
        void onPublished(TreeVersion version, int writes, long bytes);
    }

    /** The parts that a pipeline works on. */
    record Parts(
            DataTree tree,
            Preparer preparer,
            Reads reads,
            Watches watches,
            AclRules aclRules,
            PublishedState published,
            Sessions sessions,
            SessionIds ids,
            DigestHistory digests) {}

    /**
     * @param journal takes what is proposed
     */
    Pipeline(Parts parts, Options options, Journal journal, CommitListener commits) {
        this.tree = parts.tree();
        this.preparer = parts.preparer();
        this.published = parts.published();
        this.sessions = parts.sessions();
        this.answers = new Answers(parts.reads(), parts.watches(), parts.aclRules(), clients);
        this.ids = parts.ids();
        this.digests = parts.digests();
        this.options = options;
        this.commits = commits;
        this.sealedZxid = published.version().zxid();
        this.peer = Peer.standalone(journal, this, sealedZxid);
    }

    /**
     * Time passes.
     *
     * @param nowMs monotonic, for deadlines
     * @param wallMs since 1970, for transactions
     */
    void onTick(long nowMs, long wallMs) {
        this.nowMs = nowMs;
        this.wallMs = wallMs;
        if (stalledBytes == 0) {
            sessions.expire(nowMs, this::onExpired);
        }
    }

    /** False while the journal has no room: nothing but ticks and durable zxids may come in. */
    boolean ready() {
        if (stalledBytes > 0 && peer.propose(txnBuffer, 0, stalledBytes)) {
            stalledBytes = 0;
        }
        return stalledBytes == 0;
    }

    /** The first packet of a connection (protocol 2.4). */
    void onConnect(ClientLink link, ConnectRequest request) {
        if (request.lastZxidSeen() > published.version().zxid()) {
            link.close();
            return;
        }
        Client client = new Client(link, request.readOnly() != null);
        clients.put(link.id(), client);
        int timeoutMs =
                Math.clamp(
                        request.timeoutMs(),
                        options.minSessionTimeoutMs(),
                        options.maxSessionTimeoutMs());
        if (request.sessionId() == 0) {
            Caller caller = new Caller(newSessionId(), 0, link.identities(), false);
            submit(client, caller, CONNECT, new Request.CreateSession(timeoutMs));
        } else {
            renew(client, request, timeoutMs);
        }
    }

    private long newSessionId() {
        long sessionId = ids.next();
        while (tree.head().hasSession(sessionId)) {
            sessionId = ids.next();
        }
        return sessionId;
    }

    /**
     * A client comes back with its session: the older connection goes, then the password decides.
     */
    private void renew(Client client, ConnectRequest request, int timeoutMs) {
        long sessionId = request.sessionId();
        Client before = sessions.boundTo(sessionId);
        if (before != null) {
            before.link.close();
        }
        if (SessionIds.isPassword(sessionId, request.passwd())
                && tree.head().hasSession(sessionId)
                && published.version().hasSession(sessionId)) {
            connect(client, sessionId, timeoutMs);
        } else {
            client.link.refused(ConnectResponse.invalid(client.readOnlyFlag()));
        }
    }

    private void connect(Client client, long sessionId, int timeoutMs) {
        sessions.track(sessionId, timeoutMs, nowMs);
        sessions.bind(sessionId, client);
        client.link.connected(
                new ConnectResponse(
                        timeoutMs,
                        sessionId,
                        Bytes.of(SessionIds.password(sessionId)),
                        client.readOnlyFlag()));
    }

    /** A request of a connection that has a session. */
    void onRequest(long connectionId, Asked asked, Request request) {
        Client client = clients.get(connectionId);
        if (client == null) {
            return;
        }
        if (request instanceof Request.Write write) {
            client.pending++;
            Caller caller =
                    new Caller(client.sessionId, asked.xid(), client.link.identities(), false);
            submit(client, caller, asked, write);
        } else if (client.pending == 0) {
            answers.answer(client, asked, request, published.version());
            touch(client);
        } else {
            client.pending++;
            pending.add(new PendingQueue.Behind(seal(), client, asked, request));
        }
    }

    /** The connection is gone: its watches go, its session stays. */
    void onClosed(long connectionId) {
        Client client = clients.remove(connectionId);
        if (client != null) {
            sessions.unbind(client);
            answers.forget(client);
        }
    }

    /** Our journal is durable up to {@code zxid}. */
    void onDurable(long zxid) {
        peer.onDurable(zxid);
    }

    /** Ends a run of calls: what they proposed becomes publishable, whom they answered is woken. */
    void endBatch() {
        seal();
        wakeTouched();
    }

    /** Submits a write of this server's own, such as the removal of an empty container. */
    void submitInternal(Request.Write request) {
        submit(null, new Caller(0, 0, List.of(), true), CONNECT, request);
    }

    private void onExpired(long sessionId) {
        submit(
                null,
                new Caller(sessionId, 0, List.of(), true),
                CONNECT,
                new Request.CloseSession());
    }

    private void submit(
            @Nullable Client client, Caller caller, Asked asked, Request.Write request) {
        assert stalledBytes == 0;
        Applied applied = preparer.submit(request, caller, peer.nextZxid(), wallMs);
        int length = encode(applied);
        loggedBytes += length;
        if (!peer.propose(txnBuffer, 0, length)) {
            stalledBytes = length;
        }
        pending.add(new PendingQueue.Write(applied, client, asked));
    }

    private int encode(Applied applied) {
        return TxnCodec.encode(applied.header(), applied.txn(), digestAfter(applied), txnBuffer, 0);
    }

    private @Nullable TxnDigest digestAfter(Applied applied) {
        if (!options.digests() || applied.txn() instanceof Txn.ErrorTxn) {
            return null;
        }
        long digest = tree.head().digest();
        digests.onDigest(applied.header().zxid(), digest);
        return new TxnDigest(TxnDigest.VERSION, digest);
    }

    /** The state behind everything submitted so far, fixed. */
    private TreeVersion seal() {
        TreeVersion version = tree.seal();
        if (version.zxid() > sealedZxid) {
            sealedZxid = version.zxid();
            pending.addSealed(version);
        }
        return version;
    }

    @Override
    public void onCommitted(long zxid) {
        TreeVersion version = pending.takePublishable(zxid);
        if (version == null) {
            return;
        }
        int writes = 0;
        for (PendingQueue.Pending next = pending.takeUpTo(version.zxid());
                next != null;
                next = pending.takeUpTo(version.zxid())) {
            switch (next) {
                case PendingQueue.Write write -> {
                    deliver(write);
                    writes++;
                }
                case PendingQueue.Behind behind -> {
                    behind.from().pending--;
                    answers.answer(
                            behind.from(), behind.asked(), behind.request(), behind.version());
                    touch(behind.from());
                }
            }
        }
        published.publish(version);
        connectNew();
        wakeTouched();
        commits.onPublished(version, writes, takeLoggedBytes());
    }

    @Override
    public void onDelivered(long zxid, DirectBuffer txn) {
        throw new UnsupportedOperationException("alone, this server proposes everything");
    }

    @Override
    public long lastApplied() {
        return published.version().zxid();
    }

    @Override
    public Image image(List<Entry> tail) {
        throw new UnsupportedOperationException("alone");
    }

    @Override
    public void onLeading(int epoch) {}

    @Override
    public void onFollowing(ServerState state, long leader, int epoch) {}

    @Override
    public void onLooking() {}

    @Override
    public void onLearnerMessage(long link, Message message) {}

    @Override
    public void onLearnerDown(long link) {}

    @Override
    public void onLeaderMessage(Message message) {}

    @Override
    public List<Message.Touched> takeTouched() {
        return List.of();
    }

    private long takeLoggedBytes() {
        long bytes = loggedBytes;
        loggedBytes = 0;
        return bytes;
    }

    /** One committed transaction: its events first, then its session's fate, then the reply. */
    private void deliver(PendingQueue.Write write) {
        Applied applied = write.applied();
        long zxid = applied.header().zxid();
        for (Change change : applied.changes()) {
            answers.fire(change, zxid, this::touchLink);
        }
        switch (applied.txn()) {
            case Txn.CreateSessionTxn(int timeoutMs) -> onSessionCreated(write, timeoutMs);
            case Txn.CloseSessionTxn _ -> onSessionClosed(write);
            default -> maybeReply(write);
        }
    }

    /** Its connection is told when the session stands in the published version (protocol 2.4). */
    private void onSessionCreated(PendingQueue.Write write, int timeoutMs) {
        sessions.track(write.applied().header().sessionId(), timeoutMs, nowMs);
        if (write.from() != null) {
            connecting.add(write);
        }
    }

    private void connectNew() {
        for (PendingQueue.Write write : connecting) {
            Client client = write.from();
            if (client != null
                    && clients.get(client.link.id()) == client
                    && write.applied().txn() instanceof Txn.CreateSessionTxn(int timeoutMs)) {
                connect(client, write.applied().header().sessionId(), timeoutMs);
            }
        }
        connecting.clear();
    }

    /** Whoever asked for the end is told; then the session's connection closes. */
    private void onSessionClosed(PendingQueue.Write write) {
        maybeReply(write);
        Client bound = sessions.end(write.applied().header().sessionId());
        if (bound != null) {
            bound.link.closeAfterFlush();
            touchLink(bound);
        }
    }

    private void maybeReply(PendingQueue.Write write) {
        Client client = write.from();
        if (client == null) {
            return;
        }
        client.pending--;
        Applied applied = write.applied();
        client.link.reply(write.asked(), applied.header().zxid(), applied.response());
        touch(client);
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

    private void wakeTouched() {
        for (Client client : touched) {
            client.touched = false;
            if (client.answered > 0) {
                client.link.completed(client.answered);
                client.answered = 0;
            }
            client.link.wake();
        }
        touched.clear();
    }
}
