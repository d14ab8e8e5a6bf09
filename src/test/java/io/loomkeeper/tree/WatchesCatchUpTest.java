package io.loomkeeper.tree;

import static io.loomkeeper.tree.Writing.creation;
import static io.loomkeeper.tree.Writing.setData;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a client that comes back is told at once, and what is registered for it again: protocol
 * 11.6; and what a real tree's changes tell it afterwards: 11.4.
 */
final class WatchesCatchUpTest {
    private static final long ME = 7;

    private final Writing writing = new Writing();
    private final Watches watches = new Watches(1);
    private final List<String> events = new ArrayList<>();
    private long seen;

    @BeforeEach
    void nodesBeforeAndAfterTheClientWentAway() {
        writing.done(creation("/same"));
        writing.done(creation("/changed"));
        writing.done(creation("/gone"));
        writing.done(creation("/children"));
        writing.done(creation("/children/x"));
        writing.done(creation("/again"));
        seen = writing.zxid;
        writing.done(setData("/changed", "x"));
        writing.done(new Request.Delete("/gone", -1));
        writing.done(new Request.Delete("/children/x", -1));
        writing.done(new Request.Delete("/again", -1));
        writing.done(creation("/again"));
        writing.done(creation("/new"));
    }

    private void onEvent(long watcher, EventType type, String path, List<Acl> acl) {
        assertEquals(ME, watcher);
        events.add(type.name().substring(5) + " " + path + (acl.isEmpty() ? "" : " filtered"));
    }

    private List<String> setWatches(
            List<String> data,
            List<String> exist,
            List<String> child,
            List<String> persistent,
            List<String> recursive) {
        Request.SetWatches request =
                new Request.SetWatches(seen, data, exist, child, persistent, recursive);
        assertEquals(
                Response.Empty.INSTANCE,
                watches.setWatches(ME, request, writing.tree.head(), this::onEvent));
        return events;
    }

    private boolean watches(String path, int type) {
        return watches.checkWatches(ME, new Request.CheckWatches(path, type))
                instanceof Response.Empty;
    }

    @Test
    void dataWatchesAreCaughtUpByMzxid() {
        List<String> paths = List.of("/same", "/changed", "/gone", "/children", "/again", "/none");
        List<String> none = List.of();
        assertEquals(
                List.of(
                        "DATA_CHANGED /changed",
                        "DELETED /gone",
                        "DATA_CHANGED /again",
                        "DELETED /none"),
                setWatches(paths, none, none, none, none));
        assertEquals(true, watches("/same", 2));
        assertEquals(true, watches("/children", 2));
        assertEquals(2, watches.count());
    }

    @Test
    void existWatchesAreCaughtUpByExistence() {
        List<String> paths = List.of("/same", "/gone", "/new", "/none");
        List<String> none = List.of();
        assertEquals(
                List.of("CREATED /same", "CREATED /new"),
                setWatches(none, paths, none, none, none));
        assertEquals(true, watches("/gone", 2));
        assertEquals(true, watches("/none", 2));
        assertEquals(2, watches.count());
    }

    @Test
    void point14ChildWatchesAreCaughtUpByPzxid() {
        List<String> paths = List.of("/same", "/changed", "/gone", "/children", "/");
        List<String> none = List.of();
        assertEquals(
                List.of("DELETED /gone", "CHILDREN_CHANGED /children", "CHILDREN_CHANGED /"),
                setWatches(none, none, paths, none, none));
        assertEquals(true, watches("/same", 1));
        assertEquals(true, watches("/changed", 1));
        assertEquals(2, watches.count());
    }

    @Test
    void persistentKindsAreNotCaughtUp() {
        List<String> paths = List.of("/same", "/changed", "/gone", "/none");
        List<String> none = List.of();
        assertEquals(List.of(), setWatches(none, none, none, paths, paths));
        for (String path : paths) {
            assertEquals(true, watches(path, 4), path);
            assertEquals(true, watches(path, 5), path);
            assertEquals(false, watches(path, 1), path);
            assertEquals(false, watches(path, 2), path);
        }
        assertEquals(8, watches.count());
    }

    @Test
    void listsAreCaughtUpInTheirOrder() {
        List<String> none = List.of();
        assertEquals(
                List.of("DELETED /gone", "CREATED /new", "CHILDREN_CHANGED /children"),
                setWatches(List.of("/gone"), List.of("/new"), List.of("/children"), none, none));
    }

    @Test
    void whatTheClientHasSeenIsNotToldAgain() {
        seen = writing.zxid;
        List<String> none = List.of();
        assertEquals(
                List.of(), setWatches(List.of("/changed"), none, List.of("/children"), none, none));
        assertEquals(2, watches.count());
    }

    @Test
    void catchUpIsNotFilteredByAcls() {
        writing.done(new Request.SetAcl("/changed", List.of(new Acl(0, AuthId.ANYONE)), -1));
        List<String> none = List.of();
        assertEquals(
                List.of("DATA_CHANGED /changed"),
                setWatches(List.of("/changed"), none, none, none, none));
    }

    // changes of a real tree

    private List<String> fireLast(List<AuthId> ids) {
        List<String> told = new ArrayList<>();
        for (Change change : writing.lastChanges()) {
            watches.fire(
                    change,
                    (_, type, path, acl) -> {
                        if (writing.rules.permits(acl, Acl.READ, ids)) {
                            told.add(type.name().substring(5) + " " + path);
                        }
                    });
        }
        return told;
    }

    @Test
    void point18DeliveryNeedsReadOnTheNodeOrForChildrenOnTheParent() {
        List<Acl> joeOnly = List.of(new Acl(Acl.ALL, Writing.JOE));
        List<AuthId> joe = List.of(Writing.JOE);
        writing.done(creation("/p", joeOnly));
        watches.addWatch(ME, new Request.AddWatch("/", 1));
        watches.addWatch(ME, new Request.AddWatch("/p", 0));
        writing.done(creation("/p/open"));
        assertEquals(List.of("CREATED /p/open"), fireLast(List.of()));
        assertEquals(List.of("CREATED /p/open", "CHILDREN_CHANGED /p"), fireLast(joe));
        writing.done(new Request.SetAcl("/p/open", joeOnly, -1));
        assertEquals(List.of(), fireLast(joe));
        writing.done(setData("/p/open", "x"));
        assertEquals(List.of(), fireLast(List.of()));
        assertEquals(List.of("DATA_CHANGED /p/open"), fireLast(joe));
        writing.done(new Request.Delete("/p/open", -1));
        assertEquals(List.of(), fireLast(List.of()));
        assertEquals(List.of("DELETED /p/open", "CHILDREN_CHANGED /p"), fireLast(joe));
    }

    @Test
    void aSuppressedEventStillUsesUpTheWatch() {
        writing.done(creation("/secret", List.of(new Acl(Acl.ALL, Writing.JOE))));
        watches.leave(
                ME,
                new Request.Exists("/secret", true),
                new Response.StatOnly(writing.stat("/secret")));
        writing.done(setData("/secret", "x"));
        assertEquals(List.of(), fireLast(List.of()));
        assertEquals(0, watches.count());
    }

    @Test
    void closingASessionTellsOfEachEphemeral() {
        writing.done(creation("/p"));
        writing.done(creation("/p/a", 1));
        writing.done(creation("/p/b", 1));
        watches.addWatch(ME, new Request.AddWatch("/p", 0));
        watches.addWatch(ME, new Request.AddWatch("/p", 1));
        writing.done(new Request.CloseSession());
        List<String> told = fireLast(List.of());
        String first = writing.lastChanges().get(0).path();
        String second = writing.lastChanges().get(1).path();
        assertEquals(
                List.of(
                        "DELETED " + first,
                        "CHILDREN_CHANGED /p",
                        "DELETED " + second,
                        "CHILDREN_CHANGED /p"),
                told);
    }

    @Test
    void point19QuotaStatisticsAreSilent() {
        writing.done(creation("/q"));
        writing.done(creation("/zookeeper/quota/q"));
        writing.done(
                creation("/zookeeper/quota/q/zookeeper_limits", Bytes.utf8("count=5,bytes=5")));
        writing.done(creation("/zookeeper/quota/q/zookeeper_stats", Bytes.utf8("count=0,bytes=0")));
        Stat before = writing.stat("/zookeeper/quota/q/zookeeper_stats");
        watches.addWatch(ME, new Request.AddWatch("/zookeeper", 1));
        writing.done(creation("/q/x"));
        assertEquals(List.of(), fireLast(List.of()));
        assertEquals(before, writing.stat("/zookeeper/quota/q/zookeeper_stats"));
    }
}
