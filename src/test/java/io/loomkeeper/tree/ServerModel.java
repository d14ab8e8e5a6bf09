package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a server does with each write, as protocol 3.2, 5 and 7.2 put it, on plain mutable maps:
 * what {@link Preparer} and {@link DataTree} together are compared with. Knows no quotas and no
 * sizes.
 */
final class ServerModel {
    /** One node, with Stat fields as they are stored. */
    static final class Node {
        @Nullable Bytes data;
        List<Acl> acl;
        long czxid;
        long mzxid;
        long pzxid;
        long ctime;
        long mtime;
        int version;
        int cversion;
        int aversion;
        long ephemeralOwner;

        /** How long the sweep spares it when it is not changed; -1 for ever. */
        long sparedMs = -1;

        final TreeSet<String> children = new TreeSet<>();

        Node(@Nullable Bytes data, List<Acl> acl) {
            this.data = data;
            this.acl = acl;
        }

        Node(Node that) {
            this(that.data, that.acl);
            czxid = that.czxid;
            mzxid = that.mzxid;
            pzxid = that.pzxid;
            ctime = that.ctime;
            mtime = that.mtime;
            version = that.version;
            cversion = that.cversion;
            aversion = that.aversion;
            ephemeralOwner = that.ephemeralOwner;
            sparedMs = that.sparedMs;
            children.addAll(that.children);
        }

        Stat stat() {
            return new Stat(
                    czxid,
                    mzxid,
                    ctime,
                    mtime,
                    version,
                    2 * cversion - children.size(),
                    aversion,
                    ephemeralOwner,
                    data == null ? 0 : data.length(),
                    children.size(),
                    pzxid);
        }
    }

    final Map<String, Node> nodes = new TreeMap<>();
    final TreeSet<Long> sessions = new TreeSet<>();
    final List<Change> changes = new ArrayList<>();
    private final AclRules rules;
    private final boolean extendedTypes;
    private long zxid;
    private long timeMs;

    ServerModel(AclRules rules, boolean extendedTypes) {
        this.rules = rules;
        this.extendedTypes = extendedTypes;
        for (String path : List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config")) {
            nodes.put(path, new Node(Bytes.EMPTY, Acl.OPEN));
        }
        node("/").children.add("zookeeper");
        node("/zookeeper").children.addAll(List.of("quota", "config"));
        node("/zookeeper/config").acl = Acl.READ_ONLY;
        node("/zookeeper/config").aversion = -1;
    }

    private Node node(String path) {
        Node node = nodes.get(path);
        if (node == null) {
            throw new AssertionError(path);
        }
        return node;
    }

    /** A check that failed. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final KeeperError error;

        Refused(KeeperError error) {
            super(error.name());
            this.error = error;
        }
    }

    private static void refuseIf(boolean failed, KeeperError error) throws Refused {
        if (failed) {
            throw new Refused(error);
        }
    }

    private Node found(String path) throws Refused {
        Node node = nodes.get(path);
        refuseIf(node == null, KeeperError.NO_NODE);
        return node(path);
    }

    /** The answer; {@link #changes} then holds what watches hear of it. */
    Response submit(Request.Write request, Preparer.Caller caller, long atZxid, long atTimeMs) {
        zxid = atZxid;
        timeMs = atTimeMs;
        changes.clear();
        if (request instanceof Request.Multi(List<Request.Write> ops)) {
            return multi(ops, caller);
        }
        try {
            return one(request, caller, false);
        } catch (Refused refused) {
            return new Response.Failed(refused.error);
        }
    }

    private Response multi(List<Request.Write> ops, Preparer.Caller caller) {
        Map<String, Node> before = new HashMap<>();
        nodes.forEach((path, node) -> before.put(path, new Node(node)));
        List<Response.OpResult> results = new ArrayList<>();
        for (Request.Write op : ops) {
            try {
                results.add(new Response.OpResult(replyOp(op), one(op, caller, true)));
            } catch (Refused refused) {
                nodes.clear();
                nodes.putAll(before);
                changes.clear();
                return new Response.FailedMulti(ops.size(), results.size(), refused.error);
            }
        }
        return new Response.Multi(results);
    }

    private static Op replyOp(Request.Write op) {
        return switch (op) {
            case Request.Create create -> create.op() == Op.CREATE ? Op.CREATE : Op.CREATE2;
            case Request.Delete _ -> Op.DELETE;
            case Request.SetData _ -> Op.SET_DATA;
            case Request.Check _ -> Op.CHECK;
            default -> throw new AssertionError(op);
        };
    }

    private Response one(Request.Write request, Preparer.Caller caller, boolean inMulti)
            throws Refused {
        return switch (request) {
            case Request.Create create -> create(create, caller);
            case Request.Delete(String path, int version) -> delete(path, version, caller);
            case Request.DeleteContainer(String path) -> deleteContainer(path, caller);
            case Request.SetData(String path, Bytes data, int version) ->
                    setData(path, data, version, caller);
            case Request.SetAcl(String path, List<Acl> acl, int version) ->
                    setAcl(path, acl, version, caller);
            case Request.Check(String path, int version) -> check(path, version, caller, inMulti);
            case Request.CreateSession _ -> {
                sessions.add(caller.sessionId());
                yield Response.Empty.INSTANCE;
            }
            case Request.CloseSession _ -> closeSession(caller.sessionId());
            case Request.Malformed(KeeperError error) -> throw new Refused(error);
            case Request.Reconfig _ -> throw new Refused(KeeperError.RECONFIG_DISABLED);
            case Request.Multi _ -> throw new AssertionError();
        };
    }

    private void checkSession(Preparer.Caller caller) throws Refused {
        refuseIf(!sessions.contains(caller.sessionId()), KeeperError.SESSION_EXPIRED);
    }

    private void checkAcl(Node node, int wanted, Preparer.Caller caller) throws Refused {
        refuseIf(!rules.permits(node.acl, wanted, caller.ids()), KeeperError.NO_AUTH);
    }

    private static void checkVersion(int expected, int actual) throws Refused {
        refuseIf(expected != -1 && expected != actual, KeeperError.BAD_VERSION);
    }

    private Response create(Request.Create request, Preparer.Caller caller) throws Refused {
        int flags = request.flags();
        refuseIf(flags < 0 || flags > 6, KeeperError.BAD_ARGUMENTS);
        boolean ttl = flags > 4;
        refuseIf(ttl && !extendedTypes, KeeperError.UNIMPLEMENTED);
        refuseIf(ttl && (request.ttlMs() < 1 || request.ttlMs() >= 1L << 40), badArguments());
        refuseIf(!ttl && request.ttlMs() >= 0, badArguments());
        refuseIf(!ttl && request.op() == Op.CREATE_TTL, badArguments());
        checkSession(caller);
        int slash = request.path().lastIndexOf('/');
        refuseIf(slash < 0 || request.path().contains("\0"), badArguments());
        List<Acl> acl = rules.fixUp(request.acl(), caller.ids());
        if (acl == null) {
            throw new Refused(KeeperError.INVALID_ACL);
        }
        Node parent = found(slash == 0 ? "/" : request.path().substring(0, slash));
        checkAcl(parent, Acl.CREATE, caller);
        boolean sequential = flags == 2 || flags == 3 || flags == 6;
        String path = request.path() + (sequential ? "%010d".formatted(parent.cversion) : "");
        refuseIf(!PathRules.isValid(path), badArguments());
        refuseIf(nodes.containsKey(path), KeeperError.NODE_EXISTS);
        refuseIf(parent.ephemeralOwner != 0, KeeperError.NO_CHILDREN_FOR_EPHEMERALS);
        Node node = new Node(request.data(), acl);
        node.czxid = node.mzxid = node.pzxid = zxid;
        node.ctime = node.mtime = timeMs;
        boolean plain = request.op() == Op.CREATE || request.op() == Op.CREATE2;
        node.ephemeralOwner = plain && (flags == 1 || flags == 3) ? caller.sessionId() : 0;
        if (!plain) {
            node.sparedMs = ttl ? request.ttlMs() : 0;
        }
        nodes.put(path, node);
        parent.children.add(path.substring(slash + 1));
        parent.cversion++;
        parent.pzxid = zxid;
        changes.add(new Change.Created(path, acl, parent.acl));
        return request.op() == Op.CREATE
                ? new Response.Path(path)
                : new Response.PathStat(path, node.stat());
    }

    private static KeeperError badArguments() {
        return KeeperError.BAD_ARGUMENTS;
    }

    private static Node checkDeletable(String path, ServerModel model) throws Refused {
        int slash = path.lastIndexOf('/');
        refuseIf(slash < 0 || path.contains("\0"), badArguments());
        refuseIf(
                List.of("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config").contains(path),
                badArguments());
        return model.found(slash == 0 ? "/" : path.substring(0, slash));
    }

    private Response delete(String path, int version, Preparer.Caller caller) throws Refused {
        checkSession(caller);
        Node parent = checkDeletable(path, this);
        checkAcl(parent, Acl.DELETE, caller);
        Node node = found(path);
        checkVersion(version, node.version);
        refuseIf(!node.children.isEmpty(), KeeperError.NOT_EMPTY);
        remove(path);
        return Response.Empty.INSTANCE;
    }

    private Response deleteContainer(String path, Preparer.Caller caller) throws Refused {
        refuseIf(!caller.internal(), KeeperError.UNIMPLEMENTED);
        Node parent = checkDeletable(path, this);
        Node node = found(path);
        refuseIf(!node.children.isEmpty(), KeeperError.NOT_EMPTY);
        refuseIf(node.sparedMs < 0, KeeperError.BAD_VERSION);
        boolean isTtl = node.sparedMs > 0;
        boolean isSpared = isTtl ? timeMs - node.mtime <= node.sparedMs : node.cversion == 0;
        refuseIf(isSpared, KeeperError.BAD_VERSION);
        assert !parent.children.isEmpty();
        remove(path);
        return Response.Empty.INSTANCE;
    }

    private void remove(String path) {
        Node parent = node(PathRules.parent(path));
        Node node = node(path);
        nodes.remove(path);
        parent.children.remove(path.substring(path.lastIndexOf('/') + 1));
        parent.pzxid = zxid;
        changes.add(new Change.Deleted(path, node.acl, parent.acl));
    }

    private Response setData(String path, @Nullable Bytes data, int version, Preparer.Caller caller)
            throws Refused {
        checkSession(caller);
        refuseIf(!PathRules.isValid(path), badArguments());
        Node node = found(path);
        checkAcl(node, Acl.WRITE, caller);
        checkVersion(version, node.version);
        node.data = data;
        node.version++;
        node.mzxid = zxid;
        node.mtime = timeMs;
        changes.add(new Change.DataChanged(path, node.acl));
        return new Response.StatOnly(node.stat());
    }

    private Response setAcl(String path, List<Acl> acl, int version, Preparer.Caller caller)
            throws Refused {
        checkSession(caller);
        refuseIf(!PathRules.isValid(path), badArguments());
        List<Acl> fixed = rules.fixUp(acl, caller.ids());
        if (fixed == null) {
            throw new Refused(KeeperError.INVALID_ACL);
        }
        Node node = found(path);
        checkAcl(node, Acl.ADMIN, caller);
        checkVersion(version, node.aversion);
        node.acl = fixed;
        node.aversion++;
        return new Response.StatOnly(node.stat());
    }

    private Response check(String path, int version, Preparer.Caller caller, boolean inMulti)
            throws Refused {
        refuseIf(!inMulti, KeeperError.UNIMPLEMENTED);
        checkSession(caller);
        refuseIf(!PathRules.isValid(path), badArguments());
        Node node = found(path);
        checkAcl(node, Acl.READ, caller);
        checkVersion(version, node.version);
        return Response.Empty.INSTANCE;
    }

    /** The ephemerals go in no promised order. */
    private Response closeSession(long sessionId) {
        sessions.remove(sessionId);
        List<String> paths = new ArrayList<>();
        nodes.forEach(
                (path, node) -> {
                    if (node.ephemeralOwner == sessionId) {
                        paths.add(path);
                    }
                });
        paths.forEach(this::remove);
        return Response.Empty.INSTANCE;
    }
}
