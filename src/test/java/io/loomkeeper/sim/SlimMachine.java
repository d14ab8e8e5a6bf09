package io.loomkeeper.sim;

import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.tree.TxnFormatException;
import io.loomkeeper.zab.Entry;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.StateMachine;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A server's state in one process: the production tree, preparer and codecs, and just enough around
 * them to serve simulated clients.
 */
final class SlimMachine implements StateMachine {
    private static final Preparer.Options OPTIONS = new Preparer.Options(false, false, 1 << 20, 0);
    private static final long WALL_MS = 1_700_000_000_000L;

    /** Proposed here, in this leadership, and not yet committed. */
    private record Outstanding(Logged entry, TreeVersion version) {}

    /** A leader's client waits until what was proposed before is delivered. */
    private record OwnSync(SimClient.Asked asked, Logged behind) {}

    private final Simulation world;
    private final SimServer server;
    private final AclRules rules = new AclRules(AuthOptions.DEFAULT);
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(256);
    private final ArrayDeque<Outstanding> outstanding = new ArrayDeque<>();

    /** What this server's own clients wait for, by {@link #key}. */
    private final Long2ObjectHashMap<SimClient.Asked> own = new Long2ObjectHashMap<>();

    private final ArrayDeque<SimClient.Asked> syncs = new ArrayDeque<>();
    private final ArrayDeque<OwnSync> ownSyncs = new ArrayDeque<>();

    private DataTree tree;
    private Preparer preparer;
    private Logged applied;
    private TreeVersion version;

    private boolean isServing;
    private boolean isLeading;

    /** Length of the transaction in {@link #buffer} that the journal had no room for; 0: none. */
    private int stalledBytes;

    private int sinceSnapshot;

    SlimMachine(Simulation world, SimServer server) {
        this.world = world;
        this.server = server;
        restore();
    }

    Logged applied() {
        return applied;
    }

    boolean isServing() {
        return isServing;
    }

    boolean isLeading() {
        return isLeading;
    }

    int outstanding() {
        return outstanding.size();
    }

    /**
     * Makes the state again from what is on disk (T7): the newest snapshot, and the log after it.
     */
    void restore() {
        SimDisk disk = server.disk();
        SimDisk.Snapshot snapshot = disk.newestSnapshot();
        Logged last = disk.appended();
        tree = new DataTree(snapshot.version(), TreeOptions.DEFAULT);
        preparer = new Preparer(tree, rules, OPTIONS);
        outstanding.clear();
        applied = snapshot.last();
        version = snapshot.version();
        ArrayDeque<Logged> log = new ArrayDeque<>();
        for (Logged entry = last; entry != applied; entry = entry.before()) {
            log.addFirst(entry);
        }
        for (Logged entry : log) {
            apply(entry, entry.txn);
        }
    }

    /** History was replaced, or cut, perhaps below what recovery had applied (T7). */
    void onRewritten(Logged last, boolean isReplaced) {
        if (isReplaced || applied.index > last.index) {
            restore();
        }
    }

    private void apply(Logged entry, DirectBuffer txn) {
        LoggedTxn logged = decode(txn);
        tree.apply(logged.header(), logged.txn());
        version = tree.seal();
        applied = entry;
        TxnDigest digest = logged.digest();
        if (digest != null && digest.digest() != version.digest()) {
            throw new Violation("S2", server + " at " + entry + " has another digest than logged");
        }
        world.invariants.onApplied(server, entry, version.digest());
    }

    private static LoggedTxn decode(DirectBuffer txn) {
        try {
            return TxnCodec.decode(txn, 0, txn.capacity());
        } catch (TxnFormatException e) {
            throw new Violation("S3", "a transaction cannot be read", e);
        }
    }

    // clients

    void onRequest(SimClient.Asked asked) {
        if (!isServing) {
            asked.client().onClosed(asked.connection());
            return;
        }
        Request request = asked.request();
        if (isLeading) {
            if (stalledBytes > 0) { // the leadership ends: nobody is answered before that
                own.put(key(asked.client().session, asked.cxid()), asked);
            } else if (request instanceof Request.Write write) {
                own.put(key(asked.client().session, asked.cxid()), asked);
                submit(asked.client().session, asked.cxid(), write);
            } else if (outstanding.isEmpty()) {
                reply(asked, applied, true);
            } else {
                ownSyncs.add(new OwnSync(asked, outstanding.peekLast().entry));
            }
            return;
        }
        if (request instanceof Request.Sync) {
            syncs.add(asked);
        } else {
            own.put(key(asked.client().session, asked.cxid()), asked);
        }
        Op op = RequestCodec.opOf(request);
        server.peer()
                .forward(
                        new Message.Forward(
                                asked.client().session,
                                asked.cxid(),
                                op.code(),
                                body(request),
                                List.of()));
    }

    private static long key(long session, int cxid) {
        return session << 32 | cxid;
    }

    private static DirectBuffer body(Request request) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer(128));
        RequestCodec.encode(0, request, out);
        int skipped = Integer.BYTES + RequestCodec.HEADER_BYTES;
        byte[] body = new byte[out.position() - skipped];
        out.buffer().getBytes(skipped, body);
        return new UnsafeBuffer(body);
    }

    /** False while a transaction waits for room in the journal. */
    boolean ready() {
        if (stalledBytes > 0 && isLeading) {
            propose(stalledBytes);
        }
        return stalledBytes == 0 || server.peer().isEnding();
    }

    private void submit(long session, int cxid, Request.Write request) {
        Preparer.Caller caller = new Preparer.Caller(session, cxid, List.of(), false);
        long wallMs = WALL_MS + world.agenda.nowUs() / 1000;
        Applied made = preparer.submit(request, caller, server.peer().nextZxid(), wallMs);
        TxnDigest digest =
                made.txn() instanceof Txn.ErrorTxn
                        ? null
                        : new TxnDigest(TxnDigest.VERSION, tree.head().digest());
        propose(TxnCodec.encode(made.header(), made.txn(), digest, buffer, 0));
    }

    private void propose(int length) {
        long zxid = server.peer().nextZxid();
        stalledBytes = length;
        if (server.peer().propose(buffer, 0, length)) {
            stalledBytes = 0;
            outstanding.add(new Outstanding(world.history.proposed(zxid), tree.seal()));
        }
    }

    private void reply(SimClient.Asked asked, Logged at, boolean isSync) {
        world.invariants.onReply(server, at);
        asked.client().replyLater(server, asked, at, isSync);
    }

    /** Its clients' connections break. */
    void dropClients() {
        own.values().forEach(asked -> asked.client().onClosed(asked.connection()));
        if (!own.isEmpty()) {
            world.marks.reach(Mark.PENDING_WRITE_LOST_ITS_SERVER);
        }
        own.clear();
        syncs.clear();
        ownSyncs.clear();
        world.dropClientsOf(server);
    }

    // StateMachine

    @Override
    public void onCommitted(long zxid) {
        server.effect();
        while (!outstanding.isEmpty() && outstanding.peek().entry.zxid <= zxid) {
            Outstanding next = outstanding.poll();
            world.invariants.onDelivered(server, applied, next.entry);
            applied = next.entry;
            version = next.version;
            world.invariants.onApplied(server, applied, version.digest());
            complete(decode(next.entry.txn), next.entry);
            while (!ownSyncs.isEmpty() && ownSyncs.peek().behind.index <= applied.index) {
                reply(ownSyncs.poll().asked, applied, true);
            }
            maybeSnapshot();
        }
        if (applied.zxid != zxid) {
            throw new Violation("S3", server + " is at " + applied + " after a commit of more");
        }
        server.effect();
    }

    @Override
    public void onDelivered(long zxid, DirectBuffer txn) {
        server.effect();
        Logged entry = world.history.entry(zxid, txn, 0, txn.capacity());
        world.invariants.onDelivered(server, applied, entry);
        apply(entry, txn);
        complete(decode(txn), entry);
        maybeSnapshot();
        server.effect();
    }

    private void complete(LoggedTxn txn, Logged entry) {
        SimClient.Asked asked = own.remove(key(txn.header().sessionId(), txn.header().cxid()));
        if (asked != null && isServing) {
            reply(asked, entry, false);
            if (!isLeading) {
                world.marks.reach(Mark.FORWARDED_WRITE_ACKED);
            }
        }
    }

    private void maybeSnapshot() {
        if (++sinceSnapshot >= server.snapshotEvery()) {
            sinceSnapshot = 0;
            server.disk().snapshot(applied, version);
        }
    }

    @Override
    public long lastApplied() {
        return applied.zxid;
    }

    @Override
    public Image image(List<Entry> tail) {
        DataTree copy = new DataTree(version, TreeOptions.DEFAULT);
        Logged last = applied;
        for (Entry entry : tail) {
            last = world.history.entry(entry.zxid(), entry.txn(), 0, entry.txn().capacity());
            LoggedTxn logged = decode(entry.txn());
            copy.apply(logged.header(), logged.txn());
            world.invariants.onApplied(server, last, copy.head().digest());
        }
        return new TreeImage(copy.seal());
    }

    @Override
    public void onLeading(int epoch) {
        server.effect();
        world.invariants.onLeading(server, epoch);
        world.trace.say(() -> server + " leads epoch " + epoch);
        world.nemesis.onLeading(server);
        isLeading = true;
        isServing = true;
        server.effect();
    }

    @Override
    public void onFollowing(ServerState state, long leader, int epoch) {
        server.effect();
        world.invariants.onFollowing(server, state, epoch);
        world.trace.say(() -> server + " is " + state + " under " + leader + ", epoch " + epoch);
        isLeading = false;
        isServing = true;
        server.effect();
    }

    @Override
    public void onLooking() {
        server.effect();
        if (isLeading) {
            world.marks.reach(
                    outstanding.isEmpty()
                            ? Mark.LEADER_RESIGNED
                            : Mark.LEADER_RESIGNED_WITH_PROPOSALS_OUTSTANDING);
        }
        world.invariants.onLooking(server);
        world.trace.say(() -> server + " looks");
        isServing = false;
        isLeading = false;
        stalledBytes = 0;
        outstanding.clear();
        tree.rewind(version);
        dropClients();
        server.effect();
    }

    @Override
    public void onLearnerMessage(long link, Message message) {
        switch (message) {
            case Message.Forward forward -> onForward(link, forward);
            case Message.Revalidate(var session, _) ->
                    server.peer()
                            .answer(
                                    link,
                                    new Message.Revalidated(
                                            session, tree.head().hasSession(session)));
            case Message.Pong _ -> {}
            default -> throw new Violation("E9", server + " is given " + message);
        }
    }

    private void onForward(long link, Message.Forward forward) {
        if (stalledBytes > 0) {
            return; // the leadership ends, and no request overtakes one that is refused
        }
        Op op = Objects.requireNonNull(Op.ofCode(forward.op()));
        if (op == Op.SYNC) {
            server.peer().sync(link);
            return;
        }
        JuteInput in = new JuteInput().wrap(forward.body(), 0, forward.body().capacity());
        try {
            Request request = RequestCodec.decode(op, in);
            submit(forward.sessionId(), forward.cxid(), (Request.Write) request);
        } catch (MalformedException e) {
            throw new Violation("S3", "a forwarded request cannot be read", e);
        }
    }

    @Override
    public void onLearnerDown(long link) {
        server.effect();
    }

    @Override
    public void onLeaderMessage(Message message) {
        switch (message) {
            case Message.Sync _ -> {
                SimClient.Asked asked = syncs.poll();
                if (asked != null) {
                    reply(asked, applied, true);
                }
            }
            case Message.Revalidated _ -> {}
            default -> throw new Violation("E9", server + " is given " + message);
        }
    }

    @Override
    public List<Message.Touched> takeTouched() {
        return List.of();
    }

    @Nullable Logged lastOutstanding() {
        return outstanding.isEmpty() ? null : outstanding.peekLast().entry;
    }
}
