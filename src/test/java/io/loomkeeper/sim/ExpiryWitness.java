package io.loomkeeper.sim;

import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.zab.Message;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * When each leader last heard of each session, by its own clock, so that none is ended too early,
 * and none forgotten (C6).
 */
final class ExpiryWitness {
    private static final long NEVER = Long.MIN_VALUE / 2;

    /** One server's view, in one part that it plays. */
    private static final class View {
        final Long2LongHashMap heardMs = new Long2LongHashMap(NEVER);

        /** The connection that has the session here. */
        final Long2LongHashMap wires = new Long2LongHashMap(0);

        /** Heard of here, and not reported to the leader. */
        final LongHashSet unreported = new LongHashSet();

        long leadsSinceMs;
    }

    private final Simulation world;
    private final View[] views;
    private final Long2LongHashMap timeouts = new Long2LongHashMap(0);

    /** A leader has begun to end them. */
    private final LongHashSet ending = new LongHashSet();

    ExpiryWitness(Simulation world) {
        this.world = world;
        this.views = new View[world.plan.servers()];
        for (int i = 0; i < views.length; i++) {
            views[i] = new View();
        }
    }

    private View view(SimServer server) {
        return views[server.index];
    }

    /** The server serves nobody any more. */
    void forget(SimServer server) {
        views[server.index] = new View();
    }

    void onLeading(SimServer server) {
        forget(server);
        view(server).leadsSinceMs = server.tickedMs();
        server.machine()
                .head()
                .forEachSession(
                        (sessionId, timeoutMs) -> {
                            if (world.isSilentFor(sessionId, timeoutMs)) {
                                world.marks.reach(Mark.SESSION_DUE_DURING_ELECTION);
                            }
                        });
    }

    private void hear(SimServer server, long sessionId, long ms) {
        View view = view(server);
        if (server.machine().head().hasSession(sessionId) && ms > view.heardMs.get(sessionId)) {
            view.heardMs.put(sessionId, ms);
        }
    }

    /** A frame of the session's client has come on a connection. */
    void onHeard(SimServer server, ClientWire wire) {
        View view = view(server);
        long sessionId = wire.sessionId();
        long ms = server.nowMs();
        if (sessionId == 0 || view.wires.get(sessionId) != wire.id()) {
            return;
        }
        if (ms > view.heardMs.get(sessionId)) {
            view.unreported.add(sessionId);
        }
        hear(server, sessionId, ms);
    }

    /** A server says that the session is alive: it is so in that server's own state too. */
    void onConnected(SimServer server, ClientWire wire, long sessionId) {
        if (!server.machine().head().hasSession(sessionId)) {
            throw new Violation("C6", server + " goes on with a session that it does not have");
        }
        view(server).wires.put(sessionId, wire.id());
        hear(server, sessionId, server.tickedMs());
    }

    void onLearnerSaid(SimServer leader, Message message) {
        switch (message) {
            case Message.Pong(_, List<Message.Touched> touched) -> {
                for (Message.Touched session : touched) {
                    hear(leader, session.sessionId(), leader.tickedMs());
                }
            }
            case Message.Revalidate(long sessionId, _) ->
                    hear(leader, sessionId, leader.tickedMs());
            case Message.Forward forward -> {
                if (forward.op() == Op.CREATE_SESSION.code()) {
                    view(leader).heardMs.put(forward.sessionId(), leader.tickedMs());
                }
            }
            default -> {}
        }
    }

    /** A learner tells its leader of whom it has heard: of everybody. */
    void onReported(SimServer server, List<Message.Touched> touched) {
        View view = view(server);
        touched.forEach(session -> view.unreported.remove(session.sessionId()));
        LongHashSet.LongIterator left = view.unreported.iterator();
        while (left.hasNext()) {
            long sessionId = left.nextValue();
            if (server.machine().head().hasSession(sessionId)) {
                throw new Violation(
                        "C6", server + " keeps to itself that it has heard of " + hex(sessionId));
            }
        }
        view.unreported.clear();
    }

    /** Nobody's session is ended before it has been silent for its timeout, less a tick. */
    void onProposed(SimServer leader, Logged entry) {
        LoggedTxn logged = entry.logged();
        long sessionId = logged.header().sessionId();
        if (logged.txn() instanceof Txn.ErrorTxn(int code)
                && code == KeeperError.SESSION_MOVED.code()) {
            world.marks.reach(Mark.WRITE_REFUSED_AS_MOVED);
        }
        if (logged.txn() instanceof Txn.CreateSessionTxn(int timeoutMs)) {
            timeouts.put(sessionId, timeoutMs);
            view(leader).heardMs.putIfAbsent(sessionId, leader.tickedMs());
        } else if (logged.txn() instanceof Txn.CloseSessionTxn) {
            ending.add(sessionId);
            long silentMs = leader.tickedMs() - heardMs(leader, sessionId);
            long least = timeouts.get(sessionId) - world.plan.tuning().tickTimeMs();
            if (logged.header().cxid() == 0 && silentMs < least) {
                throw new Violation(
                        "C6",
                        leader + " ends " + hex(sessionId) + ", silent for " + silentMs + " ms");
            }
        }
    }

    private long heardMs(SimServer leader, long sessionId) {
        View view = view(leader);
        return Math.max(view.heardMs.get(sessionId), view.leadsSinceMs);
    }

    /** A leader denies a session to a learner only if it has begun to end it. */
    void onRevalidated(SimServer leader, long sessionId, boolean isValid) {
        if (!isValid) {
            checkIsGone(leader, sessionId);
            ending.add(sessionId);
        }
    }

    /** A client is told that its session is no more: so its leader has said, or it is one. */
    void onRefused(SimServer server, long sessionId) {
        if (server.machine().isLeading()) {
            checkIsGone(server, sessionId);
        } else if (!ending.contains(sessionId)) {
            throw new Violation("C6", server + " denies " + hex(sessionId) + " by itself");
        }
    }

    private static void checkIsGone(SimServer leader, long sessionId) {
        if (leader.machine().head().hasSession(sessionId)) {
            throw new Violation("C6", leader + " denies " + hex(sessionId) + ", which it has");
        }
    }

    /** A session that should have ended long ago, in words; null if there is none. */
    @Nullable String overdue(SimServer leader) {
        String[] found = new String[1];
        long ticks = 3L * world.plan.tuning().tickTimeMs();
        leader.machine()
                .published()
                .forEachSession(
                        (sessionId, timeoutMs) -> {
                            long silentMs = leader.nowMs() - heardMs(leader, sessionId);
                            if (silentMs > timeoutMs + ticks) {
                                found[0] = hex(sessionId) + " is silent for " + silentMs + " ms";
                            }
                        });
        return found[0];
    }

    private static String hex(long sessionId) {
        return "session 0x" + Long.toHexString(sessionId);
    }
}
