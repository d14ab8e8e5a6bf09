package io.loomkeeper.net.wire;

import io.loomkeeper.tree.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The first packet of each direction (protocol 2.2 and 2.3); neither has a header.
 *
 * <pre>
 *   ConnectRequest                       ConnectResponse
 *   int     protocolVersion  (0)         int     protocolVersion  (0)
 *   long    lastZxidSeen                 int     timeOut     ms; 0 = the session is no more
 *   int     timeOut          ms          long    sessionId   0 = the session is no more
 *   long    sessionId        0 = new     buffer  passwd      16 bytes
 *   buffer  passwd                       bool    readOnly    only if the request had its own
 *   bool    readOnly         optional
 * </pre>
 */
public final class Handshake {
    /** Length of a session's password. */
    public static final int PASSWD_BYTES = 16;

    private static final Bytes NO_PASSWD = Bytes.of(new byte[PASSWD_BYTES]);

    private Handshake() {}

    /**
     * What a client opens with.
     *
     * @param sessionId of the session to take up again, 0 for a new one
     * @param readOnly whether a server in read-only mode will do; null when the client is too old
     *     to say, and its answer must then not carry the flag either
     */
    public record ConnectRequest(
            long lastZxidSeen,
            int timeoutMs,
            long sessionId,
            @Nullable Bytes passwd,
            @Nullable Boolean readOnly) {}

    /**
     * What a server answers.
     *
     * @param timeoutMs the negotiated one
     * @param readOnly whether this server is in read-only mode; null when the request had no flag
     */
    public record ConnectResponse(
            int timeoutMs, long sessionId, Bytes passwd, @Nullable Boolean readOnly) {

        /** Says that there is no such session, or not with that password. */
        public static ConnectResponse invalid(@Nullable Boolean readOnly) {
            return new ConnectResponse(0, 0, NO_PASSWD, readOnly);
        }
    }

    /** Decodes the payload of the frame. */
    public static ConnectRequest decodeRequest(JuteInput in) throws MalformedException {
        in.readInt();
        return new ConnectRequest(
                in.readLong(), in.readInt(), in.readLong(), in.readBytes(), decodeFlag(in));
    }

    /** Appends the frame, length included. */
    public static void encodeRequest(ConnectRequest request, JuteOutput out) {
        int frame = out.beginFrame();
        out.writeInt(0);
        out.writeLong(request.lastZxidSeen());
        out.writeInt(request.timeoutMs());
        out.writeLong(request.sessionId());
        out.writeBytes(request.passwd());
        encodeFlag(request.readOnly(), out);
        out.endFrame(frame);
    }

    /** Decodes the payload of the frame. */
    public static ConnectResponse decodeResponse(JuteInput in) throws MalformedException {
        in.readInt();
        int timeoutMs = in.readInt();
        long sessionId = in.readLong();
        Bytes passwd = in.readBytes();
        return new ConnectResponse(
                timeoutMs, sessionId, passwd == null ? Bytes.EMPTY : passwd, decodeFlag(in));
    }

    /** Appends the frame, length included. */
    public static void encodeResponse(ConnectResponse response, JuteOutput out) {
        int frame = out.beginFrame();
        out.writeInt(0);
        out.writeInt(response.timeoutMs());
        out.writeLong(response.sessionId());
        out.writeBytes(response.passwd());
        encodeFlag(response.readOnly(), out);
        out.endFrame(frame);
    }

    private static @Nullable Boolean decodeFlag(JuteInput in) throws MalformedException {
        return in.remaining() == 0 ? null : Boolean.valueOf(in.readBool());
    }

    private static void encodeFlag(@Nullable Boolean flag, JuteOutput out) {
        if (flag != null) {
            out.writeBool(flag);
        }
    }
}
