package io.loomkeeper.tree;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A version of the tree as bytes, written and read in small steps through one off-heap buffer.
 *
 * <p>The bytes depend on the state alone: two servers at one zxid write the same, whatever their
 * histories were.
 *
 * <pre>
 *   header    magic 8 "LOOMTREE" | format 4 | has digest 4 | zxid 8 | digest 8
 *             | sessions 4 | nodes 8 | size 8
 *   sessions  id 8 | timeout ms 4                          in the order of their trie
 *   nodes     the root, then each node's children behind it, in the order of their trie:
 *             children u | name length u | data length u | name | fields | [ACL] | data
 *   trailer   CRC-32C of all before it 4
 *
 *   u         seven bits a byte, lowest first, high bit set on all but the last
 *   fields    as in {@link Znode}, pzxid and cversion included, ACLs numbered from 1 in the
 *             order in which they first come
 *   ACL       where its number comes first: entries u, each permissions u | scheme | id
 *   scheme,id length + 1 u | UTF-8; null is 0
 * </pre>
 *
 * <p>Nodes are counted without Apache's second root. Size is {@link TreeVersion#dataBytes}. What is
 * left out is made again from the nodes: ephemerals by session, containers, TTL nodes.
 *
 * <p>One at a time; not thread-safe.
 */
public final class SnapshotImage {
    static final long MAGIC = 0x4c4f4f4d54524545L;
    static final int FORMAT = 1;

    private static final int STEP_BYTES = 1 << 18;

    private final ByteBuffer step;
    private final Znode fields = new Znode();
    private final byte[] scratch = new byte[Znode.META_BYTES_MAX];

    public SnapshotImage() {
        this(STEP_BYTES);
    }

    /** With a buffer of {@code stepBytes}, at least as many as the fields of a node take. */
    SnapshotImage(int stepBytes) {
        assert stepBytes >= Znode.META_BYTES_MAX;
        step = ByteBuffer.allocateDirect(stepBytes);
    }

    /**
     * Writes {@code version}, which is sealed and stays as it is, to {@code sink}.
     *
     * @return for {@link DataTree#dropUnusedAcls}
     */
    public AclUse write(TreeVersion version, ImageSink sink) {
        assert version.sealed;
        ImageOutput out = new ImageOutput(step, sink);
        out.putLong(MAGIC);
        out.putInt(FORMAT);
        out.putInt(version.options().digestEnabled() ? 1 : 0);
        out.putLong(version.zxid());
        out.putLong(version.digest());
        out.putInt(version.sessionCount());
        out.putLong(version.root.descendants + 1);
        out.putLong(version.dataBytes());
        version.forEachSession(
                (id, timeoutMs) -> {
                    out.putLong(id);
                    out.putInt(timeoutMs);
                });
        AclUse use = writeNodes(version, out);
        out.putInt(out.crc());
        out.flush();
        return use;
    }

    private AclUse writeNodes(TreeVersion version, ImageOutput out) {
        AclUse use = new AclUse(version);
        writeNode(version.root, use, out);
        TreeWalk walk = new TreeWalk(version.root, new PathText());
        for (Object node = walk.next(); node != null; node = walk.next()) {
            writeNode(node, use, out);
        }
        return use;
    }

    private void writeNode(Object node, AclUse use, ImageOutput out) {
        byte[] record = Branch.recordOf(node);
        int nameLength = Znode.nameLength(record);
        int dataFrom = fields.read(record).dataOffset;
        int children = 0;
        if (node instanceof Branch branch) {
            children = branch.childCount;
            fields.pzxid = branch.pzxid;
            fields.cversion = branch.cversion;
        }
        out.putUnsigned(children);
        out.putUnsigned(nameLength);
        out.putUnsigned(record.length - dataFrom);
        out.putBytes(record, Znode.nameOffset(record), nameLength);
        long aclId = fields.aclId;
        long number = aclId == AclTable.OPEN_ID ? 0 : use.number(aclId);
        fields.aclId = Math.abs(number);
        out.putBytes(scratch, 0, fields.writeMeta(scratch, 0));
        if (number < 0) {
            writeAcl(use.walked().acls.acl(aclId), out);
        }
        out.putBytes(record, dataFrom, record.length - dataFrom);
    }

    private static void writeAcl(List<Acl> acl, ImageOutput out) {
        out.putUnsigned(acl.size());
        for (Acl entry : acl) {
            out.putUnsigned(entry.perms() & 0xffffffffL);
            out.putText(entry.who().scheme());
            out.putText(entry.who().id());
        }
    }

    /**
     * Reads an image.
     *
     * @return the version that was written, sealed
     * @throws ImageException when the bytes are not what {@link #write} writes
     */
    public TreeVersion load(ImageSource source, TreeOptions options) throws ImageException {
        return new ImageLoader(new ImageInput(step, source), options).load();
    }
}
