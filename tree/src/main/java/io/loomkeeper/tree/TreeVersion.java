package io.loomkeeper.tree;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of the whole replicated state: nodes, ACLs, sessions, as they were after one
 * transaction.
 *
 * <p>A sealed version never changes; once published it is read by any thread without a lock. The
 * unsealed head of a {@link DataTree} belongs to that tree's thread.
 *
 * <pre>
 *   TreeVersion -> root Branch -> Trie of children -> Branch -> Trie of children -> record
 *               -> sessions, ephemerals by session, containers, TTL nodes: Tries
 *               -> AclTable
 * </pre>
 *
 * <p>Versions share all that did not change between them.
 */
public final class TreeVersion {
    private static final long ZOOKEEPER_HASH = hash("zookeeper");
    private static final long QUOTA_HASH = hash("quota");
    private static final long LIMITS_HASH = hash(QuotaText.LIMITS);

    /** The writer's edit number when this version was its head. */
    final long edit;

    private final TreeOptions options;

    boolean sealed;
    long zxid;
    long digest;
    long dataBytes;
    Branch root;
    AclTable acls;
    Trie<Session> sessions = Trie.empty();
    int sessionCount;
    Trie<PathSet> ephemerals = Trie.empty();
    int ephemeralCount;
    PathSet containers = PathSet.empty(0);
    PathSet ttlNodes = PathSet.empty(0);

    TreeVersion(long edit, TreeOptions options, Branch root, AclTable acls) {
        this.edit = edit;
        this.options = options;
        this.root = root;
        this.acls = acls;
    }

    /** A live session; its timeout in ms as negotiated. */
    record Session(long key, int timeoutMs) implements Keyed {}

    /** Receives each live session. */
    public interface SessionVisitor {
        void onSession(long sessionId, int timeoutMs);
    }

    /** Receives each container node. */
    public interface ContainerVisitor {
        void onContainer(String path, NodeView node);
    }

    /** Receives each TTL node. */
    public interface TtlVisitor {
        void onTtlNode(String path, long ttlMs, NodeView node);
    }

    /** Receives each session that owns ephemerals, live or not. */
    public interface OwnerVisitor {
        void onOwner(long sessionId, int ephemeralCount);
    }

    /** Takes quotas (protocol 9). */
    public interface QuotaVisitor {
        /**
         * One quota.
         *
         * @param countLimit of nodes: the hard limit where there is one; -1 for none
         * @param bytesLimit of data, likewise
         * @param count nodes that are there
         * @param bytes of data that are there
         */
        void onQuota(String path, long countLimit, long bytesLimit, long count, long bytes);
    }

    /** This version, to be changed under {@code newEdit}. */
    TreeVersion editable(long newEdit) {
        TreeVersion copy = new TreeVersion(newEdit, options, root, acls);
        copy.zxid = zxid;
        copy.digest = digest;
        copy.dataBytes = dataBytes;
        copy.sessions = sessions;
        copy.sessionCount = sessionCount;
        copy.ephemerals = ephemerals;
        copy.ephemeralCount = ephemeralCount;
        copy.containers = containers;
        copy.ttlNodes = ttlNodes;
        return copy;
    }

    /** Enters a node among the ephemerals, containers or TTL nodes, as its owner says. */
    void list(long owner, PathText path) {
        switch (Owner.kind(owner, options)) {
            case PERSISTENT -> {}
            case EPHEMERAL -> {
                PathSet set = ephemeralSet(owner);
                put((set != null ? set : PathSet.empty(owner)).with(edit, path.toArray()));
                ephemeralCount++;
            }
            case CONTAINER -> containers = containers.with(edit, path.toArray());
            case TTL -> ttlNodes = ttlNodes.with(edit, path.toArray());
        }
    }

    /** Strikes a node out again. */
    void unlist(long owner, PathText path) {
        switch (Owner.kind(owner, options)) {
            case PERSISTENT -> {}
            case EPHEMERAL -> {
                put(requireNonNull(ephemeralSet(owner)).without(edit, path.toArray()));
                ephemeralCount--;
            }
            case CONTAINER -> containers = containers.without(edit, path.toArray());
            case TTL -> ttlNodes = ttlNodes.without(edit, path.toArray());
        }
    }

    private void put(PathSet owned) {
        long hash = Names.spread(owned.key());
        ephemerals =
                owned.count() > 0
                        ? ephemerals.put(edit, hash, owned, Keyed.ByKey.KEYS)
                        : ephemerals.remove(edit, hash, owned, Keyed.ByKey.KEYS);
    }

    public TreeOptions options() {
        return options;
    }

    /** The last transaction in it. */
    public long zxid() {
        return zxid;
    }

    /** The tree digest of protocol 14; 0 when digests are off. */
    public long digest() {
        return digest;
    }

    /** Nodes as Apache counts them, the root twice: 5 in a fresh tree (protocol 7.1). */
    public int nodeCount() {
        return (int) Math.min(root.descendants + 2, Integer.MAX_VALUE);
    }

    /** Characters of all paths and bytes of all data: approximate_data_size. */
    public long dataBytes() {
        return dataBytes;
    }

    public int ephemeralCount() {
        return ephemeralCount;
    }

    public int sessionCount() {
        return sessionCount;
    }

    /**
     * Distinct ACLs beside the open one, those included that no node holds since the last {@link
     * DataTree#dropUnusedAcls}.
     */
    public int aclCount() {
        return acls.size();
    }

    public boolean exists(String path) {
        return locate(path) != null;
    }

    public @Nullable NodeView node(String path) {
        Object node = locate(path);
        return node == null ? null : new NodeView(this, node);
    }

    public @Nullable Stat stat(String path) {
        Object node = locate(path);
        return node == null ? null : new NodeView(this, node).stat();
    }

    public @Nullable List<Acl> aclOf(String path) {
        Object node = locate(path);
        return node == null ? null : acls.acl(new Znode().read(Branch.recordOf(node)).aclId);
    }

    /**
     * Nodes below {@code path}, at any depth; "/" as Apache answers (protocol 3.3); -1: no node.
     */
    public long descendants(String path) {
        Object node = locate(path);
        if (node == null) {
            return -1;
        }
        return node instanceof Branch branch ? branch.descendants : 0;
    }

    @Nullable Object locate(String path) {
        return path.isEmpty() ? null : root.locate(path, path.length());
    }

    /** Paths of a session's ephemerals, in an order that depends on the set alone. */
    public List<String> ephemeralsOf(long sessionId) {
        PathSet owned = ephemeralSet(sessionId);
        return owned == null ? List.of() : owned.toList();
    }

    @Nullable PathSet ephemeralSet(long sessionId) {
        return ephemerals.at(Names.spread(sessionId)) instanceof PathSet set
                        && set.key() == sessionId
                ? set
                : null;
    }

    public void forEachEphemeralOwner(OwnerVisitor visitor) {
        Trie.Cursor<PathSet> all = new Trie.Cursor<PathSet>().over(ephemerals);
        for (PathSet set = all.next(); set != null; set = all.next()) {
            visitor.onOwner(set.key(), set.count());
        }
    }

    public boolean hasSession(long sessionId) {
        return session(sessionId) != null;
    }

    /** The negotiated timeout of a live session, or -1. */
    public int sessionTimeoutMs(long sessionId) {
        Session session = session(sessionId);
        return session == null ? -1 : session.timeoutMs;
    }

    private @Nullable Session session(long sessionId) {
        return sessions.at(Names.spread(sessionId)) instanceof Session session
                        && session.key == sessionId
                ? session
                : null;
    }

    public void forEachSession(SessionVisitor visitor) {
        Trie.Cursor<Session> all = new Trie.Cursor<Session>().over(sessions);
        for (Session session = all.next(); session != null; session = all.next()) {
            visitor.onSession(session.key, session.timeoutMs);
        }
    }

    public void forEachContainer(ContainerVisitor visitor) {
        containers.forEach(path -> visitor.onContainer(path, requireNonNull(node(path))));
    }

    public void forEachTtl(TtlVisitor visitor) {
        ttlNodes.forEach(
                path -> {
                    NodeView node = requireNonNull(node(path));
                    visitor.onTtlNode(path, Owner.ttlMs(node.ephemeralOwner(), options), node);
                });
    }

    /**
     * The longest prefix of {@code path}, itself included, that has a quota; the root cannot have
     * one (protocol 9). Its limits and its use are the nodes {@code /zookeeper/quota<prefix>} +
     * {@code /zookeeper_limits} and {@code /zookeeper_stats}.
     */
    public @Nullable String quotaPrefix(String path) {
        Branch quotas = quotas();
        int longest = 0;
        for (int from = 1; quotas != null && from < path.length(); ) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            Object child = quotas.child(Names.hash(path, from, to), path, from, to);
            quotas = child instanceof Branch branch ? branch : null;
            if (quotas != null && named(quotas, LIMITS_HASH, QuotaText.LIMITS) != null) {
                longest = to;
            }
            from = to + 1;
        }
        return longest == 0 ? null : path.substring(0, longest);
    }

    /** Every quota: path, limits and what is used of them. */
    public void forEachQuota(QuotaVisitor visitor) {
        QuotaRules.forEach(this, visitor);
    }

    /** The node above all limits, when it has children. */
    private @Nullable Branch quotas() {
        return named(root, ZOOKEEPER_HASH, "zookeeper") instanceof Branch zookeeper
                        && named(zookeeper, QUOTA_HASH, "quota") instanceof Branch quota
                        && quota.childCount > 0
                ? quota
                : null;
    }

    private static @Nullable Object named(Branch parent, long hash, String name) {
        return parent.child(hash, name, 0, name.length());
    }

    private static long hash(String name) {
        return Names.hash(name, 0, name.length());
    }
}
