package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Preparer.Caller;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.zab.Peer;
import java.util.List;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The writes of a server that leads or stands alone: judged against the tree's head and at once
 * applied to it, proposed, and delivered when they are committed. Pipeline thread only.
 *
 * <p>The head is ahead of what is published, and nobody else sees it. Requests that may not
 * overtake their connection's own writes wait behind them in the {@link PendingQueue}.
 */
final class Proposals {
    /** Stands for what no reply answers: a handshake, or a write of a server's own. */
    private static final Asked UNASKED = new Asked(Op.CREATE_SESSION, 0, 0);

    /** Asks for what a server does by itself. */
    private static final Caller NOBODY = new Caller(0, 0, List.of(), true);

    private final DataTree tree;
    private final Preparer preparer;
    private final Sessions sessions;
    private final DigestHistory digests;
    private final boolean digestsLogged;
    private final boolean strictSync;
    private final Clients clients;
    private final Publication publication;
    private final Now now;
    private final Peer peer;
    private final PipelineMeter meter;
    private final ProposalSizes sizes = new ProposalSizes();
    private final PendingQueue pending = new PendingQueue();
    private final ExpandableArrayBuffer txnBuffer = new ExpandableArrayBuffer(4096);

    /**
     * Length of the encoded transaction in {@code txnBuffer} that the journal had no room for; 0:
     * none.
     */
    private int stalledBytes;

    private long sealedZxid;

    /** Of the newest committed transaction. */
    private long committedZxid;

    /** The parts of the pipeline that proposals work with. */
    record Around(
            Clients clients, Publication publication, Now now, Peer peer, PipelineMeter meter) {}

    Proposals(Pipeline.Parts parts, Pipeline.Options options, Around around) {
        this.tree = parts.tree();
        this.preparer = parts.preparer();
        this.sessions = parts.sessions();
        this.digests = parts.digests();
        this.digestsLogged = options.digests();
        this.strictSync = options.strictSync();
        this.clients = around.clients();
        this.publication = around.publication();
        this.now = around.now();
        this.peer = around.peer();
        this.meter = around.meter();
        this.sealedZxid = publication.version().zxid();
        this.committedZxid = sealedZxid;
    }

    ProposalSizes sizes() {
        return sizes;
    }

    /** Whether nothing is under way. */
    boolean isIdle() {
        return pending.isEmpty() && stalledBytes == 0;
    }

    /** Begins behind the delivered history. */
    void begin() {
        assert pending.isEmpty() && stalledBytes == 0;
        sealedZxid = tree.head().zxid();
        committedZxid = sealedZxid;
    }

    /**
     * False while the journal has no room: then nothing may be submitted. A leadership that ends
     * takes no more proposals either, but waits for acks, which come in behind the requests.
     */
    boolean ready() {
        if (stalledBytes > 0 && peer.propose(txnBuffer, 0, stalledBytes)) {
            stalledBytes = 0;
        }
        return stalledBytes == 0 || peer.isEnding();
    }

    /** Submits a write of this server's own, such as the removal of an empty container. */
    void submitInternal(Request.Write request) {
        submit(null, NOBODY, UNASKED, request);
    }

    /** Submits the write of a learner's client. */
    void submit(Caller caller, Request.Write request) {
        submit(null, caller, UNASKED, request);
    }

    /** Submits the creation of a session for a client that waits for it. */
    void submitNewSession(Client client, Caller caller, int timeoutMs) {
        submit(client, caller, UNASKED, new Request.CreateSession(timeoutMs));
    }

    /** Submits a client's write. */
    void submit(Client client, Asked asked, Request.Write request) {
        client.pending++;
        Caller caller = new Caller(client.sessionId, asked.xid(), client.link.identities(), false);
        submit(client, caller, asked, request);
    }

    private void submit(
            @Nullable Client client, Caller caller, Asked asked, Request.Write request) {
        if (stalledBytes > 0) {
            assert peer.isEnding();
            return; // never proposed: whoever asked loses the connection when the leadership ends
        }
        long beganNs = meter.nowNs();
        Applied applied = preparer.submit(request, caller, peer.nextZxid(), now.wallMs);
        long preparedNs = meter.nowNs();
        int length = encode(applied);
        publication.onLogged(length);
        sizes.onProposed(length);
        if (!peer.propose(txnBuffer, 0, length)) {
            stalledBytes = length;
        }
        long handedNs = meter.nowNs();
        meter.onProposed(beganNs, preparedNs, handedNs);
        Request.Write audited = client != null && meter.audits() ? request : null;
        pending.add(new PendingQueue.Write(applied, client, asked, handedNs, audited));
    }

    private int encode(Applied applied) {
        return TxnCodec.encode(applied.header(), applied.txn(), digestAfter(applied), txnBuffer, 0);
    }

    private @Nullable TxnDigest digestAfter(Applied applied) {
        if (!digestsLogged || applied.txn() instanceof Txn.ErrorTxn) {
            return null;
        }
        long digest = tree.head().digest();
        digests.onDigest(applied.header().zxid(), digest);
        return new TxnDigest(TxnDigest.VERSION, digest);
    }

    /**
     * What a sync has to be committed behind, where it is strict: a transaction without effect,
     * proposed when the leader has got the sync. A quorum that acknowledges it has acknowledged no
     * later leader by then, so nobody has been told of anything that is not before it (C4).
     *
     * @return its zxid; 0 where syncs are as Apache's
     */
    long barrier() {
        if (!strictSync) {
            return 0;
        }
        submitInternal(new Request.Malformed(KeeperError.OK));
        return tree.head().zxid();
    }

    /** Answers what is no write, in its turn. */
    void answer(Client client, Asked asked, Request request) {
        if (request instanceof Request.Sync) {
            long _ = barrier();
        }
        if (client.pending == 0 && !hasToWait(request)) {
            clients.answer(client, asked, request, publication.version());
        } else {
            client.pending++;
            pending.add(new PendingQueue.Behind(seal(), client, asked, request));
        }
    }

    /**
     * A sync is answered behind all that was proposed before it, as a learner's is: some of it may
     * be committed already, and reported by a learner, and not be in the published version (C4).
     */
    private boolean hasToWait(Request request) {
        return request instanceof Request.Sync && tree.head().zxid() > publication.version().zxid();
    }

    /**
     * Ends a run of calls: what they proposed becomes publishable. In an ensemble some of it may be
     * committed already: the acks of a quorum may stand in the ring right behind the request.
     */
    void endBatch() {
        seal();
        publishCommitted();
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

    void onCommitted(long zxid) {
        committedZxid = zxid;
        publishCommitted();
    }

    /** Delivers what is committed, as far as a sealed version goes, and publishes that. */
    private void publishCommitted() {
        TreeVersion version = pending.takePublishable(committedZxid);
        if (version == null) {
            return;
        }
        long committedNs = meter.nowNs();
        for (PendingQueue.Pending next = pending.takeUpTo(version.zxid());
                next != null;
                next = pending.takeUpTo(version.zxid())) {
            switch (next) {
                case PendingQueue.Write write -> deliver(write, committedNs);
                case PendingQueue.Behind behind -> answer(behind);
            }
        }
        publication.publish(version);
        meter.onPublished(committedNs);
    }

    /**
     * Whether the session's creation is committed. It may not be published yet when a learner has
     * told the client, who may have gone on to another server meanwhile (C6).
     */
    boolean hasCreated(long sessionId) {
        boolean[] found = {publication.version().hasSession(sessionId)};
        if (!found[0]) {
            pending.forEachWriteUpTo(
                    committedZxid, applied -> found[0] |= isCreation(applied, sessionId));
        }
        return found[0];
    }

    private static boolean isCreation(Applied applied, long sessionId) {
        return applied.txn() instanceof Txn.CreateSessionTxn
                && applied.header().sessionId() == sessionId;
    }

    /** Unless its connection is gone: a watch left for it would never be removed (C10). */
    private void answer(PendingQueue.Behind behind) {
        Client client = behind.from();
        client.pending--;
        if (clients.isHere(client)) {
            clients.answer(client, behind.asked(), behind.request(), behind.version());
        }
    }

    /** One committed transaction: its events first, then its session's fate, then the reply. */
    private void deliver(PendingQueue.Write write, long committedNs) {
        meter.onCommitted(write, committedNs);
        meter.onApplied(write.applied().header().timeMs(), now.wallMs);
        Applied applied = write.applied();
        long sessionId = applied.header().sessionId();
        publication.onDelivered();
        clients.fire(applied);
        switch (applied.txn()) {
            case Txn.CreateSessionTxn(int timeoutMs) -> {
                sessions.track(sessionId, timeoutMs, now.ms);
                publication.connectThen(write.from(), sessionId, timeoutMs);
            }
            case Txn.CloseSessionTxn _ -> {
                meter.onSessionEnded(applied);
                maybeReply(write);
                clients.onSessionClosed(sessionId);
            }
            default -> maybeReply(write);
        }
    }

    private void maybeReply(PendingQueue.Write write) {
        Client client = write.from();
        if (client != null) {
            client.pending--;
            Applied applied = write.applied();
            clients.reply(client, write.asked(), applied.header().zxid(), applied.response());
            Request.Write audited = write.audited();
            if (audited != null) {
                meter.onAudited(client, audited, applied);
            }
        }
    }

    /** The state behind the newest committed transaction, which may not be published yet. */
    TreeVersion committed() {
        TreeVersion version = publication.version();
        if (version.zxid() == committedZxid) {
            return version;
        }
        DataTree copy = new DataTree(version, version.options());
        replayCommitted(copy);
        return copy.seal();
    }

    private void replayCommitted(DataTree target) {
        pending.forEachWriteUpTo(
                committedZxid, applied -> target.apply(applied.header(), applied.txn()));
    }

    /**
     * This server leads no longer and serves nobody: the state returns to what is committed, and
     * the rest never was.
     */
    void abandon() {
        stalledBytes = 0;
        tree.rewind(publication.version());
        replayCommitted(tree);
        pending.clear();
        sealedZxid = tree.head().zxid();
    }
}
