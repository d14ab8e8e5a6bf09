package io.loomkeeper.tree;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A version of the tree in the form that servers of either kind exchange and that Apache keeps on
 * disk between the head of a snapshot and its seals (protocol 13.2, 15.5); written in small steps
 * through one off-heap buffer, read by {@link PortableImageReader}.
 *
 * <pre>
 *   sessions  int count, then each: long id, int timeout ms
 *   ACLs      int count, then each: long number, vector of { int perms, ustring scheme, ustring id }
 *   nodes     each before its children:
 *             ustring path, the root's empty | buffer data | long number of the ACL, -1: open
 *             | long czxid, mzxid, ctime, mtime | int version, cversion, aversion
 *             | long ephemeralOwner, pzxid
 *   end       ustring "/"
 * </pre>
 *
 * <p>One at a time; not thread-safe.
 */
public final class PortableImage {
    static final long OPEN_ACL = -1;

    /** Everything of a node behind its data. */
    static final int NODE_TAIL_BYTES = 68;

    private static final int STEP_BYTES = 1 << 17;
    private static final int NULL = -1;

    private final ByteBuffer step;
    private final Znode fields = new Znode();

    public PortableImage() {
        this(STEP_BYTES);
    }

    /** With a buffer of {@code stepBytes}, at least as many as a number takes. */
    PortableImage(int stepBytes) {
        step = ByteBuffer.allocateDirect(stepBytes);
    }

    /** Writes {@code version}, which is sealed and stays as it is, to {@code sink}. */
    public void write(TreeVersion version, ImageSink sink) {
        assert version.sealed;
        ImageOutput out = new ImageOutput(step, sink);
        out.putInt(version.sessionCount());
        version.forEachSession(
                (id, timeoutMs) -> {
                    out.putLong(id);
                    out.putInt(timeoutMs);
                });
        out.putInt(version.acls.size());
        version.acls.forEach(
                (number, acl) -> {
                    out.putLong(number);
                    writeAcl(acl, out);
                });
        writeNodes(version, out);
        out.putInt(1);
        out.putBytes(new byte[] {'/'}, 0, 1);
        out.flush();
    }

    private static void writeAcl(List<Acl> acl, ImageOutput out) {
        out.putInt(acl.size());
        for (Acl entry : acl) {
            out.putInt(entry.perms());
            out.putString(entry.who().scheme());
            out.putString(entry.who().id());
        }
    }

    private void writeNodes(TreeVersion version, ImageOutput out) {
        PathText path = new PathText();
        writeNode(path, version.root, out);
        TreeWalk walk = new TreeWalk(version.root, path);
        for (Object node = walk.next(); node != null; node = walk.next()) {
            writeNode(path, node, out);
        }
    }

    private void writeNode(PathText path, Object node, ImageOutput out) {
        byte[] record = Branch.recordOf(node);
        int dataFrom = fields.read(record).dataOffset;
        if (node instanceof Branch branch) {
            fields.pzxid = branch.pzxid;
            fields.cversion = branch.cversion;
        }
        out.putInt(path.length);
        out.putBytes(path.bytes, 0, path.length);
        out.putInt(fields.nullData ? NULL : record.length - dataFrom);
        out.putBytes(record, dataFrom, record.length - dataFrom);
        out.putLong(fields.aclId == AclTable.OPEN_ID ? OPEN_ACL : fields.aclId);
        out.putLong(fields.czxid);
        out.putLong(fields.mzxid);
        out.putLong(fields.ctime);
        out.putLong(fields.mtime);
        out.putInt(fields.version);
        out.putInt(fields.cversion);
        out.putInt(fields.aversion);
        out.putLong(fields.owner);
        out.putLong(fields.pzxid);
    }
}
