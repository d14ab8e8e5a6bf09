package io.loomkeeper.net.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The packet by which servers authenticate to each other (protocol 18.4). It has no length before
 * it; the server that has dialled sends the first one.
 *
 * <pre>
 *   long   magic, -0xa0dbcafecafe1234
 *   int    status: 0 goes on, 1 success, -1 error
 *   buffer token: int length, -1 for none, then so many bytes
 * </pre>
 */
public final class QuorumAuthCodec {
    public static final long MAGIC = -0xa0dbcafecafe1234L;

    /** Bytes of the magic. */
    public static final int MAGIC_BYTES = Long.BYTES;

    /** Bytes of status and length, which follow the magic. */
    public static final int REST_BYTES = 2 * Integer.BYTES;

    /** A Kerberos ticket has some kilobytes, at most. */
    public static final int TOKEN_BYTES_MAX = 64 << 10;

    public static final int GOES_ON = 0;
    public static final int SUCCESS = 1;
    public static final int ERROR = -1;

    private QuorumAuthCodec() {}

    /** A whole packet. */
    public static byte[] encode(int status, byte @Nullable [] token) {
        int length = token == null ? 0 : token.length;
        ByteBuffer packet = ByteBuffer.allocate(MAGIC_BYTES + REST_BYTES + length);
        packet.putLong(MAGIC).putInt(status).putInt(token == null ? -1 : length);
        if (token != null) {
            packet.put(token);
        }
        return packet.array();
    }

    /** The first bytes of a packet say whether it is one. */
    public static boolean isMagic(byte[] first) {
        return ByteBuffer.wrap(first).getLong() == MAGIC;
    }

    /** The status in the {@value #REST_BYTES} bytes behind the magic. */
    public static int status(byte[] rest) {
        return ByteBuffer.wrap(rest).getInt();
    }

    /**
     * The token's length in the same bytes; 0 when there is none.
     *
     * @throws MalformedException when it is longer than any token
     */
    public static int tokenBytes(byte[] rest) throws MalformedException {
        int length = ByteBuffer.wrap(rest).getInt(Integer.BYTES);
        if (length < -1 || length > TOKEN_BYTES_MAX) {
            throw new MalformedException("authentication token of " + length + " bytes");
        }
        return Math.max(0, length);
    }
}
