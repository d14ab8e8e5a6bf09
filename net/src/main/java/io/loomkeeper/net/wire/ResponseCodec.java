package io.loomkeeper.net.wire;

import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.ChildNames;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replies and watch notifications on the wire, both directions (protocol 2.7, 3, 5 and 11.1).
 *
 * <pre>
 *   frame     int length of all that follows
 *             int xid, long zxid, int err                           ReplyHeader
 *             body, only when err is 0:
 *     create, sync                           ustring path
 *     create2, createContainer, createTTL    ustring path, Stat
 *     exists, setData, setACL                Stat
 *     getData, reconfig                      buffer data, Stat
 *     getACL                                 vector acl, Stat
 *     getChildren, getChildren2              vector of ustring names    (and Stat)
 *     getAllChildrenNumber, addWatch         int
 *     getEphemerals                          vector of ustring paths
 *     whoAmI                                 vector of { ustring scheme, ustring user }
 *     multi, multiRead                       per op { int type, bool 0, int err, result },
 *                                            then int -1, bool 1, int -1
 *                                            a failed op: type -1, its code as err and as result
 *     all others                             nothing
 *   xid -1    a notification: zxid, err 0, int type, int state (always 3), ustring path
 * </pre>
 */
public final class ResponseCodec {
    /** Bytes of xid, zxid and err, the least that a reply's payload has. */
    public static final int HEADER_BYTES = Integer.BYTES + Long.BYTES + Integer.BYTES;

    /** The xid of notifications. */
    public static final int NOTIFICATION_XID = -1;

    private static final int SYNC_CONNECTED = 3;
    private static final int ERROR_TYPE = -1;
    private static final int END_OF_MULTI = -1;
    private static final int STRING_BYTES_MIN = Integer.BYTES;

    private ResponseCodec() {}

    /** The head of every reply. {@code err} as on the wire: servers may send codes unknown here. */
    public record ReplyHeader(int xid, long zxid, int err) {}

    /** A notification's body; type and state as on the wire. */
    public record WatchEvent(int type, int state, String path) {}

    /** Appends a reply frame, length included; a Failed body is the header's err and no body. */
    public static void encodeReply(int xid, long zxid, Response body, JuteOutput out) {
        int frame = out.beginFrame();
        KeeperError err =
                body instanceof Response.Failed(KeeperError error) ? error : KeeperError.OK;
        encodeHeader(xid, zxid, err, out);
        encodeBody(body, out);
        out.endFrame(frame);
    }

    /**
     * Appends the reply to a sasl request, length included; a refusal is the one error with a body,
     * a null token (protocol 18.3).
     */
    public static void encodeSasl(int xid, KeeperError err, @Nullable Bytes token, JuteOutput out) {
        int frame = out.beginFrame();
        encodeHeader(xid, 0, err, out);
        out.writeBytes(token);
        out.endFrame(frame);
    }

    /** Appends a notification frame, length included. */
    public static void encodeEvent(long zxid, EventType type, String path, JuteOutput out) {
        int frame = out.beginFrame();
        encodeHeader(NOTIFICATION_XID, zxid, KeeperError.OK, out);
        out.writeInt(type.code());
        out.writeInt(SYNC_CONNECTED);
        out.writeString(path);
        out.endFrame(frame);
    }

    public static ReplyHeader decodeHeader(JuteInput in) throws MalformedException {
        return new ReplyHeader(in.readInt(), in.readLong(), in.readInt());
    }

    /** What follows a header with {@link #NOTIFICATION_XID}. */
    public static WatchEvent decodeEvent(JuteInput in) throws MalformedException {
        return new WatchEvent(in.readInt(), in.readInt(), in.readStringOrEmpty());
    }

    /**
     * What follows a header with err 0 in the reply to {@code op}.
     *
     * <p>The wire does not say of a failed multiRead entry what was asked: its op comes back as
     * MULTI_READ.
     */
    public static Response decodeBody(Op op, JuteInput in) throws MalformedException {
        return switch (op) {
            case CREATE, SYNC -> new Response.Path(in.readStringOrEmpty());
            case CREATE2, CREATE_CONTAINER, CREATE_TTL ->
                    new Response.PathStat(in.readStringOrEmpty(), StatCodec.decode(in));
            case EXISTS, SET_DATA, SET_ACL -> new Response.StatOnly(StatCodec.decode(in));
            case GET_DATA, RECONFIG -> new Response.Data(in.readBytes(), StatCodec.decode(in));
            case GET_ACL -> new Response.AclStat(AclCodec.decode(in), StatCodec.decode(in));
            case GET_CHILDREN -> new Response.Children(DecodedNames.decode(in), null);
            case GET_CHILDREN2 ->
                    new Response.Children(DecodedNames.decode(in), StatCodec.decode(in));
            case GET_ALL_CHILDREN_NUMBER, ADD_WATCH -> new Response.Count(in.readInt());
            case GET_EPHEMERALS -> new Response.Paths(decodePaths(in));
            case WHO_AM_I -> new Response.Identities(decodeIdentities(in));
            case MULTI -> decodeMulti(in);
            case MULTI_READ -> new Response.Multi(decodeResults(Op.MULTI_READ, in));
            case DELETE,
                    DELETE_CONTAINER,
                    CHECK,
                    CHECK_WATCHES,
                    REMOVE_WATCHES,
                    PING,
                    AUTH,
                    SASL,
                    SET_WATCHES,
                    SET_WATCHES2,
                    CREATE_SESSION,
                    CLOSE_SESSION ->
                    Response.Empty.INSTANCE;
        };
    }

    private static void encodeHeader(int xid, long zxid, KeeperError err, JuteOutput out) {
        out.writeInt(xid);
        out.writeLong(zxid);
        out.writeInt(err.code());
    }

    private static void encodeBody(Response body, JuteOutput out) {
        switch (body) {
            case Response.Empty _, Response.Failed _ -> {}
            case Response.Path path -> out.writeString(path.path());
            case Response.PathStat created -> {
                out.writeString(created.path());
                StatCodec.encode(created.stat(), out);
            }
            case Response.StatOnly only -> StatCodec.encode(only.stat(), out);
            case Response.Data data -> {
                out.writeBytes(data.data());
                StatCodec.encode(data.stat(), out);
            }
            case Response.AclStat acl -> {
                AclCodec.encode(acl.acl(), out);
                StatCodec.encode(acl.stat(), out);
            }
            case Response.Children children -> encodeChildren(children, out);
            case Response.Count count -> out.writeInt(count.count());
            case Response.Paths paths -> encodePaths(paths.paths(), out);
            case Response.Identities identities -> encodeIdentities(identities.ids(), out);
            case Response.Multi multi -> encodeMulti(multi, out);
            case Response.FailedMulti failed -> encodeFailedMulti(failed, out);
        }
    }

    private static void encodeChildren(Response.Children children, JuteOutput out) {
        ChildNames names = children.names();
        out.reserve(Math.toIntExact(names.utf8Bytes() + Integer.BYTES * (names.count() + 1L)));
        out.writeInt(names.count());
        names.forEach(out::writeBytes);
        if (children.stat() != null) {
            StatCodec.encode(children.stat(), out);
        }
    }

    private static void encodePaths(List<String> paths, JuteOutput out) {
        out.writeInt(paths.size());
        for (String path : paths) {
            out.writeString(path);
        }
    }

    private static List<String> decodePaths(JuteInput in) throws MalformedException {
        int count = in.readCount(STRING_BYTES_MIN);
        List<String> paths = new ArrayList<>(Math.max(0, count));
        for (int i = 0; i < count; i++) {
            paths.add(in.readStringOrEmpty());
        }
        return List.copyOf(paths);
    }

    private static void encodeIdentities(List<AuthId> ids, JuteOutput out) {
        out.writeInt(ids.size());
        for (AuthId id : ids) {
            out.writeString(id.scheme());
            out.writeString(id.id());
        }
    }

    private static List<AuthId> decodeIdentities(JuteInput in) throws MalformedException {
        int count = in.readCount(2 * STRING_BYTES_MIN);
        List<AuthId> ids = new ArrayList<>(Math.max(0, count));
        for (int i = 0; i < count; i++) {
            ids.add(new AuthId(in.readString(), in.readString()));
        }
        return List.copyOf(ids);
    }

    private static void encodeMulti(Response.Multi multi, JuteOutput out) {
        for (Response.OpResult result : multi.results()) {
            if (result.response() instanceof Response.Failed(KeeperError error)) {
                encodeFailedOp(error, out);
            } else {
                encodeMultiHeader(replyType(result.op()), false, KeeperError.OK.code(), out);
                encodeBody(result.response(), out);
            }
        }
        encodeMultiHeader(END_OF_MULTI, true, END_OF_MULTI, out);
    }

    /** Every create that answers with a Stat answers as create2 (protocol 5). */
    private static int replyType(Op op) {
        return switch (op) {
            case CREATE_CONTAINER, CREATE_TTL -> Op.CREATE2.code();
            default -> op.code();
        };
    }

    /** Each op's code: none before the failing one, RUNTIME_INCONSISTENCY after (protocol 5). */
    private static void encodeFailedMulti(Response.FailedMulti failed, JuteOutput out) {
        for (int i = 0; i < failed.ops(); i++) {
            if (i < failed.failedIndex()) {
                encodeFailedOp(KeeperError.OK, out);
            } else if (i == failed.failedIndex()) {
                encodeFailedOp(failed.error(), out);
            } else {
                encodeFailedOp(KeeperError.RUNTIME_INCONSISTENCY, out);
            }
        }
        encodeMultiHeader(END_OF_MULTI, true, END_OF_MULTI, out);
    }

    private static void encodeFailedOp(KeeperError error, JuteOutput out) {
        encodeMultiHeader(ERROR_TYPE, false, error.code(), out);
        out.writeInt(error.code());
    }

    private static void encodeMultiHeader(int type, boolean done, int err, JuteOutput out) {
        out.writeInt(type);
        out.writeBool(done);
        out.writeInt(err);
    }

    /** A multi with one failed op is a failed multi: nothing of it took effect. */
    private static Response decodeMulti(JuteInput in) throws MalformedException {
        List<Response.OpResult> results = decodeResults(Op.MULTI, in);
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).response() instanceof Response.Failed(KeeperError error)
                    && error != KeeperError.OK) {
                return new Response.FailedMulti(results.size(), i, error);
            }
        }
        return new Response.Multi(results);
    }

    private static List<Response.OpResult> decodeResults(Op opOfFailed, JuteInput in)
            throws MalformedException {
        List<Response.OpResult> results = new ArrayList<>();
        for (Response.OpResult result = decodeResult(opOfFailed, in);
                result != null;
                result = decodeResult(opOfFailed, in)) {
            results.add(result);
        }
        return List.copyOf(results);
    }

    /** Reads one entry of a multi's reply; null when it is the terminator. */
    private static Response.@Nullable OpResult decodeResult(Op opOfFailed, JuteInput in)
            throws MalformedException {
        int type = in.readInt();
        boolean done = in.readBool();
        in.readInt();
        if (done) {
            return null;
        }
        if (type == ERROR_TYPE) {
            return new Response.OpResult(opOfFailed, new Response.Failed(errorOf(in.readInt())));
        }
        Op op = Op.ofCode(type);
        if (op == null || op == Op.MULTI || op == Op.MULTI_READ) {
            throw new MalformedException("type " + type + " in a multi's reply");
        }
        return new Response.OpResult(op, decodeBody(op, in));
    }

    private static KeeperError errorOf(int code) throws MalformedException {
        for (KeeperError error : KeeperError.values()) {
            if (error.code() == code) {
                return error;
            }
        }
        throw new MalformedException("unknown error " + code);
    }
}
