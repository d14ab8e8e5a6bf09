package io.loomkeeper.sim;

import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.Stat;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the chosen transactions have made, node by node and with all that was before: told by the
 * transactions alone, in another way than the tree does it. Whatever a server shows is held against
 * this, and the transactions against each other.
 */
final class Ledger {
    /** A node from one zxid on; without Stat there is none. */
    record State(long sinceZxid, @Nullable Stat stat, @Nullable Bytes data) {}

    /** A child's life; {@code untilZxid} is {@link Long#MAX_VALUE} while it is there. */
    private static final class Child {
        final String name;
        final long sinceZxid;
        long untilZxid = Long.MAX_VALUE;

        Child(String name, long sinceZxid) {
            this.name = name;
            this.sinceZxid = sinceZxid;
        }
    }

    private static final class Node {
        final ArrayList<State> states = new ArrayList<>();
        final ArrayList<Child> children = new ArrayList<>();

        /** Of the parent of sequential nodes (C11). */
        long lastSuffix = -1;

        State now() {
            return states.getLast();
        }
    }

    private static final class Session {
        final TreeSet<String> ephemerals = new TreeSet<>();
        long closedZxid = Long.MAX_VALUE;
        int lastCxid;
    }

    private static final int SUFFIX_DIGITS = 10;

    private final Simulation world;
    private final Map<String, Node> nodes = new HashMap<>();
    private final Long2ObjectHashMap<Session> sessions = new Long2ObjectHashMap<>();
    private final ArrayList<Happened> events = new ArrayList<>();

    /** So many chosen entries are in it. */
    private int entered = 1;

    Ledger(Simulation world) {
        this.world = world;
        node("/").states.add(new State(0, new Stat(0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0), Bytes.EMPTY));
    }

    private static void check(boolean holds, String rule, TxnHeader header, Object what) {
        if (!holds) {
            throw new Violation(
                    rule, "transaction 0x" + Long.toHexString(header.zxid()) + ": " + what);
        }
    }

    // what was

    /** All events so far, in order. */
    List<Happened> events() {
        return events;
    }

    /** The node as it was at {@code zxid}; null when there was none. */
    @Nullable State at(String path, long zxid) {
        Node node = nodes.get(path);
        if (node == null) {
            return null;
        }
        int i = node.states.size() - 1;
        while (i >= 0 && node.states.get(i).sinceZxid > zxid) {
            i--;
        }
        return i < 0 || node.states.get(i).stat == null ? null : node.states.get(i);
    }

    /** The names of its children at {@code zxid}. */
    Set<String> children(String path, long zxid) {
        TreeSet<String> names = new TreeSet<>();
        for (Child child : node(path).children) {
            if (child.sinceZxid <= zxid && zxid < child.untilZxid) {
                names.add(child.name);
            }
        }
        return names;
    }

    /** The zxid that closed it; {@link Long#MAX_VALUE} while it lives. */
    long closedZxid(long sessionId) {
        Session session = sessions.get(sessionId);
        return session == null ? -1 : session.closedZxid;
    }

    /** The paths of all nodes that are there now, but the server's own. */
    List<String> paths() {
        return nodes.entrySet().stream()
                .filter(each -> each.getValue().now().stat != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    int livingSessions() {
        return (int) sessions.values().stream().filter(Ledger::lives).count();
    }

    private static boolean lives(Session session) {
        return session.closedZxid == Long.MAX_VALUE;
    }

    // what comes

    /** Takes in whatever was chosen since the last time. */
    void catchUp() {
        List<Logged> chosen = world.history.chosen();
        while (entered < chosen.size()) {
            LoggedTxn txn = chosen.get(entered++).logged();
            enter(txn.header(), txn.txn());
        }
    }

    private void enter(TxnHeader header, Txn txn) {
        switch (txn) {
            case Txn.CreateSessionTxn _ -> onCreateSession(header);
            case Txn.CloseSessionTxn(var paths) -> onCloseSession(header, paths);
            case Txn.ErrorTxn _ -> {}
            case Txn.ReconfigTxn _ -> onWritten(header); // the node is the server's own
            case Txn.MultiTxn(var parts) -> {
                if (parts.stream().noneMatch(part -> part instanceof Txn.ErrorTxn)) {
                    onWritten(header);
                    parts.forEach(part -> apply(header, part));
                }
            }
            default -> {
                onWritten(header);
                apply(header, txn);
            }
        }
    }

    /** C6, C8: only a living session writes. C3: in the order in which it asked; C1: each once. */
    private void onWritten(TxnHeader header) {
        Session session = sessions.get(header.sessionId());
        check(session != null && lives(session), "C6", header, "of a session that is no more");
        if (session != null) {
            check(header.cxid() != session.lastCxid, "C1", header, "once more " + header.cxid());
            check(header.cxid() > session.lastCxid, "C3", header, "cxid " + header.cxid());
            session.lastCxid = header.cxid();
        }
    }

    private void onCreateSession(TxnHeader header) {
        long id = header.sessionId();
        check(!sessions.containsKey(id), "C6", header, "a session begins twice: " + id);
        sessions.put(id, new Session());
    }

    /** C7: all its ephemerals go, and nothing else. One that has ended may be ended again. */
    private void onCloseSession(TxnHeader header, @Nullable List<String> paths) {
        Session session = sessions.get(header.sessionId());
        check(session != null, "C6", header, "ends a session that never was");
        if (session == null || paths == null) {
            return;
        }
        check(
                session.ephemerals.equals(new TreeSet<>(paths)),
                "C7",
                header,
                "deletes " + paths + " of " + session.ephemerals);
        paths.forEach(path -> onDelete(header, path));
        if (lives(session)) {
            session.closedZxid = header.zxid();
            world.onSessionEnded(header);
        }
    }

    private void apply(TxnHeader header, Txn txn) {
        switch (txn) {
            case Txn.CreateTxn create -> onCreate(header, create);
            case Txn.DeleteTxn(var path, _) -> onDelete(header, path);
            case Txn.SetDataTxn set -> onSetData(header, set);
            case Txn.CheckTxn(var path, int version) -> {
                Stat stat = stat(header, path);
                check(stat.version() + 1 == version, "C12", header, "check of " + path);
            }
            default -> throw new Violation("S3", "nobody asks for " + txn);
        }
    }

    private Node node(String path) {
        return nodes.computeIfAbsent(path, _ -> new Node());
    }

    /** Of a node that has to be there (C12, C13). */
    private Stat stat(TxnHeader header, String path) {
        Node node = nodes.get(path);
        Stat stat = node == null ? null : node.now().stat;
        if (stat == null) {
            throw new Violation("C13", "no " + path + " for 0x" + Long.toHexString(header.zxid()));
        }
        return stat;
    }

    private static String parentOf(String path) {
        return path.substring(0, Math.max(1, path.lastIndexOf('/')));
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private void happen(
            TxnHeader header, EventType type, String path, boolean ofData, boolean ofChild) {
        events.add(new Happened(header.zxid(), type, path, ofData, ofChild));
    }

    private void onCreate(TxnHeader header, Txn.CreateTxn create) {
        String path = create.path();
        String above = parentOf(path);
        Stat parent = stat(header, above);
        Node node = node(path);
        check(parent.ephemeralOwner() == 0, "C13", header, "below an ephemeral: " + path);
        check(node.states.isEmpty() || node.now().stat == null, "C13", header, "twice " + path);
        check(
                create.parentCversion() == storedCversion(parent) + 1,
                "C13",
                header,
                "cversion " + create.parentCversion() + " after " + parent);
        checkSuffix(header, node(above), nameOf(path));
        long owner = create.ephemeral() ? header.sessionId() : 0;
        int length = create.data() == null ? 0 : create.data().length();
        long zxid = header.zxid();
        long ms = header.timeMs();
        Stat stat = new Stat(zxid, zxid, ms, ms, 0, 0, 0, owner, length, 0, zxid);
        node.states.add(new State(zxid, stat, create.data()));
        node(above).children.add(new Child(nameOf(path), zxid));
        onChildren(header, above, storedCversion(parent) + 1, parent.numChildren() + 1);
        if (owner != 0) {
            sessions.get(owner).ephemerals.add(path);
        }
        happen(header, EventType.NODE_CREATED, path, true, false);
        happen(header, EventType.NODE_CHILDREN_CHANGED, above, false, true);
    }

    private static int storedCversion(Stat stat) {
        return (stat.cversion() + stat.numChildren()) / 2;
    }

    /** C11. */
    private static void checkSuffix(TxnHeader header, Node parent, String name) {
        if (name.length() > SUFFIX_DIGITS) {
            long suffix = Long.parseLong(name.substring(name.length() - SUFFIX_DIGITS));
            check(suffix > parent.lastSuffix, "C11", header, name + " after " + parent.lastSuffix);
            parent.lastSuffix = suffix;
        }
    }

    private void onChildren(TxnHeader header, String path, int stored, int count) {
        State before = node(path).now();
        Stat was = stat(header, path);
        Stat stat =
                new Stat(
                        was.czxid(),
                        was.mzxid(),
                        was.ctime(),
                        was.mtime(),
                        was.version(),
                        2 * stored - count,
                        was.aversion(),
                        was.ephemeralOwner(),
                        was.dataLength(),
                        count,
                        header.zxid());
        node(path).states.add(new State(header.zxid(), stat, before.data));
    }

    private void onDelete(TxnHeader header, String path) {
        Stat stat = stat(header, path);
        check(stat.numChildren() == 0, "C13", header, path + " has children");
        String above = parentOf(path);
        Stat parent = stat(header, above);
        node(path).states.add(new State(header.zxid(), null, null));
        node(path).lastSuffix = -1;
        ArrayList<Child> siblings = node(above).children;
        int i = siblings.size() - 1;
        while (siblings.get(i).untilZxid != Long.MAX_VALUE
                || !siblings.get(i).name.equals(nameOf(path))) {
            i--;
        }
        siblings.get(i).untilZxid = header.zxid();
        onChildren(header, above, storedCversion(parent), parent.numChildren() - 1);
        if (stat.ephemeralOwner() != 0) {
            sessions.get(stat.ephemeralOwner()).ephemerals.remove(path);
            world.onEphemeralDeleted(stat.ephemeralOwner());
        }
        happen(header, EventType.NODE_DELETED, path, true, true);
        happen(header, EventType.NODE_CHILDREN_CHANGED, above, false, true);
    }

    private void onSetData(TxnHeader header, Txn.SetDataTxn set) {
        Stat was = stat(header, set.path());
        check(set.version() == was.version() + 1, "C13", header, set + " after " + was);
        int length = set.data() == null ? 0 : set.data().length();
        Stat stat =
                new Stat(
                        was.czxid(),
                        header.zxid(),
                        was.ctime(),
                        header.timeMs(),
                        set.version(),
                        was.cversion(),
                        was.aversion(),
                        was.ephemeralOwner(),
                        length,
                        was.numChildren(),
                        was.pzxid());
        node(set.path()).states.add(new State(header.zxid(), stat, set.data()));
        happen(header, EventType.NODE_DATA_CHANGED, set.path(), true, false);
    }
}
