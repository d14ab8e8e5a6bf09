package io.loomkeeper.tree;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes the nodes of the unsealed head, one at a time, and with them all that is counted and
 * listed of them: Stats, digest, sizes, ephemerals, containers, TTL nodes, quota use.
 *
 * <p>The one writer's own; between transactions nothing in it counts but scratch space.
 */
final class TreeEditor {
    /** Nodes below are left out of the digest (protocol 14). */
    private static final String HIDDEN = "/zookeeper/";

    private final TreeOptions options;
    private final NodeDigest digest = new NodeDigest();
    private final Znode fields = new Znode();
    private final Znode parentFields = new Znode();
    private final PathText text = new PathText();
    private final PathText promoted = new PathText();
    private final byte[] scratch = new byte[Znode.META_BYTES_MAX];
    private final List<Change> changes = new ArrayList<>();

    private TreeVersion draft;

    TreeEditor(TreeVersion draft) {
        this.options = draft.options();
        this.draft = draft;
    }

    /** Turns to {@code newDraft}, which is unsealed. */
    void begin(TreeVersion newDraft) {
        assert !newDraft.sealed;
        draft = newDraft;
        changes.clear();
    }

    /** What was done since {@link #begin}, in the order in which watches fire. */
    List<Change> changes() {
        return List.copyOf(changes);
    }

    /**
     * Creates a node.
     *
     * @param owner as stored (protocol 7.3)
     * @param parentCversion the parent's stored cversion after this, or -1 for one more than now
     * @return OK; NODE_EXISTS when it was there, and then its ACL was replaced and its parent
     *     caught up (protocol 7.6); NO_NODE without a parent; BAD_ARGUMENTS when it is no path
     */
    KeeperError create(
            TxnHeader header,
            String path,
            @Nullable Bytes data,
            List<Acl> acl,
            long owner,
            int parentCversion) {
        int slash = path.lastIndexOf('/');
        if (slash < 0 || slash == path.length() - 1) {
            return KeeperError.BAD_ARGUMENTS;
        }
        Object parent = draft.root.locate(path, slash);
        if (parent == null) {
            return KeeperError.NO_NODE;
        }
        long hash = Names.hash(path, slash + 1, path.length());
        long aclId = aclId(acl, header.zxid());
        if (childOf(parent, hash, path, slash) != null) {
            replaceAcl(path, aclId);
            onChildCreated(own(path, slash, 0, 0), path, slash, parentCversion, header.zxid());
            return KeeperError.NODE_EXISTS;
        }
        text.set(path);
        byte[] record = newRecord(header, data, aclId, owner);
        int dataLength = record.length - fields.dataOffset;
        Branch branch = own(path, slash, 1, dataLength);
        branch.children = branch.children.put(draft.edit, hash, record, Branch.ByName.KEYS);
        branch.childCount++;
        branch.childNameBytes += Znode.nameLength(record);
        onChildCreated(branch, path, slash, parentCversion, header.zxid());
        draft.dataBytes += path.length() + dataLength;
        if (isDigested(path, path.length())) {
            draft.digest += partOf(record);
        }
        draft.list(owner, text);
        List<Acl> parentAcl = draft.acls.acl(parentFields.aclId);
        changes.add(new Change.Created(path, draft.acls.acl(aclId), parentAcl));
        onCounted(path, slash, dataLength);
        return KeeperError.OK;
    }

    private byte[] newRecord(TxnHeader header, @Nullable Bytes data, long aclId, long owner) {
        fields.czxid = header.zxid();
        fields.mzxid = header.zxid();
        fields.pzxid = header.zxid();
        fields.ctime = header.timeMs();
        fields.mtime = header.timeMs();
        fields.version = 0;
        fields.cversion = 0;
        fields.aversion = 0;
        fields.owner = owner;
        fields.aclId = aclId;
        int nameFrom = text.nameFrom();
        return fields.record(text.bytes, nameFrom, text.length - nameFrom, data, scratch);
    }

    /** The parent's cversion and pzxid after a create (protocol 7.2); cversion wraps (7.5). */
    private void onChildCreated(Branch parent, String path, int end, int cversion, long zxid) {
        parentFields.read(parent.record);
        int raised = cversion == -1 ? parent.cversion + 1 : cversion;
        if (raised - parent.cversion > 0) {
            withdraw(parent, path, end);
            parent.cversion = raised;
            parent.pzxid = zxid;
            restore(parent, path, end);
        }
    }

    /** The parent's pzxid after a delete, also of what was not there (protocol 7.2, 7.6). */
    private void onChildDeleted(Branch parent, String path, int end, long zxid) {
        parentFields.read(parent.record);
        if (zxid > parent.pzxid) {
            withdraw(parent, path, end);
            parent.pzxid = zxid;
            restore(parent, path, end);
        }
    }

    private void withdraw(Branch parent, String path, int end) {
        if (isDigested(path, end)) {
            draft.digest -= partOf(parent);
        }
    }

    private void restore(Branch parent, String path, int end) {
        if (isDigested(path, end)) {
            draft.digest += partOf(parent);
        }
    }

    private long partOf(Branch parent) {
        return digest.of(parentFields, parent.pzxid, parent.cversion, parent.contentCrc);
    }

    /** The part of the node at {@link #text} whose fields were read or written last. */
    private long partOf(Object node) {
        return node instanceof Branch branch
                ? digest.of(fields, branch.pzxid, branch.cversion, branch.contentCrc)
                : digest.of(fields, contentCrc(text, fields, (byte[]) node));
    }

    private int contentCrc(PathText path, Znode node, byte[] record) {
        int from = node.dataOffset;
        return digest.contentCrc(path.bytes, path.length, record, from, record.length - from);
    }

    /**
     * Deletes a node and what is below it.
     *
     * <p>A transaction deletes no node that has children; only the replay of a log over an image
     * that was taken while it grew does, and then the children come back.
     *
     * @return OK; NO_NODE when it or its parent is not there; BAD_ARGUMENTS when it is no path
     */
    KeeperError delete(String path, long zxid) {
        int slash = path.lastIndexOf('/');
        if (slash < 0 || slash == path.length() - 1) {
            return KeeperError.BAD_ARGUMENTS;
        }
        Object parent = draft.root.locate(path, slash);
        if (parent == null) {
            return KeeperError.NO_NODE;
        }
        long hash = Names.hash(path, slash + 1, path.length());
        Object node = childOf(parent, hash, path, slash);
        if (node == null) {
            onChildDeleted(own(path, slash, 0, 0), path, slash, zxid);
            return KeeperError.NO_NODE;
        }
        int dataLength = forget(path, node);
        List<Acl> acl = draft.acls.acl(fields.aclId);
        Branch below = node instanceof Branch b ? b : null;
        long nodes = 1 + (below == null ? 0 : below.descendants);
        long bytes = dataLength + (below == null ? 0 : below.dataBytesBelow);
        Branch branch = own(path, slash, -nodes, -bytes);
        branch.children = branch.children.remove(draft.edit, hash, node, Branch.ByName.KEYS);
        branch.childCount--;
        branch.childNameBytes -= Znode.nameLength(Branch.recordOf(node));
        onChildDeleted(branch, path, slash, zxid);
        if (below != null && below.childCount > 0) {
            forgetBelow(path, below);
        }
        changes.add(new Change.Deleted(path, acl, draft.acls.acl(parentFields.aclId)));
        count(path, -1, -dataLength);
        return KeeperError.OK;
    }

    /** Takes the node out of digest, lists and sizes; returns its data's length. */
    private int forget(String path, Object node) {
        byte[] record = Branch.recordOf(node);
        fields.read(record);
        text.set(path);
        if (isDigested(path, path.length())) {
            draft.digest -= partOf(node);
        }
        draft.unlist(fields.owner, text);
        int dataLength = record.length - fields.dataOffset;
        draft.dataBytes -= path.length() + dataLength;
        return dataLength;
    }

    private void forgetBelow(String path, Branch top) {
        PathText at = new PathText().set(path);
        TreeWalk walk = new TreeWalk(top, at);
        for (Object node = walk.next(); node != null; node = walk.next()) {
            forget(at.toString(), node);
        }
    }

    /**
     * Sets a node's data.
     *
     * @return its Stat, or null when there is no such node
     */
    @Nullable Stat setData(TxnHeader header, String path, @Nullable Bytes data, int version) {
        Object node = draft.locate(path);
        if (node == null) {
            return null;
        }
        byte[] record = Branch.recordOf(node);
        fields.read(record);
        text.set(path);
        boolean digested = isDigested(path, path.length());
        if (digested) {
            draft.digest -= partOf(node);
        }
        int more = (data == null ? 0 : data.length()) - (record.length - fields.dataOffset);
        fields.version = version;
        fields.mzxid = header.zxid();
        fields.mtime = header.timeMs();
        Object now = replaceData(path, record, data, more);
        if (digested) {
            draft.digest += partOf(now);
        }
        changes.add(new Change.DataChanged(path, draft.acls.acl(fields.aclId)));
        Stat stat = statOf(now);
        count(path, 0, more);
        return stat;
    }

    /** Puts the fields and {@code data} into the node at {@link #text}; returns the node. */
    private Object replaceData(String path, byte[] record, @Nullable Bytes data, int more) {
        byte[] changed = fields.recordWithData(record, data, scratch);
        Object now = replace(path, changed, more);
        draft.dataBytes += more;
        if (now instanceof Branch branch && isDigested(path, path.length())) {
            branch.contentCrc = contentCrc(text, fields, changed);
        }
        return now;
    }

    /**
     * Sets a node's ACL.
     *
     * @return its Stat, or null when there is no such node
     */
    @Nullable Stat setAcl(TxnHeader header, String path, List<Acl> acl, int version) {
        Object node = draft.locate(path);
        if (node == null) {
            return null;
        }
        byte[] record = Branch.recordOf(node);
        fields.read(record);
        text.set(path);
        boolean digested = isDigested(path, path.length());
        if (digested) {
            draft.digest -= partOf(node);
        }
        fields.aversion = version;
        fields.aclId = aclId(acl, header.zxid());
        Object now = replace(path, fields.recordWithSameData(record, scratch), 0);
        if (digested) {
            draft.digest += partOf(now);
        }
        return statOf(now);
    }

    private void replaceAcl(String path, long aclId) {
        Object node = requireNonNull(draft.locate(path));
        byte[] record = Branch.recordOf(node);
        fields.read(record);
        if (fields.aclId != aclId) {
            fields.aclId = aclId;
            replace(path, fields.recordWithSameData(record, scratch), 0);
        }
    }

    private Stat statOf(Object node) {
        int dataLength = Branch.recordOf(node).length - fields.dataOffset;
        return fields.stat(options, node instanceof Branch branch ? branch : null, dataLength);
    }

    private long aclId(List<Acl> acl, long zxid) {
        long id = draft.acls.idOf(acl, zxid);
        if (id < 0) {
            draft.acls = draft.acls.editable(draft.edit);
            id = draft.acls.add(acl, zxid);
        }
        return id;
    }

    /** Gives the node at {@code path}, which is there, another record; returns the node. */
    private Object replace(String path, byte[] record, long moreBytes) {
        int slash = path.lastIndexOf('/');
        if (path.length() == 1) {
            Branch root = ownRoot();
            root.record = record;
            return root;
        }
        Branch parent = own(path, slash, 0, moreBytes);
        long hash = Names.hash(path, slash + 1, path.length());
        if (childOf(parent, hash, path, slash) instanceof Branch) {
            Branch branch = ownChild(parent, hash, path, slash + 1, path.length());
            branch.record = record;
            return branch;
        }
        parent.children = parent.children.put(draft.edit, hash, record, Branch.ByName.KEYS);
        return record;
    }

    /**
     * Makes every node of the first {@code end} characters of {@code path}, which are there, a
     * Branch of this edit; adds to what is counted below each. Returns the last.
     */
    private Branch own(String path, int end, long moreNodes, long moreBytes) {
        Branch branch = ownRoot();
        branch.descendants += moreNodes;
        branch.dataBytesBelow += moreBytes;
        for (int from = 1; from <= end; ) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 || slash > end ? end : slash;
            branch = ownChild(branch, Names.hash(path, from, to), path, from, to);
            branch.descendants += moreNodes;
            branch.dataBytesBelow += moreBytes;
            from = to + 1;
        }
        return branch;
    }

    private Branch ownRoot() {
        if (draft.root.edit != draft.edit) {
            draft.root = draft.root.copy(draft.edit);
        }
        return draft.root;
    }

    private Branch ownChild(Branch parent, long hash, String path, int from, int to) {
        Object child = requireNonNull(parent.child(hash, path, from, to));
        if (child instanceof Branch branch && branch.edit == draft.edit) {
            return branch;
        }
        Branch mine =
                child instanceof Branch branch
                        ? branch.copy(draft.edit)
                        : promote((byte[]) child, path, to);
        parent.children = parent.children.put(draft.edit, hash, mine, Branch.ByName.KEYS);
        return mine;
    }

    /** Makes a Branch of the record at the first {@code end} characters of {@code path}. */
    private Branch promote(byte[] record, String path, int end) {
        parentFields.read(record);
        Branch branch = Branch.of(draft.edit, record, parentFields.pzxid, parentFields.cversion);
        if (isDigested(path, end)) {
            promoted.set(path.substring(0, end));
            branch.contentCrc = contentCrc(promoted, parentFields, record);
        }
        return branch;
    }

    private static @Nullable Object childOf(Object parent, long hash, String path, int slash) {
        return parent instanceof Branch branch
                ? branch.child(hash, path, slash + 1, path.length())
                : null;
    }

    private boolean isDigested(String path, int end) {
        return options.digestEnabled() && (end < HIDDEN.length() || !path.startsWith(HIDDEN));
    }

    /** A new stats node is filled by counting; every new node is counted (protocol 9). */
    private void onCounted(String path, int slash, int dataLength) {
        if (path.startsWith(QuotaText.ROOT + '/') && path.endsWith('/' + QuotaText.STATS)) {
            recount(path, path.substring(QuotaText.ROOT.length(), slash));
        }
        count(path, 1, dataLength);
    }

    /** Counts the use of each quota anew, all that lies below its path. */
    void recountAll() {
        Deque<String> left = new ArrayDeque<>(List.of(QuotaText.ROOT));
        while (!left.isEmpty()) {
            String at = left.removeLast();
            NodeView node = draft.node(at);
            List<String> names = new ArrayList<>();
            if (node != null) {
                node.children()
                        .forEach(
                                (array, offset, length) ->
                                        names.add(new String(array, offset, length, UTF_8)));
            }
            if (names.contains(QuotaText.LIMITS) && names.contains(QuotaText.STATS)) {
                recount(at + '/' + QuotaText.STATS, at.substring(QuotaText.ROOT.length()));
            }
            names.forEach(name -> left.add(at + '/' + name));
        }
    }

    private void recount(String statsPath, String prefix) {
        Object node = prefix.isEmpty() ? null : draft.locate(prefix);
        long nodes = 0;
        long bytes = 0;
        if (node != null) {
            byte[] record = Branch.recordOf(node);
            nodes = 1;
            bytes = (long) record.length - fields.read(record).dataOffset;
            if (node instanceof Branch branch) {
                nodes += branch.descendants;
                bytes += branch.dataBytesBelow;
            }
        }
        writeUse(statsPath, QuotaText.of(nodes, bytes));
    }

    /** Adds to the use that the longest quota over {@code path} keeps (protocol 9). */
    private void count(String path, long moreNodes, long moreBytes) {
        String prefix = moreNodes == 0 && moreBytes == 0 ? null : draft.quotaPrefix(path);
        if (prefix == null) {
            return;
        }
        String statsPath = QuotaText.ROOT + prefix + '/' + QuotaText.STATS;
        NodeView stats = draft.node(statsPath);
        if (stats != null) {
            QuotaText use = QuotaText.parse(stats.data());
            use.add(moreNodes, moreBytes);
            writeUse(statsPath, use);
        }
    }

    /** In place: no Stat field changes and no watch fires (protocol 9). */
    private void writeUse(String statsPath, QuotaText use) {
        Object node = requireNonNull(draft.locate(statsPath));
        byte[] record = Branch.recordOf(node);
        fields.read(record);
        Bytes data = use.toBytes();
        replaceData(statsPath, record, data, data.length() - (record.length - fields.dataOffset));
    }
}
