package io.loomkeeper.sim;

import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Stat;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * What a client watches, as it knows it, and what it must be told of (C9): each event that concerns
 * it, in order, before any reply that shows the change, and nothing else.
 */
final class WatchMemory {
    private static final long CATCH_UP = -1;

    private final Simulation world;
    private final TreeSet<String> data = new TreeSet<>();
    private final TreeSet<String> exist = new TreeSet<>();
    private final TreeSet<String> child = new TreeSet<>();
    private final TreeSet<String> persistent = new TreeSet<>();
    private final TreeSet<String> recursive = new TreeSet<>();

    /** Events told on this connection with zxid -1. */
    private final ArrayList<String> caughtUp = new ArrayList<>();

    /** Of the ledger's events: all before it are told, or are none of ours. */
    private int cursor;

    /** The server knows of the watches. */
    private boolean isActive = true;

    WatchMemory(Simulation world) {
        this.world = world;
    }

    /** Another session begins, which watches nothing. */
    void forget() {
        data.clear();
        exist.clear();
        child.clear();
        persistent.clear();
        recursive.clear();
        onConnected();
    }

    boolean isEmpty() {
        return data.isEmpty()
                && exist.isEmpty()
                && child.isEmpty()
                && persistent.isEmpty()
                && recursive.isEmpty();
    }

    /** On another connection nothing is watched until {@link #again} is answered. */
    void onConnected() {
        isActive = isEmpty();
        caughtUp.clear();
    }

    /** What asks for all of them on another connection. */
    Request.SetWatches again(long sinceZxid) {
        return new Request.SetWatches(
                sinceZxid,
                List.copyOf(data),
                List.copyOf(exist),
                List.copyOf(child),
                List.copyOf(persistent),
                List.copyOf(recursive));
    }

    private void check(boolean holds, SimClient client, Object what) {
        if (!holds) {
            throw new Violation("C9", client + " " + what);
        }
    }

    // leaving watches

    void onData(String path) {
        data.add(path);
    }

    void onExists(String path, boolean isThere) {
        (isThere ? data : exist).add(path);
    }

    void onChildren(String path) {
        child.add(path);
    }

    void onPersistent(String path, boolean isRecursive) {
        (isRecursive ? recursive : persistent).add(path);
    }

    // events

    private boolean concerns(Happened event) {
        String path = event.path();
        return (event.ofData() && (data.contains(path) || exist.contains(path)))
                || (event.ofChild() && child.contains(path))
                || persistent.contains(path)
                || (event.ofData() && isBelowRecursive(path));
    }

    private boolean isBelowRecursive(String path) {
        for (String above : recursive) {
            if (path.equals(above) || path.startsWith(above + "/")) {
                return true;
            }
        }
        return false;
    }

    private void useUp(Happened event) {
        if (event.ofData()) {
            data.remove(event.path());
            exist.remove(event.path());
        }
        if (event.ofChild()) {
            child.remove(event.path());
        }
    }

    void onEvent(SimClient client, long zxid, EventType type, String path) {
        world.ledger.catchUp();
        if (zxid == CATCH_UP) {
            check(!isActive, client, "is told of " + path + " again");
            caughtUp.add(type + " " + path);
            return;
        }
        check(isActive, client, "is told of " + path + " and has not asked");
        List<Happened> events = world.ledger.events();
        while (cursor < events.size()) {
            Happened event = events.get(cursor++);
            if (concerns(event)) {
                boolean isIt =
                        event.zxid() == zxid && event.type() == type && event.path().equals(path);
                check(isIt, client, "waits for " + event + ", is told of " + type + " " + path);
                useUp(event);
                return;
            }
        }
        throw new Violation("C9", client + " is told of " + type + " " + path + ", which is over");
    }

    /** A reply shows the state at {@code zxid}: what concerns the client up to there was told. */
    void onShown(SimClient client, long zxid) {
        List<Happened> events = world.ledger.events();
        while (cursor < events.size() && events.get(cursor).zxid() <= zxid) {
            Happened event = events.get(cursor++);
            check(
                    !isActive || !concerns(event),
                    client,
                    "sees 0x" + Long.toHexString(zxid) + " and was not told of " + event);
        }
    }

    /** {@link #again} is answered from the state at {@code zxid}. */
    void onSetAgain(SimClient client, Request.SetWatches asked, long zxid) {
        long since = asked.relativeZxid();
        ArrayList<String> missed = new ArrayList<>();
        for (String path : asked.data()) {
            Ledger.State state = world.ledger.at(path, zxid);
            if (state == null) {
                data.remove(path);
                missed.add(EventType.NODE_DELETED + " " + path);
            } else if (stat(state).mzxid() > since) {
                data.remove(path);
                missed.add(EventType.NODE_DATA_CHANGED + " " + path);
            }
        }
        for (String path : asked.exist()) {
            if (world.ledger.at(path, zxid) != null) {
                exist.remove(path);
                missed.add(EventType.NODE_CREATED + " " + path);
            }
        }
        for (String path : asked.child()) {
            Ledger.State state = world.ledger.at(path, zxid);
            if (state == null) {
                child.remove(path);
                missed.add(EventType.NODE_DELETED + " " + path);
            } else if (stat(state).pzxid() > since) {
                child.remove(path);
                missed.add(EventType.NODE_CHILDREN_CHANGED + " " + path);
            }
        }
        check(missed.equals(caughtUp), client, "missed " + missed + ", is told " + caughtUp);
        if (!missed.isEmpty()) {
            world.marks.reach(Mark.WATCH_CAUGHT_UP);
        }
        caughtUp.clear();
        isActive = true;
    }

    private static Stat stat(Ledger.State state) {
        return Objects.requireNonNull(state.stat());
    }
}
