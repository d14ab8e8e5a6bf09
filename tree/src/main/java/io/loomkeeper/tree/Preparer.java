package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns what clients ask into transactions that cannot fail: checks each write against the newest
 * state, in the order of protocol 3.2, and applies what comes out at once. Leader and standalone
 * only; belongs to the one writer.
 *
 * <p>A write that fails a check becomes an {@link Txn.ErrorTxn} and uses up its zxid like any other
 * (protocol 6).
 */
public final class Preparer {
    private static final int SUFFIX_DIGITS = 10;
    private static final String CONFIG = "/zookeeper/config";

    private final DataTree tree;
    private final AclRules rules;
    private final Options options;
    private final Consumer<String> quotaRefusals;
    private final Reconfigurations reconfigurations;

    /**
     * What the configuration has to say about writes.
     *
     * @param enforceQuota hard limits refuse
     * @param reconfigEnabled reconfig is answered at all
     * @param txnBytesMax what every server can read back: checked on the whole transaction, header
     *     and digest included, not on the request it came from (RD-1)
     * @param neverUsedMs after how long a container goes that never had a child; 0 for never
     */
    public record Options(
            boolean enforceQuota, boolean reconfigEnabled, int txnBytesMax, long neverUsedMs) {}

    /**
     * Who asks.
     *
     * @param cxid the xid of the request; 0 when nobody's
     * @param ids of the connection
     * @param internal this server itself: the sweep of containers, the expiry of sessions
     */
    public record Caller(long sessionId, int cxid, List<AuthId> ids, boolean internal) {}

    public Preparer(DataTree tree, AclRules rules, Options options) {
        this(tree, rules, options, _ -> {}, Reconfigurations.none());
    }

    /**
     * As the shorter one.
     *
     * @param quotaRefusals told the path of each write that a hard quota refuses
     */
    public Preparer(
            DataTree tree,
            AclRules rules,
            Options options,
            Consumer<String> quotaRefusals,
            Reconfigurations reconfigurations) {
        this.tree = tree;
        this.rules = rules;
        this.options = options;
        this.quotaRefusals = quotaRefusals;
        this.reconfigurations = reconfigurations;
    }

    /**
     * Checks a write against the newest state and applies what it comes to.
     *
     * @param zxid of the transaction, greater than every earlier one
     * @param timeMs the wall clock, ms since 1970
     * @return what to log and propose under {@code zxid}, what to answer, what watches fire
     */
    public Applied submit(Request.Write request, Caller caller, long zxid, long timeMs) {
        TxnHeader header = new TxnHeader(caller.sessionId(), caller.cxid(), zxid, timeMs);
        return switch (request) {
            case Request.Multi multi -> multi(multi, caller, header);
            case Request.Check _ -> tree.apply(header, error(KeeperError.UNIMPLEMENTED));
            case Request.Reconfig reconfig ->
                    tree.apply(header, limited(reconfig(reconfig, caller, zxid)));
            case Request.Write write -> tree.apply(header, limited(prepare(write, caller, timeMs)));
        };
    }

    /** One write by itself or as a part of a multi: a transaction, or the error of the check. */
    private Txn prepare(Request.Write request, Caller caller, long timeMs) {
        return switch (request) {
            case Request.Create create -> create(create, caller);
            case Request.Delete delete -> delete(delete, caller);
            case Request.DeleteContainer delete -> deleteContainer(delete, caller, timeMs);
            case Request.SetData setData -> setData(setData, caller);
            case Request.SetAcl setAcl -> setAcl(setAcl, caller);
            case Request.Check check -> check(check, caller);
            case Request.CreateSession(int timeoutMs) -> new Txn.CreateSessionTxn(timeoutMs);
            case Request.CloseSession _ -> closeSession(caller);
            case Request.Malformed(KeeperError error) -> error(error);
            case Request.Multi _, Request.Reconfig _ ->
                    throw new AssertionError("no part of a multi");
        };
    }

    private static Txn error(KeeperError error) {
        return new Txn.ErrorTxn(error.code());
    }

    // create

    private Txn create(Request.Create request, Caller caller) {
        String path = request.path();
        KeeperError refusal = refusalOfMode(request);
        if (refusal != null) {
            return error(refusal);
        }
        if (!hasSession(caller)) {
            return error(KeeperError.SESSION_EXPIRED);
        }
        if (!PathRules.hasParent(path)) {
            return error(KeeperError.BAD_ARGUMENTS);
        }
        List<Acl> acl = rules.fixUp(request.acl(), caller.ids());
        if (acl == null) {
            return error(rules.refusalOf(request.acl(), caller.ids()));
        }
        NodeView parent = tree.head().node(PathRules.parent(path));
        if (parent == null) {
            return error(KeeperError.NO_NODE);
        }
        return rules.permits(parent.acl(), Acl.CREATE, caller.ids())
                ? createUnder(parent, request, acl)
                : error(KeeperError.NO_AUTH);
    }

    /** protocol 3.1: flag, extended types, range of the ttl. Null if all is well. */
    private @Nullable KeeperError refusalOfMode(Request.Create request) {
        int flags = request.flags();
        if (flags < 0 || flags > 6) {
            return KeeperError.BAD_ARGUMENTS;
        }
        boolean ttlMode = flags >= 5;
        if (ttlMode && !tree.head().options().extendedTypes()) {
            return KeeperError.UNIMPLEMENTED;
        }
        long ttlMs = request.ttlMs();
        boolean fits = ttlMode ? ttlMs >= 1 && ttlMs <= Owner.TTL_MS_MAX : ttlMs < 0;
        // createTTL without a TTL mode: no node of that kind can exist
        boolean agrees = ttlMode || request.op() != Op.CREATE_TTL;
        return fits && agrees ? null : KeeperError.BAD_ARGUMENTS;
    }

    private Txn createUnder(NodeView parent, Request.Create request, List<Acl> acl) {
        String path = request.path();
        if (isSequential(request.flags())) {
            path += suffix(parent.cversion());
        }
        if (!PathRules.isValid(path)) {
            return error(KeeperError.BAD_ARGUMENTS);
        }
        if (tree.head().exists(path)) {
            return error(KeeperError.NODE_EXISTS);
        }
        if (parent.isEphemeral()) {
            return error(KeeperError.NO_CHILDREN_FOR_EPHEMERALS);
        }
        if (exceedsQuota(path, 1, length(request.data()))) {
            return error(KeeperError.QUOTA_EXCEEDED);
        }
        return createTxn(request, path, acl, parent.cversion() + 1);
    }

    /**
     * The opcode alone decides what kind of node it is, the flag whether it is sequential and, for
     * create and create2, ephemeral: what Apache's clients see when the two disagree, without the
     * digest mismatch that Apache's servers see (POINTS 17).
     */
    private static Txn createTxn(
            Request.Create request, String path, List<Acl> acl, int parentCversion) {
        Bytes data = request.data();
        return switch (request.op()) {
            case CREATE_CONTAINER -> new Txn.CreateContainerTxn(path, data, acl, parentCversion);
            case CREATE_TTL ->
                    new Txn.CreateTtlTxn(path, data, acl, parentCversion, request.ttlMs());
            default -> {
                boolean ephemeral = request.flags() == 1 || request.flags() == 3;
                yield new Txn.CreateTxn(request.op(), path, data, acl, ephemeral, parentCversion);
            }
        };
    }

    private static boolean isSequential(int flags) {
        return flags == 2 || flags == 3 || flags == 6;
    }

    /** protocol 7.5: ten places, the sign of a wrapped counter being one of them. */
    static String suffix(int counter) {
        String digits = Long.toString(Math.abs((long) counter));
        String sign = counter < 0 ? "-" : "";
        return sign
                + "0".repeat(Math.max(0, SUFFIX_DIGITS - sign.length() - digits.length()))
                + digits;
    }

    // delete

    private Txn delete(Request.Delete request, Caller caller) {
        String path = request.path();
        if (!hasSession(caller)) {
            return error(KeeperError.SESSION_EXPIRED);
        }
        if (!PathRules.hasParent(path) || PathRules.isReserved(path)) {
            return error(KeeperError.BAD_ARGUMENTS);
        }
        NodeView parent = tree.head().node(PathRules.parent(path));
        if (parent == null) {
            return error(KeeperError.NO_NODE);
        }
        if (!rules.permits(parent.acl(), Acl.DELETE, caller.ids())) {
            return error(KeeperError.NO_AUTH);
        }
        NodeView node = tree.head().node(path);
        if (node == null) {
            return error(KeeperError.NO_NODE);
        }
        if (!agrees(request.version(), node.version())) {
            return error(KeeperError.BAD_VERSION);
        }
        return node.childCount() > 0
                ? error(KeeperError.NOT_EMPTY)
                : new Txn.DeleteTxn(path, false);
    }

    /**
     * Asked by the sweep of containers and expired TTL nodes; neither session nor ACL counts
     * (protocol 3.2). Whatever has become of the node since the sweep saw it, only one that is
     * still due goes.
     */
    private Txn deleteContainer(Request.DeleteContainer request, Caller caller, long nowMs) {
        String path = request.path();
        if (!caller.internal()) {
            return error(KeeperError.UNIMPLEMENTED);
        }
        if (!PathRules.hasParent(path) || PathRules.isReserved(path)) {
            return error(KeeperError.BAD_ARGUMENTS);
        }
        NodeView node = tree.head().node(path);
        if (node == null) {
            return error(KeeperError.NO_NODE);
        }
        if (node.childCount() > 0) {
            return error(KeeperError.NOT_EMPTY);
        }
        return SweepRules.isDue(node, tree.head().options(), nowMs, options.neverUsedMs)
                ? new Txn.DeleteTxn(path, true)
                : error(KeeperError.BAD_VERSION);
    }

    // changes of one node

    private Txn setData(Request.SetData request, Caller caller) {
        String path = request.path();
        if (!hasSession(caller)) {
            return error(KeeperError.SESSION_EXPIRED);
        }
        if (!PathRules.isValid(path)) {
            return error(KeeperError.BAD_ARGUMENTS);
        }
        NodeView node = tree.head().node(path);
        if (node == null) {
            return error(KeeperError.NO_NODE);
        }
        if (!rules.permits(node.acl(), Acl.WRITE, caller.ids())) {
            return error(KeeperError.NO_AUTH);
        }
        if (exceedsQuota(path, 0, (long) length(request.data()) - node.dataLength())) {
            return error(KeeperError.QUOTA_EXCEEDED);
        }
        int version = node.version();
        return agrees(request.version(), version)
                ? new Txn.SetDataTxn(path, request.data(), version + 1)
                : error(KeeperError.BAD_VERSION);
    }

    private Txn setAcl(Request.SetAcl request, Caller caller) {
        String path = request.path();
        if (!hasSession(caller)) {
            return error(KeeperError.SESSION_EXPIRED);
        }
        if (!PathRules.isValid(path)) {
            return error(KeeperError.BAD_ARGUMENTS);
        }
        List<Acl> acl = rules.fixUp(request.acl(), caller.ids());
        if (acl == null) {
            return error(rules.refusalOf(request.acl(), caller.ids()));
        }
        NodeView node = tree.head().node(path);
        if (node == null) {
            return error(KeeperError.NO_NODE);
        }
        if (!rules.permits(node.acl(), Acl.ADMIN, caller.ids())) {
            return error(KeeperError.NO_AUTH);
        }
        int aversion = node.aversion();
        return agrees(request.version(), aversion)
                ? new Txn.SetAclTxn(path, acl, aversion + 1)
                : error(KeeperError.BAD_VERSION);
    }

    /** Stands only inside a multi. */
    private Txn check(Request.Check request, Caller caller) {
        String path = request.path();
        if (!hasSession(caller)) {
            return error(KeeperError.SESSION_EXPIRED);
        }
        if (!PathRules.isValid(path)) {
            return error(KeeperError.BAD_ARGUMENTS);
        }
        NodeView node = tree.head().node(path);
        if (node == null) {
            return error(KeeperError.NO_NODE);
        }
        if (!rules.permits(node.acl(), Acl.READ, caller.ids())) {
            return error(KeeperError.NO_AUTH);
        }
        int version = node.version();
        return agrees(request.version(), version)
                ? new Txn.CheckTxn(path, version + 1)
                : error(KeeperError.BAD_VERSION);
    }

    /** protocol 17.4: the permission comes last. */
    private Txn reconfig(Request.Reconfig request, Caller caller, long zxid) {
        if (!options.reconfigEnabled) {
            return error(KeeperError.RECONFIG_DISABLED);
        }
        if (!hasSession(caller)) {
            return error(KeeperError.SESSION_EXPIRED);
        }
        return switch (reconfigurations.judge(request, zxid)) {
            case Reconfigurations.Verdict.Refused(KeeperError error) -> error(error);
            case Reconfigurations.Verdict.Granted(Bytes text) -> {
                NodeView node = tree.head().node(CONFIG);
                if (node == null) {
                    yield error(KeeperError.NO_NODE);
                }
                yield rules.permits(node.acl(), Acl.WRITE, caller.ids())
                        ? new Txn.ReconfigTxn(CONFIG, text, -1)
                        : error(KeeperError.NO_AUTH);
            }
        };
    }

    /**
     * All ephemerals of the session go in this one transaction (C7). If their list is longer than a
     * transaction may be, it is left out: every replica knows it (protocol 12, the form before
     * 3.6).
     */
    private Txn closeSession(Caller caller) {
        List<String> paths = tree.head().ephemeralsOf(caller.sessionId());
        Txn txn = new Txn.CloseSessionTxn(paths);
        return isTooLong(txn) ? new Txn.CloseSessionTxn(null) : txn;
    }

    // multi

    /**
     * Checks and applies op by op, each seeing what the earlier ones did, under one zxid. The first
     * that fails takes the earlier ones back (protocol 5).
     */
    private Applied multi(Request.Multi request, Caller caller, TxnHeader header) {
        List<Request.Write> ops = request.ops();
        if (ops.isEmpty()) {
            return tree.apply(header, new Txn.MultiTxn(List.of()));
        }
        for (Request.Write op : ops) {
            if (!isPart(op)) {
                return tree.apply(header, error(KeeperError.MARSHALLING_ERROR));
            }
        }
        TreeVersion base = tree.seal();
        List<Applied> parts = new ArrayList<>(ops.size());
        Txn refusal = applyParts(ops, caller, header, parts);
        if (refusal == null) {
            return joined(header, parts);
        }
        tree.rewind(base);
        return tree.apply(header, refusal);
    }

    /** Whether a multi may have such an op; one that it may not have spoils the whole. */
    private static boolean isPart(Request.Write op) {
        return switch (op) {
            case Request.Create _, Request.Delete _, Request.SetData _, Request.Check _ -> true;
            case Request.DeleteContainer _,
                    Request.SetAcl _,
                    Request.Multi _,
                    Request.Reconfig _,
                    Request.CreateSession _,
                    Request.CloseSession _,
                    Request.Malformed _ ->
                    false;
        };
    }

    /** Null if all went well, else what is logged in the place of the whole. */
    private @Nullable Txn applyParts(
            List<Request.Write> ops, Caller caller, TxnHeader header, List<Applied> parts) {
        long bytes = TxnLength.ofWhole(new Txn.MultiTxn(List.of()));
        for (Request.Write op : ops) {
            Txn txn = prepare(op, caller, header.timeMs());
            if (isUnreadable(txn)) {
                return error(KeeperError.MARSHALLING_ERROR);
            }
            if (txn instanceof Txn.ErrorTxn) {
                return limited(failed(parts, txn, ops.size()));
            }
            bytes += TxnLength.ofPart(txn);
            if (bytes > options.txnBytesMax) {
                return error(KeeperError.MARSHALLING_ERROR);
            }
            parts.add(tree.apply(header, txn));
        }
        return null;
    }

    /**
     * What makes no sense in one op spoils the whole multi, where what is refused has its own
     * result.
     */
    private static boolean isUnreadable(Txn txn) {
        return txn instanceof Txn.ErrorTxn(int code)
                && code == KeeperError.MARSHALLING_ERROR.code();
    }

    /** As Apache logs it: what was well so far, the error, and -2 for each op never looked at. */
    private static Txn failed(List<Applied> parts, Txn error, int ops) {
        List<Txn> txns = new ArrayList<>(ops);
        for (Applied part : parts) {
            txns.add(part.txn());
        }
        txns.add(error);
        while (txns.size() < ops) {
            txns.add(error(KeeperError.RUNTIME_INCONSISTENCY));
        }
        return new Txn.MultiTxn(txns);
    }

    private static Applied joined(TxnHeader header, List<Applied> parts) {
        List<Txn> txns = new ArrayList<>(parts.size());
        List<Response.OpResult> results = new ArrayList<>(parts.size());
        List<Change> changes = new ArrayList<>(parts.size());
        for (Applied part : parts) {
            txns.add(part.txn());
            results.add(new Response.OpResult(DataTree.replyOp(part.txn()), part.response()));
            changes.addAll(part.changes());
        }
        Response response = new Response.Multi(results);
        return new Applied(header, new Txn.MultiTxn(txns), response, changes);
    }

    // shared by all

    /** False as soon as closeSession is prepared: nothing can slip in behind it (C8). */
    private boolean hasSession(Caller caller) {
        return caller.internal() || tree.head().hasSession(caller.sessionId());
    }

    private boolean isTooLong(Txn txn) {
        return TxnLength.ofWhole(txn) > options.txnBytesMax;
    }

    private Txn limited(Txn txn) {
        return isTooLong(txn) ? error(KeeperError.MARSHALLING_ERROR) : txn;
    }

    /** Whether the version that a client expects is there; -1 expects any. */
    private static boolean agrees(int expected, int actual) {
        return expected == -1 || expected == actual;
    }

    private static int length(@Nullable Bytes data) {
        return data == null ? 0 : data.length();
    }

    private boolean exceedsQuota(String path, long countDelta, long bytesDelta) {
        boolean exceeds =
                options.enforceQuota
                        && QuotaRules.isExceeded(tree.head(), path, countDelta, bytesDelta);
        if (exceeds) {
            quotaRefusals.accept(path);
        }
        return exceeds;
    }
}
