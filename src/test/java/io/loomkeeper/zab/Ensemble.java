package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A few servers in one thread and virtual time, on a network that keeps order and disks that lose
 * what they have not forced. Small and without chance: what a fact of the core needs.
 */
final class Ensemble {
    static final int TICK_MS = 100;
    static final int LATENCY_MS = 1;
    static final int FORCE_MS = 2;

    final TreeMap<Long, Host> servers = new TreeMap<>();
    Membership membership;

    /** What was sent on quorum links, in order. */
    final List<Sent> sent = new ArrayList<>();

    /** Whether reconfigurations are understood. */
    boolean isChanging;

    /** Quorum messages that get lost with their link. */
    Predicate<Sent> breaksLink = _ -> false;

    Peer.Settings settings;
    long nowMs = 1_000;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final TreeMap<Long, Link> links = new TreeMap<>();
    private final Set<List<Long>> cut = new HashSet<>();
    private long order;
    private long nextLink = 1;

    record Sent(long from, long to, Message message) {}

    private record Event(long atMs, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atMs != other.atMs
                    ? Long.compare(atMs, other.atMs)
                    : Long.compare(order, other.order);
        }
    }

    private record Link(long from, int fromRun, long to, int toRun) {}

    Ensemble(int voters, long... observers) {
        TreeSet<Long> sids = new TreeSet<>();
        for (long sid = 1; sid <= voters; sid++) {
            sids.add(sid);
        }
        TreeSet<Long> watching = new TreeSet<>();
        for (long sid : observers) {
            watching.add(sid);
        }
        membership = new Membership(new Majority(sids), watching, 0, "version=0");
        settings =
                new Peer.Settings(
                        0, membership, false, new Peer.Timing(TICK_MS, 10, 5), 10, -16, false);
        sids.addAll(watching);
        sids.forEach(sid -> servers.put(sid, new Host(this, sid)));
    }

    /** All serve, and may be changed; servers beyond the voters are up and no members. */
    static Ensemble changing(int voters, int strangers) {
        Ensemble ensemble = new Ensemble(voters + strangers);
        ensemble.isChanging = true;
        TreeSet<Long> sids = new TreeSet<>();
        for (long sid = 1; sid <= voters; sid++) {
            sids.add(sid);
        }
        ensemble.membership = Roster.of(sids, 0);
        Peer.Settings all = ensemble.settings;
        ensemble.settings =
                new Peer.Settings(
                        0, ensemble.membership, false, all.timing(), 10, all.lastCounter(), true);
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        return ensemble;
    }

    /** The leader proposes other members. */
    long reconfigure(Set<Long> voters, Set<Long> observers) {
        Host leader = leader();
        long zxid = leader.peer.nextZxid();
        return leader.propose("R" + Roster.of(voters, observers, Set.of(), zxid).text());
    }

    /** Whether all that are up go by the configuration of that version, and agree. */
    boolean isActive(long version) {
        return agrees()
                && servers.values().stream()
                        .filter(Host::isUp)
                        .allMatch(server -> server.roster.isAt(version));
    }

    /** All serve, and agree. */
    static Ensemble started(int voters, long... observers) {
        Ensemble ensemble = new Ensemble(voters, observers);
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        return ensemble;
    }

    /** The leader proposes so many transactions. */
    void propose(int count) {
        for (int i = 0; i < count; i++) {
            leader().propose("txn " + i);
        }
    }

    Host server(long sid) {
        return Objects.requireNonNull(servers.get(sid));
    }

    void startAll() {
        servers.values().forEach(Host::start);
    }

    void schedule(long afterMs, Runnable action) {
        events.add(new Event(nowMs + afterMs, order++, action));
    }

    void cut(long one, long other) {
        cut.add(List.of(one, other));
        cut.add(List.of(other, one));
        for (long link : List.copyOf(links.keySet())) {
            Link ends = link(link);
            if (isCut(ends.from, ends.to)) {
                breakLink(link);
            }
        }
    }

    void heal() {
        cut.clear();
        servers.values().forEach(Host::meetOthers);
    }

    boolean isCut(long one, long other) {
        return cut.contains(List.of(one, other));
    }

    boolean reaches(long from, long to) {
        return !isCut(from, to) && server(to).isUp() && server(from).isUp();
    }

    /** Runs until the condition holds; fails after two virtual minutes. */
    void until(BooleanSupplier condition) {
        long endMs = nowMs + 120_000;
        while (!condition.getAsBoolean()) {
            assertTrue(nowMs < endMs, () -> "not reached: " + servers.values());
            step();
        }
    }

    void run(long ms) {
        long endMs = nowMs + ms;
        schedule(ms, () -> {});
        while (nowMs < endMs) {
            step();
        }
    }

    /** One event, or time passes for those who wait for it. */
    private void step() {
        long deadlineMs = Long.MAX_VALUE;
        for (Host server : servers.values()) {
            if (server.isRunning()) {
                deadlineMs = Math.min(deadlineMs, server.peer.nextDeadlineMs());
            }
        }
        Event next = events.peek();
        if (next != null && next.atMs <= deadlineMs) {
            events.remove();
            nowMs = Math.max(nowMs, next.atMs);
            next.action.run();
        } else {
            nowMs = Math.max(nowMs, deadlineMs);
            servers.values().forEach(Host::tick);
        }
        servers.values().forEach(Host::check);
    }

    long dial(long from, long to) {
        long link = nextLink++;
        links.put(link, new Link(from, server(from).run, to, server(to).run));
        schedule(
                LATENCY_MS,
                () -> {
                    if (!links.containsKey(link)) {
                        return;
                    }
                    if (!reaches(from, to)) {
                        breakLink(link);
                        return;
                    }
                    server(to).peer.onAccepted(link);
                    onEnd(link, from, peer -> peer.onLinkUp(link));
                });
        return link;
    }

    private Link link(long link) {
        return Objects.requireNonNull(links.get(link));
    }

    void send(long link, long from, Message message) {
        Link ends = links.get(link);
        if (ends == null) {
            return;
        }
        long to = ends.from == from ? ends.to : ends.from;
        Sent packet = new Sent(from, to, message);
        sent.add(packet);
        if (breaksLink.test(packet)) {
            breakLink(link);
            return;
        }
        schedule(LATENCY_MS, () -> onEnd(link, to, peer -> peer.onMessage(link, message)));
    }

    /** Both ends hear of it. */
    void breakLink(long link) {
        Link ends = links.get(link);
        if (ends != null) {
            close(link, ends.from);
            Link other = new Link(ends.from, ends.fromRun, ends.to, ends.toRun);
            schedule(LATENCY_MS, () -> onDown(other, other.from, link));
        }
    }

    /** The other end hears of it. */
    void close(long link, long by) {
        Link ends = links.remove(link);
        if (ends != null) {
            long other = ends.from == by ? ends.to : ends.from;
            schedule(LATENCY_MS, () -> onDown(ends, other, link));
        }
    }

    void closeAllOf(long sid) {
        for (long link : List.copyOf(links.keySet())) {
            Link ends = link(link);
            if (ends.from == sid || ends.to == sid) {
                close(link, sid);
            }
        }
    }

    private void onDown(Link ends, long sid, long link) {
        Host server = server(sid);
        int run = ends.from == sid ? ends.fromRun : ends.toRun;
        if (server.isUp() && server.run == run) {
            server.whenReady(peer -> peer.onLinkDown(link));
        }
    }

    private void onEnd(long link, long sid, Consumer<Peer> action) {
        if (links.containsKey(link) && server(sid).isUp()) {
            server(sid).whenReady(action);
        }
    }

    long linkBetween(long one, long other) {
        for (long link : links.keySet()) {
            Link ends = link(link);
            if (List.of(ends.from, ends.to).containsAll(List.of(one, other))) {
                return link;
            }
        }
        throw new AssertionError("no link");
    }

    Peer.Settings withLastCounter(int counter) {
        return new Peer.Settings(0, membership, false, settings.timing(), 10, counter, false);
    }

    // What facts are about

    Host leader() {
        for (Host server : servers.values()) {
            if (server.isUp() && server.peer.isLeading()) {
                return server;
            }
        }
        throw new AssertionError("nobody leads: " + servers.values());
    }

    boolean hasLeader() {
        return servers.values().stream().anyMatch(s -> s.isUp() && s.peer.isLeading());
    }

    /** Whether all that are up serve, and have delivered the same. */
    boolean agrees() {
        List<Entry> history = null;
        for (Host server : servers.values()) {
            if (!server.isUp()) {
                continue;
            }
            if (!server.peer.probe().isServing()
                    || server.peer.probe().lastAppended() != server.machine.lastApplied()) {
                return false;
            }
            history = history == null ? server.machine.applied : history;
            if (!history.equals(server.machine.applied)) {
                return false;
            }
        }
        return hasLeader();
    }

    /** Messages of one kind that went to a server. */
    <T extends Message> List<T> sentTo(long sid, Class<T> kind) {
        return sent.stream()
                .filter(packet -> packet.to == sid && kind.isInstance(packet.message))
                .map(packet -> kind.cast(packet.message))
                .toList();
    }
}
