package io.loomkeeper.sim;

import io.loomkeeper.net.wire.ElectionDecoder;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.NotificationCodec;
import io.loomkeeper.zab.Notification;
import java.util.Objects;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The connections between election ports: one for each pair of servers. Of what cannot be sent only
 * the newest is kept for each direction, and it is sent again when the connection is made anew.
 */
final class ElectionLines {
    private static final long REDIAL_US = 1_000_000;

    /** From one server to another. */
    private static final class Way {
        final SimServer from;
        final SimServer to;
        private @Nullable Line line;

        /** The newest that this process of {@code from} said, sent or not. */
        @Nullable Notification newest;

        /** What waits for the path to be free. */
        @Nullable Notification held;

        long lastArrivalUs;

        Way(SimServer from, SimServer to) {
            this.from = from;
            this.to = to;
        }

        Line line() {
            return Objects.requireNonNull(line);
        }
    }

    /** Between two servers. */
    private static final class Line {
        final Way one;
        final Way other;
        boolean isUp;
        boolean isDialled;

        /** Tells one connection from the next. */
        int connection;

        Line(Way one, Way other) {
            this.one = one;
            this.other = other;
            one.line = this;
            other.line = this;
        }
    }

    private final Simulation world;
    private final SimNetwork network;
    private final Chance chance;
    private final Way[][] ways;
    private final JuteOutput out = new JuteOutput(new ExpandableArrayBuffer(256));

    ElectionLines(Simulation world, SimNetwork network, Chance chance) {
        this.world = world;
        this.network = network;
        this.chance = chance;
        this.ways = new Way[world.plan.servers()][world.plan.servers()];
    }

    /** Draws the lines, once there are servers. */
    void join(SimServer[] servers) {
        for (int i = 0; i < servers.length; i++) {
            for (int j = 0; j < i; j++) {
                ways[i][j] = new Way(servers[i], servers[j]);
                ways[j][i] = new Way(servers[j], servers[i]);
                new Line(ways[i][j], ways[j][i]);
            }
        }
    }

    void send(SimServer from, SimServer to, Notification notification) {
        Way way = ways[from.index][to.index];
        way.newest = notification;
        if (way.line().isUp) {
            arriveLater(way, notification);
        } else {
            dial(way, 0);
        }
    }

    private void dial(Way way, long afterUs) {
        if (way.line().isDialled || way.line().isUp) {
            return;
        }
        way.line().isDialled = true;
        world.agenda.add(
                afterUs + network.latencyUs(way.from.index, way.to.index),
                Agenda.Kind.CONNECT,
                way.to.index,
                () -> onDialled(way));
    }

    private void onDialled(Way way) {
        Line line = way.line();
        line.isDialled = false;
        if (!way.from.isUp()) {
            return;
        }
        if (!way.to.isUp()
                || !network.takesDials(way.to.index)
                || !way.to.links().knows(way.from)
                || !way.from.links().knows(way.to)
                || network.isBlocked(way.from.index, way.to.index)
                || network.isBlocked(way.to.index, way.from.index)) {
            way.from.post(() -> way.from.peer().onPeerReachable(way.to.sid, false));
            dial(way, REDIAL_US);
            return;
        }
        line.isUp = true;
        line.connection++;
        for (Way each : new Way[] {line.one, line.other}) {
            each.from.post(() -> each.from.peer().onPeerReachable(each.to.sid, true));
            if (each.newest != null) {
                arriveLater(each, each.newest);
            }
        }
    }

    private void arriveLater(Way way, Notification notification) {
        long atUs = world.agenda.nowUs() + network.latencyUs(way.from.index, way.to.index);
        way.lastArrivalUs = Math.max(atUs, way.lastArrivalUs);
        int connection = way.line().connection;
        world.agenda.add(
                way.lastArrivalUs - world.agenda.nowUs(),
                Agenda.Kind.NOTIFY,
                way.to.index,
                () -> onArrival(way, connection, notification));
    }

    private void onArrival(Way way, int connection, Notification notification) {
        if (!way.line().isUp || way.line().connection != connection) {
            return;
        }
        if (network.isBlocked(way.from.index, way.to.index) || way.held != null) {
            way.held = notification;
            return;
        }
        Notification read = read(notification);
        way.to.post(
                () -> {
                    world.votes.onHeard(way.to, way.from, read);
                    way.to.peer().onNotification(way.from.sid, read);
                    world.votes.onHeardOut();
                });
    }

    /** As it comes out of the bytes that it was sent in, cut somewhere. */
    private Notification read(Notification notification) {
        out.position(0);
        NotificationCodec.encode(notification, out);
        ElectionDecoder decoder = new ElectionDecoder();
        int cut = chance.below(out.position());
        try {
            decoder.receive(out.buffer(), 0, cut);
            if (decoder.next() != null) {
                throw new Violation("E9", "half of " + notification + " is enough");
            }
            decoder.receive(out.buffer(), cut, out.position() - cut);
            return Objects.requireNonNull(decoder.next());
        } catch (MalformedException e) {
            throw new Violation("E9", "cannot read " + notification, e);
        }
    }

    void onFree(int from, int to) {
        Way way = ways[from][to];
        if (way != null && way.held != null) {
            Notification notification = way.held;
            way.held = null;
            arriveLater(way, notification);
        }
    }

    /** The connection of two servers breaks; both hear of it. */
    void breakAny() {
        int i = chance.below(ways.length);
        int j = chance.below(ways.length);
        if (i != j) {
            Line line = ways[i][j].line();
            if (line.isUp) {
                fail(line);
            }
        }
    }

    private void fail(Line line) {
        line.isUp = false;
        for (Way way : new Way[] {line.one, line.other}) {
            way.held = null;
            if (way.from.isUp()) {
                way.from.post(() -> way.from.peer().onPeerReachable(way.to.sid, false));
                dial(way, REDIAL_US);
            }
        }
    }

    void onStarted(SimServer server) {
        for (Way way : ways[server.index]) {
            if (way != null) {
                way.newest = null;
                if (way.line().isUp) {
                    fail(way.line());
                }
            }
        }
    }

    /** With {@code heard}, the others notice at once; else when the server is back. */
    void onDied(SimServer server, boolean heard) {
        for (Way way : ways[server.index]) {
            if (way != null && way.line().isUp && heard) {
                fail(way.line());
            }
        }
    }
}
