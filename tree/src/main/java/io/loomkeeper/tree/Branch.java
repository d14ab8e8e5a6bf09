package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/**
 * A node that has or had children. A node without is its record alone, a {@code byte[]}.
 *
 * <p>What a child's coming and going changes stands here and not in the record, whose cversion and
 * pzxid hold nothing: creating a child never copies its parent's data. Written in place by the one
 * writer while {@link #edit} is its current edit number, never again after.
 */
final class Branch {
    final long edit;

    /** Name, Stat fields but cversion and pzxid, ACL, data: {@link Znode}'s layout. */
    byte[] record;

    /** Each child a record or a Branch, by the hash of its name. */
    Trie<Object> children = Trie.empty();

    int childCount;

    /** Total length of the children's names in UTF-8. */
    long childNameBytes;

    long pzxid;

    /** As stored: creates of children only. */
    int cversion;

    /** How many nodes are below this one, at any depth. */
    long descendants;

    /** Bytes of data in all nodes below this one. */
    long dataBytesBelow;

    /** CRC-32 of path and data, which begin what this node's digest covers. */
    int contentCrc;

    private Branch(long edit, byte[] record) {
        this.edit = edit;
        this.record = record;
    }

    /** How children are told apart: by name. */
    enum ByName implements Trie.Keys<Object> {
        KEYS;

        @Override
        public long hash(Object node) {
            byte[] record = recordOf(node);
            return Names.hash(record, Znode.nameOffset(record), Znode.nameLength(record));
        }

        @Override
        public int compare(Object a, Object b) {
            return Znode.compareNames(recordOf(a), recordOf(b));
        }
    }

    static Branch of(long edit, byte[] record, long pzxid, int cversion) {
        Branch branch = new Branch(edit, record);
        branch.pzxid = pzxid;
        branch.cversion = cversion;
        return branch;
    }

    Branch copy(long newEdit) {
        Branch copy = new Branch(newEdit, record);
        copy.children = children;
        copy.childCount = childCount;
        copy.childNameBytes = childNameBytes;
        copy.pzxid = pzxid;
        copy.cversion = cversion;
        copy.descendants = descendants;
        copy.dataBytesBelow = dataBytesBelow;
        copy.contentCrc = contentCrc;
        return copy;
    }

    /** The record of a node in either form. */
    static byte[] recordOf(Object node) {
        return node instanceof Branch branch ? branch.record : (byte[]) node;
    }

    /** The child named by the characters of {@code path} in [{@code from}, {@code to}), or null. */
    @Nullable Object child(long hash, String path, int from, int to) {
        Object found = children.at(hash);
        if (found == null) {
            return null;
        }
        if (found instanceof Trie.Bucket bucket) {
            return search(bucket, path, from, to);
        }
        return compare(found, path, from, to) == 0 ? found : null;
    }

    private static @Nullable Object search(Trie.Bucket bucket, String path, int from, int to) {
        int low = 0;
        int high = bucket.entries.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(bucket.entries[middle], path, from, to);
            if (order == 0) {
                return bucket.entries[middle];
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    private static int compare(Object node, String path, int from, int to) {
        byte[] record = recordOf(node);
        int nameLength = Znode.nameLength(record);
        return Names.compare(record, Znode.nameOffset(record), nameLength, path, from, to);
    }

    /**
     * The node at the first {@code end} characters of {@code path}, or null; none for the root.
     * What is no path leads nowhere.
     */
    @Nullable Object locate(String path, int end) {
        if (end == 0 || (end == 1 && path.charAt(0) == '/')) {
            return this;
        }
        if (path.charAt(0) != '/') {
            return null;
        }
        Branch branch = this;
        for (int from = 1; ; ) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 || slash > end ? end : slash;
            Object child = branch.child(Names.hash(path, from, to), path, from, to);
            if (to == end || !(child instanceof Branch next)) {
                return to == end ? child : null;
            }
            branch = next;
            from = to + 1;
        }
    }
}
