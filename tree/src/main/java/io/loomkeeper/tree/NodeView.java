package io.loomkeeper.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node as it stands in one version of the tree.
 *
 * <p>Of a sealed version it may be kept and read by any thread. Of the head it is good until the
 * next transaction is applied.
 */
public final class NodeView {
    private final TreeVersion tree;
    private final Znode fields;
    private final byte[] record;
    private final @Nullable Branch branch;

    NodeView(TreeVersion tree, Object node) {
        this.tree = tree;
        this.record = Branch.recordOf(node);
        this.branch = node instanceof Branch b ? b : null;
        this.fields = new Znode().read(record);
    }

    /** The data where it lies, not copied; null is not empty (protocol 1). */
    public @Nullable Bytes data() {
        return fields.nullData
                ? null
                : Bytes.slice(record, fields.dataOffset, record.length - fields.dataOffset);
    }

    public int dataLength() {
        return record.length - fields.dataOffset;
    }

    public Stat stat() {
        return fields.stat(tree.options(), branch, dataLength());
    }

    public List<Acl> acl() {
        return tree.acls.acl(fields.aclId);
    }

    /** As stored: how many children were ever created; the next sequential suffix. */
    public int cversion() {
        return branch != null ? branch.cversion : fields.cversion;
    }

    public int version() {
        return fields.version;
    }

    public int aversion() {
        return fields.aversion;
    }

    public long mtimeMs() {
        return fields.mtime;
    }

    public long mzxid() {
        return fields.mzxid;
    }

    public long czxid() {
        return fields.czxid;
    }

    public long pzxid() {
        return branch != null ? branch.pzxid : fields.pzxid;
    }

    /** As stored: a session id, or one of the special values of protocol 7.3. */
    public long ephemeralOwner() {
        return fields.owner;
    }

    /** Whether a session owns it; containers and TTL nodes have no such owner. */
    public boolean isEphemeral() {
        return Owner.kind(fields.owner, tree.options()) == Owner.Kind.EPHEMERAL;
    }

    public int childCount() {
        return branch != null ? branch.childCount : 0;
    }

    public ChildNames children() {
        return branch != null ? new Children(branch) : NoChildren.INSTANCE;
    }

    private enum NoChildren implements ChildNames {
        INSTANCE;

        @Override
        public int count() {
            return 0;
        }

        @Override
        public long utf8Bytes() {
            return 0;
        }

        @Override
        public void forEach(Visitor visitor) {}
    }

    private record Children(int count, long utf8Bytes, Trie<Object> nodes) implements ChildNames {
        Children(Branch branch) {
            this(branch.childCount, branch.childNameBytes, branch.children);
        }

        @Override
        public void forEach(Visitor visitor) {
            Trie.Cursor<Object> all = new Trie.Cursor<>().over(nodes);
            for (Object node = all.next(); node != null; node = all.next()) {
                byte[] record = Branch.recordOf(node);
                visitor.onName(record, Znode.nameOffset(record), Znode.nameLength(record));
            }
        }
    }
}
