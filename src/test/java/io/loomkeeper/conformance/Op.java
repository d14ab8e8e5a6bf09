package io.loomkeeper.conformance;

import java.nio.ByteBuffer;

/**
 * One request as it goes over the wire.
 *
 * @param type the opcode
 * @param frame header and body, without the length
 * @param text for people
 * @param ends whether the server is expected to close the connection after it; nothing may be
 *     pipelined behind it
 * @param zxidAt where in the frame a zxid stands that means something only to one server; 0 for
 *     nowhere
 * @param zxidBack how far that zxid lies before the last one that the server has shown this client
 */
record Op(int type, ByteBuffer frame, String text, boolean ends, int zxidAt, long zxidBack) {
    static final int SET_ACL = 7;
    static final int PING = 11;
    static final int MULTI = 14;
    static final int MULTI_READ = 22;
    static final int AUTH = 100;
    static final int CLOSE_SESSION = -11;

    static Op of(int type, FrameOut frame, String text) {
        return new Op(type, ByteBuffer.wrap(frame.bytes()), text, false, 0, 0);
    }

    Op ending() {
        return new Op(type, frame, text, true, zxidAt, zxidBack);
    }

    Op withZxid(int at, long back) {
        return new Op(type, frame, text, ends, at, back);
    }

    /** The bytes for one server, which last showed this client {@code lastZxid}. */
    byte[] bytes(long lastZxid) {
        byte[] bytes = new byte[frame.remaining()];
        frame.duplicate().get(bytes);
        if (zxidAt > 0) {
            ByteBuffer.wrap(bytes).putLong(zxidAt, lastZxid - zxidBack);
        }
        return bytes;
    }

    /** The reply to a request with this xid (WIRE.md 2.7: a ping's is always −2). */
    int replyXid() {
        return type == PING ? -2 : frame.getInt(0);
    }

    /**
     * Whether nothing may be pipelined behind it. While a setACL is on its way to Apache's tree,
     * Apache judges writes by the old ACL or by the new one, as its threads happen to run.
     */
    boolean goesLast() {
        return ends || type == SET_ACL;
    }
}
