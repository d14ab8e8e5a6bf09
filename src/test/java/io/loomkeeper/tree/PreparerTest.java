package io.loomkeeper.tree;

import static io.loomkeeper.tree.Writing.ADDRESS;
import static io.loomkeeper.tree.Writing.JOE;
import static io.loomkeeper.tree.Writing.SESSION;
import static io.loomkeeper.tree.Writing.as;
import static io.loomkeeper.tree.Writing.caller;
import static io.loomkeeper.tree.Writing.creation;
import static io.loomkeeper.tree.Writing.failed;
import static io.loomkeeper.tree.Writing.setData;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;

/** Facts about {@link Preparer} beside multi: protocol 3.1, 3.2, 6, 7 and 10. */
final class PreparerTest {
    private static final List<Acl> NOBODY = List.of(new Acl(0, JOE));
    private static final List<Acl> BAD_ACL = List.of(new Acl(31, new AuthId("nosuch", "x")));

    private final Writing writing = new Writing();

    // zxids

    @Test
    void point5FailedWritesUseUpAZxidAndAreLoggedAsErrors() {
        long before = writing.zxid;
        writing.refused(KeeperError.NO_NODE, new Request.Delete("/none", -1));
        assertEquals(new Txn.ErrorTxn(-101), writing.lastTxn());
        writing.done(creation("/a"));
        assertEquals(before + 2, writing.stat("/a").czxid(), "a gap where the failure was");
    }

    @Test
    void anUndecodableWriteGetsAFreshZxidToo() {
        long before = writing.zxid;
        writing.refused(
                KeeperError.MARSHALLING_ERROR,
                new Request.Malformed(KeeperError.MARSHALLING_ERROR));
        assertEquals(before + 1, writing.zxid);
    }

    @Test
    void headerSaysWhoAskedAndWhen() {
        Applied applied =
                writing.submit(creation("/a"), new Preparer.Caller(SESSION, 77, List.of(), false));
        assertEquals(new TxnHeader(SESSION, 77, writing.zxid, writing.timeMs), applied.header());
        assertEquals(writing.timeMs, writing.stat("/a").ctime());
    }

    // create

    @Test
    void createAnswersThePathAndCreate2TheStatToo() {
        assertEquals(new Response.Path("/a"), writing.submit(creation(Op.CREATE, "/a", 0, -1)));
        Response.PathStat answer =
                as(Response.PathStat.class, writing.submit(creation(Op.CREATE2, "/b", 0, -1)));
        assertEquals("/b", answer.path());
        assertEquals(writing.stat("/b"), answer.stat());
    }

    @Test
    void point16NullAndEmptyDataAreBothKept() {
        writing.done(creation("/null", (Bytes) null));
        writing.done(creation("/empty", Bytes.EMPTY));
        assertNull(writing.node("/null").data());
        assertEquals(Bytes.EMPTY, writing.node("/empty").data());
        writing.done(new Request.SetData("/empty", null, -1));
        assertNull(writing.node("/empty").data());
    }

    @Test
    void createChecksInTheOrderOfTheReference() {
        writing.done(creation("/locked", NOBODY));
        writing.done(creation("/open"));
        writing.done(creation("/open/there"));
        writing.done(creation("/mortal", 1));
        Preparer.Caller stranger = new Preparer.Caller(999, 1, List.of(), false);
        List<Acl> open = Acl.OPEN;
        // each row fails its own check and all later ones that it can
        assertCreate(KeeperError.BAD_ARGUMENTS, Op.CREATE, "nowhere", BAD_ACL, 7, -1, stranger);
        assertCreate(KeeperError.BAD_ARGUMENTS, Op.CREATE, "nowhere", BAD_ACL, 0, 5, stranger);
        assertCreate(KeeperError.SESSION_EXPIRED, Op.CREATE, "nowhere", BAD_ACL, 0, -1, stranger);
        Preparer.Caller me = caller(ADDRESS);
        assertCreate(KeeperError.BAD_ARGUMENTS, Op.CREATE, "nowhere", BAD_ACL, 0, -1, me);
        assertCreate(KeeperError.BAD_ARGUMENTS, Op.CREATE, "/x\0", BAD_ACL, 0, -1, me);
        assertCreate(KeeperError.INVALID_ACL, Op.CREATE, "/none/bad//x", BAD_ACL, 0, -1, me);
        assertCreate(KeeperError.NO_NODE, Op.CREATE, "/none/./x", open, 0, -1, me);
        assertCreate(KeeperError.NO_AUTH, Op.CREATE, "/locked/..", open, 0, -1, me);
        assertCreate(KeeperError.BAD_ARGUMENTS, Op.CREATE, "/open/..", open, 0, -1, me);
        assertCreate(KeeperError.BAD_ARGUMENTS, Op.CREATE, "/open/", open, 0, -1, me);
        assertCreate(KeeperError.NODE_EXISTS, Op.CREATE, "/open/there", open, 0, -1, me);
        assertCreate(KeeperError.NODE_EXISTS, Op.CREATE, "/", open, 0, -1, me);
        assertCreate(
                KeeperError.NO_CHILDREN_FOR_EPHEMERALS, Op.CREATE, "/mortal/x", open, 0, -1, me);
    }

    private void assertCreate(
            KeeperError error,
            Op op,
            String path,
            List<Acl> acl,
            int flags,
            long ttlMs,
            Preparer.Caller caller) {
        Request.Create request = new Request.Create(op, path, null, acl, flags, ttlMs);
        assertEquals(failed(error), writing.submit(request, caller).response(), request::toString);
    }

    @Test
    void unknownFlagsAreRefused() {
        for (int flags : new int[] {-1, 7, 8, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            writing.refused(KeeperError.BAD_ARGUMENTS, creation("/a", flags));
        }
    }

    @Test
    void onlyOrdinaryEphemeralsHaveNoChildren() {
        writing.done(creation(Op.CREATE_CONTAINER, "/container", 4, -1));
        writing.done(creation(Op.CREATE_TTL, "/ttl", 5, 1000));
        writing.done(creation("/mortal", 1));
        writing.done(creation("/container/x", 1));
        writing.done(creation("/ttl/x", 1));
        writing.refused(KeeperError.NO_CHILDREN_FOR_EPHEMERALS, creation("/mortal/x"));
        writing.refused(KeeperError.NO_CHILDREN_FOR_EPHEMERALS, creation("/mortal/x-", 2));
    }

    @Test
    void aclIsFixedUpBeforeItIsStored() {
        List<Acl> auth = List.of(new Acl(Acl.ALL, new AuthId("auth", "")));
        writing.done(creation("/a", auth));
        assertEquals(List.of(new Acl(Acl.ALL, JOE)), writing.node("/a").acl());
        assertEquals(
                List.of(new Acl(Acl.ALL, JOE)), as(Txn.CreateTxn.class, writing.lastTxn()).acl());
        assertEquals(
                failed(KeeperError.INVALID_ACL),
                writing.submit(creation("/b", auth), caller(ADDRESS)).response());
    }

    // sequences

    @Test
    void point13SuffixIsTheParentsStoredCversion() {
        writing.done(creation("/p"));
        assertEquals("/p/n-0000000000", writing.created(creation("/p/n-", 2)));
        assertEquals("/p/n-0000000001", writing.created(creation("/p/n-", 3)));
        assertEquals("/p/n-0000000002", writing.created(creation("/p/n-", 2)));
        writing.done(new Request.Delete("/p/n-0000000001", -1));
        assertEquals("/p/n-0000000003", writing.created(creation("/p/n-", 2)), "never goes back");
        writing.done(creation("/p/plain"));
        assertEquals(
                "/p/m-0000000005", writing.created(creation("/p/m-", 2)), "counts every create");
        assertEquals("/p/0000000006", writing.created(creation("/p/", 2)));
    }

    @Test
    void point12CversionThatClientsSeeCountsCreatesAndDeletes() {
        assertEquals(-1, writing.stat("/").cversion(), "a fresh root");
        assertEquals(-2, writing.stat("/zookeeper").cversion());
        writing.done(creation("/p"));
        for (int i = 0; i < 3; i++) {
            writing.created(creation("/p/n-", 2));
        }
        writing.done(new Request.Delete("/p/n-0000000001", -1));
        writing.created(creation("/p/n-", 2));
        assertEquals(5, writing.stat("/p").cversion());
        assertEquals(3, writing.stat("/p").numChildren());
    }

    @Test
    void suffixHasTenPlacesOfWhichTheSignIsOne() {
        assertEquals("0000000042", Preparer.suffix(42));
        assertEquals("2147483647", Preparer.suffix(Integer.MAX_VALUE));
        assertEquals("-2147483648", Preparer.suffix(Integer.MIN_VALUE));
        assertEquals("-000000005", Preparer.suffix(-5));
        Random random = new Random(7_5);
        for (int i = 0; i < 10_000; i++) {
            int counter = random.nextInt() >> random.nextInt(32);
            assertEquals("%010d".formatted(counter), Preparer.suffix(counter));
        }
    }

    @Test
    void c11SuffixesAreNeverReusedEvenAfterFailures() {
        writing.done(creation("/p"));
        Set<String> seen = new HashSet<>();
        String last = "";
        for (int i = 0; i < 300; i++) {
            String path = writing.created(creation("/p/n-", i % 2 == 0 ? 2 : 3));
            assertTrue(seen.add(path), path);
            assertTrue(path.compareTo(last) > 0, path);
            last = path;
            if (i % 3 == 0) {
                writing.done(new Request.Delete(path, -1));
            }
            if (i % 5 == 0) {
                writing.refused(KeeperError.INVALID_ACL, creation("/p/n-", BAD_ACL));
            }
        }
    }

    // containers and TTL

    @Test
    void point17OpcodeDecidesTheKindWhateverTheFlag() {
        writing.done(creation(Op.CREATE, "/plain", 4, -1));
        assertEquals(0, writing.node("/plain").ephemeralOwner());
        as(Txn.CreateTxn.class, writing.lastTxn());
        for (int flags = 0; flags <= 4; flags++) {
            String path = writing.created(creation(Op.CREATE_CONTAINER, "/c" + flags, flags, -1));
            assertEquals(Long.MIN_VALUE, writing.node(path).ephemeralOwner(), "flag " + flags);
            assertEquals(flags == 2 || flags == 3, path.length() > 3, path);
            as(Txn.CreateContainerTxn.class, writing.lastTxn());
        }
        for (int flags = 0; flags <= 4; flags++) {
            writing.refused(
                    KeeperError.BAD_ARGUMENTS, creation(Op.CREATE_TTL, "/t" + flags, flags, -1));
            writing.refused(
                    KeeperError.BAD_ARGUMENTS, creation(Op.CREATE_TTL, "/t" + flags, flags, 100));
        }
        for (Op op : List.of(Op.CREATE, Op.CREATE2, Op.CREATE_CONTAINER)) {
            writing.refused(KeeperError.BAD_ARGUMENTS, creation(op, "/t", 5, -1));
            writing.refused(KeeperError.BAD_ARGUMENTS, creation(op, "/t", 6, -1));
        }
    }

    @Test
    void point20OwnersOfContainersAndTtlNodesAreHidden() {
        writing.done(creation(Op.CREATE_CONTAINER, "/c", 4, -1));
        writing.done(creation(Op.CREATE_TTL, "/t", 5, 12345));
        writing.done(creation("/e", 1));
        assertEquals(0, writing.stat("/c").ephemeralOwner());
        assertEquals(0, writing.stat("/t").ephemeralOwner());
        assertEquals(0xff00_0000_0000_0000L | 12345, writing.node("/t").ephemeralOwner());
        assertEquals(SESSION, writing.stat("/e").ephemeralOwner());
    }

    @Test
    void ttlHasLimits() {
        long max = (1L << 40) - 1;
        for (int flags : new int[] {5, 6}) {
            writing.done(creation(Op.CREATE_TTL, "/least" + flags, flags, 1));
            writing.done(creation(Op.CREATE_TTL, "/most" + flags, flags, max));
            for (long ttlMs : new long[] {0, -1, Long.MIN_VALUE, max + 1, Long.MAX_VALUE}) {
                writing.refused(
                        KeeperError.BAD_ARGUMENTS, creation(Op.CREATE_TTL, "/no", flags, ttlMs));
            }
        }
    }

    @Test
    void ttlIsUnimplementedWithoutExtendedTypes() {
        Writing plain = new Writing(TreeOptions.DEFAULT, Writing.PLAIN);
        for (Op op : List.of(Op.CREATE, Op.CREATE2, Op.CREATE_TTL, Op.CREATE_CONTAINER)) {
            plain.refused(KeeperError.UNIMPLEMENTED, creation(op, "/t", 5, 1000));
            plain.refused(KeeperError.UNIMPLEMENTED, creation(op, "/t", 6, -1));
        }
        plain.done(creation(Op.CREATE_CONTAINER, "/c", 4, -1));
    }

    @Test
    void clientsHaveNoDeleteContainerAndNoLoneCheck() {
        writing.done(creation(Op.CREATE_CONTAINER, "/c", 4, -1));
        writing.refused(KeeperError.UNIMPLEMENTED, new Request.DeleteContainer("/c"));
        writing.refused(KeeperError.UNIMPLEMENTED, new Request.Check("/c", -1));
        assertTrue(writing.tree.head().exists("/c"));
    }

    // delete

    @Test
    void deleteChecksInTheOrderOfTheReference() {
        writing.done(creation("/locked", NOBODY));
        writing.done(creation("/p"));
        writing.done(creation("/p/full"));
        writing.done(creation("/p/full/x"));
        Preparer.Caller stranger = new Preparer.Caller(999, 1, List.of(), false);
        assertEquals(
                failed(KeeperError.SESSION_EXPIRED),
                writing.submit(new Request.Delete("/zookeeper", 0), stranger).response());
        for (String path : List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config")) {
            writing.refused(KeeperError.BAD_ARGUMENTS, new Request.Delete(path, -1));
        }
        writing.refused(KeeperError.BAD_ARGUMENTS, new Request.Delete("p", -1));
        writing.refused(KeeperError.BAD_ARGUMENTS, new Request.Delete("/p\0", -1));
        writing.refused(KeeperError.NO_NODE, new Request.Delete("/none/x", 5));
        writing.refused(KeeperError.NO_AUTH, new Request.Delete("/locked/none", 5));
        writing.refused(KeeperError.NO_NODE, new Request.Delete("/p/none", 5));
        writing.refused(KeeperError.NO_NODE, new Request.Delete("/p/", -1));
        writing.refused(KeeperError.BAD_VERSION, new Request.Delete("/p/full", 5));
        writing.refused(KeeperError.NOT_EMPTY, new Request.Delete("/p/full", 0));
        writing.done(new Request.Delete("/p/full/x", 0));
        writing.done(new Request.Delete("/p/full", -1));
    }

    @Test
    void point18DeleteAsksTheParent() {
        List<Acl> all = List.of(new Acl(Acl.ALL, JOE));
        List<Acl> noDelete = List.of(new Acl(Acl.ALL & ~Acl.DELETE, AuthId.ANYONE));
        writing.done(creation("/p", noDelete));
        writing.done(creation("/p/x", all));
        writing.refused(KeeperError.NO_AUTH, new Request.Delete("/p/x", -1));
        writing.done(creation("/q"));
        writing.done(creation("/q/x", NOBODY));
        writing.done(new Request.Delete("/q/x", -1));
    }

    @Test
    void point14DeleteRaisesPzxidAndNotTheStoredCversion() {
        writing.done(creation("/p"));
        writing.done(creation("/p/x"));
        int stored = writing.node("/p").cversion();
        writing.done(new Request.Delete("/p/x", -1));
        assertEquals(writing.zxid, writing.stat("/p").pzxid());
        assertEquals(stored, writing.node("/p").cversion());
    }

    // setData, setACL

    @Test
    void setDataChecksInTheOrderOfTheReference() {
        writing.done(creation("/locked", NOBODY));
        writing.done(creation("/a"));
        Preparer.Caller stranger = new Preparer.Caller(999, 1, List.of(), false);
        assertEquals(
                failed(KeeperError.SESSION_EXPIRED),
                writing.submit(setData("", ""), stranger).response());
        for (String path : List.of("", "a", "/a/", "/a//b", "/a/../a", "/\u0001")) {
            writing.refused(KeeperError.BAD_ARGUMENTS, setData(path, ""));
        }
        writing.refused(KeeperError.NO_NODE, new Request.SetData("/none", null, 9));
        writing.refused(KeeperError.NO_AUTH, new Request.SetData("/locked", null, 9));
        writing.refused(KeeperError.BAD_VERSION, new Request.SetData("/a", null, 9));
        writing.refused(KeeperError.BAD_VERSION, new Request.SetData("/a", null, -2));
        writing.done(new Request.SetData("/a", Bytes.utf8("x"), 0));
        assertEquals(1, writing.stat("/a").version());
        writing.done(new Request.SetData("/a", Bytes.utf8("xy"), -1));
        assertEquals(2, writing.stat("/a").version());
        assertEquals(new Response.StatOnly(writing.stat("/a")), writing.log.getLast().response());
    }

    @Test
    void setAclChecksInTheOrderOfTheReference() {
        writing.done(creation("/locked", NOBODY));
        writing.done(creation("/a"));
        Preparer.Caller stranger = new Preparer.Caller(999, 1, List.of(), false);
        assertEquals(
                failed(KeeperError.SESSION_EXPIRED),
                writing.submit(new Request.SetAcl("", BAD_ACL, 9), stranger).response());
        writing.refused(KeeperError.BAD_ARGUMENTS, new Request.SetAcl("/a/", BAD_ACL, 9));
        writing.refused(KeeperError.INVALID_ACL, new Request.SetAcl("/none", BAD_ACL, 9));
        writing.refused(KeeperError.NO_NODE, new Request.SetAcl("/none", Acl.OPEN, 9));
        writing.refused(KeeperError.NO_AUTH, new Request.SetAcl("/locked", Acl.OPEN, 9));
        writing.refused(KeeperError.BAD_VERSION, new Request.SetAcl("/a", Acl.OPEN, 9));
        writing.done(new Request.SetAcl("/a", Acl.READ_ONLY, 0));
        assertEquals(1, writing.stat("/a").aversion());
        assertEquals(0, writing.stat("/a").version());
        assertEquals(List.of(), writing.lastChanges(), "no watch hears of an ACL");
        assertEquals(Acl.READ_ONLY, writing.node("/a").acl());
    }

    @Test
    void versionsWrapAroundAsInApache() {
        writing.done(creation("/a"));
        writing.tree.apply(
                new TxnHeader(0, 0, writing.zxid, 0),
                new Txn.SetDataTxn("/a", null, Integer.MAX_VALUE));
        writing.done(new Request.SetData("/a", null, Integer.MAX_VALUE));
        assertEquals(Integer.MIN_VALUE, writing.stat("/a").version());
        writing.tree.apply(
                new TxnHeader(0, 0, writing.zxid, 0), new Txn.SetDataTxn("/a", null, -2));
        writing.done(new Request.SetData("/a", null, -2));
        assertEquals(-1, writing.stat("/a").version());
        writing.done(new Request.SetData("/a", null, -1));
        assertEquals(0, writing.stat("/a").version());
    }

    @Test
    void reservedNodesTakeDataIfTheirAclAllows() {
        writing.done(setData("/", "root"));
        writing.done(setData("/zookeeper", "x"));
        writing.refused(KeeperError.NO_AUTH, setData("/zookeeper/config", "x"));
    }

    // reconfig

    @Test
    void reconfigThatIsGrantedNeedsWriteOnTheConfigNode() {
        Preparer preparer =
                new Preparer(
                        writing.tree,
                        writing.rules,
                        new Preparer.Options(false, true, 1 << 20, 0),
                        _ -> {},
                        (_, zxid) -> new Reconfigurations.Verdict.Granted(Bytes.utf8("v" + zxid)));
        Request.Reconfig request = new Request.Reconfig(null, null, "server.1=h:1:2", -1);

        Applied refused = preparer.submit(request, caller(ADDRESS), 0x777, 1);
        assertEquals(new Txn.ErrorTxn(KeeperError.NO_AUTH.code()), refused.txn());

        AuthId admin = new AuthId(AuthSchemes.SUPER, "");
        Applied granted = preparer.submit(request, caller(admin), 0x778, 1);
        assertEquals(
                new Txn.ReconfigTxn("/zookeeper/config", Bytes.utf8("v" + 0x778), -1),
                granted.txn());
    }

    @Test
    void reconfigIsDisabledOrUnknownToAStandaloneServer() {
        Request.Reconfig request = new Request.Reconfig(null, null, "server.1=h:1:2", -1);
        writing.refused(KeeperError.RECONFIG_DISABLED, request);
        Writing enabled =
                new Writing(TreeOptions.DEFAULT, new Preparer.Options(false, true, 1 << 20, 0));
        enabled.refused(KeeperError.UNIMPLEMENTED, request);
        Preparer.Caller stranger = new Preparer.Caller(999, 1, List.of(), false);
        assertEquals(
                failed(KeeperError.SESSION_EXPIRED), enabled.submit(request, stranger).response());
    }

    // sessions

    @Test
    void everyWriteNeedsALiveSession() {
        writing.done(creation("/a"));
        writing.done(new Request.CloseSession());
        for (Request.Write request :
                List.of(
                        creation("/b"),
                        creation("/e", 1),
                        new Request.Delete("/a", -1),
                        setData("/a", ""),
                        new Request.SetAcl("/a", Acl.OPEN, -1))) {
            writing.refused(KeeperError.SESSION_EXPIRED, request);
        }
        assertEquals(
                new Response.FailedMulti(1, 0, KeeperError.SESSION_EXPIRED),
                writing.submit(Writing.multi(new Request.Check("/a", -1))));
    }

    @Test
    void point21CloseSessionListsAllItsEphemeralsInOneTransaction() {
        writing.done(creation("/p"));
        writing.done(creation("/p/a", 1));
        writing.done(creation("/p/b", 1));
        writing.done(creation("/p/b2", 1));
        writing.done(new Request.Delete("/p/b2", -1));
        Preparer.Caller other = new Preparer.Caller(0x200, 1, List.of(), false);
        writing.submit(new Request.CreateSession(1), other);
        writing.submit(creation("/p/c", 1), other);
        writing.done(new Request.CloseSession());
        Txn.CloseSessionTxn txn = as(Txn.CloseSessionTxn.class, writing.lastTxn());
        assertNotNull(txn.paths());
        assertEquals(Set.of("/p/a", "/p/b"), Set.copyOf(txn.paths()));
        assertEquals(2, txn.paths().size());
        assertEquals(txn.paths(), writing.lastChanges().stream().map(Change::path).toList());
        assertEquals(1, writing.stat("/p").numChildren());
        assertEquals(List.of("/p/c"), writing.tree.head().ephemeralsOf(0x200));
    }

    @Test
    void c8NothingSlipsInBehindAClosingSession() {
        writing.done(new Request.CloseSession());
        writing.refused(KeeperError.SESSION_EXPIRED, creation("/late", 1));
        assertFalse(writing.tree.head().exists("/late"));
        assertEquals(List.of(), writing.tree.head().ephemeralsOf(SESSION));
    }

    @Test
    void closingASessionTwiceDoesNoHarm() {
        writing.done(new Request.CloseSession());
        writing.done(new Request.CloseSession());
        assertEquals(new Txn.CloseSessionTxn(List.of()), writing.lastTxn());
    }

    // sizes

    @Test
    void rd1TheTransactionIsMeasuredAndNotTheRequest() {
        Writing small =
                new Writing(TreeOptions.DEFAULT, new Preparer.Options(false, false, 1000, 0));
        small.done(creation("/fits", Bytes.of(new byte[900])));
        small.refused(KeeperError.MARSHALLING_ERROR, creation("/long", Bytes.of(new byte[1000])));
        assertFalse(small.tree.head().exists("/long"));
        List<AuthId> ids = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            ids.add(new AuthId("digest", "user" + i + ":hash"));
        }
        List<Acl> auth = List.of(new Acl(Acl.ALL, new AuthId("auth", "")));
        Preparer.Caller proved = new Preparer.Caller(SESSION, 1, ids, false);
        assertEquals(
                failed(KeeperError.MARSHALLING_ERROR),
                small.submit(creation("/expanded", auth), proved).response());
    }

    /** At the limit to the byte: a log that takes so much must never be handed more. */
    @Test
    void theLimitHoldsForHeaderBodyAndDigestTogether() {
        int max = 1000;
        Writing small =
                new Writing(TreeOptions.DEFAULT, new Preparer.Options(false, false, max, 0));
        int longest = 0;
        for (int length = 800; length < 1000; length++) {
            String path = "/n" + length;
            small.submit(creation(path, Bytes.of(new byte[length])));
            longest = Math.max(longest, encodedBytes(small.lastTxn()));
            assertEquals(small.lastTxn() instanceof Txn.CreateTxn, small.tree.head().exists(path));
        }
        assertEquals(max, longest);
    }

    @Test
    void aRefusedMultiIsNotLoggedLongerThanAllowed() {
        int max = 1000;
        Writing small =
                new Writing(TreeOptions.DEFAULT, new Preparer.Options(false, false, max, 0));
        List<Request.Write> ops = new ArrayList<>();
        ops.add(creation("/long", Bytes.of(new byte[700])));
        for (int i = 0; i < 50; i++) {
            ops.add(new Request.Delete("/none", -1));
        }
        assertEquals(failed(KeeperError.MARSHALLING_ERROR), small.submit(new Request.Multi(ops)));
        assertTrue(encodedBytes(small.lastTxn()) <= max);
        assertFalse(small.tree.head().exists("/long"));
    }

    private static int encodedBytes(Txn txn) {
        return TxnCodec.encode(
                new TxnHeader(1, 2, 3, 4),
                txn,
                new TxnDigest(TxnDigest.VERSION, 5),
                new ExpandableArrayBuffer(),
                0);
    }

    @Test
    void closingASessionNeverFailsForItsSize() {
        Writing small =
                new Writing(TreeOptions.DEFAULT, new Preparer.Options(false, false, 200, 0));
        for (int i = 0; i < 50; i++) {
            small.done(creation("/e-", 3));
        }
        small.done(new Request.CloseSession());
        assertEquals(new Txn.CloseSessionTxn(null), small.lastTxn());
        assertEquals(50, small.lastChanges().size());
        assertEquals(1, small.stat("/").numChildren());
    }
}
