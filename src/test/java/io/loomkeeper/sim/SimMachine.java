package io.loomkeeper.sim;

import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.server.DrivenMemberships;
import io.loomkeeper.server.DrivenPipeline;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.zab.Entry;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.StateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A server's state in one process: the production pipeline, with a witness between it and its peer
 * who sees what is agreed on before the pipeline does.
 */
final class SimMachine implements StateMachine {
    private static final long WALL_MS = 1_700_000_000_000L;

    private final Simulation world;
    private final SimServer server;
    private final DrivenPipeline pipeline;
    private final Long2ObjectHashMap<ClientWire> wires = new Long2ObjectHashMap<>();

    /** The pipeline, as its peer knows it. */
    private @Nullable StateMachine inner;

    private @Nullable Peer peer;
    private Logged applied;
    private boolean isServing;
    private boolean isLeading;
    private int sinceSnapshot;

    /**
     * @param recent the newest of the log, for the peer
     */
    SimMachine(Simulation world, SimServer server, List<Entry> recent) {
        this.world = world;
        this.server = server;
        this.applied = server.disk().appended();
        Plan.Tuning tuning = world.plan.tuning();
        Plan.Sessions sessions = world.plan.sessions();
        DrivenPipeline.Traits traits =
                new DrivenPipeline.Traits(
                        (int) server.sid,
                        wallMs(),
                        tuning.tickTimeMs(),
                        sessions.timeoutMinMs(),
                        sessions.timeoutMaxMs(),
                        world.plan.hasStrictSyncs(),
                        members());
        this.pipeline =
                new DrivenPipeline(
                        new DataTree(begin(), TreeOptions.DEFAULT),
                        traits,
                        state -> {
                            inner = state;
                            peer = server.newPeer(this, recent);
                            return peer;
                        },
                        this::onPublished);
    }

    private @Nullable DrivenMemberships members() {
        SimMembers members = server.members();
        return members == null ? null : members.driven();
    }

    private StateMachine inner() {
        return Objects.requireNonNull(inner);
    }

    Peer peer() {
        return Objects.requireNonNull(peer);
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

    /** Proposed here, in this leadership, and not yet committed. */
    int outstanding() {
        return isLeading ? server.disk().appended().index - applied.index : 0;
    }

    TreeVersion head() {
        return pipeline.head();
    }

    TreeVersion published() {
        return pipeline.published();
    }

    private long wallMs() {
        return WALL_MS + world.agenda.nowUs() / 1000;
    }

    /** The state at the start. */
    private TreeVersion begin() {
        DataTree tree = replayed();
        DrivenMemberships members = members();
        if (members != null) {
            members.learnFrom(tree);
        }
        return completed(tree);
    }

    private TreeVersion recovered() {
        return completed(replayed());
    }

    /** The state as the disk tells it (T7): the newest snapshot, and the log after it. */
    private DataTree replayed() {
        SimDisk disk = server.disk();
        SimDisk.Snapshot snapshot = disk.newestSnapshot();
        DataTree tree = new DataTree(snapshot.version(), TreeOptions.DEFAULT);
        for (Logged entry : behind(snapshot.last(), disk.appended())) {
            LoggedTxn logged = entry.logged();
            tree.apply(logged.header(), logged.txn());
            world.invariants.onApplied(server, entry, tree.head().digest());
        }
        return tree;
    }

    /** With the members in their node, as each server writes them by itself. */
    private TreeVersion completed(DataTree tree) {
        DrivenMemberships members = members();
        if (members != null) {
            members.putInto(tree);
        }
        return tree.seal();
    }

    private static ArrayDeque<Logged> behind(Logged first, Logged last) {
        ArrayDeque<Logged> entries = new ArrayDeque<>();
        for (Logged entry = last; entry.index > first.index; entry = entry.before()) {
            entries.addFirst(entry);
        }
        return entries;
    }

    // what the server tells it

    /** The log was cut, perhaps below what recovery had applied (T7). */
    void onTruncated(Logged last) {
        boolean isAhead = applied.index > last.index;
        applied = isAhead ? last : applied;
        pipeline.onTruncated(last.zxid, isAhead ? recovered() : null);
        world.invariants.onDiskTold(server);
    }

    void onInstalled(Logged last, TreeImage image) {
        applied = last;
        pipeline.onInstalled(completed(new DataTree(image.version(), TreeOptions.DEFAULT)));
        world.invariants.onDiskTold(server);
    }

    void onDurable(long zxid) {
        pipeline.onDurable(zxid);
        world.invariants.onDiskTold(server);
    }

    boolean ready() {
        return pipeline.ready();
    }

    void onTick(long nowMs) {
        pipeline.onTick(nowMs, wallMs());
    }

    void endBatch() {
        pipeline.endBatch();
    }

    // clients

    void onConnect(ClientWire wire, ConnectRequest request) {
        wires.put(wire.id(), wire);
        pipeline.onConnect(wire, request);
    }

    void onFrame(ClientWire wire, DirectBuffer frame, int length) {
        if (isLeading && RequestCodec.opCode(frame, 0) == Op.SYNC.code()) {
            world.syncs.onOwn(server, wire.sessionId(), RequestCodec.xid(frame, 0));
        }
        pipeline.onFrame(wire.id(), frame, 0, length);
    }

    void onClosed(ClientWire wire) {
        wires.remove(wire.id());
        pipeline.onClosed(wire.id());
        if (wires.isEmpty() && pipeline.watches() > 0) {
            throw new Violation("C10", server + " keeps watches of nobody");
        }
    }

    Response read(TreeVersion version, Request.Read request, ClientWire wire) {
        return pipeline.read(version, request, wire);
    }

    /** The process has ended: its clients' connections break. */
    void dropClients(boolean silently) {
        for (ClientWire wire : new ArrayList<>(wires.values())) {
            wire.onServerGone(silently);
        }
    }

    private void onPublished(TreeVersion version) {
        if (version.zxid() > applied.zxid) {
            String what = server + " publishes " + Words.hex(version.zxid()) + " at " + applied;
            throw new Violation(isServing ? "S11" : "S2", what);
        }
        Logged entry = world.history.proposed(version.zxid());
        world.invariants.onApplied(server, entry, version.digest());
        if (++sinceSnapshot >= server.snapshotEvery()) {
            sinceSnapshot = 0;
            server.disk().snapshot(entry, version);
        }
    }

    /** The leader has made {@code entry}, and its head holds it. */
    void onProposed(Logged entry) {
        world.invariants.onApplied(server, entry, pipeline.head().digest());
    }

    // StateMachine

    @Override
    public void onCommitted(long zxid) {
        server.effect();
        ArrayDeque<Logged> entries = behind(applied, world.history.proposed(zxid));
        if (entries.isEmpty()) {
            throw new Violation("S3", server + " is at " + applied + " after a commit of more");
        }
        for (Logged entry : entries) {
            world.invariants.onDelivered(server, applied, entry);
            applied = entry;
        }
        inner().onCommitted(zxid);
        server.effect();
    }

    @Override
    public void onDelivered(long zxid, DirectBuffer txn) {
        server.effect();
        Logged entry = world.history.entry(zxid, txn, 0, txn.capacity());
        world.invariants.onDelivered(server, applied, entry);
        applied = entry;
        inner().onDelivered(zxid, txn);
        world.invariants.onApplied(server, entry, pipeline.head().digest());
        server.effect();
    }

    @Override
    public long lastApplied() {
        return inner().lastApplied();
    }

    @Override
    public Image image(List<Entry> tail) {
        TreeImage image = (TreeImage) inner().image(tail);
        Logged last = Objects.requireNonNull(world.history.find(image.zxid()));
        world.invariants.onApplied(server, last, image.version().digest());
        return image;
    }

    @Override
    public void onLeading(int epoch) {
        server.effect();
        world.invariants.onLeading(server, epoch);
        world.trace.say(() -> server + " leads epoch " + epoch);
        world.nemesis.onLeading(server);
        isLeading = true;
        isServing = true;
        world.expiry.onLeading(server);
        inner().onLeading(epoch);
        server.effect();
    }

    @Override
    public void onFollowing(ServerState state, long leader, int epoch) {
        server.effect();
        world.invariants.onFollowing(server, state, epoch);
        world.trace.say(() -> server + " is " + state + " under " + leader + ", epoch " + epoch);
        isLeading = false;
        isServing = true;
        inner().onFollowing(state, leader, epoch);
        server.effect();
    }

    @Override
    public void onLooking() {
        server.effect();
        if (isLeading) {
            world.marks.reach(
                    outstanding() == 0
                            ? Mark.LEADER_RESIGNED
                            : Mark.LEADER_RESIGNED_WITH_PROPOSALS_OUTSTANDING);
        }
        world.invariants.onLooking(server);
        world.trace.say(() -> server + " looks");
        isServing = false;
        isLeading = false;
        world.expiry.forget(server);
        inner().onLooking();
        server.effect();
    }

    @Override
    public void onConfiguration(Membership active) {
        server.effect();
        inner().onConfiguration(active);
    }

    @Override
    public void onLearnerMessage(long link, Message message) {
        world.expiry.onLearnerSaid(server, message);
        world.syncs.onLearnerSaid(server, message);
        inner().onLearnerMessage(link, message);
    }

    @Override
    public void onLearnerDown(long link) {
        server.effect();
        inner().onLearnerDown(link);
    }

    @Override
    public void onLeaderMessage(Message message) {
        inner().onLeaderMessage(message);
    }

    @Override
    public List<Message.Touched> takeTouched() {
        List<Message.Touched> touched = inner().takeTouched();
        world.expiry.onReported(server, touched);
        return touched;
    }
}
