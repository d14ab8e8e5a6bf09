package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one writer's hand on the replicated state: applies transactions to the head, freezes it, and
 * goes back to a version frozen before.
 *
 * <pre>
 *   apply apply apply  seal  apply apply  seal  …          rewind
 *   |--- one edit ---| frozen |- next edit -| frozen       to any frozen version
 * </pre>
 *
 * <p>Between two seals the head is edited in place: a path is copied once however many transactions
 * touch it. Not thread-safe; sealed versions are.
 */
public final class DataTree {
    private static final String CONFIG = "/zookeeper/config";
    private static final TxnHeader BEGINNING = new TxnHeader(0, 0, 0, 0);

    private final TreeOptions options;
    private final TreeEditor editor;
    private TreeVersion head;

    /** The newest edit number. */
    private long edit;

    /** Versions of this and earlier edits may be of a line that was rewound. */
    private long rewoundEdit;

    /** A fresh tree (protocol 7.1). */
    public DataTree(TreeOptions options) {
        this(empty(options), options);
        begin();
        for (String path : List.of("/zookeeper", "/zookeeper/quota", CONFIG)) {
            editor.create(BEGINNING, path, Bytes.EMPTY, Acl.OPEN, 0, 0);
        }
        editor.setAcl(BEGINNING, CONFIG, Acl.READ_ONLY, -1);
    }

    /** A tree that goes on from {@code recovered}, which was made with the same options. */
    public DataTree(TreeVersion recovered, TreeOptions options) {
        assert recovered.sealed && recovered.options().equals(options);
        this.options = options;
        this.head = recovered;
        this.edit = recovered.edit;
        this.editor = new TreeEditor(recovered);
    }

    private static TreeVersion empty(TreeOptions options) {
        byte[] name = new byte[0];
        Znode fields = new Znode();
        byte[] record = fields.record(name, 0, 0, Bytes.EMPTY, new byte[Znode.META_BYTES_MAX]);
        Branch root = Branch.of(0, record, 0, 0);
        TreeVersion version = new TreeVersion(0, options, root, AclTable.empty());
        version.digest = options.digestEnabled() ? new NodeDigest().of(fields, 0) : 0;
        version.dataBytes = 1;
        version.sealed = true;
        return version;
    }

    /** The newest version. Unsealed, it is good until the next call that changes this tree. */
    public TreeVersion head() {
        return head;
    }

    /** Freezes the head, which may then be published and held; takes no time. */
    public TreeVersion seal() {
        head.sealed = true;
        return head;
    }

    /** Makes {@code version}, sealed by this tree, the head again; forgets all that came after. */
    public void rewind(TreeVersion version) {
        assert version.sealed;
        head = version;
        rewoundEdit = edit;
    }

    /**
     * Writes the ensemble's members into their node, as each server does by itself, without a
     * transaction (protocol 7.1). Its time of change is 0, so that servers with the same history
     * hold the same bytes.
     *
     * @param version of the configuration
     * @return false when that is what the node shows already: it stays as it is
     */
    public boolean setConfig(Bytes text, long version) {
        NodeView node = head.node(CONFIG);
        if (node != null && Objects.equals(text, node.data())) {
            return false;
        }
        begin();
        editor.setData(new TxnHeader(0, 0, version, 0), CONFIG, text, -1);
        return true;
    }

    /**
     * Makes {@code version}, sealed and of any tree with the same options, the head; forgets what
     * was.
     */
    public void replace(TreeVersion version) {
        assert version.sealed && version.options().equals(options);
        head = version;
        edit = Math.max(edit, version.edit);
        rewoundEdit = edit;
    }

    /**
     * The same state with what is used of every quota counted anew, as Apache's server does with a
     * snapshot that it loads: one that was written while transactions were applied may hold nodes
     * that are not in the count yet, and the transactions that come again do not count them
     * (protocol 9, 13.2).
     */
    public static TreeVersion recounted(TreeVersion version) {
        DataTree tree = new DataTree(version, version.options());
        tree.begin();
        tree.editor.recountAll();
        return tree.seal();
    }

    /**
     * Applies a transaction (protocol 7.6, 12). It cannot fail: one that finds nothing to do, as in
     * a replay, answers Failed.
     */
    public Applied apply(TxnHeader header, Txn txn) {
        begin();
        Response response = effect(header, txn);
        head.zxid = Math.max(head.zxid, header.zxid());
        return new Applied(header, txn, response, editor.changes());
    }

    /**
     * Drops the ACLs that no node held when {@code use} was noted, of a version sealed by this
     * tree, and that no transaction named since.
     */
    public void dropUnusedAcls(AclUse use) {
        if (use.walked().edit > rewoundEdit) {
            begin();
            head.acls = head.acls.editable(head.edit);
            head.acls.dropUnused(use);
        }
    }

    private void begin() {
        if (head.sealed) {
            head = head.editable(++edit);
        }
        editor.begin(head);
    }

    private Response effect(TxnHeader header, Txn txn) {
        return switch (txn) {
            case Txn.CreateTxn create -> onCreate(header, create);
            case Txn.CreateContainerTxn(var path, var data, var acl, var parentCversion) ->
                    onCreateWithStat(header, path, data, acl, Owner.CONTAINER, parentCversion);
            case Txn.CreateTtlTxn(var path, var data, var acl, var parentCversion, var ttlMs) -> {
                long owner = Owner.ofTtl(ttlMs, options);
                yield onCreateWithStat(header, path, data, acl, owner, parentCversion);
            }
            case Txn.DeleteTxn(var path, _) ->
                    done(editor.delete(path, header.zxid()), Response.Empty.INSTANCE);
            case Txn.SetDataTxn(var path, var data, var version) ->
                    found(editor.setData(header, path, data, version));
            case Txn.ReconfigTxn(var path, var data, var version) -> {
                Stat stat = editor.setData(header, path, data, version);
                yield stat == null ? found(null) : new Response.Data(data, stat);
            }
            case Txn.SetAclTxn(var path, var acl, var version) ->
                    found(editor.setAcl(header, path, acl, version));
            case Txn.CheckTxn _ -> Response.Empty.INSTANCE;
            case Txn.CreateSessionTxn(var timeoutMs) -> onCreateSession(header, timeoutMs);
            case Txn.CloseSessionTxn(var paths) -> onCloseSession(header, paths);
            case Txn.MultiTxn(var txns) -> onMulti(header, txns);
            case Txn.ErrorTxn(var code) -> new Response.Failed(KeeperError.ofTxn(code));
        };
    }

    private Response onCreate(TxnHeader header, Txn.CreateTxn txn) {
        long owner = txn.ephemeral() ? header.sessionId() : 0;
        if (txn.op() == Op.CREATE2) {
            return onCreateWithStat(
                    header, txn.path(), txn.data(), txn.acl(), owner, txn.parentCversion());
        }
        KeeperError error =
                editor.create(
                        header, txn.path(), txn.data(), txn.acl(), owner, txn.parentCversion());
        return done(error, new Response.Path(txn.path()));
    }

    private Response onCreateWithStat(
            TxnHeader header,
            String path,
            @Nullable Bytes data,
            List<Acl> acl,
            long owner,
            int parentCversion) {
        KeeperError error = editor.create(header, path, data, acl, owner, parentCversion);
        long zxid = header.zxid();
        long timeMs = header.timeMs();
        long shownOwner = Owner.kind(owner, options) == Owner.Kind.EPHEMERAL ? owner : 0;
        int length = data == null ? 0 : data.length();
        Stat stat = new Stat(zxid, zxid, timeMs, timeMs, 0, 0, 0, shownOwner, length, 0, zxid);
        return done(error, new Response.PathStat(path, stat));
    }

    private static Response done(KeeperError error, Response response) {
        return error == KeeperError.OK ? response : new Response.Failed(error);
    }

    private static Response found(@Nullable Stat stat) {
        return stat == null
                ? new Response.Failed(KeeperError.NO_NODE)
                : new Response.StatOnly(stat);
    }

    private Response onCreateSession(TxnHeader header, int timeoutMs) {
        long id = header.sessionId();
        head.sessionCount += head.hasSession(id) ? 0 : 1;
        TreeVersion.Session session = new TreeVersion.Session(id, timeoutMs);
        head.sessions = head.sessions.put(head.edit, Names.spread(id), session, Keyed.ByKey.KEYS);
        return Response.Empty.INSTANCE;
    }

    /**
     * Ends a session: deletes the ephemerals that the transaction lists, in its order, then those
     * that it does not know of (protocol 12).
     */
    private Response onCloseSession(TxnHeader header, @Nullable List<String> paths) {
        long id = header.sessionId();
        if (head.hasSession(id)) {
            TreeVersion.Session session = new TreeVersion.Session(id, 0);
            head.sessions =
                    head.sessions.remove(head.edit, Names.spread(id), session, Keyed.ByKey.KEYS);
            head.sessionCount--;
        }
        if (paths != null) {
            for (String path : paths) {
                editor.delete(path, header.zxid());
            }
        }
        for (String path : head.ephemeralsOf(id)) {
            editor.delete(path, header.zxid());
        }
        return Response.Empty.INSTANCE;
    }

    /** All of it or, with any error inside, nothing (protocol 5, 7.6). */
    private Response onMulti(TxnHeader header, List<Txn> txns) {
        for (int i = 0; i < txns.size(); i++) {
            if (txns.get(i) instanceof Txn.ErrorTxn(var code)) {
                return new Response.FailedMulti(txns.size(), i, KeeperError.ofTxn(code));
            }
        }
        List<Response.OpResult> results = new ArrayList<>(txns.size());
        for (Txn txn : txns) {
            results.add(new Response.OpResult(replyOp(txn), effect(header, txn)));
        }
        return new Response.Multi(List.copyOf(results));
    }

    /** Under which type a multi's reply shows the result (protocol 5). */
    static Op replyOp(Txn txn) {
        return switch (txn) {
            case Txn.CreateTxn create -> create.op();
            case Txn.CreateContainerTxn _, Txn.CreateTtlTxn _ -> Op.CREATE2;
            case Txn.DeleteTxn _ -> Op.DELETE;
            case Txn.SetDataTxn _ -> Op.SET_DATA;
            case Txn.SetAclTxn _ -> Op.SET_ACL;
            case Txn.ReconfigTxn _ -> Op.RECONFIG;
            case Txn.CheckTxn _ -> Op.CHECK;
            case Txn.CreateSessionTxn _ -> Op.CREATE_SESSION;
            case Txn.CloseSessionTxn _ -> Op.CLOSE_SESSION;
            case Txn.MultiTxn _, Txn.ErrorTxn _ -> Op.MULTI;
        };
    }
}
