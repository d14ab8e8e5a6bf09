package io.loomkeeper.sim;

import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A client: has one session at a time, which it takes from server to server or lets expire or ends,
 * asks for all sorts of things, several without waiting, and remembers what it was told.
 */
final class SimClient {
    /**
     * A request under way.
     *
     * @param ackedBefore the newest write that anybody had been told of when this was sent
     */
    record Asked(SimClient client, int xid, Request request, Logged ackedBefore) {}

    static final int PING_XID = -2;
    private static final int SET_WATCHES_XID = -8;

    private static final double RESTLESS = 0.1;
    private static final double HASTY = 0.5;

    private static final int EPHEMERAL = 1;
    private static final int SEQUENTIAL = 2;
    private static final int EPHEMERAL_SEQUENTIAL = 3;

    private final int index;
    private final Simulation world;
    private final Chance chance;
    private final WatchMemory watches;
    private final ArrayDeque<Asked> underWay = new ArrayDeque<>();
    private final int timeoutMs;

    private @Nullable ClientWire wire;
    private boolean isConnected;

    /** It has asked for the end of its session, and asks for nothing more. */
    private boolean isEnding;

    private long sessionId;
    private @Nullable Bytes passwd;
    private int xid;
    private Logged lastSeen;

    /** A write was under way when the last connection broke. */
    private boolean hasLostAWrite;

    private int lastServer = -1;
    private long sentUs;
    private long heardUs;
    private long silentUntilUs;

    SimClient(Simulation world, int index, Chance chance) {
        this.world = world;
        this.index = index;
        this.chance = chance;
        this.watches = new WatchMemory(world);
        this.lastSeen = world.history.beginning();
        Plan.Sessions sessions = world.plan.sessions();
        this.timeoutMs = (int) chance.between(sessions.timeoutMinMs(), sessions.timeoutMaxMs());
        thinkLater();
    }

    long sessionId() {
        return sessionId;
    }

    boolean waits() {
        return !isSilent() && (!underWay.isEmpty() || (wire != null && !isConnected));
    }

    private boolean isSilent() {
        return silentUntilUs > world.agenda.nowUs();
    }

    boolean isSilentFor(long ms) {
        return world.agenda.nowUs() - sentUs > ms * 1000;
    }

    /** It has a session and no connection. */
    boolean isBetweenServers() {
        return sessionId != 0 && !isConnected;
    }

    long latencyUs() {
        return chance.between(20, 2_000);
    }

    // life

    private void thinkLater() {
        long delayUs =
                chance.delay(Math.max(world.plan.load().thinkUs(), wire == null ? 20_000 : 0));
        world.agenda.add(
                Math.min(delayUs, timeoutMs * 1000L / 5),
                Agenda.Kind.CLIENT,
                -1,
                () -> {
                    thinkLater();
                    if (!isSilent()) {
                        think();
                    }
                });
    }

    private void think() {
        if (wire != null && world.agenda.nowUs() - heardUs > timeoutMs * 1000L * 2 / 3) {
            wire.hangUp();
            lose();
        }
        if (wire == null) {
            connect();
        } else if (isConnected && !isEnding) {
            if (!world.nemesis.clientsRest() && underWay.size() < world.plan.load().pipelined()) {
                act(wire);
            }
            if (isConnected && !isEnding && world.agenda.nowUs() - sentUs > timeoutMs * 1000L / 3) {
                send(PING_XID, new Request.Ping());
            }
        }
    }

    private void act(ClientWire now) {
        Plan.Sessions sessions = world.plan.sessions();
        if (chance.hits(sessions.moves())) {
            send(++xid, anyRequest());
            move(now);
        } else if (chance.hits(sessions.vanishes())) {
            silentUntilUs = world.agenda.nowUs() + chance.spread(1_000, timeoutMs * 3_000L);
            if (chance.hits(0.5)) {
                now.vanish();
            }
        } else if (chance.hits(sessions.closes())) {
            isEnding = true;
            send(++xid, new Request.CloseSession());
        } else {
            send(++xid, anyRequest());
        }
    }

    /** What was asked for last may arrive when the client is elsewhere already. */
    private void move(ClientWire from) {
        from.hangUp();
        lose();
        connect();
    }

    private void connect() {
        SimServer tried = world.servers[chance.below(world.servers.length)];
        if (!tried.isUp()) {
            return;
        }
        ClientWire dialled = new ClientWire(this, tried, world, chance.split());
        wire = dialled;
        heardUs = world.agenda.nowUs();
        sentUs = heardUs;
        if (hasLostAWrite && sessionId != 0 && lastServer != tried.index) {
            world.marks.reach(Mark.SESSION_MOVED_WITH_WRITE_UNDER_WAY);
        }
        lastServer = tried.index;
        dialled.connect(
                new ConnectRequest(lastSeen.zxid, timeoutMs, sessionId, passwd, Boolean.FALSE));
    }

    /** The connection is over: what was under way may have happened or not. */
    private void lose() {
        hasLostAWrite = underWay.stream().anyMatch(each -> each.request instanceof Request.Write);
        wire = null;
        isConnected = false;
        isEnding = false;
        underWay.clear();
    }

    /** The session is over: the next connection begins another. */
    private void beginAnew() {
        lose();
        hasLostAWrite = false;
        sessionId = 0;
        passwd = null;
        lastSeen = world.history.beginning();
        watches.forget();
    }

    // asking

    private void send(int number, Request request) {
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(128);
        JuteOutput out = new JuteOutput(buffer);
        RequestCodec.encode(number, request, out);
        int length = out.position() - Integer.BYTES;
        underWay.add(new Asked(this, number, request, world.lastAcked()));
        sentUs = world.agenda.nowUs();
        ClientWire to = Objects.requireNonNull(wire);
        world.trace.say(() -> this + " asks " + to + ": " + number + " " + request);
        to.send(request, new UnsafeBuffer(buffer, Integer.BYTES, length), length);
    }

    private Request anyRequest() {
        if (world.plan.isChanging() && chance.hits(world.plan.changes().chance())) {
            return world.configs.change(chance);
        }
        String path = "/" + (char) ('a' + chance.below(5));
        return switch (chance.below(20)) {
            case 0, 1 -> create(path, 0);
            case 2 -> create(path + "/q-", SEQUENTIAL);
            case 3 -> create(path + "/q-", EPHEMERAL_SEQUENTIAL);
            case 4, 5 -> create(path + "/e" + chance.below(3), EPHEMERAL);
            case 6 -> new Request.Delete(path, -1);
            case 7 -> new Request.Delete(path + "/e" + chance.below(3), -1);
            case 8 -> new Request.Sync("/");
            case 9 -> multi(path);
            case 10, 11, 12 -> new Request.SetData(path, data(), chance.hits(0.8) ? -1 : 0);
            case 13, 14 -> new Request.GetData(path, chance.hits(0.5));
            case 15 -> new Request.Exists(path + "/e" + chance.below(3), chance.hits(0.5));
            case 16 -> new Request.Exists(path, chance.hits(0.5));
            case 17, 18 -> new Request.GetChildren(path, chance.hits(0.5), true);
            default ->
                    chance.hits(0.2)
                            ? new Request.AddWatch(path, chance.below(2))
                            : new Request.SetData(path, data(), -1);
        };
    }

    private Request.Write create(String path, int flags) {
        Op op = chance.hits(0.5) ? Op.CREATE : Op.CREATE2;
        return new Request.Create(op, path, data(), Acl.OPEN, flags, -1);
    }

    private Request multi(String path) {
        return new Request.Multi(
                List.of(
                        new Request.SetData(path, data(), -1),
                        create(path + "/m", 0),
                        new Request.Check(path + "/m", chance.hits(0.7) ? 0 : 1),
                        new Request.Delete(path + "/m", -1)));
    }

    private Bytes data() {
        return Bytes.utf8(Long.toHexString(chance.nextLong()));
    }

    // what is told

    private boolean isDeafTo(ClientWire from) {
        return from != wire;
    }

    void onConnected(ClientWire from, ConnectResponse response) {
        if (isDeafTo(from)) {
            return;
        }
        world.trace.say(() -> this + " is connected by " + from);
        heardUs = world.agenda.nowUs();
        if (sessionId != 0 && response.sessionId() != sessionId) {
            throw new Violation("C6", this + " gets another session from " + from);
        }
        sessionId = response.sessionId();
        passwd = response.passwd();
        isConnected = true;
        world.onConnected(this);
        watches.onConnected();
        if (!watches.isEmpty()) {
            send(SET_WATCHES_XID, watches.again(lastSeen.zxid));
        }
        if (!world.nemesis.clientsRest()) {
            hurry(from);
        }
    }

    /** Now and then the first thing comes at once, or the client goes on at once. */
    private void hurry(ClientWire to) {
        if (chance.hits(RESTLESS)) {
            move(to);
        } else if (chance.hits(HASTY)) {
            act(to);
        }
    }

    void onRefused(ClientWire from) {
        if (isDeafTo(from)) {
            return;
        }
        world.trace.say(() -> this + " is refused by " + from);
        world.marks.reach(Mark.SESSION_FOUND_EXPIRED);
        beginAnew();
    }

    void onClosed(ClientWire from) {
        if (isDeafTo(from)) {
            return;
        }
        world.trace.say(() -> this + " is closed by " + from);
        if (underWay.stream().anyMatch(each -> each.request instanceof Request.Write)) {
            world.marks.reach(Mark.PENDING_WRITE_LOST_ITS_SERVER);
        }
        lose();
    }

    void onEvent(ClientWire from, long zxid, EventType type, String path) {
        if (isDeafTo(from)) {
            return;
        }
        world.trace.say(() -> this + " hears " + type + " " + path + " at " + Words.hex(zxid));
        heardUs = world.agenda.nowUs();
        if (zxid > 0) {
            see(zxid);
        }
        watches.onEvent(this, zxid, type, path);
    }

    /** C5: nothing older than before, whatever servers say it. */
    private Logged see(long zxid) {
        world.ledger.catchUp();
        Logged at = world.history.find(zxid);
        if (at == null || !world.history.isChosen(at)) {
            throw new Violation("S11", this + " is shown " + Words.hex(zxid) + ", not chosen");
        }
        if (at.zxid < lastSeen.zxid) {
            throw new Violation("C5", this + " saw " + lastSeen + ", then " + at);
        }
        lastSeen = at;
        return at;
    }

    void onReply(ClientWire from, int number, long zxid, Response body) {
        if (isDeafTo(from)) {
            return;
        }
        world.trace.say(() -> this + " hears " + number + " at " + Words.hex(zxid) + " " + body);
        heardUs = world.agenda.nowUs();
        Asked asked = underWay.poll();
        if (asked == null || asked.xid != number) {
            throw new Violation("C3", this + " is answered " + number + " instead of " + asked);
        }
        Logged at = see(zxid);
        watches.onShown(this, zxid);
        switch (asked.request) {
            case Request.Write write -> onWritten(asked, write, at, body);
            case Request.Sync _ -> world.syncs.onAnswered(asked, sessionId, at);
            case Request.SetWatches again -> watches.onSetAgain(this, again, zxid);
            case Request.AddWatch(String path, int mode) -> watches.onPersistent(path, mode == 1);
            case Request.Read read -> onRead(asked, read, zxid, body);
            default -> {}
        }
    }

    private void onWritten(Asked asked, Request.Write write, Logged at, Response body) {
        world.testimony.onWritten(asked, sessionId, at, body);
        if (wire != null && wire.server.isUp() && !wire.server.machine().isLeading()) {
            world.marks.reach(Mark.FORWARDED_WRITE_ACKED);
        }
        if (write instanceof Request.CloseSession) {
            beginAnew();
        }
    }

    private void onRead(Asked asked, Request.Read read, long zxid, Response body) {
        world.testimony.onRead(asked, zxid, body);
        boolean isThere = !(body instanceof Response.Failed);
        switch (read) {
            case Request.GetData(String path, boolean watch) -> {
                if (watch && isThere) {
                    watches.onData(path);
                }
            }
            case Request.Exists(String path, boolean watch) -> {
                if (watch) {
                    watches.onExists(path, isThere);
                }
            }
            case Request.GetChildren(String path, boolean watch, _) -> {
                if (watch && isThere) {
                    watches.onChildren(path);
                }
            }
            default -> {}
        }
    }

    @Override
    public String toString() {
        return "client " + index + " (session 0x" + Long.toHexString(sessionId) + ")";
    }
}
