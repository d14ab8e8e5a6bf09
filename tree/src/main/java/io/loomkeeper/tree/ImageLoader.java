package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one image, {@link SnapshotImage}'s layout, and builds the tree from its leaves up: a node
 * is made when its last child was, each trie array once.
 *
 * <p>Nothing is taken on trust: order of names, counts, sizes, ACL numbers, digest and sum are all
 * checked.
 */
final class ImageLoader {
    /** The edit number of all that is built; a writer goes on from the next. */
    private static final long EDIT = 1;

    private static final int CONTENT_BYTES = 1024;

    private final ImageInput in;
    private final TreeOptions options;
    private final TreeVersion version;
    private final NodeDigest nodeDigest = new NodeDigest();
    private final List<Frame> frames = new ArrayList<>();
    private int depth = -1;
    private long nodes;

    // The node that is being read.
    private final Znode fields = new Znode();
    private final byte[] scratch = new byte[Znode.META_BYTES_MAX];
    private final byte[] canonical = new byte[Znode.META_BYTES_MAX];
    private final PathText path = new PathText();
    private byte[] content = new byte[CONTENT_BYTES];
    private int nameLength;
    private int dataLength;
    private long pathChars;
    private int contentCrc;

    ImageLoader(ImageInput in, TreeOptions options) {
        this.in = in;
        this.options = options;
        Branch none = Branch.of(EDIT, new byte[0], 0, 0);
        this.version = new TreeVersion(EDIT, options, none, AclTable.empty().editable(EDIT));
    }

    /** A node whose children are being read, and what its parent has to know of it. */
    private static final class Frame {
        private final TrieBuilder<Object> children = new TrieBuilder<>();
        private Branch branch;
        private int childrenLeft;
        private int pathLength;
        private long pathChars;
        private long nameHash;
        private int nameLength;
        private int dataLength;

        Frame(Branch branch) {
            this.branch = branch;
        }
    }

    TreeVersion load() throws ImageException {
        check(in.nextLong() == SnapshotImage.MAGIC, "not an image");
        int format = in.nextInt();
        check(format == SnapshotImage.FORMAT, "unknown format " + format);
        int hasDigest = in.nextInt();
        check(hasDigest == 0 || hasDigest == 1, "neither with nor without digest");
        version.zxid = in.nextLong();
        long digest = in.nextLong();
        check(hasDigest == 1 || digest == 0, "a digest where there is none");
        int sessions = in.nextInt();
        long nodesAnnounced = in.nextLong();
        long dataBytes = in.nextLong();
        readSessions(sessions);
        version.root = readNodes();
        int crc = in.crc();
        check(in.nextInt() == crc, "wrong CRC-32C");
        check(nodes == nodesAnnounced, nodes + " nodes, " + nodesAnnounced + " announced");
        check(version.dataBytes == dataBytes, "another size than announced");
        boolean comparable = hasDigest == 1 && options.digestEnabled();
        check(!comparable || version.digest == digest, "another digest than announced");
        version.sealed = true;
        return version;
    }

    private void check(boolean holds, String otherwise) throws ImageException {
        if (!holds) {
            throw in.broken(otherwise);
        }
    }

    private void readSessions(int count) throws ImageException {
        check(count >= 0, "less than no sessions");
        TrieBuilder<TreeVersion.Session> builder = new TrieBuilder<>();
        builder.begin(EDIT);
        for (int i = 0; i < count; i++) {
            TreeVersion.Session session = new TreeVersion.Session(in.nextLong(), in.nextInt());
            long hash = Names.spread(session.key());
            check(builder.add(hash, session, Keyed.ByKey.KEYS), "a session out of order");
        }
        version.sessions = builder.finish();
        version.sessionCount = count;
    }

    /** Reads all nodes; returns the root. */
    private Branch readNodes() throws ImageException {
        while (true) {
            int children = in.nextCount();
            readNode();
            account();
            if (children > 0) {
                open(children);
                continue;
            }
            if (depth < 0) {
                return branch();
            }
            Frame parent = frames.get(depth);
            long nameHash = Names.hash(content, 0, nameLength);
            adopt(parent, nameHash, record(), nameLength, dataLength);
            Branch root = closeFull();
            if (root != null) {
                return root;
            }
        }
    }

    private void readNode() throws ImageException {
        nameLength = in.nextCount();
        dataLength = in.nextCount();
        check(nameLength < Integer.MAX_VALUE / 2 - dataLength / 2, "a node too large");
        content = in.nextBytes(content, 0, nameLength);
        check(nameLength > 0 == depth >= 0, "a node without a name, or a root with one");
        for (int i = 0; i < nameLength; i++) {
            check(content[i] != '/', "a '/' in a name");
        }
        check(Names.isUtf8(content, 0, nameLength), "a name that is not UTF-8");
        readFields();
        content = in.nextBytes(content, nameLength, dataLength);
        check(dataLength == 0 || !fields.nullData, "data where there is none");
    }

    private void readFields() throws ImageException {
        int there = in.peek(scratch);
        fields.readMeta(scratch, 0);
        int length = fields.dataOffset;
        check(length <= there, "cut off");
        int written = fields.writeMeta(canonical, 0);
        check(
                Arrays.equals(scratch, 0, length, canonical, 0, written),
                "fields in an unknown form");
        in.skip(length);
        if (fields.aclId == version.acls.size() + 1L) {
            readAcl();
        }
        check(
                fields.aclId >= 0 && fields.aclId <= version.acls.size(),
                "ACL " + fields.aclId + " before it is given");
    }

    private void readAcl() throws ImageException {
        int count = in.nextCount();
        List<Acl> acl = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long perms = in.nextUnsigned();
            check(perms >>> Integer.SIZE == 0, "permissions beyond 32 bits");
            acl.add(new Acl((int) perms, new AuthId(in.nextText(), in.nextText())));
        }
        check(version.acls.idOf(acl, 0) < 0, "an ACL given twice");
        version.acls.add(acl, 0);
    }

    /** Counts the node, its digest, and enters it where its owner says. */
    private void account() {
        Frame parent = depth < 0 ? null : frames.get(depth);
        path.length = parent == null ? 0 : parent.pathLength;
        pathChars = 0;
        if (parent != null) {
            path.push(content, 0, nameLength);
            pathChars = parent.pathChars + 1 + Names.utf16Length(content, 0, nameLength);
        }
        nodes++;
        version.dataBytes += Math.max(pathChars, 1) + dataLength;
        contentCrc = 0;
        if (options.digestEnabled() && !path.isHidden()) {
            contentCrc =
                    nodeDigest.contentCrc(path.bytes, path.length, content, nameLength, dataLength);
            version.digest += nodeDigest.of(fields, contentCrc);
        }
        version.list(fields.owner, path);
    }

    private byte[] record() {
        byte[] record = fields.shell(content, 0, nameLength, dataLength, scratch);
        System.arraycopy(content, nameLength, record, fields.dataOffset, dataLength);
        return record;
    }

    private Branch branch() {
        long pzxid = fields.pzxid;
        int cversion = fields.cversion;
        fields.pzxid = fields.czxid;
        fields.cversion = 0;
        Branch branch = Branch.of(EDIT, record(), pzxid, cversion);
        branch.contentCrc = contentCrc;
        return branch;
    }

    private void open(int children) {
        depth++;
        Branch branch = branch();
        if (depth == frames.size()) {
            frames.add(new Frame(branch));
        }
        Frame frame = frames.get(depth);
        frame.children.begin(EDIT);
        frame.branch = branch;
        frame.childrenLeft = children;
        frame.pathLength = path.length;
        frame.pathChars = pathChars;
        frame.nameHash = Names.hash(content, 0, nameLength);
        frame.nameLength = nameLength;
        frame.dataLength = dataLength;
    }

    private void adopt(Frame parent, long nameHash, Object node, int name, int data)
            throws ImageException {
        check(parent.children.add(nameHash, node, Branch.ByName.KEYS), "a child out of order");
        Branch branch = parent.branch;
        branch.childCount++;
        branch.childNameBytes += name;
        branch.descendants++;
        branch.dataBytesBelow += data;
        if (node instanceof Branch child) {
            branch.descendants += child.descendants;
            branch.dataBytesBelow += child.dataBytesBelow;
        }
        parent.childrenLeft--;
    }

    /** Makes the nodes whose last child has come; returns the root when it was one of them. */
    private @Nullable Branch closeFull() throws ImageException {
        while (frames.get(depth).childrenLeft == 0) {
            Frame full = frames.get(depth--);
            full.branch.children = full.children.finish();
            if (depth < 0) {
                return full.branch;
            }
            adopt(frames.get(depth), full.nameHash, full.branch, full.nameLength, full.dataLength);
        }
        return null;
    }
}
