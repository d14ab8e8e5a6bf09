package io.loomkeeper.net.wire;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What has come from one stream and is not consumed yet, in one piece.
 *
 * <pre>
 *   0            start           end                 capacity
 *   | consumed   | received      | room              |
 * </pre>
 *
 * <p>It doubles when what was received fills it, never because of a length that was only announced,
 * and becomes small again when all is consumed.
 */
final class InboundBytes {
    private static final int QUIET_BYTES = 512;
    private static final int KEPT_BYTES_MAX = 256 << 10;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private byte[] array = new byte[QUIET_BYTES];
    private int start;
    private int end;

    InboundBytes() {
        buffer.wrap(array);
    }

    /** Where it lies; another buffer's content after each {@link #append}. */
    DirectBuffer buffer() {
        return buffer;
    }

    /** Index of the first byte that is not consumed. */
    int start() {
        return start;
    }

    int available() {
        return end - start;
    }

    int capacity() {
        return array.length;
    }

    void append(DirectBuffer source, int offset, int length) {
        if (start == end) {
            start = 0;
            end = 0;
            if (array.length > KEPT_BYTES_MAX) {
                replace(new byte[QUIET_BYTES], 0);
            }
        }
        if (length > array.length - end) {
            makeRoom(length);
        }
        source.getBytes(offset, array, end, length);
        end += length;
    }

    void consume(int length) {
        assert length >= 0 && length <= available() : length;
        start += length;
    }

    private void makeRoom(int length) {
        int received = available();
        int needed = Math.addExact(received, length);
        // compacting costs what is received, so only when at least as much was consumed
        boolean fits = needed <= array.length && received <= array.length / 2;
        replace(fits ? array : new byte[Math.max(needed, doubled())], received);
    }

    private int doubled() {
        return (int) Math.min(2L * array.length, Integer.MAX_VALUE - Long.BYTES);
    }

    private void replace(byte[] target, int received) {
        System.arraycopy(array, start, target, 0, received);
        array = target;
        buffer.wrap(target);
        start = 0;
        end = received;
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.copyOfRange(array, start, Math.min(end, start + 32)));
    }
}
