package io.loomkeeper.bench;

import java.nio.ByteBuffer;

/**
 * The bytes of one request frame with holes: the xid, and the digits in which its paths end.
 *
 * <pre>
 *   0  int length
 *   4  int xid          patched
 *   8  int type
 *  12  body             in it, per numbered path, 8 digits patched
 * </pre>
 */
final class Template {
    /** How the path of a template ends when a number is to be put there. */
    static final String NUMBER = "00000000";

    static final int NUMBER_LIMIT = 100_000_000;

    private static final int XID_AT = 4;

    private final byte[] frame;
    private final int[] numbersAt;

    /** Takes over both arrays. */
    Template(byte[] frame, int[] numbersAt) {
        this.frame = frame;
        this.numbersAt = numbersAt;
    }

    int length() {
        return frame.length;
    }

    /** How many of its paths end in a number. */
    int numbers() {
        return numbersAt.length;
    }

    /** Appends the frame; the numbers are those of the template until patched. */
    void append(ByteBuffer out, int xid) {
        int start = out.position();
        out.put(frame);
        out.putInt(start + XID_AT, xid);
    }

    /** Puts {@code number} into the {@code index}th path of the frame that was appended last. */
    void patch(ByteBuffer out, int index, int number) {
        int start = out.position() - frame.length;
        int first = start + numbersAt[index];
        int rest = number;
        for (int at = first + NUMBER.length() - 1; at >= first; at--) {
            out.put(at, (byte) ('0' + rest % 10));
            rest /= 10;
        }
    }
}
