package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Preparer.Caller;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.Entry;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.StateMachine;
import java.util.ArrayDeque;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The one writer: every change of state happens in a call of this object or of its {@link #peer},
 * on one thread, in the order of the calls. It reads no clock and waits for nothing, so a simulator
 * can drive it as the pipeline thread does.
 *
 * <p>What it does with a client's write depends on this server's part in the ensemble:
 *
 * <pre>
 *   leading, or alone    {@link Proposals}: judged, applied to the head, proposed; delivered when committed
 *   following, observing {@link Forwards}: sent to the leader; answered when its transaction is delivered
 *   looking              nobody is served: connections go, and so do those that come (S13)
 * </pre>
 *
 * In each case what is agreed on is delivered in the order that {@link io.loomkeeper.net.Outbox}
 * demands: watch events, the reply, publication.
 */
final class Pipeline implements StateMachine {
    private static final String ALONE = "standalone";

    private enum Service {
        NONE,
        PROPOSING,
        FORWARDING
    }

    private final DataTree tree;
    private final PublishedState published;
    private final Sessions sessions;
    private final SessionIds ids;
    private final Options options;
    private final PipelineMeter meter;
    private final Clients clients;
    private final Publication publication;
    private final Peer peer;
    private final Proposals proposals;
    private final Forwards forwards;
    private final Learners learners;
    private final Deliveries deliveries;
    private final Now now = new Now();
    private final JuteInput in = new JuteInput();

    /** Sessions that are due and whose end is not submitted yet. */
    private final ArrayDeque<Long> due = new ArrayDeque<>();

    private Service service = Service.NONE;

    /** Takes this server's place as soon as nothing is under way; null: none does. */
    private @Nullable Replacement replacement;

    /**
     * What a pipeline is told at its start.
     *
     * @param digests whether transactions carry the tree's digest, and are held against it
     * @param leaderServes whether this server takes clients while it leads
     * @param strictSync whether a sync that it gets as a leader waits for a quorum (C4)
     */
    record Options(
            int minSessionTimeoutMs,
            int maxSessionTimeoutMs,
            boolean digests,
            boolean leaderServes,
            boolean strictSync) {
        Options(int minSessionTimeoutMs, int maxSessionTimeoutMs, boolean digests) {
            this(minSessionTimeoutMs, maxSessionTimeoutMs, digests, true, false);
        }
    }

    /** Told of each publication, after it. Must not block. */
    interface CommitListener {
        void onPublished(TreeVersion version, int writes, long bytes);

        /** The published version is of another history; no earlier one may be kept. */
        default void onReplaced() {}
    }

    /** Makes the peer whose state machine the pipeline is. */
    interface PeerMaker {
        Peer make(StateMachine stateMachine);
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

    Pipeline(Parts parts, Options options, PeerMaker peers, CommitListener commits) {
        this(parts, options, peers, commits, PipelineMeter.NONE);
    }

    Pipeline(
            Parts parts,
            Options options,
            PeerMaker peers,
            CommitListener commits,
            PipelineMeter meter) {
        this.tree = parts.tree();
        this.published = parts.published();
        this.sessions = parts.sessions();
        this.ids = parts.ids();
        this.options = options;
        this.meter = meter;
        this.clients = new Clients(sessions, parts, meter);
        this.publication = new Publication(published, clients, now, commits);
        this.peer = peers.make(this);
        Proposals.Around around = new Proposals.Around(clients, publication, now, peer, meter);
        this.proposals = new Proposals(parts, options, around);
        this.forwards = new Forwards(parts, around);
        this.learners = new Learners(sessions, proposals, this::isAlive, around);
        this.deliveries = new Deliveries(parts, options.digests(), publication, now, meter);
        if (peer.isLeading()) {
            become(Service.PROPOSING, ALONE);
        }
    }

    private void become(Service next, String mode) {
        service = next;
        published.stand(new PublishedState.Standing(next != Service.NONE, mode, now.ms));
    }

    /** This server's part in the agreement; called between the calls of this object. */
    Peer peer() {
        return peer;
    }

    ProposalSizes.Seen proposalSizes() {
        return proposals.sizes().seen();
    }

    boolean isLeading() {
        return service == Service.PROPOSING;
    }

    /**
     * Time passes.
     *
     * @param nowMs monotonic, for deadlines
     * @param wallMs since 1970, for transactions
     */
    void onTick(long nowMs, long wallMs) {
        now.ms = nowMs;
        now.wallMs = wallMs;
        peer.onTick(nowMs);
        if (service == Service.PROPOSING && replacement == null) {
            sessions.expire(nowMs, sessionId -> due.add(Long.valueOf(sessionId)));
            endDue();
        }
    }

    /** The journal may have had no room for a while: who was heard of since then lives on (C6). */
    private void endDue() {
        while (!due.isEmpty() && proposals.ready()) {
            long sessionId = due.remove().longValue();
            if (sessions.isDue(sessionId, now.ms) && tree.head().hasSession(sessionId)) {
                meter.onExpired(sessionId, sessions.silence(sessionId), now.ms);
                Caller caller = new Caller(sessionId, 0, List.of(), true);
                proposals.submit(caller, new Request.CloseSession());
            }
        }
    }

    /**
     * False while the journal has no room, or what is under way is finished because another state
     * is to take the place of this one: nothing but ticks and durable zxids may come in.
     */
    boolean ready() {
        boolean isFinishing = replacement != null && service == Service.PROPOSING;
        return proposals.ready() && peer.ready() && !isFinishing;
    }

    /**
     * Puts another state in the place of this server's, which stands alone: what is under way is
     * answered first, and nothing more comes in. Then all connections close, as their sessions may
     * not be in the other state, and come back to it when it is on disk.
     */
    void replaceBy(Replacement other) {
        if (replacement == null) {
            replacement = other;
        } else {
            other.onDone().accept(-1);
        }
    }

    private void maybeReplace(Replacement other) {
        if (service != Service.PROPOSING || !proposals.isIdle()) {
            return;
        }
        become(Service.NONE, "");
        clients.dropAll();
        sessions.clear();
        due.clear();
        peer.replace(new TreeImage(other.behind(peer.nextZxid(), now.wallMs)));
    }

    private void onReplaced(Replacement other) {
        replacement = null;
        sessions.recover(tree.head(), now.ms);
        proposals.begin();
        become(Service.PROPOSING, ALONE);
        other.onDone().accept(tree.head().zxid());
    }

    /** The first packet of a connection (protocol 2.4). */
    void onConnect(ClientLink link, ConnectRequest request) {
        if (!serves()) {
            meter.onTurnedAway();
            link.close();
            return;
        }
        if (request.lastZxidSeen() > seenZxid()) {
            link.close();
            return;
        }
        meter.onConnect(request.sessionId() != 0);
        Client client = clients.open(link, request.readOnly() != null);
        int timeoutMs =
                Math.clamp(
                        request.timeoutMs(),
                        options.minSessionTimeoutMs(),
                        options.maxSessionTimeoutMs());
        if (request.sessionId() != 0) {
            renew(client, request, timeoutMs);
        } else if (service == Service.PROPOSING) {
            Caller caller = new Caller(newSessionId(), 0, link.identities(), false);
            proposals.submitNewSession(client, caller, timeoutMs);
        } else {
            forwards.createSession(client, newSessionId(), timeoutMs);
        }
    }

    private boolean serves() {
        return switch (service) {
            case PROPOSING -> options.leaderServes();
            case FORWARDING -> true;
            case NONE -> false;
        };
    }

    /** The newest zxid that a client can have learnt here. */
    private long seenZxid() {
        return service == Service.FORWARDING ? tree.head().zxid() : publication.version().zxid();
    }

    private long newSessionId() {
        long sessionId = ids.next();
        while (tree.head().hasSession(sessionId)) {
            sessionId = ids.next();
        }
        return sessionId;
    }

    /**
     * A client comes back with its session: the password decides, then the older connection goes,
     * then whether the leader has the session. (Apache closes the older one first, for everybody
     * who knows the id.)
     */
    private void renew(Client client, ConnectRequest request, int timeoutMs) {
        long sessionId = request.sessionId();
        if (!ids.isPassword(sessionId, request.passwd())) {
            clients.refuse(client);
            return;
        }
        clients.unseat(sessionId);
        if (service == Service.FORWARDING) {
            forwards.renew(client, sessionId, timeoutMs);
        } else if (isAlive(sessionId)) {
            clients.connect(client, sessionId, timeoutMs, now.ms);
        } else {
            clients.refuse(client);
        }
    }

    private boolean isAlive(long sessionId) {
        return tree.head().hasSession(sessionId) && proposals.hasCreated(sessionId);
    }

    /** A request of a connection that has a session, as it came: the body without its header. */
    void onRequest(long connectionId, Asked asked, DirectBuffer frame, int offset, int length) {
        Client client = clients.find(connectionId);
        if (client == null) {
            return;
        }
        if (service == Service.FORWARDING && Forwards.isForwarded(asked.op())) {
            byte[] copy = new byte[length];
            frame.getBytes(offset, copy);
            forward(client, asked, new UnsafeBuffer(copy));
        } else {
            onRequest(client, asked, decode(asked.op(), frame, offset, length));
        }
    }

    /** A request of a connection that has a session. */
    void onRequest(long connectionId, Asked asked, Request request) {
        Client client = clients.find(connectionId);
        if (client != null) {
            onRequest(client, asked, request);
        }
    }

    private void onRequest(Client client, Asked asked, Request request) {
        switch (service) {
            case PROPOSING -> {
                if (request instanceof Request.Write write) {
                    proposals.submit(client, asked, write);
                } else {
                    proposals.answer(client, asked, request);
                }
            }
            case FORWARDING -> forwards.answer(client, asked, request);
            case NONE -> throw new AssertionError("clients are gone: " + asked);
        }
    }

    private void forward(Client client, Asked asked, DirectBuffer body) {
        if (asked.op() != Op.SYNC) {
            forwards.write(client, asked, body);
            return;
        }
        Request request = decode(Op.SYNC, body, 0, body.capacity());
        if (request instanceof Request.Sync) {
            forwards.sync(client, asked, request, body);
        } else {
            forwards.answer(client, asked, request);
        }
    }

    private Request decode(Op op, DirectBuffer frame, int offset, int length) {
        in.wrap(frame, offset, length);
        try {
            return RequestCodec.decode(op, in);
        } catch (MalformedException e) {
            return new Request.Unreadable(KeeperError.MARSHALLING_ERROR);
        }
    }

    /** The connection is gone: its watches go, its session stays. */
    void onClosed(long connectionId) {
        clients.onClosed(connectionId);
    }

    /** Our journal is durable up to {@code zxid}. */
    void onDurable(long zxid) {
        meter.onDurable(zxid);
        peer.onDurable(zxid);
    }

    /** Ends a run of calls: what they proposed becomes publishable, whom they answered is woken. */
    void endBatch() {
        switch (service) {
            case PROPOSING -> proposals.endBatch();
            case FORWARDING, NONE -> deliveries.endBatch();
        }
        clients.wake();
        if (replacement != null) {
            maybeReplace(replacement);
        }
    }

    /** Submits a write of this server's own, such as the removal of an empty container. */
    void submitInternal(Request.Write request) {
        proposals.submitInternal(request);
    }

    @Override
    public void onCommitted(long zxid) {
        proposals.onCommitted(zxid);
    }

    @Override
    public void onDelivered(long zxid, DirectBuffer txn) {
        forwards.onDelivered(deliveries.deliver(zxid, txn, clients));
    }

    @Override
    public long lastApplied() {
        return service == Service.PROPOSING ? publication.version().zxid() : tree.head().zxid();
    }

    @Override
    public Image image(List<Entry> tail) {
        meter.onImage();
        TreeVersion version = service == Service.PROPOSING ? proposals.committed() : tree.seal();
        return new TreeImage(tail.isEmpty() ? version : deliveries.with(tail, version));
    }

    @Override
    public void onLeading(int epoch) {
        deliveries.endBatch();
        sessions.recover(tree.head(), now.ms);
        proposals.begin();
        become(Service.PROPOSING, "leader");
    }

    @Override
    public void onFollowing(ServerState state, long leader, int epoch) {
        deliveries.endBatch();
        become(Service.FORWARDING, state == ServerState.OBSERVING ? "observer" : "follower");
    }

    @Override
    public void onLooking() {
        Service before = service;
        become(Service.NONE, "");
        clients.dropAll();
        sessions.clear();
        forwards.clear();
        due.clear();
        if (before == Service.PROPOSING) {
            proposals.abandon();
        }
        deliveries.endBatch();
    }

    /** While clients are served a transaction has written it: that of the reconfiguration. */
    @Override
    public void onConfiguration(Membership active) {
        if (service == Service.NONE
                && tree.setConfig(Bytes.utf8(active.text()), active.version())) {
            publication.replace(tree.seal());
        }
    }

    @Override
    public void onLearnerMessage(long link, Message message) {
        learners.onMessage(link, message);
    }

    @Override
    public void onAcked(long sid, long zxid) {
        meter.onAcked(sid, zxid);
    }

    @Override
    public void onLearnerDown(long link) {
        // its sessions stay, and are due when nobody hears of them (protocol 2.6)
    }

    @Override
    public void onLeaderMessage(Message message) {
        switch (message) {
            case Message.Revalidated answer -> forwards.onRevalidated(answer);
            case Message.Sync _ -> forwards.onSynced();
            default -> throw new AssertionError("not for a learner's clients: " + message);
        }
    }

    @Override
    public List<Message.Touched> takeTouched() {
        return sessions.takeTouched();
    }

    /**
     * The journal was cut behind {@code zxid}, durably.
     *
     * @param state at {@code zxid}; null when this server's was not ahead of it
     */
    void onTruncated(long zxid, @Nullable TreeVersion state) {
        if (state != null) {
            replace(state);
        }
        peer.onTruncated(zxid);
    }

    /** Another state has taken the place of this server's, durably. */
    void onInstalled(TreeVersion state) {
        replace(state);
        peer.onInstalled(state.zxid());
        if (replacement != null) {
            onReplaced(replacement);
        }
    }

    /** Nobody is served, so nobody sees it. */
    private void replace(TreeVersion state) {
        assert service == Service.NONE;
        tree.replace(state);
        publication.replace(state);
    }
}
