package io.loomkeeper.sim;

import io.loomkeeper.zab.Links;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import java.util.ArrayDeque;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;

/** The links of one process. */
final class SimLinks implements Links {
    private final Simulation world;
    private final SimServer server;
    private final Long2ObjectHashMap<Connection.End> ends = new Long2ObjectHashMap<>();
    private final LongHashSet dialling = new LongHashSet();

    /** By server, the newest link to or from it. */
    private final long[] newest;

    private long lastLink;

    SimLinks(Simulation world, SimServer server) {
        this.world = world;
        this.server = server;
        this.newest = new long[world.plan.servers()];
    }

    long newLink() {
        return ++lastLink;
    }

    /** Whether this process knows where that server is: it dials nobody else, nor takes dials. */
    boolean knows(SimServer other) {
        SimMembers members = server.members();
        return members == null || members.driven().known().contains(other.sid);
    }

    void add(Connection.End end) {
        dialling.remove(end.link);
        ends.put(end.link, end);
        newest[end.other().server.index] = end.link;
    }

    /** There is a newer link between the same two servers. */
    boolean isOld(Connection.End end) {
        return newest[end.other().server.index] != end.link;
    }

    void forget(long link) {
        dialling.remove(link);
        ends.remove(link);
    }

    boolean isDialling(long link) {
        return dialling.contains(link);
    }

    Connection.End end(long link) {
        return ends.get(link);
    }

    Iterable<Connection.End> ends() {
        return ends.values();
    }

    @Override
    public void notify(long sid, Notification notification) {
        server.effect();
        world.votes.onNotify(server, notification);
        world.trace.say(() -> server + " to " + sid + " " + Words.of(notification));
        world.network.elections().send(server, world.server(sid), notification);
    }

    @Override
    public long dial(long sid) {
        server.effect();
        world.votes.onDial(server, sid);
        long link = newLink();
        dialling.add(link);
        world.network.dial(server, link, world.server(sid));
        return link;
    }

    @Override
    public void send(long link, Message message) {
        server.effect();
        Connection.End end = ends.get(link);
        if (end == null) {
            return;
        }
        world.invariants.onSend(end, message);
        world.trace.say(() -> server + " to " + end.other().server + " " + Words.of(message));
        world.network.send(end, message);
        server.disk().onSaid();
        server.effect();
    }

    @Override
    public void sendHistory(long link, long afterZxid, long lastZxid) {
        Connection.End end = ends.get(link);
        if (end == null) {
            return;
        }
        ArrayDeque<Logged> entries = new ArrayDeque<>();
        Logged entry = server.disk().appended().upTo(lastZxid);
        if (entry.zxid != lastZxid) {
            throw new Violation("S9", "no 0x" + Long.toHexString(lastZxid) + " to be sent");
        }
        for (; entry.zxid > afterZxid; entry = entry.before()) {
            entries.addFirst(entry);
        }
        if (entry.zxid != afterZxid || entry.index < server.disk().floor().index) {
            throw new Violation("S9", "no 0x" + Long.toHexString(afterZxid) + " to go on from");
        }
        world.marks.reach(Mark.DIFF_FROM_DISK);
        for (Logged each : entries) {
            send(link, new Message.Proposal(each.zxid, each.txn));
            send(link, new Message.Commit(each.zxid));
        }
    }

    @Override
    public void close(long link) {
        server.effect();
        dialling.remove(link);
        Connection.End end = ends.remove(link);
        if (end != null) {
            world.trace.say(() -> server + " closes its link to " + end.other().server);
            world.network.close(end);
        }
    }
}
