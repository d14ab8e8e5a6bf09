package io.loomkeeper.sim;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.ConnectionStats;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeVersion;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * A client's connection to one process of a server: the network between them, in order each way,
 * and at the server's end what {@link io.loomkeeper.net.Outbox} promises, with a reader that
 * answers plain reads by itself.
 */
final class ClientWire implements ClientLink {
    private static final InetSocketAddress REMOTE = InetSocketAddress.createUnresolved("client", 1);
    private static final List<AuthId> IDENTITIES = List.of(new AuthId("ip", "127.0.0.1"));

    /** Of clients that may change the members. */
    private static final List<AuthId> OPERATORS =
            List.of(new AuthId("ip", "127.0.0.1"), new AuthId("super", ""));

    private static final int DAWDLE_US_MAX = 20_000;
    private static final long ENDING_US_MAX = 1_000_000;

    /** How far a connection has come at the server's end. */
    private enum Stage {
        OPENING,
        SERVING,
        ENDING,
        CLOSED
    }

    final SimServer server;
    private final SimClient client;
    private final Simulation world;
    private final Chance chance;
    private final long id;
    private final int process;

    // at the server

    private final ArrayDeque<Runnable> outbox = new ArrayDeque<>();
    private final ArrayDeque<Runnable> toRead = new ArrayDeque<>();
    private boolean readerIsAway;
    private Stage stage = Stage.OPENING;
    private long askedSessionId;
    private long sessionId;
    private long heardMs;
    private long lastZxid;
    private int inFlight;
    private boolean held;
    private boolean closedIsTold;

    // between

    private long toServerUs;
    private long toClientUs;

    /** The client has gone away without a word, or the server has: nothing arrives any more. */
    private boolean isDead;

    ClientWire(SimClient client, SimServer server, Simulation world, Chance chance) {
        this.client = client;
        this.server = server;
        this.world = world;
        this.chance = chance;
        this.id = world.newWire();
        this.process = server.process();
    }

    // the client's side

    void connect(ConnectRequest request) {
        askedSessionId = request.sessionId();
        toServer(
                () -> {
                    heardMs = server.nowMs();
                    server.post(() -> server.machine().onConnect(this, request));
                });
    }

    void send(Request request, DirectBuffer frame, int length) {
        toServer(() -> onFrame(request, frame, length));
    }

    /** The client closes its end. */
    void hangUp() {
        toServer(this::onEnd);
    }

    /** Nothing that is under way arrives, in either direction. */
    void vanish() {
        isDead = true;
    }

    private void toServer(Runnable arrival) {
        toServerUs = Math.max(toServerUs, world.agenda.nowUs() + client.latencyUs());
        world.agenda.add(
                toServerUs - world.agenda.nowUs(),
                Agenda.Kind.CLIENT,
                server.index,
                () -> {
                    if (!isDead && isProcessUp()) {
                        server.beside(arrival);
                    }
                });
    }

    private boolean isProcessUp() {
        return server.process() == process && server.isUp();
    }

    // the server's reader

    private void onFrame(Request request, DirectBuffer frame, int length) {
        if (stage == Stage.SERVING) {
            heardMs = server.nowMs();
            world.expiry.onHeard(server, this);
        }
        read(
                () -> {
                    if (stage == Stage.SERVING) {
                        dawdleSometimes(() -> offer(request, frame, length));
                    }
                });
    }

    /** What the reader does, one after the other. */
    private void read(Runnable work) {
        toRead.add(work);
        readOn();
    }

    private void readOn() {
        while (!readerIsAway && !toRead.isEmpty()) {
            toRead.removeFirst().run();
        }
    }

    /** The reader's thread loses its carrier for a while, now and then. */
    private void dawdleSometimes(Runnable then) {
        if (!chance.hits(0.1)) {
            then.run();
            return;
        }
        readerIsAway = true;
        world.agenda.add(
                chance.hits(0.5) ? chance.spread(1, DAWDLE_US_MAX) : chance.below(DAWDLE_US_MAX),
                Agenda.Kind.CLIENT,
                server.index,
                () -> {
                    if (isProcessUp()) {
                        server.beside(
                                () -> {
                                    readerIsAway = false;
                                    then.run();
                                    readOn();
                                });
                    }
                });
    }

    /** It has looked at the connection's stage, which may have changed since. */
    private void offer(Request request, DirectBuffer frame, int length) {
        if (inFlight == 0 && isPlain(request)) {
            TreeVersion version = server.machine().published();
            dawdleSometimes(() -> answer(request, frame, length, version));
        } else {
            enqueue(frame, length);
        }
    }

    private void enqueue(DirectBuffer frame, int length) {
        if (stage != Stage.CLOSED) {
            inFlight++;
        }
        server.post(() -> server.machine().onFrame(this, frame, length));
    }

    private static boolean isPlain(Request request) {
        return switch (request) {
            case Request.Ping _ -> true;
            case Request.GetData get -> !get.watch();
            case Request.Exists exists -> !exists.watch();
            case Request.GetChildren get -> !get.watch();
            default -> false;
        };
    }

    /** A reply that the reader makes itself, unless something newer was said already. */
    private void answer(Request request, DirectBuffer frame, int length, TreeVersion version) {
        if (stage != Stage.SERVING) {
            return;
        }
        if (version.zxid() < lastZxid) {
            world.marks.reach(Mark.READ_TOO_OLD_FOR_ITS_PLACE);
            enqueue(frame, length);
            return;
        }
        int xid = RequestCodec.xid(frame, 0);
        Response body =
                request instanceof Request.Read read
                        ? server.machine().read(version, read, this)
                        : Response.Empty.INSTANCE;
        outbox.add(() -> client.onReply(this, xid, version.zxid(), body));
        flush();
    }

    /** The client is gone, or the server has let go of it. */
    private void onEnd() {
        stage = Stage.CLOSED;
        outbox.clear();
        if (!closedIsTold) {
            closedIsTold = true;
            read(() -> dawdleSometimes(() -> server.post(() -> server.machine().onClosed(this))));
        }
    }

    /**
     * The server's process has ended.
     *
     * @param silently the client hears nothing of it
     */
    void onServerGone(boolean silently) {
        stage = Stage.CLOSED;
        outbox.clear();
        if (silently) {
            isDead = true;
        } else {
            toClient(() -> client.onClosed(this));
        }
    }

    // the pipeline's side

    private void flush() {
        if (held || outbox.isEmpty()) {
            return;
        }
        List<Runnable> batch = List.copyOf(outbox);
        outbox.clear();
        toClient(() -> batch.forEach(Runnable::run));
    }

    private void toClient(Runnable arrival) {
        toClientUs = Math.max(toClientUs, world.agenda.nowUs() + client.latencyUs());
        world.agenda.add(
                toClientUs - world.agenda.nowUs(),
                Agenda.Kind.CLIENT,
                server.index,
                () -> {
                    if (!isDead) {
                        arrival.run();
                    }
                });
    }

    private boolean isClosing() {
        return stage.compareTo(Stage.ENDING) >= 0;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public InetSocketAddress remote() {
        return REMOTE;
    }

    @Override
    public List<AuthId> identities() {
        return world.plan.isChanging() ? OPERATORS : IDENTITIES;
    }

    @Override
    public long sessionId() {
        return sessionId;
    }

    @Override
    public long lastHeardMs() {
        return heardMs;
    }

    @Override
    public void connected(ConnectResponse response) {
        if (isClosing()) {
            return;
        }
        world.expiry.onConnected(server, this, response.sessionId());
        sessionId = response.sessionId();
        stage = Stage.SERVING;
        toClient(() -> client.onConnected(this, response));
    }

    @Override
    public void refused(ConnectResponse response) {
        world.expiry.onRefused(server, askedSessionId);
        if (!isClosing()) {
            toClient(() -> client.onRefused(this));
            closeAfterFlush();
        }
    }

    @Override
    public void reply(Asked asked, long zxid, Response body) {
        world.invariants.onReply(server, zxid);
        lastZxid = Math.max(lastZxid, zxid);
        held = true;
        if (!isClosing()) {
            int xid = asked.op() == Op.PING ? SimClient.PING_XID : asked.xid();
            outbox.add(() -> client.onReply(this, xid, zxid, body));
        }
    }

    @Override
    public void event(long zxid, EventType type, String path) {
        lastZxid = Math.max(lastZxid, zxid);
        if (!isClosing()) {
            outbox.add(() -> client.onEvent(this, zxid, type, path));
            if (chance.hits(0.2)) {
                flush();
            }
        }
    }

    @Override
    public void completed(int count) {
        if (stage == Stage.CLOSED) {
            return;
        }
        held = false;
        inFlight -= count;
        if (inFlight < 0) {
            throw new Violation("C3", server + " has completed more than was asked");
        }
    }

    @Override
    public void wake() {
        flush();
    }

    @Override
    public void closeAfterFlush() {
        if (isClosing()) {
            return;
        }
        stage = Stage.ENDING;
        outbox.add(() -> client.onClosed(this));
        flush();
        world.agenda.add(
                ENDING_US_MAX,
                Agenda.Kind.CLIENT,
                server.index,
                () -> {
                    if (isProcessUp()) {
                        server.beside(this::onEnd);
                    }
                });
    }

    @Override
    public void close() {
        if (stage == Stage.CLOSED) {
            return;
        }
        onEnd();
        toClient(() -> client.onClosed(this));
    }

    @Override
    public ConnectionStats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resetStats() {}

    @Override
    public String toString() {
        return "connection " + id + " to " + server;
    }
}
