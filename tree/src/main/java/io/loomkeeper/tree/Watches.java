package io.loomkeeper.tree;

import io.loomkeeper.tree.Watch.Watcher;
import java.util.List;
import java.util.function.ObjLongConsumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for which path: the data table and the child table of protocol 11. It selects whom to
 * tell and never tells anybody itself. Belongs to the one writer.
 *
 * <p>A watcher is a connection, named by a number that the caller gives; its watches live until
 * {@link #removeAll}.
 */
public final class Watches {
    private static final int MODE_PERSISTENT = 0;
    private static final int MODE_RECURSIVE = 1;

    private static final int TYPE_CHILDREN = 1;
    private static final int TYPE_DATA = 2;
    private static final int TYPE_ANY = 3;
    private static final int TYPE_PERSISTENT = 4;
    private static final int TYPE_RECURSIVE = 5;

    private final WatchTable data;
    private final WatchTable child;
    private final Long2ObjectHashMap<Watcher> watchers = new Long2ObjectHashMap<>();
    private int dataWatchers;
    private long step;

    /**
     * @param hashSeed a secret: who knows it can choose paths that make this table slow
     */
    public Watches(long hashSeed) {
        this.data = new WatchTable(true, hashSeed);
        this.child = new WatchTable(false, hashSeed);
    }

    /** Where the notifications go. It must not call back into the watches. */
    public interface Sink {
        /**
         * One notification to one connection.
         *
         * @param acl the watcher is told only if this list lets it READ (protocol 11.4); an empty
         *     one lets everybody
         */
        void onEvent(long watcher, EventType type, String path, List<Acl> acl);
    }

    /**
     * What {@code wchs} tells of the data table, which is all that Apache reports.
     *
     * @param connections that have at least one data watch
     * @param watches pairs of connection and path
     */
    public record Summary(int connections, int paths, int watches) {}

    /** How many pairs of path and connection both tables hold: {@code watch_count}. */
    public int count() {
        return data.count() + child.count();
    }

    /** Connections that have a watch in either table. */
    int watchers() {
        return watchers.size();
    }

    public Summary summary() {
        return new Summary(dataWatchers, data.paths(), data.count());
    }

    // leaving watches

    /**
     * Registers what a read asked for: getData and getChildren on success, exists also when the
     * node is missing (protocol 3.3).
     *
     * @param answer computed from the very version of the tree whose next change fires first
     */
    public void leave(long watcher, Request.Read request, Response answer) {
        switch (request) {
            case Request.GetData(String path, boolean watch) -> {
                if (watch && answer instanceof Response.Data) {
                    add(data, path, watcher, Watch.STANDARD);
                }
            }
            case Request.Exists(String path, boolean watch) -> {
                if (watch && isSeenOrMissing(answer)) {
                    add(data, path, watcher, Watch.STANDARD);
                }
            }
            case Request.GetChildren(String path, boolean watch, boolean _) -> {
                if (watch && answer instanceof Response.Children) {
                    add(child, path, watcher, Watch.STANDARD);
                }
            }
            case Request.GetAcl _,
                    Request.GetAllChildrenNumber _,
                    Request.GetEphemerals _,
                    Request.MultiRead _,
                    Request.WhoAmI _,
                    Request.SetWatches _,
                    Request.AddWatch _,
                    Request.CheckWatches _,
                    Request.RemoveWatches _ -> {}
        }
    }

    private static boolean isSeenOrMissing(Response answer) {
        return answer instanceof Response.StatOnly
                || (answer instanceof Response.Failed(KeeperError error)
                        && error == KeeperError.NO_NODE);
    }

    /**
     * Answers addWatch; the node need not exist and no ACL is asked.
     *
     * @return the int 0, or MARSHALLING_ERROR for an unknown mode
     */
    public Response addWatch(long watcher, Request.AddWatch request) {
        switch (request.mode()) {
            case MODE_PERSISTENT -> addPersistent(request.path(), watcher);
            case MODE_RECURSIVE -> add(data, request.path(), watcher, Watch.RECURSIVE);
            default -> {
                return new Response.Failed(KeeperError.MARSHALLING_ERROR);
            }
        }
        return new Response.Count(0);
    }

    private void addPersistent(String path, long watcher) {
        add(child, path, watcher, Watch.PERSISTENT);
        add(data, path, watcher, Watch.PERSISTENT);
    }

    /**
     * Answers setWatches and setWatches2: registers again what a client held on another connection,
     * or tells it at once what it missed (protocol 11.6). What was missed is not filtered by ACLs,
     * and its notifications carry zxid -1.
     */
    public Response setWatches(
            long watcher, Request.SetWatches request, TreeVersion version, Sink sink) {
        long since = request.relativeZxid();
        for (String path : request.data()) {
            catchUp(data, path, watcher, missedOfData(version.stat(path), since), sink);
        }
        for (String path : request.exist()) {
            EventType missed = version.exists(path) ? EventType.NODE_CREATED : null;
            catchUp(data, path, watcher, missed, sink);
        }
        for (String path : request.child()) {
            catchUp(child, path, watcher, missedOfChildren(version.stat(path), since), sink);
        }
        for (String path : request.persistent()) {
            addPersistent(path, watcher);
        }
        for (String path : request.persistentRecursive()) {
            add(data, path, watcher, Watch.RECURSIVE);
        }
        return Response.Empty.INSTANCE;
    }

    private static @Nullable EventType missedOfData(@Nullable Stat stat, long since) {
        if (stat == null) {
            return EventType.NODE_DELETED;
        }
        return stat.mzxid() > since ? EventType.NODE_DATA_CHANGED : null;
    }

    private static @Nullable EventType missedOfChildren(@Nullable Stat stat, long since) {
        if (stat == null) {
            return EventType.NODE_DELETED;
        }
        return stat.pzxid() > since ? EventType.NODE_CHILDREN_CHANGED : null;
    }

    private void catchUp(
            WatchTable table, String path, long watcher, @Nullable EventType missed, Sink sink) {
        if (missed == null) {
            add(table, path, watcher, Watch.STANDARD);
        } else {
            sink.onEvent(watcher, missed, path, List.of());
        }
    }

    private void add(WatchTable table, String path, long id, int mode) {
        Watcher watcher = watchers.get(id);
        if (watcher == null) {
            watcher = new Watcher(id);
            watchers.put(id, watcher);
        }
        Watch added = table.add(path, watcher, mode);
        if (added != null) {
            watcher.link(added);
            if (added.ofData && watcher.dataWatches++ == 0) {
                dataWatchers++;
            }
        }
    }

    // checking and removing

    /** Answers checkWatches: NO_WATCHER if the connection has no such watch (protocol 11.7). */
    public Response checkWatches(long watcher, Request.CheckWatches request) {
        int dataModes = dataModes(request.type());
        int childModes = childModes(request.type());
        if ((dataModes | childModes) == 0) {
            return new Response.Failed(KeeperError.MARSHALLING_ERROR);
        }
        return foundOrNot(
                has(data, request.path(), watcher, dataModes)
                        || has(child, request.path(), watcher, childModes));
    }

    /** Answers removeWatches, likewise; sends no event. */
    public Response removeWatches(long watcher, Request.RemoveWatches request) {
        int dataModes = dataModes(request.type());
        int childModes = childModes(request.type());
        if ((dataModes | childModes) == 0) {
            return new Response.Failed(KeeperError.MARSHALLING_ERROR);
        }
        boolean ofData = clear(data, request.path(), watcher, dataModes);
        boolean ofChildren = clear(child, request.path(), watcher, childModes);
        return foundOrNot(ofData || ofChildren);
    }

    private static Response foundOrNot(boolean found) {
        return found ? Response.Empty.INSTANCE : new Response.Failed(KeeperError.NO_WATCHER);
    }

    /** The modes that a watcher type means in the data table; 0 for none or an unknown type. */
    private static int dataModes(int type) {
        return switch (type) {
            case TYPE_DATA -> Watch.STANDARD;
            case TYPE_ANY -> Watch.ANY;
            case TYPE_PERSISTENT -> Watch.PERSISTENT;
            case TYPE_RECURSIVE -> Watch.RECURSIVE;
            default -> 0;
        };
    }

    private static int childModes(int type) {
        return switch (type) {
            case TYPE_CHILDREN -> Watch.STANDARD;
            case TYPE_ANY -> Watch.ANY;
            case TYPE_PERSISTENT -> Watch.PERSISTENT;
            default -> 0;
        };
    }

    private @Nullable Watch find(WatchTable table, String path, long id) {
        Watcher watcher = watchers.get(id);
        return watcher == null ? null : table.find(path, watcher, table.hash(path));
    }

    private boolean has(WatchTable table, String path, long watcher, int modes) {
        Watch watch = find(table, path, watcher);
        return watch != null && watch.has(modes);
    }

    private boolean clear(WatchTable table, String path, long watcher, int modes) {
        Watch watch = find(table, path, watcher);
        if (watch == null || !watch.has(modes)) {
            return false;
        }
        clear(watch, modes, table.hash(path));
        return true;
    }

    /** Drops modes of a watch, and the watch with its last mode. */
    private void clear(Watch watch, int modes, long pathHash) {
        WatchTable table = watch.ofData ? data : child;
        int left = watch.modes & ~modes;
        if (left != 0) {
            table.become(watch, left, pathHash);
            return;
        }
        Watcher watcher = watch.watcher;
        table.remove(watch, pathHash);
        watcher.unlink(watch);
        if (watch.ofData && --watcher.dataWatches == 0) {
            dataWatchers--;
        }
        if (watcher.first == null) {
            watchers.remove(watcher.id);
        }
    }

    /** Forgets a connection that is gone. */
    public void removeAll(long watcher) {
        removeSome(watcher, Integer.MAX_VALUE);
    }

    /**
     * Forgets at most {@code limit} watches of a connection that is gone, for a writer that has
     * other things to do in between. Until the last one is forgotten the others still fire.
     *
     * @return whether none remains
     */
    public boolean removeSome(long watcher, int limit) {
        Watcher gone = watchers.get(watcher);
        for (int i = 0; i < limit && gone != null && gone.first != null; i++) {
            clear(gone.first, Watch.ANY, data.hash(gone.first.path));
        }
        return gone == null || gone.first == null;
    }

    // firing

    /**
     * Selects whom one change concerns and uses up the standard watches that it meets, in the order
     * of protocol 11.3. Within a step each connection is told once.
     */
    public void fire(Change change, Sink sink) {
        switch (change) {
            case Change.Created(String path, List<Acl> acl, List<Acl> parentAcl) -> {
                fireData(path, EventType.NODE_CREATED, acl, sink);
                fireParent(path, parentAcl, sink);
            }
            case Change.Deleted(String path, List<Acl> acl, List<Acl> parentAcl) -> {
                fireData(path, EventType.NODE_DELETED, acl, sink);
                fireChildOfDeleted(path, acl, sink);
                fireParent(path, parentAcl, sink);
            }
            case Change.DataChanged(String path, List<Acl> acl) ->
                    fireData(path, EventType.NODE_DATA_CHANGED, acl, sink);
        }
    }

    private void fireData(String path, EventType type, List<Acl> acl, Sink sink) {
        step++;
        if (data.isEmpty()) {
            return;
        }
        long pathHash = data.hash(path);
        Watch first = data.first(path, path.length(), pathHash);
        if (first != null) {
            fireExact(first, pathHash, type, acl, sink);
        }
        if (data.hasRecursive()) {
            fireAncestors(path, type, acl, sink);
        }
    }

    /** In the step of the data table: skips connections that it has just told of the deletion. */
    private void fireChildOfDeleted(String path, List<Acl> acl, Sink sink) {
        if (!child.isEmpty()) {
            long pathHash = child.hash(path);
            Watch first = child.first(path, path.length(), pathHash);
            if (first != null) {
                fireExact(first, pathHash, EventType.NODE_DELETED, acl, sink);
            }
        }
    }

    private void fireParent(String path, List<Acl> parentAcl, Sink sink) {
        step++;
        if (!child.isEmpty()) {
            int length = Math.max(1, path.lastIndexOf('/'));
            long parentHash = child.hash(path, length);
            Watch first = child.first(path, length, parentHash);
            if (first != null) {
                fireExact(first, parentHash, EventType.NODE_CHILDREN_CHANGED, parentAcl, sink);
            }
        }
    }

    /** Tells all modes on one path, and uses up the standard ones. */
    private void fireExact(Watch first, long pathHash, EventType type, List<Acl> acl, Sink sink) {
        Watch last = first.previousOfPath;
        Watch watch = first;
        while (true) {
            Watch next = watch.nextOfPath;
            boolean isLast = watch == last;
            tell(watch.watcher, watch.path, type, acl, sink);
            if (watch.has(Watch.STANDARD)) {
                clear(watch, Watch.STANDARD, pathHash);
            }
            if (isLast) {
                return;
            }
            watch = next;
        }
    }

    /** Tells the recursive watches of every path above this one, the root's included. */
    private void fireAncestors(String path, EventType type, List<Acl> acl, Sink sink) {
        long hash = data.hashStart();
        for (int i = 0; i < path.length() - 1; i++) {
            char c = path.charAt(i);
            if (c == '/' && i > 0) {
                fireRecursive(data.first(path, i, hash), path, type, acl, sink);
            }
            hash = WatchTable.hashNext(hash, c);
            if (i == 0) {
                fireRecursive(data.first(path, 1, hash), path, type, acl, sink);
            }
        }
    }

    private void fireRecursive(
            @Nullable Watch first, String path, EventType type, List<Acl> acl, Sink sink) {
        for (Watch watch = first; watch != null && watch.has(Watch.RECURSIVE); ) {
            tell(watch.watcher, path, type, acl, sink);
            watch = watch.nextOfPath == first ? null : watch.nextOfPath;
        }
    }

    private void tell(Watcher watcher, String path, EventType type, List<Acl> acl, Sink sink) {
        if (watcher.toldInStep != step) {
            watcher.toldInStep = step;
            sink.onEvent(watcher.id, type, path, acl);
        }
    }

    // reports

    /** Each pair of path and watcher in the data table; one path's pairs come together. */
    public void forEachByPath(ObjLongConsumer<String> visitor) {
        data.forEach(watch -> visitor.accept(watch.path, watch.watcher.id));
    }

    /** The same pairs; one watcher's come together. */
    public void forEachByWatcher(ObjLongConsumer<String> visitor) {
        for (Watcher watcher : watchers.values()) {
            for (Watch watch = watcher.first; watch != null; watch = watch.nextOfWatcher) {
                if (watch.ofData) {
                    visitor.accept(watch.path, watcher.id);
                }
            }
        }
    }
}
