package io.loomkeeper.sim;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client: has one session for ever, is connected to one server at a time, sends writes and syncs,
 * several without waiting, and remembers what it was told.
 */
final class SimClient {
    /**
     * A request under way.
     *
     * @param ackedBefore the newest write that anybody had been told of when this was sent
     */
    record Asked(SimClient client, int connection, int cxid, Request request, Logged ackedBefore) {}

    private static final int EPHEMERAL = 1;
    private static final int SEQUENTIAL = 2;

    final long session;

    private final Simulation world;
    private final Chance chance;
    private final ArrayDeque<Asked> underWay = new ArrayDeque<>();

    private @Nullable SimServer server;
    private int serverProcess;
    private int connection;
    private long sentUs;
    private long answeredUs;
    private int cxid;
    private boolean hasSession;
    private Logged lastSeen;
    private Logged lastWritten;

    SimClient(Simulation world, int index, Chance chance) {
        this.world = world;
        this.session = index + 1L;
        this.chance = chance;
        this.lastSeen = world.history.beginning();
        this.lastWritten = lastSeen;
        thinkLater();
    }

    boolean waits() {
        return !underWay.isEmpty();
    }

    private void thinkLater() {
        world.agenda.add(
                chance.delay(Math.max(world.plan.load().thinkUs(), server == null ? 20_000 : 0)),
                Agenda.Kind.CLIENT,
                -1,
                () -> {
                    thinkLater();
                    think();
                });
    }

    private void think() {
        if (server != null && serverProcess != server.process()) {
            lose();
        }
        if (world.nemesis.clientsRest()) {
            return;
        }
        if (server == null) {
            connect();
        }
        if (server != null && underWay.size() < world.plan.load().pipelined()) {
            ask();
        }
    }

    /** A server that is behind what this client has seen refuses it (S13, C5). */
    private void connect() {
        SimServer tried = world.servers[chance.below(world.servers.length)];
        if (tried.isUp()
                && !tried.isPaused()
                && tried.machine().isServing()
                && tried.machine().applied().zxid >= lastSeen.zxid) {
            server = tried;
            serverProcess = tried.process();
            connection++;
        }
    }

    private void ask() {
        if (!hasSession && !underWay.isEmpty()) {
            return;
        }
        Request request = hasSession ? anyRequest() : new Request.CreateSession(30_000);
        Asked asked = new Asked(this, connection, ++cxid, request, world.lastAcked());
        underWay.add(asked);
        SimServer asks = Objects.requireNonNull(server);
        int process = serverProcess;
        sentUs = Math.max(sentUs, world.agenda.nowUs() + latencyUs());
        world.agenda.add(
                sentUs - world.agenda.nowUs(),
                Agenda.Kind.CLIENT,
                asks.index,
                () -> {
                    if (asks.process() == process && asked.connection == connection) {
                        world.trace.say(
                                () -> "session " + session + " asks " + asks + " " + asked.cxid);
                        asks.post(() -> asks.machine().onRequest(asked));
                    }
                });
    }

    private long latencyUs() {
        return chance.between(20, 2_000);
    }

    private Request anyRequest() {
        String path = "/" + (char) ('a' + chance.below(8));
        return switch (chance.below(10)) {
            case 0, 1 -> create(path, 0);
            case 2 -> create("/s", SEQUENTIAL);
            case 3 -> create(path + "/e" + session, EPHEMERAL);
            case 4 -> new Request.Delete(path, -1);
            case 5 -> new Request.Sync("/");
            case 6 ->
                    new Request.Multi(
                            List.of(new Request.SetData(path, data(), -1), create(path + "/m", 0)));
            default -> new Request.SetData(path, data(), -1);
        };
    }

    private Request.Write create(String path, int flags) {
        return new Request.Create(Op.CREATE, path, data(), Acl.OPEN, flags, -1);
    }

    private Bytes data() {
        return Bytes.utf8(Long.toHexString(chance.nextLong()));
    }

    /** A server answers, from the state {@code at}; the answer takes a while. */
    void replyLater(SimServer from, Asked asked, Logged at, boolean isSync) {
        answeredUs = Math.max(answeredUs, world.agenda.nowUs() + latencyUs());
        world.agenda.add(
                answeredUs - world.agenda.nowUs(),
                Agenda.Kind.CLIENT,
                from.index,
                () -> {
                    if (asked.connection == connection) {
                        onReply(asked, at, isSync);
                    }
                });
    }

    private void onReply(Asked asked, Logged at, boolean isSync) {
        Asked first = underWay.poll();
        if (first == null || first.cxid != asked.cxid) {
            throw new Violation(
                    "C3",
                    "session "
                            + session
                            + ": "
                            + asked.cxid
                            + " before "
                            + (first == null ? "none" : first.cxid));
        }
        if (at.zxid < lastSeen.zxid) {
            throw new Violation("C5", "session " + session + " saw " + lastSeen + ", then " + at);
        }
        lastSeen = at;
        if (isSync) {
            world.invariants.onSynced(asked, at);
            return;
        }
        if (asked.request instanceof Request.CreateSession) {
            hasSession = true;
        }
        if (at.zxid <= lastWritten.zxid) {
            throw new Violation("C3", "session " + session + " wrote " + lastWritten + ", " + at);
        }
        lastWritten = at;
        world.invariants.onAcked(asked, at);
    }

    /** The connection breaks: what was under way may have happened or not. */
    void onClosed(int closed) {
        if (closed == connection) {
            lose();
        }
    }

    void onServerGone(SimServer gone) {
        if (server == gone) {
            lose();
        }
    }

    private void lose() {
        server = null;
        connection++;
        underWay.clear();
    }
}
