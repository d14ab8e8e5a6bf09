package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A tree, its preparer and a counter of zxids: what the tests of the write path stand on. */
final class Writing {
    static final long SESSION = 0x100;
    static final AuthId ADDRESS = AuthSchemes.ofAddress("127.0.0.1");
    static final AuthId JOE = new AuthId("digest", "joe:hash");
    static final Preparer.Options PLAIN = new Preparer.Options(false, false, 2 << 20, 0);

    final TreeOptions treeOptions;
    static final int MULTI_READ_BYTES_MAX = 10_000;

    final DataTree tree;
    final AclRules rules;
    final Preparer preparer;
    final Reads reads;
    final List<Applied> log = new ArrayList<>();
    long zxid;
    long timeMs = 1_000;

    Writing() {
        this(new TreeOptions(true, true, false), PLAIN);
    }

    Writing(TreeOptions treeOptions, Preparer.Options options) {
        this.treeOptions = treeOptions;
        this.tree = new DataTree(treeOptions);
        this.rules = new AclRules(new AuthOptions(Set.of("ip", "digest"), "SHA1", null, false));
        this.preparer = new Preparer(tree, rules, options);
        this.reads = new Reads(rules, MULTI_READ_BYTES_MAX);
        submit(new Request.CreateSession(10_000));
    }

    static Preparer.Caller caller(AuthId... ids) {
        return new Preparer.Caller(SESSION, 1, List.of(ids), false);
    }

    static Preparer.Caller internal() {
        return new Preparer.Caller(0, 0, List.of(), true);
    }

    /** What the client of SESSION is told. */
    Response submit(Request.Write request) {
        return submit(request, caller(ADDRESS, JOE)).response();
    }

    Applied submit(Request.Write request, Preparer.Caller caller) {
        timeMs++;
        Applied applied = preparer.submit(request, caller, ++zxid, timeMs);
        assertEquals(zxid, applied.header().zxid());
        assertEquals(zxid, tree.head().zxid(), "every write uses up its zxid");
        log.add(applied);
        return applied;
    }

    Txn lastTxn() {
        return log.getLast().txn();
    }

    List<Change> lastChanges() {
        return log.getLast().changes();
    }

    // requests

    static Request.Create creation(String path) {
        return creation(path, 0);
    }

    static Request.Create creation(String path, int flags) {
        return creation(Op.CREATE2, path, flags, -1);
    }

    static Request.Create creation(Op op, String path, int flags, long ttlMs) {
        return new Request.Create(op, path, Bytes.EMPTY, Acl.OPEN, flags, ttlMs);
    }

    static Request.Create creation(String path, List<Acl> acl) {
        return new Request.Create(Op.CREATE2, path, Bytes.EMPTY, acl, 0, -1);
    }

    static Request.Create creation(String path, @Nullable Bytes data) {
        return new Request.Create(Op.CREATE2, path, data, Acl.OPEN, 0, -1);
    }

    static Request.SetData setData(String path, String text) {
        return new Request.SetData(path, Bytes.utf8(text), -1);
    }

    static Request.Multi multi(Request.Write... ops) {
        return new Request.Multi(List.of(ops));
    }

    // answers

    static Response failed(KeeperError error) {
        return new Response.Failed(error);
    }

    void refused(KeeperError error, Request.Write request) {
        assertEquals(failed(error), submit(request), request::toString);
        assertEquals(new Txn.ErrorTxn(error.code()), lastTxn());
        assertEquals(List.of(), lastChanges());
    }

    /** Creates, and says under which path. */
    String created(Request.Create request) {
        Response response = submit(request);
        return switch (response) {
            case Response.Path(String path) -> path;
            case Response.PathStat(String path, Stat _) -> path;
            default -> throw new AssertionError(request + ": " + response);
        };
    }

    void done(Request.Write request) {
        Response response = submit(request);
        assertEquals(
                false,
                response instanceof Response.Failed || response instanceof Response.FailedMulti,
                () -> request + ": " + response);
    }

    Stat stat(String path) {
        Stat stat = tree.head().stat(path);
        assertNotNull(stat, path);
        return stat;
    }

    NodeView node(String path) {
        NodeView node = tree.head().node(path);
        assertNotNull(node, path);
        return node;
    }

    Response read(Request.Read request, AuthId... ids) {
        return reads.read(tree.head(), request, SESSION, List.of(ids));
    }

    static <R> R as(Class<R> type, Object response) {
        return assertInstanceOf(type, response);
    }
}
