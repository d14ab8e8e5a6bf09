package io.loomkeeper.tree;

import static io.loomkeeper.tree.Writing.ADDRESS;
import static io.loomkeeper.tree.Writing.JOE;
import static io.loomkeeper.tree.Writing.as;
import static io.loomkeeper.tree.Writing.creation;
import static io.loomkeeper.tree.Writing.failed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Facts about {@link Reads}: protocol 3.2, 3.3 and 5. */
final class ReadsTest {
    private static final List<Acl> NOBODY = List.of(new Acl(0, JOE));

    private final Writing writing = new Writing();

    private Response read(Request.Read request) {
        return writing.read(request, ADDRESS);
    }

    @Test
    void getDataAnswersDataAndStat() {
        writing.done(creation("/a", Bytes.utf8("xy")));
        assertEquals(
                new Response.Data(Bytes.utf8("xy"), writing.stat("/a")),
                read(new Request.GetData("/a", false)));
    }

    @Test
    void point16NullDataIsAnsweredAsNull() {
        writing.done(creation("/null", (Bytes) null));
        writing.done(creation("/empty", Bytes.EMPTY));
        assertNull(as(Response.Data.class, read(new Request.GetData("/null", false))).data());
        assertEquals(
                Bytes.EMPTY,
                as(Response.Data.class, read(new Request.GetData("/empty", false))).data());
    }

    @Test
    void whatIsNotThereOrNoPathIsNotFound() {
        for (String path :
                List.of("/none", "", "a", "/a/", "//", "/zookeeper/", "/./a", "/\u0001")) {
            for (Request.Read request :
                    List.of(
                            new Request.GetData(path, true),
                            new Request.Exists(path, true),
                            new Request.GetAcl(path),
                            new Request.GetChildren(path, true, false),
                            new Request.GetChildren(path, true, true),
                            new Request.GetAllChildrenNumber(path))) {
                assertEquals(failed(KeeperError.NO_NODE), read(request), request::toString);
            }
        }
    }

    @Test
    void existsRefusesANulAndTheOthersDoNotLook() {
        assertEquals(failed(KeeperError.BAD_ARGUMENTS), read(new Request.Exists("/a\0", false)));
        assertEquals(failed(KeeperError.NO_NODE), read(new Request.GetData("/a\0", false)));
    }

    @Test
    void point18ExistsNeedsRead() {
        writing.done(creation("/a", NOBODY));
        assertEquals(failed(KeeperError.NO_AUTH), read(new Request.Exists("/a", false)));
        writing.done(creation("/b"));
        assertEquals(
                new Response.StatOnly(writing.stat("/b")), read(new Request.Exists("/b", false)));
    }

    @Test
    void getChildrenAnswersNamesAndItsSecondFormTheStatToo() {
        writing.done(creation("/p"));
        writing.done(creation("/p/a"));
        writing.done(creation("/p/b"));
        Response.Children plain =
                as(Response.Children.class, read(new Request.GetChildren("/p", false, false)));
        assertEquals(Set.of("a", "b"), names(plain.names()));
        assertNull(plain.stat());
        Response.Children withStat =
                as(Response.Children.class, read(new Request.GetChildren("/p", false, true)));
        assertEquals(writing.stat("/p"), withStat.stat());
    }

    private static Set<String> names(ChildNames children) {
        Set<String> names = new HashSet<>();
        children.forEach(
                (array, offset, length) ->
                        names.add(new String(array, offset, length, StandardCharsets.UTF_8)));
        return names;
    }

    @Test
    void allChildrenOfAFreshRootAreThree() {
        assertEquals(new Response.Count(3), read(new Request.GetAllChildrenNumber("/")));
        writing.done(creation("/p"));
        writing.done(creation("/p/a"));
        writing.done(creation("/p/a/b"));
        writing.done(creation("/pq"));
        assertEquals(new Response.Count(2), read(new Request.GetAllChildrenNumber("/p")));
        assertEquals(new Response.Count(0), read(new Request.GetAllChildrenNumber("/pq")));
    }

    @Test
    void point18GetAclMasksHashesWithoutAdmin() {
        List<Acl> acl = List.of(new Acl(Acl.ALL, JOE), new Acl(Acl.READ, AuthId.ANYONE));
        writing.done(creation("/a", acl));
        Request.GetAcl request = new Request.GetAcl("/a");
        assertEquals(new Response.AclStat(acl, writing.stat("/a")), writing.read(request, JOE));
        assertEquals(
                new Response.AclStat(
                        List.of(
                                new Acl(Acl.ALL, new AuthId("digest", "joe:x")),
                                new Acl(Acl.READ, AuthId.ANYONE)),
                        writing.stat("/a")),
                read(request));
    }

    @Test
    void ephemeralsAreSelectedByAStringPrefix() {
        writing.done(creation("/a"));
        writing.done(creation("/a/x", 1));
        writing.done(creation("/ab", 1));
        writing.done(creation("/b", 1));
        Preparer.Caller other = new Preparer.Caller(0x200, 1, List.of(), false);
        writing.submit(new Request.CreateSession(1), other);
        writing.submit(creation("/a/other", 1), other);
        assertEquals(Set.of("/a/x", "/ab"), ephemerals("/a"));
        assertEquals(Set.of("/a/x"), ephemerals("/a/"));
        assertEquals(Set.of(), ephemerals("/c"));
        for (String all : new String[] {null, "", "  ", "/", " / "}) {
            assertEquals(Set.of("/a/x", "/ab", "/b"), ephemerals(all));
        }
    }

    private Set<String> ephemerals(@Nullable String prefix) {
        Response.Paths paths = as(Response.Paths.class, read(new Request.GetEphemerals(prefix)));
        assertEquals(paths.paths().size(), Set.copyOf(paths.paths()).size());
        return Set.copyOf(paths.paths());
    }

    @Test
    void whoAmIShowsUsersWithoutHashes() {
        assertEquals(
                new Response.Identities(
                        List.of(
                                new AuthId("ip", "127.0.0.1"),
                                new AuthId("digest", "joe"),
                                new AuthId("super", ""))),
                writing.read(new Request.WhoAmI(), ADDRESS, JOE, new AuthId("super", "")));
    }

    @Test
    void eachOpOfAMultiReadStandsAlone() {
        writing.done(creation("/p", Bytes.utf8("x")));
        writing.done(creation("/p/a", NOBODY));
        Response.Multi answer =
                as(
                        Response.Multi.class,
                        read(
                                new Request.MultiRead(
                                        List.of(
                                                new Request.GetData("/p", true),
                                                new Request.GetData("/none", false),
                                                new Request.GetChildren("/p/a", false, false),
                                                new Request.GetChildren("/p", true, false)))));
        assertEquals(
                List.of(Op.GET_DATA, Op.GET_DATA, Op.GET_CHILDREN, Op.GET_CHILDREN),
                answer.results().stream().map(Response.OpResult::op).toList());
        assertEquals(
                new Response.Data(Bytes.utf8("x"), writing.stat("/p")),
                answer.results().get(0).response());
        assertEquals(failed(KeeperError.NO_NODE), answer.results().get(1).response());
        assertEquals(failed(KeeperError.NO_AUTH), answer.results().get(2).response());
        Response.Children children =
                as(Response.Children.class, answer.results().get(3).response());
        assertEquals(Set.of("a"), names(children.names()));
        assertNull(children.stat());
        assertEquals(new Response.Multi(List.of()), read(new Request.MultiRead(List.of())));
    }

    /** A few bytes of request may ask for a megabyte each, thousands of times. */
    @Test
    void aMultiReadWhoseResultsAreTooLongIsRefused() {
        writing.done(creation("/large", Bytes.of(new byte[Writing.MULTI_READ_BYTES_MAX / 2])));
        Request.Read large = new Request.GetData("/large", false);
        Response two = read(new Request.MultiRead(List.of(large, large)));
        assertEquals(2, as(Response.Multi.class, two).results().size());
        assertEquals(
                failed(KeeperError.MARSHALLING_ERROR),
                read(new Request.MultiRead(List.of(large, large, large))));
    }

    @Test
    void foreignOpsSpoilAMultiRead() {
        for (Request.Read foreign :
                List.of(
                        new Request.Exists("/", false),
                        new Request.GetAcl("/"),
                        new Request.GetAllChildrenNumber("/"),
                        new Request.GetEphemerals(null),
                        new Request.MultiRead(List.of()),
                        new Request.WhoAmI(),
                        new Request.AddWatch("/", 0))) {
            assertEquals(
                    failed(KeeperError.MARSHALLING_ERROR),
                    read(new Request.MultiRead(List.of(new Request.GetData("/", false), foreign))));
        }
    }

    @Test
    void watchRequestsAreNotAnsweredByTheTree() {
        assertTrue(Reads.isPure(new Request.GetData("/", true)));
        assertTrue(Reads.isPure(new Request.WhoAmI()));
        for (Request.Read request :
                List.of(
                        new Request.AddWatch("/", 0),
                        new Request.CheckWatches("/", 1),
                        new Request.RemoveWatches("/", 1),
                        new Request.SetWatches(
                                0, List.of(), List.of(), List.of(), List.of(), List.of()))) {
            assertFalse(Reads.isPure(request));
            assertThrows(IllegalArgumentException.class, () -> read(request));
        }
    }

    @Test
    void aSealedVersionAnswersAsOfItsZxid() {
        writing.done(creation("/a", Bytes.utf8("old")));
        TreeVersion old = writing.tree.seal();
        Stat stat = writing.stat("/a");
        writing.done(Writing.setData("/a", "new"));
        Response answer = writing.reads.read(old, new Request.GetData("/a", false), 0, List.of());
        assertEquals(new Response.Data(Bytes.utf8("old"), stat), answer);
    }
}
