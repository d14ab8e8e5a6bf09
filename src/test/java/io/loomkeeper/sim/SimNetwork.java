package io.loomkeeper.sim;

import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.QuorumCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.zab.Message;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is between the servers. A path from one to another can be blocked: then what is under way
 * waits, as it does in TCP, and goes on when the path is free again, unless the connection has been
 * closed.
 */
final class SimNetwork {
    private static final long DIAL_TIMEOUT_US = 5_000_000;

    private final Simulation world;
    private final JuteOutput out = new JuteOutput(new ExpandableArrayBuffer(1024));
    private final Chance chance;
    private final int servers;
    private final int[][] blocks;
    private final long[][] slowness;
    private final int[] deafPorts;
    private final ElectionLines elections;
    private final ArrayList<Connection> connections = new ArrayList<>();

    /** Ends whose peers lost power: they hear of it when the other is back. */
    private final ArrayList<Connection.End> halfOpen = new ArrayList<>();

    SimNetwork(Simulation world, Chance chance) {
        this.world = world;
        this.chance = chance;
        this.servers = world.plan.servers();
        this.blocks = new int[servers][servers];
        this.slowness = new long[servers][servers];
        this.deafPorts = new int[servers];
        this.elections = new ElectionLines(world, this, chance.split());
    }

    ElectionLines elections() {
        return elections;
    }

    // paths

    boolean isBlocked(int from, int to) {
        return blocks[from][to] > 0;
    }

    boolean takesDials(int server) {
        return deafPorts[server] == 0;
    }

    long latencyUs(int from, int to) {
        Plan.Range range = world.plan.speeds().latencyUs();
        return chance.between(range.least(), range.most()) + slowness[from][to];
    }

    void block(int from, int to) {
        blocks[from][to]++;
    }

    void unblock(int from, int to) {
        if (blocks[from][to] > 0 && --blocks[from][to] == 0) {
            release(from, to);
        }
    }

    void slow(int from, int to, long byUs) {
        slowness[from][to] = byUs;
    }

    void refuseDials(int server, int by) {
        deafPorts[server] = Math.max(0, deafPorts[server] + by);
    }

    void heal() {
        for (int from = 0; from < servers; from++) {
            deafPorts[from] = 0;
            for (int to = 0; to < servers; to++) {
                slowness[from][to] = 0;
                if (blocks[from][to] > 0) {
                    blocks[from][to] = 0;
                    release(from, to);
                }
            }
        }
    }

    private void release(int from, int to) {
        for (Connection connection : connections) {
            release(connection.learner, from, to);
            release(connection.leader, from, to);
        }
        elections.onFree(from, to);
    }

    private void release(Connection.End end, int from, int to) {
        if (end.server.index == to && end.other().server.index == from) {
            for (; end.held > 0; end.held--) {
                arriveLater(end);
            }
        }
    }

    // connections

    void dial(SimServer from, long link, SimServer to) {
        int process = from.process();
        boolean lost = isBlocked(from.index, to.index) || isBlocked(to.index, from.index);
        long delayUs = lost ? DIAL_TIMEOUT_US : latencyUs(from.index, to.index);
        world.agenda.add(
                delayUs,
                Agenda.Kind.CONNECT,
                to.index,
                () -> {
                    if (process == from.process() && from.links().isDialling(link)) {
                        connect(from, link, to, lost);
                    }
                });
    }

    private void connect(SimServer from, long link, SimServer to, boolean lost) {
        boolean blocked = isBlocked(from.index, to.index) || isBlocked(to.index, from.index);
        if (lost || blocked || !to.isUp() || !takesDials(to.index) || !to.links().knows(from)) {
            world.trace.say(() -> from + " cannot reach " + to);
            from.links().forget(link);
            from.post(() -> from.peer().onLinkDown(link));
            return;
        }
        long accepted = to.links().newLink();
        Connection connection = new Connection(from, link, to, accepted);
        connections.add(connection);
        from.links().add(connection.learner);
        to.links().add(connection.leader);
        world.trace.say(() -> from + " connects to " + to + ", links " + link + ", " + accepted);
        to.post(() -> onAccepted(connection.leader));
        int process = from.process();
        world.agenda.add(
                latencyUs(to.index, from.index),
                Agenda.Kind.CONNECT,
                from.index,
                () -> {
                    if (process == from.process() && connection.learner.isOpen) {
                        from.post(() -> onUp(connection.learner));
                    }
                });
    }

    private void onAccepted(Connection.End end) {
        if (end.isAlive()) {
            end.server.peer().onAccepted(end.link);
        }
    }

    private void onUp(Connection.End end) {
        if (end.isAlive()) {
            end.server.peer().onLinkUp(end.link);
        }
    }

    /** From {@code sender}, towards the other end: as bytes, which may be cut anywhere. */
    void send(Connection.End sender, Message message) {
        Connection.End receiver = sender.other();
        if (receiver.isDeaf) {
            return;
        }
        out.position(0);
        QuorumCodec.encode(message, out);
        if (message instanceof Message.Snap(_, TreeImage image)) {
            image.write(this::append);
        } else if (receiver.underWay() + out.position() > world.plan.speeds().queueBytesMax()) {
            world.marks.reach(Mark.LINK_OVERFLOWED);
            breakUp(sender.connection);
            return;
        }
        receiver.write(out.buffer(), out.position());
        arriveLater(receiver);
    }

    private void append(DirectBuffer source, int offset, int length) {
        out.reserve(length);
        out.buffer().putBytes(out.position(), source, offset, length);
        out.position(out.position() + length);
    }

    private void arriveLater(Connection.End receiver) {
        int from = receiver.other().server.index;
        long atUs = world.agenda.nowUs() + latencyUs(from, receiver.server.index);
        atUs += receiver.isDeaf ? 0 : receiver.extraUs;
        receiver.lastArrivalUs = Math.max(atUs, receiver.lastArrivalUs);
        world.agenda.add(
                receiver.lastArrivalUs - world.agenda.nowUs(),
                Agenda.Kind.DELIVER,
                receiver.server.index,
                () -> onArrival(receiver));
    }

    private void onArrival(Connection.End receiver) {
        if (isBlocked(receiver.other().server.index, receiver.server.index)) {
            receiver.held++;
            return;
        }
        boolean goesOn = receiver.arrive();
        boolean isCut = goesOn && receiver.due > 0 && chance.hits(0.1);
        int bytes = isCut ? chance.below(receiver.due) : receiver.due;
        if (isCut) {
            arriveLater(receiver);
        }
        receiver.take(bytes);
        if (!receiver.isAlive()) {
            return;
        }
        for (Message message = receiver.next(); message != null; message = receiver.next()) {
            Message arrived = message;
            receiver.server.post(() -> onMessage(receiver, arrived));
        }
        if (!goesOn) {
            receiver.server.post(() -> onDown(receiver));
        }
    }

    private void onMessage(Connection.End receiver, Message message) {
        if (receiver.isAlive()) {
            world.invariants.onReceive(receiver, message);
            receiver.server.peer().onMessage(receiver.link, message);
        }
    }

    private void onDown(Connection.End end) {
        if (end.isAlive()) {
            world.trace.say(() -> end.server + " loses link " + end.link);
            end.isOpen = false;
            end.server.links().forget(end.link);
            end.server.peer().onLinkDown(end.link);
        }
    }

    /** This end is closed by its own server. */
    void close(Connection.End end) {
        end.isOpen = false;
        goSilent(end.other(), chance.hits(0.1));
    }

    /** Whatever is between the two, it breaks; both ends will hear of it. */
    void breakUp(Connection connection) {
        goSilent(connection.learner, chance.hits(0.5));
        goSilent(connection.leader, chance.hits(0.5));
    }

    /** Nothing more comes to this end than what is under way, or not even all of that. */
    private void goSilent(Connection.End end, boolean early) {
        if (end.isDeaf) {
            return;
        }
        SyncWitness witness = end.connection.witness;
        if (witness.sent != null && !witness.newLeaderAcked) {
            world.marks.reach(Mark.SYNC_INTERRUPTED);
        }
        if (early) {
            end.cutTo(chance.below(end.underWay() + 1));
            arriveLater(end);
        }
        end.writeEnd();
        arriveLater(end);
    }

    /** Any open connection, or null. */
    @Nullable Connection anyConnection() {
        prune();
        return connections.isEmpty() ? null : connections.get(chance.below(connections.size()));
    }

    /**
     * One on which what the learner says comes late, or null: the leader hears it after the end.
     */
    @Nullable Connection lateConnection() {
        prune();
        for (Connection connection : connections) {
            if (connection.leader.extraUs > 0 && !connection.leader.isDeaf) {
                return connection;
            }
        }
        return null;
    }

    /** The learner knows at once that it is broken, the leader when all has come. */
    void breakAtLearner(Connection connection) {
        goSilent(connection.learner, true);
        goSilent(connection.leader, false);
    }

    /** All who follow this one lose their connections, and it hears nothing of that. */
    void loseLeader(SimServer leader) {
        prune();
        for (Connection connection : List.copyOf(connections)) {
            if (connection.leader.server == leader && connection.learner.isAlive()) {
                connection.learner.server.post(() -> onDown(connection.learner));
            }
        }
    }

    private void prune() {
        connections.removeIf(c -> !c.learner.isAlive() && !c.leader.isAlive());
    }

    // processes

    void onStarted(SimServer server) {
        elections.onStarted(server);
        for (Iterator<Connection.End> ends = halfOpen.iterator(); ends.hasNext(); ) {
            Connection.End end = ends.next();
            if (end.other().server == server) {
                ends.remove();
                goSilent(end, false);
            }
        }
    }

    void onDied(SimServer server, boolean heard) {
        elections.onDied(server, heard);
        prune();
        for (Connection connection : connections) {
            if (connection.learner.server == server) {
                orphan(connection.leader, heard);
            } else if (connection.leader.server == server) {
                orphan(connection.learner, heard);
            }
        }
    }

    private void orphan(Connection.End end, boolean heard) {
        if (heard) {
            goSilent(end, false);
        } else if (!end.isDeaf) {
            halfOpen.add(end);
        }
    }
}
