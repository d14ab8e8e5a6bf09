package io.loomkeeper.sim;

import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Zxid;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which configurations there were, and which is decided (S23). One is decided when the transaction
 * that makes it is chosen: on the disks of a quorum of the one before and of a quorum of itself; or
 * when a leader that has seen it establishes its epoch with both.
 */
final class ConfigWitness {
    private final Simulation world;
    private final Configuration first;
    private final Long2ObjectHashMap<Configuration> byVersion = new Long2ObjectHashMap<>();

    /** The newest that is decided. */
    private Configuration inForce;

    ConfigWitness(Simulation world, Configuration first) {
        this.world = world;
        this.first = first;
        this.inForce = first;
        byVersion.put(0, first);
    }

    Configuration first() {
        return first;
    }

    Configuration inForce() {
        return inForce;
    }

    /** Whether these are a quorum of the configuration in force. */
    boolean isQuorum(IntPredicate present) {
        return inForce.electorate.isQuorum(present);
    }

    /** A leader that completes what it has seen may be no voter in that. */
    boolean mayLead(SimServer server) {
        Configuration before = inForce.before;
        return inForce.electorate.hasWeight(server.index)
                || (before != null && before.electorate.hasWeight(server.index));
    }

    private static void check(boolean holds, Object who, Object what) {
        if (!holds) {
            throw new Violation("S23", who + ": " + what);
        }
    }

    private boolean isDecided(Configuration configuration) {
        return configuration == first || configuration.before != null;
    }

    /** What a server has seen and nobody has decided. */
    @Nullable Configuration seenBy(int server) {
        Configuration seen = world.servers[server].seen();
        return seen == null || isDecided(seen) ? null : seen;
    }

    /** In force, or gone by, seen or logged by any server. */
    List<Configuration> inUse() {
        ArrayList<Configuration> all = new ArrayList<>();
        all.add(inForce);
        for (SimServer server : world.servers) {
            all.add(server.disk().active());
            all.add(server.disk().appended().configuration);
            Configuration seen = server.seen();
            if (seen != null) {
                all.add(seen);
            }
        }
        return all;
    }

    /** Who goes by what, and waits for what. */
    String told() {
        StringBuilder told = new StringBuilder("decided: " + inForce);
        for (SimServer server : world.servers) {
            Configuration seen = server.seen();
            String line = server + ": " + server.disk().active() + ", waits for " + seen;
            told.append("\n  ").append(line);
        }
        return told.toString();
    }

    // where they come from

    /** What {@code text} says; of each version there is one text. */
    private @Nullable Configuration known(String text) {
        Configuration read = Configuration.read(text, world.plan.servers());
        Configuration known = byVersion.get(read.version);
        check(known == null || known.text.equals(text), read, "is of the same version as " + known);
        return known;
    }

    private Configuration enter(String text) {
        Configuration entered = Configuration.read(text, world.plan.servers());
        byVersion.put(entered.version, entered);
        return entered;
    }

    /** The configuration that a proposal makes. */
    Configuration madeBy(Logged entry) {
        if (!(entry.logged().txn() instanceof Txn.ReconfigTxn(_, Bytes data, _)) || data == null) {
            throw new Violation("S23", entry + " makes no configuration");
        }
        Configuration known = known(data.utf8());
        Configuration made = known == null ? enter(data.utf8()) : known;
        check(made.version == entry.zxid, entry, "makes " + made);
        world.marks.reach(Mark.RECONFIGURATION_PROPOSED);
        return made;
    }

    /** A server keeps in mind what a leader proposes, or what it makes as one. */
    Configuration onSeen(SimServer server, String text) {
        Configuration seen = known(text);
        if (seen == null) {
            seen = enter(text);
            boolean isNumbered =
                    Zxid.counter(seen.version) == 0 && seen.hasMembersOf(server.disk().active());
            check(isNumbered, server, "sees what nobody proposed: " + seen);
        }
        world.nemesis.onReconfiguration(server);
        return seen;
    }

    // when they count

    /** Its transaction is chosen, or an epoch is established with it. */
    void decide(Configuration configuration, int epoch) {
        if (isDecided(configuration)) {
            return;
        }
        if (Zxid.counter(configuration.version) != 0 && Zxid.epoch(configuration.version) < epoch) {
            world.marks.reach(Mark.RECONFIGURATION_COMPLETED_BY_NEXT_LEADER);
        }
        check(
                configuration.version > inForce.version,
                configuration,
                "is decided behind " + inForce);
        world.trace.say(() -> "decided: " + configuration);
        configuration.before = inForce;
        inForce = configuration;
        world.marks.reach(Mark.RECONFIGURED);
    }

    /** Not before its commit: a leader that begins may complete what it has seen. */
    Configuration onActive(SimServer server, String text) {
        Configuration now = server.disk().active();
        Configuration next = known(text);
        if (next == null) {
            throw new Violation(
                    "S23", server + " goes by what nobody proposed: " + text.replace('\n', ' '));
        }
        check(next.version > now.version, server, "goes by " + next + " after " + now);
        if (!isDecided(next)) {
            EpochWitness epoch = world.invariants.epoch(server.disk().current());
            check(
                    !server.machine().isLeading()
                            && epoch.leader() == server.index
                            && epoch.isEstablished()
                            && epoch.isAckedBy(next),
                    server,
                    "goes by " + next + ", which is not decided");
            decide(next, server.disk().current());
        }
        if (next.isObserver(server.index) != now.isObserver(server.index)) {
            world.marks.reach(Mark.ROLE_CHANGED);
        }
        if (now.isMember(server.index) && !next.isMember(server.index)) {
            world.marks.reach(
                    server.machine().isLeading() ? Mark.LEADER_REMOVED : Mark.MEMBER_REMOVED);
        } else if (!now.isMember(server.index) && next.isMember(server.index)) {
            world.marks.reach(Mark.MEMBER_ADDED_BACK);
        }
        return next;
    }

    /** What has been delivered is gone by. */
    void afterStep(SimServer server) {
        if (server.machine().isServing()) {
            Configuration delivered = server.machine().applied().configuration;
            Configuration active = server.disk().active();
            check(
                    active.version >= delivered.version,
                    server,
                    "has delivered " + delivered + ", goes by " + active);
        }
    }

    /** All is well again: whoever is a member goes by what is decided, and shows it. */
    void onConverged(SimServer server) {
        SimDisk disk = server.disk();
        check(disk.active() == inForce, server, "goes by " + disk.active() + ", not " + inForce);
        check(server.seen() == null, server, "waits for " + server.seen());
        if (world.plan.isChanging()) {
            NodeView node = server.machine().published().node("/zookeeper/config");
            Bytes shown = node == null ? null : node.data();
            check(
                    shown != null && shown.utf8().equals(inForce.text),
                    server,
                    "shows " + (shown == null ? "nothing" : shown.utf8()) + ", not " + inForce);
        }
    }

    /**
     * Whoever has logged a reconfiguration knows of it; of one that came in an image it hears from
     * the leader who sent that.
     */
    @Nullable Configuration onStarted(SimServer server, @Nullable Membership before) {
        Configuration logged = server.disk().durable().configuration;
        Configuration active = server.disk().active();
        Configuration seen = before == null ? null : known(before.text());
        if (seen != null) {
            world.marks.reach(Mark.RESTARTED_DURING_RECONFIGURATION);
        }
        check(
                logged.version <= active.version
                        || (seen != null && logged.version <= seen.version)
                        || logged.version <= server.disk().floor().zxid,
                server,
                "has logged " + logged + ", and knows of " + active + " and " + seen);
        return seen;
    }

    /** Something that a client may ask for. */
    Request.Write change(Chance chance) {
        long version = chance.hits(0.8) ? -1 : chance.hits(0.8) ? inForce.version : 1;
        if (chance.hits(0.25)) {
            return new Request.Reconfig(null, null, all(chance), version);
        }
        SimServer server = world.servers[chance.below(world.servers.length)];
        boolean leaves = inForce.isMember(server.index) && chance.hits(0.5);
        String joining = leaves ? null : Configuration.line(server.sid, chance.hits(0.4));
        String leaving = leaves ? String.valueOf(server.sid) : null;
        return new Request.Reconfig(joining, leaving, null, version);
    }

    private String all(Chance chance) {
        ArrayList<String> lines = new ArrayList<>();
        for (SimServer server : world.servers) {
            if (chance.hits(0.8)) {
                lines.add(Configuration.line(server.sid, chance.hits(0.2)));
            }
        }
        return String.join(",", lines);
    }

    /**
     * What an operator writes for a server that finds no line of its own: it observes, among those
     * that are members by the newest configuration that any server goes by.
     */
    Configuration forJoiner(SimServer server) {
        Configuration newest = server.disk().active();
        for (SimServer other : world.servers) {
            Configuration active = other.disk().active();
            newest = active.version > newest.version ? active : newest;
        }
        StringBuilder text = new StringBuilder();
        for (SimServer other : world.servers) {
            if (other == server) {
                text.append(Configuration.line(other.sid, true)).append('\n');
            } else if (newest.isMember(other.index)) {
                boolean isObserver = newest.isObserver(other.index);
                text.append(Configuration.line(other.sid, isObserver)).append('\n');
            }
        }
        return Configuration.read(text.append("version=0").toString(), world.plan.servers());
    }
}
