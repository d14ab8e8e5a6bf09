package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.loomkeeper.tree.WatchesModel.Event;
import io.loomkeeper.tree.WatchesModel.Mode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Facts about {@link Watches}: protocol 11, invariants C9 and C10. */
final class WatchesTest {
    private static final List<Acl> NODE_ACL = List.of(new Acl(1, AuthId.ANYONE));
    private static final List<Acl> PARENT_ACL = List.of(new Acl(2, AuthId.ANYONE));
    private static final Stat STAT = new Stat(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1);
    private static final long ME = 7;

    private final Watches watches = new Watches(42);
    private final List<Event> events = new ArrayList<>();

    private static Change created(String path) {
        return new Change.Created(path, NODE_ACL, PARENT_ACL);
    }

    private static Change deleted(String path) {
        return new Change.Deleted(path, NODE_ACL, PARENT_ACL);
    }

    private static Change dataChanged(String path) {
        return new Change.DataChanged(path, NODE_ACL);
    }

    private void onEvent(long watcher, EventType type, String path, List<Acl> acl) {
        events.add(new Event(watcher, type, path, acl));
    }

    /** Fires one change and returns what ME is told, as "TYPE path". */
    private List<String> fire(Change change) {
        events.clear();
        watches.fire(change, this::onEvent);
        return events.stream()
                .filter(event -> event.watcher() == ME)
                .map(event -> event.type().name().substring(5) + " " + event.path())
                .toList();
    }

    private void leaveData(long watcher, String path) {
        watches.leave(watcher, new Request.GetData(path, true), new Response.Data(null, STAT));
    }

    private void leaveExists(long watcher, String path) {
        watches.leave(
                watcher, new Request.Exists(path, true), new Response.Failed(KeeperError.NO_NODE));
    }

    private void leaveChildren(long watcher, String path) {
        watches.leave(
                watcher,
                new Request.GetChildren(path, true, false),
                new Response.Children(new NoNames(), null));
    }

    private void persistent(long watcher, String path) {
        assertEquals(
                new Response.Count(0), watches.addWatch(watcher, new Request.AddWatch(path, 0)));
    }

    private void recursive(long watcher, String path) {
        assertEquals(
                new Response.Count(0), watches.addWatch(watcher, new Request.AddWatch(path, 1)));
    }

    private record NoNames() implements ChildNames {
        @Override
        public int count() {
            return 0;
        }

        @Override
        public long utf8Bytes() {
            return 0;
        }

        @Override
        public void forEach(Visitor visitor) {}
    }

    // what each mode is told of each change: the whole table of protocol 11.2 and 11.3

    @Test
    void dataWatchIsToldOnceOfItsOwnNode() {
        for (Change change : List.of(created("/a/b"), deleted("/a/b"), dataChanged("/a/b"))) {
            leaveData(ME, "/a/b");
            assertEquals(1, fire(change).size(), change::toString);
            assertEquals(List.of(), fire(change), "used up");
        }
    }

    @Test
    void dataWatchHearsNothingOfChildrenSiblingsAndParents() {
        leaveData(ME, "/a/b");
        for (String path : new String[] {"/a", "/a/bb", "/a/b/c", "/a/c", "/"}) {
            assertEquals(List.of(), fire(created(path)));
            assertEquals(List.of(), fire(dataChanged(path)));
            assertEquals(List.of(), fire(deleted(path)));
        }
        assertEquals(List.of("DATA_CHANGED /a/b"), fire(dataChanged("/a/b")));
    }

    @Test
    void point11ExistsLeavesItsWatchAlsoOnAMissingNode() {
        leaveExists(ME, "/a");
        assertEquals(List.of("CREATED /a"), fire(created("/a")));
        watches.leave(ME, new Request.Exists("/a", true), new Response.StatOnly(STAT));
        assertEquals(List.of("DELETED /a"), fire(deleted("/a")));
    }

    @Test
    void refusedReadsLeaveNoWatch() {
        Response.Failed noAuth = new Response.Failed(KeeperError.NO_AUTH);
        Response.Failed noNode = new Response.Failed(KeeperError.NO_NODE);
        Response.Failed badPath = new Response.Failed(KeeperError.BAD_ARGUMENTS);
        watches.leave(ME, new Request.Exists("/a", true), noAuth);
        watches.leave(ME, new Request.Exists("/a\0", true), badPath);
        watches.leave(ME, new Request.GetData("/a", true), noAuth);
        watches.leave(ME, new Request.GetData("/a", true), noNode);
        watches.leave(ME, new Request.GetChildren("/a", true, true), noNode);
        assertEquals(0, watches.count());
    }

    @Test
    void readsWithoutTheFlagLeaveNoWatch() {
        watches.leave(ME, new Request.Exists("/a", false), new Response.StatOnly(STAT));
        watches.leave(ME, new Request.GetData("/a", false), new Response.Data(null, STAT));
        watches.leave(
                ME,
                new Request.GetChildren("/a", false, false),
                new Response.Children(new NoNames(), null));
        assertEquals(0, watches.count());
    }

    @Test
    void childWatchIsToldOfChildrenAndOfItsOwnDeletion() {
        leaveChildren(ME, "/a");
        assertEquals(List.of(), fire(dataChanged("/a")));
        assertEquals(List.of(), fire(created("/a/b/c")));
        assertEquals(List.of(), fire(dataChanged("/a/b")));
        assertEquals(List.of("CHILDREN_CHANGED /a"), fire(created("/a/b")));
        assertEquals(List.of(), fire(created("/a/c")), "used up");
        leaveChildren(ME, "/a");
        assertEquals(List.of("CHILDREN_CHANGED /a"), fire(deleted("/a/b")));
        leaveChildren(ME, "/a");
        assertEquals(List.of("DELETED /a"), fire(deleted("/a")));
        assertEquals(0, watches.count());
    }

    @Test
    void childrenOfTheRootChangeUnderThePathSlash() {
        leaveChildren(ME, "/");
        assertEquals(List.of("CHILDREN_CHANGED /"), fire(created("/a")));
    }

    @Test
    void persistentWatchIsToldOfItsNodeAndOfItsChildrenForEver() {
        persistent(ME, "/a");
        for (int round = 0; round < 3; round++) {
            assertEquals(List.of("CREATED /a"), fire(created("/a")));
            assertEquals(List.of("DATA_CHANGED /a"), fire(dataChanged("/a")));
            assertEquals(List.of("CHILDREN_CHANGED /a"), fire(created("/a/b")));
            assertEquals(List.of(), fire(dataChanged("/a/b")));
            assertEquals(List.of("CHILDREN_CHANGED /a"), fire(deleted("/a/b")));
            assertEquals(List.of("DELETED /a"), fire(deleted("/a")), "once, not per table");
        }
        assertEquals(2, watches.count(), "one in each table");
    }

    @Test
    void point15RecursiveWatchNeverHearsChildrenChanged() {
        recursive(ME, "/a");
        assertEquals(List.of("CREATED /a"), fire(created("/a")));
        assertEquals(List.of("CREATED /a/b"), fire(created("/a/b")));
        assertEquals(List.of("CREATED /a/b/c"), fire(created("/a/b/c")));
        assertEquals(List.of("DATA_CHANGED /a/b/c"), fire(dataChanged("/a/b/c")));
        assertEquals(List.of("DELETED /a/b/c"), fire(deleted("/a/b/c")));
        assertEquals(List.of("DELETED /a"), fire(deleted("/a")));
        assertEquals(List.of(), fire(created("/ab")));
        assertEquals(List.of(), fire(created("/b")));
        assertEquals(List.of(), fire(dataChanged("/")));
        assertEquals(1, watches.count());
    }

    @Test
    void recursiveWatchOnTheRootHearsEverything() {
        recursive(ME, "/");
        assertEquals(List.of("DATA_CHANGED /"), fire(dataChanged("/")));
        assertEquals(List.of("CREATED /a"), fire(created("/a")));
        assertEquals(List.of("DELETED /a/b/c/d"), fire(deleted("/a/b/c/d")));
    }

    @Test
    void point15DeletionIsToldOncePerConnection() {
        leaveData(ME, "/a/b");
        leaveExists(ME, "/a/b");
        leaveChildren(ME, "/a/b");
        persistent(ME, "/a/b");
        recursive(ME, "/a/b");
        recursive(ME, "/");
        leaveChildren(8, "/a/b");
        assertEquals(List.of("DELETED /a/b"), fire(deleted("/a/b")));
        assertEquals(2, events.size(), "the child table tells those whom the data table has not");
        assertEquals(8, events.get(1).watcher());
    }

    @Test
    void deletionUsesUpTheSilencedChildWatchToo() {
        leaveData(ME, "/a");
        leaveChildren(ME, "/a");
        assertEquals(List.of("DELETED /a"), fire(deleted("/a")));
        assertEquals(0, watches.count());
    }

    @Test
    void aConnectionHearsOfAChangeOncePerStep() {
        recursive(ME, "/");
        recursive(ME, "/a");
        leaveData(ME, "/a/b");
        persistent(ME, "/a");
        assertEquals(List.of("CREATED /a/b", "CHILDREN_CHANGED /a"), fire(created("/a/b")));
    }

    @Test
    void unknownModesAreRefused() {
        for (int mode : new int[] {-1, 2, 99}) {
            assertEquals(
                    new Response.Failed(KeeperError.MARSHALLING_ERROR),
                    watches.addWatch(ME, new Request.AddWatch("/a", mode)));
        }
        assertEquals(0, watches.count());
    }

    @Test
    void deliveryMustPassTheAclOfWhatTheEventSpeaksOf() {
        leaveData(1, "/a/b");
        leaveChildren(2, "/a");
        fire(deleted("/a/b"));
        assertEquals(
                List.of(
                        new Event(1, EventType.NODE_DELETED, "/a/b", NODE_ACL),
                        new Event(2, EventType.NODE_CHILDREN_CHANGED, "/a", PARENT_ACL)),
                events);
    }

    // removeWatches and checkWatches

    private Response remove(String path, int type) {
        return watches.removeWatches(ME, new Request.RemoveWatches(path, type));
    }

    private Response check(String path, int type) {
        return watches.checkWatches(ME, new Request.CheckWatches(path, type));
    }

    private static boolean found(Response response) {
        if (response instanceof Response.Empty) {
            return true;
        }
        assertEquals(new Response.Failed(KeeperError.NO_WATCHER), response);
        return false;
    }

    /** Leaves one watch of a kind: data, child, persistent, recursive. */
    private void leaveKind(int kind) {
        switch (kind) {
            case 0 -> leaveData(ME, "/a");
            case 1 -> leaveChildren(ME, "/a");
            case 2 -> persistent(ME, "/a");
            default -> recursive(ME, "/a");
        }
    }

    @Test
    void everyWatcherTypeFindsAndRemovesExactlyItsOwnKinds() {
        // rows: kinds as in leaveKind; columns: types 1 children, 2 data, 3 any, 4 p, 5 recursive
        boolean[][] matches = {
            {false, true, true, false, false},
            {true, false, true, false, false},
            {false, false, true, true, false},
            {false, false, true, false, true},
        };
        for (int kind = 0; kind < 4; kind++) {
            for (int type = 1; type <= 5; type++) {
                leaveKind(kind);
                String what = "kind " + kind + " type " + type;
                assertEquals(matches[kind][type - 1], found(check("/a", type)), what);
                assertEquals(matches[kind][type - 1], found(remove("/a", type)), what);
                assertEquals(false, found(check("/a", type)), what);
                assertEquals(matches[kind][type - 1], watches.count() == 0, what);
                watches.removeAll(ME);
            }
        }
    }

    @Test
    void removingOneKindLeavesTheOthers() {
        for (int kind = 0; kind < 4; kind++) {
            leaveKind(kind);
        }
        assertEquals(2, watches.count(), "all modes of a path share one entry per table");
        assertEquals(true, found(remove("/a", 4)));
        assertEquals(true, found(check("/a", 1)));
        assertEquals(true, found(check("/a", 2)));
        assertEquals(false, found(check("/a", 4)));
        assertEquals(true, found(check("/a", 5)));
        assertEquals(List.of("DATA_CHANGED /a"), fire(dataChanged("/a")));
        assertEquals(false, found(check("/a", 2)));
        assertEquals(List.of("DATA_CHANGED /a"), fire(dataChanged("/a")), "recursive stays");
    }

    @Test
    void removingConcernsOneConnectionAndOnePath() {
        leaveData(ME, "/a");
        leaveData(8, "/a");
        assertEquals(false, found(remove("/b", 3)));
        assertEquals(true, found(remove("/a", 3)));
        fire(dataChanged("/a"));
        assertEquals(1, events.size());
        assertEquals(8, events.getFirst().watcher());
    }

    @Test
    void unknownWatcherTypesAreRefused() {
        for (int type : new int[] {-1, 0, 6}) {
            assertInstanceOf(Response.Failed.class, remove("/a", type));
            assertEquals(new Response.Failed(KeeperError.MARSHALLING_ERROR), check("/a", type));
        }
    }

    // counts and reports

    @Test
    void onlyTheDataTableIsReported() {
        leaveChildren(1, "/a");
        leaveData(1, "/a");
        leaveData(2, "/a");
        persistent(2, "/b");
        recursive(2, "/b");
        leaveChildren(3, "/a");
        assertEquals(new Watches.Summary(2, 2, 3), watches.summary());
        assertEquals(6, watches.count());
        Map<String, Set<Long>> byPath = new HashMap<>();
        watches.forEachByPath(
                (path, id) -> byPath.computeIfAbsent(path, _ -> new HashSet<>()).add(id));
        assertEquals(Map.of("/a", Set.of(1L, 2L), "/b", Set.of(2L)), byPath);
        Map<Long, Set<String>> byWatcher = new HashMap<>();
        watches.forEachByWatcher(
                (path, id) -> byWatcher.computeIfAbsent(id, _ -> new HashSet<>()).add(path));
        assertEquals(Map.of(1L, Set.of("/a"), 2L, Set.of("/a", "/b")), byWatcher);
    }

    @Test
    void c10NothingRemainsOfAMillionWatchesWhenTheirConnectionsAreGone() {
        for (int path = 0; path < 1000; path++) {
            for (long watcher = 0; watcher < 500; watcher++) {
                leaveData(watcher, "/million/node-" + path);
                leaveChildren(watcher, "/million/node-" + path);
            }
        }
        assertEquals(1_000_000, watches.count());
        assertEquals(new Watches.Summary(500, 1000, 500_000), watches.summary());
        events.clear();
        for (int path = 0; path < 250; path++) {
            watches.fire(dataChanged("/million/node-" + path), this::onEvent);
        }
        assertEquals(125_000, events.size());
        assertEquals(875_000, watches.count());
        for (long watcher = 0; watcher < 500; watcher++) {
            watches.removeAll(watcher);
        }
        assertEquals(0, watches.count());
        assertEquals(new Watches.Summary(0, 0, 0), watches.summary());
        assertEquals(0, watches.watchers());
        assertEquals(List.of(), fire(dataChanged("/million/node-999")));
    }

    @Test
    void aConnectionIsForgottenWithItsLastWatch() {
        leaveData(ME, "/a");
        persistent(8, "/a");
        assertEquals(2, watches.watchers());
        fire(dataChanged("/a"));
        assertEquals(1, watches.watchers());
        watches.removeWatches(8, new Request.RemoveWatches("/a", 3));
        assertEquals(0, watches.watchers());
    }

    @Test
    void aGreatManyWatchesAreForgottenBitByBit() {
        for (int i = 0; i < 25; i++) {
            leaveData(ME, "/node-" + i);
        }
        assertEquals(false, watches.removeSome(ME, 10));
        assertEquals(15, watches.count());
        assertEquals(false, watches.removeSome(ME, 14));
        assertEquals(true, watches.removeSome(ME, 1));
        assertEquals(true, watches.removeSome(ME, 1));
        assertEquals(0, watches.count());
    }

    @Test
    void removingAnUnknownConnectionChangesNothing() {
        leaveData(ME, "/a");
        watches.removeAll(8);
        assertEquals(1, watches.count());
    }

    // SE-7: all modes by all changes, against the plainest restatement of the rules

    private static final Set<Mode> STANDARD = EnumSet.of(Mode.STANDARD);
    private static final Set<Mode> PERSISTENT = EnumSet.of(Mode.PERSISTENT);
    private static final Set<Mode> RECURSIVE = EnumSet.of(Mode.RECURSIVE);
    private static final Set<Mode> ANY = EnumSet.allOf(Mode.class);
    private static final List<String> PATHS =
            List.of("/", "/a", "/b", "/a/a", "/a/b", "/a/a/a", "/a/a/b", "/aa", "/b/a", "/a/a/a/a");

    @Test
    void se7RandomHistoriesTellWhatTheModelTells() {
        for (int seed = 0; seed < 60; seed++) {
            runHistory(new Random(seed), new Watches(seed), "seed " + seed);
        }
    }

    private static void runHistory(Random random, Watches watches, String what) {
        WatchesModel model = new WatchesModel();
        for (int i = 0; i < 2000; i++) {
            String path = PATHS.get(random.nextInt(PATHS.size()));
            long watcher = random.nextInt(5);
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> leaveSome(random.nextInt(4), watches, model, path, watcher);
                case 4 -> removeSome(1 + random.nextInt(5), watches, model, path, watcher);
                case 5 -> {
                    if (random.nextInt(10) == 0) {
                        watches.removeAll(watcher);
                        model.removeAll(watcher);
                    }
                }
                default -> fireSome(random.nextInt(3), watches, model, path, what + " op " + i);
            }
            assertEquals(model.count(), watches.count(), what);
            assertEquals(model.summary(), watches.summary(), what);
        }
    }

    private static void leaveSome(
            int kind, Watches watches, WatchesModel model, String path, long watcher) {
        switch (kind) {
            case 0 -> {
                Response.Data answer = new Response.Data(null, STAT);
                watches.leave(watcher, new Request.GetData(path, true), answer);
                model.add(model.data, path, watcher, Mode.STANDARD);
            }
            case 1 -> {
                Response.Children answer = new Response.Children(new NoNames(), STAT);
                watches.leave(watcher, new Request.GetChildren(path, true, true), answer);
                model.add(model.child, path, watcher, Mode.STANDARD);
            }
            case 2 -> {
                watches.addWatch(watcher, new Request.AddWatch(path, 0));
                model.add(model.data, path, watcher, Mode.PERSISTENT);
                model.add(model.child, path, watcher, Mode.PERSISTENT);
            }
            default -> {
                watches.addWatch(watcher, new Request.AddWatch(path, 1));
                model.add(model.data, path, watcher, Mode.RECURSIVE);
            }
        }
    }

    private static void removeSome(
            int type, Watches watches, WatchesModel model, String path, long watcher) {
        Set<Mode> dataModes = Set.of();
        Set<Mode> childModes = Set.of();
        switch (type) {
            case 1 -> childModes = STANDARD;
            case 2 -> dataModes = STANDARD;
            case 3 -> dataModes = childModes = ANY;
            case 4 -> dataModes = childModes = PERSISTENT;
            default -> dataModes = RECURSIVE;
        }
        boolean held =
                model.has(model.data, path, watcher, dataModes)
                        || model.has(model.child, path, watcher, childModes);
        assertEquals(
                held, found(watches.checkWatches(watcher, new Request.CheckWatches(path, type))));
        assertEquals(
                held, found(watches.removeWatches(watcher, new Request.RemoveWatches(path, type))));
        model.remove(model.data, path, watcher, dataModes);
        model.remove(model.child, path, watcher, childModes);
    }

    private static void fireSome(
            int kind, Watches watches, WatchesModel model, String path, String what) {
        if (path.equals("/") && kind < 2) {
            return;
        }
        Change change =
                switch (kind) {
                    case 0 -> created(path);
                    case 1 -> deleted(path);
                    default -> dataChanged(path);
                };
        List<Event> told = new ArrayList<>();
        watches.fire(change, (id, type, at, acl) -> told.add(new Event(id, type, at, acl)));
        assertEquals(model.fire(change), sortedWithinSteps(told), what);
    }

    /** The order of the connections within a step is nobody's promise. */
    private static List<Event> sortedWithinSteps(List<Event> events) {
        List<Event> sorted = new ArrayList<>(events);
        for (int start = 0; start < sorted.size(); ) {
            int end = start;
            while (end < sorted.size() && isSameStep(sorted.get(start), sorted.get(end))) {
                end++;
            }
            sorted.subList(start, end).sort(Comparator.comparingLong(Event::watcher));
            start = end;
        }
        return sorted;
    }

    private static boolean isSameStep(Event one, Event other) {
        return one.type() == other.type() && one.path().equals(other.path());
    }
}
