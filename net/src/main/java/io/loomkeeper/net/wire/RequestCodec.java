package io.loomkeeper.net.wire;

import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Requests on the wire, both directions (protocol 2.7, 3 and 5).
 *
 * <pre>
 *   frame     int length of all that follows
 *             int xid, int type                                     RequestHeader
 *             body by type:
 *     1 create, 15 create2, 19 createContainer
 *                         ustring path, buffer data, vector acl, int flags
 *    21 createTTL         the same, long ttl
 *     2 delete, 13 check  ustring path, int version
 *     5 setData           ustring path, buffer data, int version
 *     7 setACL            ustring path, vector acl, int version
 *     3 exists, 4 getData, 8 getChildren, 12 getChildren2
 *                         ustring path, bool watch
 *     6 getACL, 9 sync, 20 deleteContainer, 104 getAllChildrenNumber
 *                         ustring path
 *    11 ping, 107 whoAmI, -11 closeSession                          nothing
 *    14 multi, 22 multiRead
 *                         per op { int type, bool 0, int -1, its body }, then int -1, bool 1, int -1
 *    16 reconfig          ustring joining, ustring leaving, ustring newMembers, long curConfigId
 *    17 checkWatches, 18 removeWatches                              ustring path, int watcherType
 *   100 auth              int type, ustring scheme, buffer auth
 *   101 setWatches        long relativeZxid, vectors of ustring data, exist, child
 *   105 setWatches2       the same, vectors of ustring persistent, persistentRecursive
 *   102 sasl              buffer token
 *   103 getEphemerals     ustring prefixPath
 *   106 addWatch          ustring path, int mode
 *   -10 createSession     int timeOut                               between servers only
 * </pre>
 */
public final class RequestCodec {
    /** Bytes of xid and type, the least that a frame's payload has. */
    public static final int HEADER_BYTES = 2 * Integer.BYTES;

    private static final int STRING_BYTES_MIN = Integer.BYTES;
    private static final int END_OF_MULTI = -1;
    private static final int NO_ERROR_YET = -1;
    private static final long NO_TTL = -1;

    private RequestCodec() {}

    /** The xid of the payload that starts at {@code offset}. */
    public static int xid(DirectBuffer frame, int offset) {
        return frame.getInt(offset, ByteOrder.BIG_ENDIAN);
    }

    /** The operation's number in the payload that starts at {@code offset}; see Op.ofCode. */
    public static int opCode(DirectBuffer frame, int offset) {
        return frame.getInt(offset + Integer.BYTES, ByteOrder.BIG_ENDIAN);
    }

    /**
     * Decodes the body of a request, the header already read.
     *
     * @return a write that cannot be decoded comes back as {@link Request.Malformed}, because it
     *     takes its place in the order all the same (protocol 6)
     * @throws MalformedException for any other kind: answered with MARSHALLING_ERROR, except for
     *     auth and sasl, where the connection is closed
     */
    public static Request decode(Op op, JuteInput in) throws MalformedException {
        return switch (op.kind()) {
            case WRITE -> decodeWriteOrMalformed(op, in);
            case SYNC -> new Request.Sync(in.readString());
            case PING -> new Request.Ping();
            case AUTH -> new Request.Auth(in.readInt(), in.readString(), in.readBytes());
            case SASL -> new Request.Sasl(in.readBytes());
            case READ, WATCH -> decodeRead(op, in);
        };
    }

    /** Appends a whole frame, length included. The op follows from the request: {@link #opOf}. */
    public static void encode(int xid, Request request, JuteOutput out) {
        int frame = out.beginFrame();
        out.writeInt(xid);
        out.writeInt(opOf(request).code());
        encodeBody(request, out);
        out.endFrame(frame);
    }

    /** The operation that carries {@code request}. Malformed has none. */
    public static Op opOf(Request request) {
        return switch (request) {
            case Request.Write write -> opOfWrite(write);
            case Request.Read read -> opOfRead(read);
            case Request.Unreadable _ -> throw new IllegalArgumentException("has no operation");
            case Request.Sync _ -> Op.SYNC;
            case Request.Ping _ -> Op.PING;
            case Request.Auth _ -> Op.AUTH;
            case Request.Sasl _ -> Op.SASL;
        };
    }

    private static Op opOfWrite(Request.Write write) {
        return switch (write) {
            case Request.Create create -> create.op();
            case Request.Delete _ -> Op.DELETE;
            case Request.DeleteContainer _ -> Op.DELETE_CONTAINER;
            case Request.SetData _ -> Op.SET_DATA;
            case Request.SetAcl _ -> Op.SET_ACL;
            case Request.Check _ -> Op.CHECK;
            case Request.Multi _ -> Op.MULTI;
            case Request.Reconfig _ -> Op.RECONFIG;
            case Request.CreateSession _ -> Op.CREATE_SESSION;
            case Request.CloseSession _ -> Op.CLOSE_SESSION;
            case Request.Malformed malformed ->
                    throw new IllegalArgumentException("no bytes for " + malformed);
        };
    }

    private static Op opOfRead(Request.Read read) {
        return switch (read) {
            case Request.GetData _ -> Op.GET_DATA;
            case Request.Exists _ -> Op.EXISTS;
            case Request.GetAcl _ -> Op.GET_ACL;
            case Request.GetChildren children ->
                    children.withStat() ? Op.GET_CHILDREN2 : Op.GET_CHILDREN;
            case Request.GetAllChildrenNumber _ -> Op.GET_ALL_CHILDREN_NUMBER;
            case Request.GetEphemerals _ -> Op.GET_EPHEMERALS;
            case Request.MultiRead _ -> Op.MULTI_READ;
            case Request.WhoAmI _ -> Op.WHO_AM_I;
            case Request.SetWatches watches -> opOfSetWatches(watches);
            case Request.AddWatch _ -> Op.ADD_WATCH;
            case Request.CheckWatches _ -> Op.CHECK_WATCHES;
            case Request.RemoveWatches _ -> Op.REMOVE_WATCHES;
        };
    }

    /** Clients use 105 only when they have to (protocol 2.9). */
    private static Op opOfSetWatches(Request.SetWatches watches) {
        return watches.persistent().isEmpty() && watches.persistentRecursive().isEmpty()
                ? Op.SET_WATCHES
                : Op.SET_WATCHES2;
    }

    private static Request.Write decodeWriteOrMalformed(Op op, JuteInput in) {
        try {
            return decodeWrite(op, in);
        } catch (MalformedException _) {
            return new Request.Malformed(KeeperError.MARSHALLING_ERROR);
        }
    }

    private static Request.Write decodeWrite(Op op, JuteInput in) throws MalformedException {
        return switch (op) {
            case SET_ACL ->
                    new Request.SetAcl(in.readStringOrEmpty(), AclCodec.decode(in), in.readInt());
            case DELETE_CONTAINER -> new Request.DeleteContainer(readPath(in));
            case MULTI -> decodeMulti(in);
            case RECONFIG ->
                    new Request.Reconfig(
                            in.readString(), in.readString(), in.readString(), in.readLong());
            case CREATE_SESSION -> new Request.CreateSession(in.readInt());
            case CLOSE_SESSION -> new Request.CloseSession();
            default -> decodeMultiOp(op, in);
        };
    }

    /** The writes that may stand inside a multi. */
    private static Request.Write decodeMultiOp(Op op, JuteInput in) throws MalformedException {
        return switch (op) {
            case CREATE, CREATE2, CREATE_CONTAINER, CREATE_TTL -> decodeCreate(op, in);
            case DELETE -> new Request.Delete(readPath(in), in.readInt());
            case SET_DATA ->
                    new Request.SetData(in.readStringOrEmpty(), in.readBytes(), in.readInt());
            case CHECK -> new Request.Check(in.readStringOrEmpty(), in.readInt());
            default -> throw new MalformedException(op + " inside a multi");
        };
    }

    private static Request.Create decodeCreate(Op op, JuteInput in) throws MalformedException {
        return new Request.Create(
                op,
                readPath(in),
                in.readBytes(),
                AclCodec.decode(in),
                in.readInt(),
                op == Op.CREATE_TTL ? in.readLong() : NO_TTL);
    }

    private static Request.Multi decodeMulti(JuteInput in) throws MalformedException {
        List<Request.Write> ops = new ArrayList<>();
        for (Op op = decodeMultiHeader(in); op != null; op = decodeMultiHeader(in)) {
            if (in.isNullNext()) {
                throw new MalformedException("null path inside a multi");
            }
            ops.add(decodeMultiOp(op, in));
        }
        return new Request.Multi(List.copyOf(ops));
    }

    private static Request.MultiRead decodeMultiRead(JuteInput in) throws MalformedException {
        List<Request.Read> ops = new ArrayList<>();
        for (Op op = decodeMultiHeader(in); op != null; op = decodeMultiHeader(in)) {
            if (op != Op.GET_DATA && op != Op.GET_CHILDREN) {
                throw new MalformedException(op + " inside a multiRead");
            }
            ops.add(decodeRead(op, in));
        }
        return new Request.MultiRead(List.copyOf(ops));
    }

    /** Reads one MultiHeader; null when it is the terminator. */
    private static @Nullable Op decodeMultiHeader(JuteInput in) throws MalformedException {
        int code = in.readInt();
        boolean done = in.readBool();
        in.readInt();
        if (done) {
            return null;
        }
        Op op = Op.ofCode(code);
        if (op == null) {
            throw new MalformedException("op " + code + " inside a multi");
        }
        return op;
    }

    private static Request.Read decodeRead(Op op, JuteInput in) throws MalformedException {
        return switch (op) {
            case EXISTS -> new Request.Exists(readPath(in), in.readBool());
            case GET_DATA -> new Request.GetData(readPath(in), in.readBool());
            case GET_ACL -> new Request.GetAcl(readPath(in));
            case GET_CHILDREN, GET_CHILDREN2 ->
                    new Request.GetChildren(readPath(in), in.readBool(), op == Op.GET_CHILDREN2);
            case GET_ALL_CHILDREN_NUMBER -> new Request.GetAllChildrenNumber(readPath(in));
            case GET_EPHEMERALS -> new Request.GetEphemerals(in.readString());
            case MULTI_READ -> decodeMultiRead(in);
            case WHO_AM_I -> new Request.WhoAmI();
            case SET_WATCHES, SET_WATCHES2 -> decodeSetWatches(op, in);
            case ADD_WATCH -> new Request.AddWatch(in.readStringOrEmpty(), in.readInt());
            case CHECK_WATCHES -> new Request.CheckWatches(in.readStringOrEmpty(), in.readInt());
            case REMOVE_WATCHES -> new Request.RemoveWatches(in.readStringOrEmpty(), in.readInt());
            default -> throw new AssertionError(op);
        };
    }

    private static Request.SetWatches decodeSetWatches(Op op, JuteInput in)
            throws MalformedException {
        boolean persistentToo = op == Op.SET_WATCHES2;
        return new Request.SetWatches(
                in.readLong(),
                decodePaths(in),
                decodePaths(in),
                decodePaths(in),
                persistentToo ? decodePaths(in) : List.of(),
                persistentToo ? decodePaths(in) : List.of());
    }

    private static List<String> decodePaths(JuteInput in) throws MalformedException {
        int count = in.readCount(STRING_BYTES_MIN);
        if (count <= 0) {
            return List.of();
        }
        String[] paths = new String[count];
        for (int i = 0; i < count; i++) {
            paths[i] = in.readStringOrEmpty();
        }
        return List.of(paths);
    }

    /**
     * Apache stumbles over a path that is null and says MARSHALLING_ERROR, but for setData, setACL
     * and check, which find it invalid like the empty one unless they stand in a multi.
     */
    private static String readPath(JuteInput in) throws MalformedException {
        String path = in.readString();
        if (path == null) {
            throw new MalformedException("null path");
        }
        return path;
    }

    private static void encodeBody(Request request, JuteOutput out) {
        switch (request) {
            case Request.Write write -> encodeWrite(write, out);
            case Request.Read read -> encodeRead(read, out);
            case Request.Unreadable _ -> throw new IllegalArgumentException("has no bytes");
            case Request.Sync sync -> out.writeString(sync.path());
            case Request.Ping _ -> {}
            case Request.Auth auth -> {
                out.writeInt(auth.type());
                out.writeString(auth.scheme());
                out.writeBytes(auth.auth());
            }
            case Request.Sasl sasl -> out.writeBytes(sasl.token());
        }
    }

    private static void encodeWrite(Request.Write write, JuteOutput out) {
        switch (write) {
            case Request.Create create -> encodeCreate(create, out);
            case Request.Delete delete -> encodePathAndInt(delete.path(), delete.version(), out);
            case Request.DeleteContainer delete -> out.writeString(delete.path());
            case Request.SetData set -> {
                out.writeString(set.path());
                out.writeBytes(set.data());
                out.writeInt(set.version());
            }
            case Request.SetAcl set -> {
                out.writeString(set.path());
                AclCodec.encode(set.acl(), out);
                out.writeInt(set.version());
            }
            case Request.Check check -> encodePathAndInt(check.path(), check.version(), out);
            case Request.Multi multi -> encodeMulti(multi.ops(), out);
            case Request.Reconfig reconfig -> {
                out.writeString(reconfig.joining());
                out.writeString(reconfig.leaving());
                out.writeString(reconfig.newMembers());
                out.writeLong(reconfig.curConfigId());
            }
            case Request.CreateSession create -> out.writeInt(create.timeoutMs());
            case Request.CloseSession _, Request.Malformed _ -> {}
        }
    }

    private static void encodeCreate(Request.Create create, JuteOutput out) {
        out.writeString(create.path());
        out.writeBytes(create.data());
        AclCodec.encode(create.acl(), out);
        out.writeInt(create.flags());
        if (create.op() == Op.CREATE_TTL) {
            out.writeLong(create.ttlMs());
        }
    }

    private static void encodeRead(Request.Read read, JuteOutput out) {
        switch (read) {
            case Request.GetData get -> encodePathAndBool(get.path(), get.watch(), out);
            case Request.Exists exists -> encodePathAndBool(exists.path(), exists.watch(), out);
            case Request.GetAcl get -> out.writeString(get.path());
            case Request.GetChildren get -> encodePathAndBool(get.path(), get.watch(), out);
            case Request.GetAllChildrenNumber get -> out.writeString(get.path());
            case Request.GetEphemerals get -> out.writeString(get.prefix());
            case Request.MultiRead multi -> encodeMulti(multi.ops(), out);
            case Request.WhoAmI _ -> {}
            case Request.SetWatches set -> encodeSetWatches(set, out);
            case Request.AddWatch add -> encodePathAndInt(add.path(), add.mode(), out);
            case Request.CheckWatches check -> encodePathAndInt(check.path(), check.type(), out);
            case Request.RemoveWatches remove ->
                    encodePathAndInt(remove.path(), remove.type(), out);
        }
    }

    private static void encodeSetWatches(Request.SetWatches set, JuteOutput out) {
        out.writeLong(set.relativeZxid());
        encodePaths(set.data(), out);
        encodePaths(set.exist(), out);
        encodePaths(set.child(), out);
        if (opOfSetWatches(set) == Op.SET_WATCHES2) {
            encodePaths(set.persistent(), out);
            encodePaths(set.persistentRecursive(), out);
        }
    }

    private static void encodeMulti(List<? extends Request> ops, JuteOutput out) {
        for (Request op : ops) {
            encodeMultiHeader(opOf(op).code(), false, out);
            encodeBody(op, out);
        }
        encodeMultiHeader(END_OF_MULTI, true, out);
    }

    private static void encodeMultiHeader(int type, boolean done, JuteOutput out) {
        out.writeInt(type);
        out.writeBool(done);
        out.writeInt(NO_ERROR_YET);
    }

    private static void encodePathAndInt(String path, int number, JuteOutput out) {
        out.writeString(path);
        out.writeInt(number);
    }

    private static void encodePathAndBool(String path, boolean flag, JuteOutput out) {
        out.writeString(path);
        out.writeBool(flag);
    }

    private static void encodePaths(List<String> paths, JuteOutput out) {
        out.writeInt(paths.size());
        for (String path : paths) {
            out.writeString(path);
        }
    }
}
