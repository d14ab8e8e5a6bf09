package io.loomkeeper.tree;

import static java.util.Objects.requireNonNull;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a version of the tree of the bytes of a {@link PortableImage}, which come in pieces of any
 * length.
 *
 * <p>An image that Apache wrote while transactions were applied may hold the effects of some that
 * are later than its zxid, and they will come again; applying one twice has no further effect
 * (protocol 7.6). An ephemeral may stand in it whose session does not, and the other way round: the
 * transactions that come again bring both into line.
 *
 * <p>Nothing is taken on trust. Memory is taken only for bytes that arrived.
 */
public final class PortableImageReader {
    /** The edit number of all that is built; a writer goes on from the next. */
    private static final long EDIT = 1;

    private static final int SESSION_BYTES = Long.BYTES + Integer.BYTES;
    private static final int ITEM_BYTES_MAX = 1 << 30;
    private static final long NO_ACL = -1;
    private static final int CONTENT_BYTES = 1024;

    private enum Stage {
        SESSION_COUNT,
        SESSIONS,
        ACL_COUNT,
        ACLS,
        NODES,
        COMPLETE
    }

    private final TreeOptions options;
    private final TreeVersion version;
    private final NodeDigest nodeDigest = new NodeDigest();

    /** Our number of each ACL by the image's. */
    private final Long2LongHashMap aclIds = new Long2LongHashMap(NO_ACL);

    private Stage stage = Stage.SESSION_COUNT;
    private int itemsLeft;
    private long consumed;

    // The bytes at hand.
    private DirectBuffer source = new UnsafeBuffer(0, 0);
    private int at;
    private int end;

    // The node read last, which may have children to come.
    private final Znode fields = new Znode();
    private final byte[] scratch = new byte[Znode.META_BYTES_MAX];
    private byte[] data = new byte[CONTENT_BYTES];
    private PathText path = new PathText();
    private byte @Nullable [] last;
    private long lastHash;
    private long lastPathChars;
    private int lastContentCrc;

    /** From the root down to the parent of the node read last. */
    private final List<Frame> frames = new ArrayList<>();

    private int depth = -1;
    private PathText nextPath = new PathText();

    /** A node that has children, not all of which have come perhaps. */
    private static final class Frame {
        private Branch branch;
        private long hash;
        private int pathLength;
        private long pathChars;

        Frame(Branch branch) {
            this.branch = branch;
        }
    }

    /**
     * @param zxid the last transaction that is in the image for certain
     */
    public PortableImageReader(long zxid, TreeOptions options) {
        this.options = options;
        Branch none = Branch.of(EDIT, new byte[0], 0, 0);
        version = new TreeVersion(EDIT, options, none, AclTable.empty().editable(EDIT));
        version.zxid = zxid;
    }

    /**
     * Reads on.
     *
     * @return how many of the bytes were used; the rest is to come again, with more behind it
     * @throws ImageException when they are not what {@link PortableImage} writes
     */
    public int read(DirectBuffer newSource, int offset, int length) throws ImageException {
        source = newSource;
        at = offset;
        end = offset + length;
        boolean hasMore = true;
        while (hasMore) {
            hasMore =
                    switch (stage) {
                        case SESSION_COUNT -> readCount(Stage.SESSIONS);
                        case SESSIONS -> itemsLeft == 0 ? onStage(Stage.ACL_COUNT) : readSession();
                        case ACL_COUNT -> readCount(Stage.ACLS);
                        case ACLS -> itemsLeft == 0 ? onStage(Stage.NODES) : readAcl();
                        case NODES -> readNode();
                        case COMPLETE -> false;
                    };
        }
        consumed += at - offset;
        return at - offset;
    }

    /** The tree, sealed, once its last byte was read; null before. */
    public @Nullable TreeVersion complete() {
        return stage == Stage.COMPLETE ? version : null;
    }

    private void check(boolean holds, String otherwise) throws ImageException {
        if (!holds) {
            throw new ImageException(otherwise, consumed);
        }
    }

    private boolean onStage(Stage next) {
        stage = next;
        return true;
    }

    private boolean has(int length) {
        return length <= end - at;
    }

    private int intAt(int index) {
        return source.getInt(index, ByteOrder.BIG_ENDIAN);
    }

    private int nextInt() {
        at += Integer.BYTES;
        return intAt(at - Integer.BYTES);
    }

    private long nextLong() {
        at += Long.BYTES;
        return source.getLong(at - Long.BYTES, ByteOrder.BIG_ENDIAN);
    }

    // Each of these reads one item if all of it is there, and says whether it was.

    private boolean readCount(Stage next) throws ImageException {
        if (!has(Integer.BYTES)) {
            return false;
        }
        itemsLeft = nextInt();
        check(itemsLeft >= 0, "a negative count");
        return onStage(next);
    }

    private boolean readSession() {
        if (!has(SESSION_BYTES)) {
            return false;
        }
        TreeVersion.Session session = new TreeVersion.Session(nextLong(), nextInt());
        version.sessionCount += version.hasSession(session.key()) ? 0 : 1;
        version.sessions =
                version.sessions.put(EDIT, Names.spread(session.key()), session, Keyed.ByKey.KEYS);
        itemsLeft--;
        return true;
    }

    private boolean readAcl() throws ImageException {
        if (!isAclHere()) {
            return false;
        }
        long number = nextLong();
        int count = Math.max(0, nextInt());
        List<Acl> acl = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            acl.add(new Acl(nextInt(), new AuthId(nextText(), nextText())));
        }
        long known = version.acls.idOf(acl, 0);
        aclIds.put(number, known >= 0 ? known : version.acls.add(acl, 0));
        itemsLeft--;
        return true;
    }

    private boolean isAclHere() throws ImageException {
        if (!has(Long.BYTES + Integer.BYTES)) {
            return false;
        }
        int entries = intAt(at + Long.BYTES);
        long length = Long.BYTES + Integer.BYTES;
        for (int i = 0; i < 2 * (long) entries; i++) {
            // permissions stand before each scheme
            length += i % 2 == 0 ? Long.BYTES : Integer.BYTES;
            if (length > end - at) {
                return false;
            }
            length += checkedLength(intAt(at + (int) length - Integer.BYTES));
            check(length <= ITEM_BYTES_MAX, "an ACL too large");
        }
        return length <= end - at;
    }

    /** Of a string or buffer, null counting as empty. */
    private int checkedLength(int length) throws ImageException {
        check(length >= -1 && length <= ITEM_BYTES_MAX, "a string or buffer of no possible length");
        return Math.max(0, length);
    }

    private @Nullable String nextText() {
        int length = nextInt();
        if (length < 0) {
            return null;
        }
        byte[] utf8 = new byte[length];
        source.getBytes(at, utf8);
        at += length;
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private boolean readNode() throws ImageException {
        if (!has(Integer.BYTES)) {
            return false;
        }
        int pathLength = checkedLength(intAt(at));
        int pathAt = at + Integer.BYTES;
        if (pathLength == 1) {
            return has(Integer.BYTES + 1) && readEnd(pathAt);
        }
        if (!has(Integer.BYTES + pathLength) || !has(2 * Integer.BYTES + pathLength)) {
            return false;
        }
        int dataAt = pathAt + pathLength + Integer.BYTES;
        int dataWritten = intAt(dataAt - Integer.BYTES);
        int dataLength = checkedLength(dataWritten);
        long length = (long) dataAt - at + dataLength + PortableImage.NODE_TAIL_BYTES;
        check(length <= ITEM_BYTES_MAX, "a node too large");
        if (!has((int) length)) {
            return false;
        }
        readPath(pathAt, pathLength);
        data = data.length < dataLength ? new byte[roomFor(dataLength)] : data;
        source.getBytes(dataAt, data, 0, dataLength);
        at = dataAt + dataLength;
        readFields(dataWritten < 0);
        onNode(dataLength);
        return true;
    }

    private static int roomFor(int length) {
        return Math.max(length, CONTENT_BYTES);
    }

    private void readPath(int offset, int length) {
        nextPath.length = 0;
        nextPath.reserve(length);
        source.getBytes(offset, nextPath.bytes, 0, length);
        nextPath.length = length;
    }

    private void readFields(boolean nullData) throws ImageException {
        long acl = nextLong();
        fields.aclId = acl == PortableImage.OPEN_ACL ? AclTable.OPEN_ID : aclIds.get(acl);
        check(fields.aclId != NO_ACL, "an ACL that is not in the list");
        fields.czxid = nextLong();
        fields.mzxid = nextLong();
        fields.ctime = nextLong();
        fields.mtime = nextLong();
        fields.version = nextInt();
        fields.cversion = nextInt();
        fields.aversion = nextInt();
        fields.owner = nextLong();
        fields.pzxid = nextLong();
        fields.nullData = nullData;
    }

    /** Puts the node that was read under its parent, which is the last one or above it. */
    private void onNode(int dataLength) throws ImageException {
        int nameFrom = nextPath.nameFrom();
        int nameLength = nextPath.length - nameFrom;
        long parentChars = 0;
        if (last == null) {
            check(nextPath.length == 0, "a first node that is not the root");
        } else {
            check(nameFrom > 0 && nameLength > 0, "a node without a name");
            check(Names.isUtf8(nextPath.bytes, nameFrom, nameLength), "a name that is not UTF-8");
            parentChars = enterParent(nameFrom - 1);
        }
        long nameChars = Names.utf16Length(nextPath.bytes, nameFrom, nameLength);
        lastPathChars = last == null ? 0 : parentChars + 1 + nameChars;
        lastHash = Names.hash(nextPath.bytes, nameFrom, nameLength);
        PathText spare = path;
        path = nextPath;
        nextPath = spare;
        account(dataLength);
        last = record(path.bytes, nameFrom, nameLength, dataLength);
    }

    /** Makes the node whose path is so long the innermost open one; returns its path's chars. */
    private long enterParent(int parentLength) throws ImageException {
        boolean isAlong =
                parentLength <= path.length
                        && Arrays.equals(
                                path.bytes, 0, parentLength, nextPath.bytes, 0, parentLength);
        check(isAlong, "a node before its parent");
        if (parentLength == path.length) {
            open();
        } else {
            adopt(frames.get(depth), lastHash, requireNonNull(last));
            while (frames.get(depth).pathLength > parentLength) {
                close();
            }
        }
        Frame parent = frames.get(depth);
        check(parent.pathLength == parentLength, "a node before its parent");
        return parent.pathChars;
    }

    /** Counts the node, its digest, and enters it where its owner says. */
    private void account(int dataLength) {
        version.dataBytes += Math.max(lastPathChars, 1) + dataLength;
        lastContentCrc = 0;
        if (options.digestEnabled() && !path.isHidden()) {
            lastContentCrc = nodeDigest.contentCrc(path.bytes, path.length, data, 0, dataLength);
            version.digest += nodeDigest.of(fields, lastContentCrc);
        }
        version.list(fields.owner, path);
    }

    private byte[] record(byte[] name, int nameFrom, int nameLength, int dataLength) {
        byte[] record = fields.shell(name, nameFrom, nameLength, dataLength, scratch);
        System.arraycopy(data, 0, record, fields.dataOffset, dataLength);
        return record;
    }

    /** The node read last has children: makes it the innermost open one. */
    private void open() {
        depth++;
        Branch branch = branchOf(requireNonNull(last));
        if (depth == frames.size()) {
            frames.add(new Frame(branch));
        }
        Frame frame = frames.get(depth);
        frame.branch = branch;
        frame.hash = lastHash;
        frame.pathLength = path.length;
        frame.pathChars = lastPathChars;
    }

    private Branch branchOf(byte[] record) {
        Znode node = new Znode().read(record);
        int dataFrom = node.dataOffset;
        int dataLength = record.length - dataFrom;
        long pzxid = node.pzxid;
        int cversion = node.cversion;
        node.pzxid = node.czxid;
        node.cversion = 0;
        byte[] bare =
                node.shell(
                        record,
                        Znode.nameOffset(record),
                        Znode.nameLength(record),
                        dataLength,
                        scratch);
        System.arraycopy(record, dataFrom, bare, node.dataOffset, dataLength);
        Branch branch = Branch.of(EDIT, bare, pzxid, cversion);
        branch.contentCrc = lastContentCrc;
        return branch;
    }

    private void close() throws ImageException {
        Frame closed = frames.get(depth--);
        adopt(frames.get(depth), closed.hash, closed.branch);
    }

    private void adopt(Frame parent, long hash, Object node) throws ImageException {
        Branch branch = parent.branch;
        check(
                branch.children.find(hash, node, Branch.ByName.KEYS) == null,
                "a node that comes twice");
        branch.children = branch.children.put(EDIT, hash, node, Branch.ByName.KEYS);
        byte[] record = Branch.recordOf(node);
        branch.childCount++;
        branch.childNameBytes += Znode.nameLength(record);
        branch.descendants++;
        branch.dataBytesBelow += record.length - new Znode().read(record).dataOffset;
        if (node instanceof Branch child) {
            branch.descendants += child.descendants;
            branch.dataBytesBelow += child.dataBytesBelow;
        }
    }

    private boolean readEnd(int pathAt) throws ImageException {
        check(source.getByte(pathAt) == '/', "a node without a name");
        check(last != null, "no root");
        if (depth < 0) {
            open();
        } else {
            adopt(frames.get(depth), lastHash, requireNonNull(last));
        }
        while (depth > 0) {
            close();
        }
        version.root = frames.getFirst().branch;
        version.sealed = true;
        at = pathAt + 1;
        stage = Stage.COMPLETE;
        return false;
    }
}
