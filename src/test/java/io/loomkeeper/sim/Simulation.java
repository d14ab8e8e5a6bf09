package io.loomkeeper.sim;

import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.TxnHeader;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Peer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** One run of one seed: a world of servers, clients, a network, and somebody who breaks things. */
final class Simulation {
    /**
     * How a run went.
     *
     * @param violation null when no rule was broken
     * @param lines what happened last, in words, if that was asked for
     */
    record Outcome(
            Plan plan,
            long steps,
            long virtualUs,
            long faults,
            long acked,
            long hash,
            Marks marks,
            @Nullable Violation violation,
            List<String> lines) {
        /** What went wrong, in a run in which something did. */
        Violation broken() {
            return Objects.requireNonNull(violation);
        }
    }

    private static final Pattern CITED = Pattern.compile("([SDTELC]\\d+)(:.*)?$");

    /** The server's own: /zookeeper and what is below it, and the root once more. */
    private static final int OWN_NODES = 4;

    final Plan plan;
    final Agenda agenda = new Agenda();
    final Marks marks = new Marks();
    final Trace trace = new Trace(this::when);
    final ConfigWitness configs;
    final History history;
    final Invariants invariants;
    final VoteWitness votes;
    final SimNetwork network;
    final Nemesis nemesis;
    final SimServer[] servers;
    final Ledger ledger;
    final Testimony testimony;
    final ExpiryWitness expiry;
    final SyncBarrier syncs;

    /** How often something was broken. */
    long faults;

    private final SimClient[] clients;

    /** Who has had the session last. */
    private final Long2ObjectHashMap<SimClient> bySession = new Long2ObjectHashMap<>();

    private long wires;
    private final TreeVersion emptyTree;
    private final Membership membership;
    private Logged lastAcked;
    private long acked;
    private long steps;

    Simulation(Plan plan) {
        this.plan = plan;
        Chance chance = new Chance(new SplittableRandom(plan.seed() ^ 0x5851f42d4c957f2dL));
        configs = new ConfigWitness(this, first(plan));
        history = new History(configs, plan.servers(), 0);
        lastAcked = history.beginning();
        emptyTree = new DataTree(TreeOptions.DEFAULT).seal();
        history.beginning().digest = emptyTree.digest();
        history.beginning().digestKnown = true;
        membership = membership(plan);
        invariants = new Invariants(this);
        votes = new VoteWitness(this);
        ledger = new Ledger(this);
        testimony = new Testimony(this);
        expiry = new ExpiryWitness(this);
        syncs = new SyncBarrier(this);
        network = new SimNetwork(this, chance.split());
        nemesis = new Nemesis(this, chance.split());
        servers = new SimServer[plan.servers()];
        for (int i = 0; i < servers.length; i++) {
            servers[i] = new SimServer(this, i, chance.split());
        }
        network.elections().join(servers);
        clients = new SimClient[plan.load().clients()];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = new SimClient(this, i, chance.split());
        }
        nemesis.begin();
    }

    private static Membership membership(Plan plan) {
        TreeSet<Long> observers = new TreeSet<>();
        for (long sid = plan.voters() + 1L; sid <= plan.servers(); sid++) {
            observers.add(sid);
        }
        return new Membership(plan.electorate().quorum(), observers, 0, "version=0");
    }

    /** What all servers begin with. */
    private static Configuration first(Plan plan) {
        if (!plan.isChanging()) {
            boolean[] observers = new boolean[plan.servers()];
            Arrays.fill(observers, plan.voters(), plan.servers(), true);
            return new Configuration(0, "version=0", plan.electorate(), observers);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < plan.servers(); i++) {
            text.append(Configuration.line(i + 1L, i >= plan.voters())).append('\n');
        }
        return Configuration.read(text.append("version=0").toString(), plan.servers());
    }

    Outcome run() {
        return run(Long.MAX_VALUE);
    }

    /**
     * @param wordsFrom the step from which on the trace is in words too
     */
    Outcome run(long wordsFrom) {
        Violation violation = null;
        try {
            while (steps < plan.steps()) {
                if (steps == wordsFrom) {
                    trace.startWords();
                }
                step();
            }
        } catch (Violation broken) {
            violation = broken;
        } catch (AssertionError | RuntimeException | StackOverflowError wrong) {
            violation = new Violation(ruleOf(wrong), wrong.toString(), wrong);
        }
        return new Outcome(
                plan,
                steps,
                agenda.nowUs(),
                faults,
                acked,
                trace.hash(),
                marks,
                violation,
                trace.lines());
    }

    /** What the core asserts cites its rule, most of the time. */
    private static String ruleOf(Throwable wrong) {
        Matcher cited = CITED.matcher(String.valueOf(wrong.getMessage()));
        return wrong instanceof AssertionError && cited.lookingAt() ? cited.group(1) : "ASSERT";
    }

    private void step() {
        Agenda.Event event = agenda.next();
        steps++;
        trace.mix(event.atUs);
        trace.mix(event.kind.name().hashCode());
        trace.mix(event.server);
        event.action.run();
    }

    private String when() {
        return String.format(Locale.ROOT, "%6d %10.3f ms  ", steps, agenda.nowUs() / 1e3);
    }

    SimServer server(long sid) {
        return servers[(int) sid - 1];
    }

    TreeVersion emptyTree() {
        return emptyTree;
    }

    Peer.Settings settings(SimServer server) {
        Plan.Tuning tuning = plan.tuning();
        Peer.Timing timing =
                new Peer.Timing(
                        tuning.tickTimeMs(),
                        tuning.initLimit(),
                        tuning.syncLimit(),
                        tuning.connectLimit(),
                        tuning.notificationMs(),
                        60_000,
                        tuning.finalizeWaitMs());
        SimMembers members = server.members();
        return new Peer.Settings(
                server.sid,
                members == null ? membership : members.driven().active(),
                server.isObserver(),
                timing,
                tuning.commitLogCount(),
                tuning.lastCounter(),
                plan.isChanging());
    }

    Logged lastAcked() {
        return lastAcked;
    }

    void onAcked(Logged entry) {
        acked++;
        if (entry.index > lastAcked.index) {
            lastAcked = entry;
        }
    }

    /** The id of another connection. */
    long newWire() {
        return ++wires;
    }

    void onConnected(SimClient client) {
        bySession.put(client.sessionId(), client);
    }

    /** Whether the session's client has sent nothing for so long. */
    boolean isSilentFor(long sessionId, long ms) {
        SimClient client = bySession.get(sessionId);
        return client == null || client.sessionId() != sessionId || client.isSilentFor(ms);
    }

    void onSessionEnded(TxnHeader header) {
        if (header.cxid() == 0) {
            marks.reach(Mark.SESSION_EXPIRED);
        }
    }

    void onEphemeralDeleted(long owner) {
        SimClient client = bySession.get(owner);
        if (client != null && client.sessionId() == owner && client.isBetweenServers()) {
            marks.reach(Mark.EPHEMERAL_DELETED_WHILE_ITS_SESSION_MOVED);
        }
    }

    @Nullable SimServer leader() {
        SimServer leader = null;
        for (SimServer server : servers) {
            if (server.isUp() && server.machine().isLeading()) {
                leader = server;
            }
        }
        return leader;
    }

    /** What is still missing to a whole ensemble, all of it equal: the rule, and words; or null. */
    @Nullable String missing() {
        SimServer leader = leader();
        if (leader == null) {
            return "L1: no leader; " + configs.told();
        }
        for (SimServer server : servers) {
            if (isMember(server) && (!server.isUp() || !server.machine().isServing())) {
                return "L3: " + server + " does not serve";
            }
        }
        for (SimClient client : clients) {
            if (client.waits()) {
                return "L2: " + client + " has no answer";
            }
        }
        String overdue = expiry.overdue(leader);
        if (overdue != null) {
            return "C6: " + overdue;
        }
        Logged last = leader.disk().appended();
        for (SimServer server : servers) {
            if (isMember(server)
                    && (server.machine().applied() != last
                            || server.machine().published().zxid() != last.zxid
                            || server.disk().durable() != last)) {
                return "L6: " + server + " is at " + server.machine().applied() + " of " + last;
            }
        }
        return null;
    }

    /** Others may be there, and serve or not. */
    private boolean isMember(SimServer server) {
        return configs.inForce().isMember(server.index);
    }

    /** All is well again: every server shows what the ledger says, node by node (C2, C8, C13). */
    void onConverged() {
        marks.reach(Mark.CONVERGED);
        ledger.catchUp();
        for (SimServer server : servers) {
            if (!isMember(server)) {
                continue;
            }
            configs.onConverged(server);
            TreeVersion version = server.machine().published();
            for (String path : ledger.paths()) {
                Ledger.State state = Objects.requireNonNull(ledger.at(path, version.zxid()));
                NodeView node = version.node(path);
                if (node == null
                        || !node.stat().equals(state.stat())
                        || !Objects.equals(node.data(), state.data())) {
                    throw new Violation("C13", server + " shows another " + path + ": " + state);
                }
            }
            if (version.nodeCount() != ledger.paths().size() + OWN_NODES) {
                throw new Violation("C8", server + " has nodes that nobody made");
            }
            if (version.sessionCount() != ledger.livingSessions()) {
                throw new Violation("C6", server + " has sessions that are no more, or lacks some");
            }
        }
    }
}
