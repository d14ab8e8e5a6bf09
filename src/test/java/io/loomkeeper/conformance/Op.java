package io.loomkeeper.conformance;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.IntToLongFunction;

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
 * @param zxidBack how many of the client's steps ago the server showed that zxid
 */
record Op(int type, ByteBuffer frame, String text, boolean ends, int zxidAt, int zxidBack) {
    static final int SET_ACL = 7;
    static final int PING = 11;
    static final int MULTI = 14;
    static final int MULTI_READ = 22;
    static final int AUTH = 100;
    static final int CLOSE_SESSION = -11;

    /** Not 13: a check outside a multi is unknown since 3.9.3 (protocol 3). */
    private static final Set<Integer> KNOWN =
            Set.of(
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7,
                    8,
                    9,
                    11,
                    12,
                    14,
                    15,
                    16,
                    17,
                    18,
                    19,
                    20,
                    21,
                    22,
                    100,
                    101,
                    102,
                    103,
                    104,
                    105,
                    106,
                    107,
                    CLOSE_SESSION);

    /** What becomes a transaction, be it an error's. */
    private static final Set<Integer> WRITES =
            Set.of(1, 2, 5, SET_ACL, MULTI, 15, 16, 19, 20, 21, CLOSE_SESSION);

    static Op of(int type, FrameOut frame, String text) {
        return new Op(type, ByteBuffer.wrap(frame.bytes()), text, false, 0, 0);
    }

    Op ending() {
        return new Op(type, frame, text, true, zxidAt, zxidBack);
    }

    Op withZxid(int at, int back) {
        return new Op(type, frame, text, ends, at, back);
    }

    /**
     * The bytes for one server.
     *
     * @param zxidSeen what that server had shown this client so many steps ago
     */
    byte[] bytes(IntToLongFunction zxidSeen) {
        byte[] bytes = new byte[frame.remaining()];
        frame.duplicate().get(bytes);
        if (zxidAt > 0) {
            ByteBuffer.wrap(bytes).putLong(zxidAt, zxidSeen.applyAsLong(zxidBack));
        }
        return bytes;
    }

    /** Whether the zxid of its reply is that of a transaction of its own. */
    boolean isWrite() {
        return WRITES.contains(type);
    }

    /**
     * Whether no server knows the opcode. Apache answers and closes, Loomkeeper answers and goes on
     * (docs/divergence.md); so here the client hangs up once it has the answer.
     */
    boolean isUnknown() {
        return !KNOWN.contains(type);
    }

    /**
     * Whether nothing may be pipelined behind it. While a setACL is on its way to Apache's tree,
     * Apache judges writes by the old ACL or by the new one, as its threads happen to run.
     */
    boolean goesLast() {
        return ends || isUnknown() || type == SET_ACL;
    }
}
