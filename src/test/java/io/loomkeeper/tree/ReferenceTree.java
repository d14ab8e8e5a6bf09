package io.loomkeeper.tree;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The rules of protocol 7, 9 and 14 over a plain sorted map of paths, as short as they can be said;
 * everything that can be recomputed is.
 */
final class ReferenceTree {
    private static final String QUOTA = "/zookeeper/quota";

    final TreeOptions options;
    final NavigableMap<String, Node> nodes = new TreeMap<>();
    final NavigableMap<Long, Integer> sessions = new TreeMap<>();
    long zxid;

    /** One node as stored. */
    record Node(
            @Nullable Bytes data,
            List<Acl> acl,
            long czxid,
            long mzxid,
            long pzxid,
            long ctime,
            long mtime,
            int version,
            int cversion,
            int aversion,
            long owner) {

        Node withData(@Nullable Bytes newData) {
            return new Node(
                    newData, acl, czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion,
                    owner);
        }

        Node set(@Nullable Bytes newData, int newVersion, TxnHeader by) {
            return new Node(
                    newData,
                    acl,
                    czxid,
                    by.zxid(),
                    pzxid,
                    ctime,
                    by.timeMs(),
                    newVersion,
                    cversion,
                    aversion,
                    owner);
        }

        Node withAcl(List<Acl> newAcl, int newAversion) {
            return new Node(
                    data,
                    newAcl,
                    czxid,
                    mzxid,
                    pzxid,
                    ctime,
                    mtime,
                    version,
                    cversion,
                    newAversion,
                    owner);
        }

        Node withChildren(int newCversion, long newPzxid) {
            return new Node(
                    data,
                    acl,
                    czxid,
                    mzxid,
                    newPzxid,
                    ctime,
                    mtime,
                    version,
                    newCversion,
                    aversion,
                    owner);
        }

        int dataLength() {
            return data == null ? 0 : data.length();
        }
    }

    /** What a transaction should come to. */
    record Outcome(Response response, List<Change> changes) {}

    ReferenceTree(TreeOptions options) {
        this.options = options;
        for (String path : List.of("/", "/zookeeper", QUOTA)) {
            nodes.put(path, new Node(Bytes.EMPTY, Acl.OPEN, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        }
        nodes.put(
                "/zookeeper/config",
                new Node(Bytes.EMPTY, Acl.READ_ONLY, 0, 0, 0, 0, 0, 0, 0, -1, 0));
    }

    ReferenceTree(ReferenceTree other) {
        options = other.options;
        nodes.putAll(other.nodes);
        sessions.putAll(other.sessions);
        zxid = other.zxid;
    }

    Outcome apply(TxnHeader header, Txn txn) {
        List<Change> changes = new ArrayList<>();
        Response response = effect(header, txn, changes);
        zxid = Math.max(zxid, header.zxid());
        return new Outcome(response, changes);
    }

    private Response effect(TxnHeader header, Txn txn, List<Change> changes) {
        return switch (txn) {
            case Txn.CreateTxn(var op, var path, var data, var acl, var ephemeral, var version) -> {
                long owner = ephemeral ? header.sessionId() : 0;
                Response failed = create(header, path, data, acl, owner, version, changes);
                yield failed != null
                        ? failed
                        : op == Op.CREATE
                                ? new Response.Path(path)
                                : new Response.PathStat(path, bornStat(header, data, owner));
            }
            case Txn.CreateContainerTxn(var path, var data, var acl, var version) -> {
                Response failed = create(header, path, data, acl, Long.MIN_VALUE, version, changes);
                yield failed != null
                        ? failed
                        : new Response.PathStat(path, bornStat(header, data, 0));
            }
            case Txn.CreateTtlTxn(var path, var data, var acl, var version, var ttlMs) -> {
                long owner = 0xff00000000000000L | ttlMs;
                Response failed = create(header, path, data, acl, owner, version, changes);
                yield failed != null
                        ? failed
                        : new Response.PathStat(
                                path, bornStat(header, data, options.extendedTypes() ? 0 : owner));
            }
            case Txn.DeleteTxn(var path, _) ->
                    delete(path, header.zxid(), changes)
                            ? Response.Empty.INSTANCE
                            : new Response.Failed(KeeperError.NO_NODE);
            case Txn.SetDataTxn(var path, var data, var version) -> {
                Stat stat = setData(header, path, data, version, changes);
                yield stat == null
                        ? new Response.Failed(KeeperError.NO_NODE)
                        : new Response.StatOnly(stat);
            }
            case Txn.ReconfigTxn(var path, var data, var version) -> {
                Stat stat = setData(header, path, data, version, changes);
                yield stat == null
                        ? new Response.Failed(KeeperError.NO_NODE)
                        : new Response.Data(data, stat);
            }
            case Txn.SetAclTxn(var path, var acl, var version) -> {
                Node node = nodes.get(path);
                if (node == null) {
                    yield new Response.Failed(KeeperError.NO_NODE);
                }
                nodes.put(path, node.withAcl(acl, version));
                yield new Response.StatOnly(stat(path));
            }
            case Txn.CheckTxn _ -> Response.Empty.INSTANCE;
            case Txn.CreateSessionTxn(var timeoutMs) -> {
                sessions.put(header.sessionId(), timeoutMs);
                yield Response.Empty.INSTANCE;
            }
            case Txn.CloseSessionTxn(var paths) -> {
                sessions.remove(header.sessionId());
                if (paths != null) {
                    paths.forEach(path -> delete(path, header.zxid(), changes));
                }
                List<String> rest = new ArrayList<>(ephemeralsOf(header.sessionId()));
                rest.forEach(path -> delete(path, header.zxid(), changes));
                yield Response.Empty.INSTANCE;
            }
            case Txn.MultiTxn(var txns) -> multi(header, txns, changes);
            case Txn.ErrorTxn(var code) -> new Response.Failed(KeeperError.ofTxn(code));
        };
    }

    private Response multi(TxnHeader header, List<Txn> txns, List<Change> changes) {
        for (int i = 0; i < txns.size(); i++) {
            if (txns.get(i) instanceof Txn.ErrorTxn(var code)) {
                return new Response.FailedMulti(txns.size(), i, KeeperError.ofTxn(code));
            }
        }
        List<Response.OpResult> results = new ArrayList<>();
        for (Txn txn : txns) {
            Response response = effect(header, txn, changes);
            Op op =
                    switch (txn) {
                        case Txn.CreateTxn create -> create.op();
                        case Txn.CreateContainerTxn _, Txn.CreateTtlTxn _ -> Op.CREATE2;
                        case Txn.DeleteTxn _ -> Op.DELETE;
                        case Txn.SetDataTxn _ -> Op.SET_DATA;
                        case Txn.CheckTxn _ -> Op.CHECK;
                        default -> throw new AssertionError(txn);
                    };
            results.add(new Response.OpResult(op, response));
        }
        return new Response.Multi(results);
    }

    private static Stat bornStat(TxnHeader by, @Nullable Bytes data, long owner) {
        int length = data == null ? 0 : data.length();
        return new Stat(
                by.zxid(),
                by.zxid(),
                by.timeMs(),
                by.timeMs(),
                0,
                0,
                0,
                owner,
                length,
                0,
                by.zxid());
    }

    private @Nullable Response create(
            TxnHeader by,
            String path,
            @Nullable Bytes data,
            List<Acl> acl,
            long owner,
            int parentCversion,
            List<Change> changes) {
        String parent = parent(path);
        Node above = nodes.get(parent);
        if (above == null) {
            return new Response.Failed(KeeperError.NO_NODE);
        }
        int raised = parentCversion == -1 ? above.cversion + 1 : parentCversion;
        if (raised > above.cversion) {
            nodes.put(parent, above.withChildren(raised, by.zxid()));
        }
        Node old = nodes.get(path);
        if (old != null) {
            nodes.put(path, old.withAcl(acl, old.aversion));
            return new Response.Failed(KeeperError.NODE_EXISTS);
        }
        long zxid = by.zxid();
        nodes.put(
                path,
                new Node(data, acl, zxid, zxid, zxid, by.timeMs(), by.timeMs(), 0, 0, 0, owner));
        changes.add(new Change.Created(path, acl, above.acl));
        if (path.startsWith(QUOTA + "/") && path.endsWith("/zookeeper_stats")) {
            recount(path, parent.substring(QUOTA.length()));
        }
        count(path, 1, data == null ? 0 : data.length());
        return null;
    }

    private boolean delete(String path, long byZxid, List<Change> changes) {
        String parent = parent(path);
        Node above = nodes.get(parent);
        if (above == null) {
            return false;
        }
        nodes.put(parent, above.withChildren(above.cversion, Math.max(above.pzxid, byZxid)));
        Node node = nodes.remove(path);
        if (node == null) {
            return false;
        }
        nodes.keySet().removeIf(below -> below.startsWith(path + "/"));
        changes.add(new Change.Deleted(path, node.acl, above.acl));
        count(path, -1, -node.dataLength());
        return true;
    }

    private @Nullable Stat setData(
            TxnHeader by, String path, @Nullable Bytes data, int version, List<Change> changes) {
        Node node = nodes.get(path);
        if (node == null) {
            return null;
        }
        Node now = node.set(data, version, by);
        nodes.put(path, now);
        changes.add(new Change.DataChanged(path, node.acl));
        Stat stat = stat(path);
        count(path, 0, now.dataLength() - node.dataLength());
        return stat;
    }

    @Nullable String quotaPrefix(String path) {
        for (String prefix = path; prefix.length() > 1; prefix = parent(prefix)) {
            if (nodes.containsKey(QUOTA + prefix + "/zookeeper_limits")) {
                return prefix;
            }
        }
        return null;
    }

    private void count(String path, long moreNodes, long moreBytes) {
        String prefix = quotaPrefix(path);
        String stats = QUOTA + prefix + "/zookeeper_stats";
        Node node = nodes.get(stats);
        if (prefix != null && node != null && (moreNodes != 0 || moreBytes != 0)) {
            QuotaText use = QuotaText.parse(node.data);
            use.add(moreNodes, moreBytes);
            nodes.put(stats, node.withData(use.toBytes()));
        }
    }

    private void recount(String stats, String prefix) {
        long count = 0;
        long bytes = 0;
        for (Map.Entry<String, Node> entry : nodes.entrySet()) {
            if (entry.getKey().equals(prefix) || entry.getKey().startsWith(prefix + "/")) {
                count++;
                bytes += entry.getValue().dataLength();
            }
        }
        Bytes text = QuotaText.of(count, bytes).toBytes();
        nodes.put(stats, node(stats).withData(text));
    }

    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash == 0 ? "/" : path.substring(0, slash);
    }

    Node node(String path) {
        Node node = nodes.get(path);
        if (node == null) {
            throw new AssertionError(path);
        }
        return node;
    }

    NavigableSet<String> children(String path) {
        String prefix = path.equals("/") ? "/" : path + "/";
        NavigableSet<String> names = new TreeSet<>();
        for (String other : nodes.tailMap(prefix).keySet()) {
            if (!other.startsWith(prefix)) {
                break;
            }
            String name = other.substring(prefix.length());
            if (!name.isEmpty() && name.indexOf('/') < 0) {
                names.add(name);
            }
        }
        return names;
    }

    NavigableSet<String> ephemeralsOf(long sessionId) {
        NavigableSet<String> paths = new TreeSet<>();
        nodes.forEach(
                (path, node) -> {
                    if (node.owner == sessionId && isEphemeral(node.owner)) {
                        paths.add(path);
                    }
                });
        return paths;
    }

    boolean isEphemeral(long owner) {
        return owner != 0
                && owner != Long.MIN_VALUE
                && !(options.extendedTypes() && owner >>> 40 == 0xff0000);
    }

    Stat stat(String path) {
        Node n = node(path);
        int children = children(path).size();
        return new Stat(
                n.czxid,
                n.mzxid,
                n.ctime,
                n.mtime,
                n.version,
                n.cversion * 2 - children,
                n.aversion,
                isEphemeral(n.owner) ? n.owner : 0,
                n.dataLength(),
                children,
                n.pzxid);
    }

    long dataBytes() {
        long total = 0;
        for (Map.Entry<String, Node> entry : nodes.entrySet()) {
            total += entry.getKey().length() + entry.getValue().dataLength();
        }
        return total;
    }

    long digest() {
        long sum = 0;
        for (Map.Entry<String, Node> entry : nodes.entrySet()) {
            if (!entry.getKey().startsWith("/zookeeper/")) {
                sum += digest(entry.getKey().equals("/") ? "" : entry.getKey(), entry.getValue());
            }
        }
        return sum;
    }

    private static long digest(String path, Node n) {
        CRC32 crc = new CRC32();
        crc.update(path.getBytes(StandardCharsets.UTF_8));
        if (n.data != null) {
            crc.update(n.data.toArray());
        }
        ByteBuffer stat = ByteBuffer.allocate(60);
        stat.putLong(n.czxid).putLong(n.mzxid).putLong(n.pzxid).putLong(n.ctime).putLong(n.mtime);
        stat.putInt(n.version).putInt(n.cversion).putInt(n.aversion).putLong(n.owner);
        crc.update(stat.array());
        return crc.getValue();
    }
}
