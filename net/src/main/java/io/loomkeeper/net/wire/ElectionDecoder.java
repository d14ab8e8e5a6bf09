package io.loomkeeper.net.wire;

import io.loomkeeper.zab.Notification;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a hello and notifications of the bytes that come on the election port, however they are cut
 * (layouts: {@link ElectionHello}, {@link NotificationCodec}).
 *
 * <p>Holds no more than twice what has arrived and is not consumed. After a MalformedException it
 * is of no further use. One thread.
 */
public final class ElectionDecoder {
    private final InboundBytes bytes = new InboundBytes();
    private final JuteInput frame = new JuteInput();

    /** Takes bytes that have arrived, by copying them. */
    public void receive(DirectBuffer source, int offset, int length) {
        bytes.append(source, offset, length);
    }

    /** What the initiator of a connection says first; null when that is not all there yet. */
    public @Nullable ElectionHello hello() throws MalformedException {
        int start = bytes.start();
        Integer length = ElectionHello.lengthAt(bytes.buffer(), start, bytes.available());
        if (length == null) {
            return null;
        }
        bytes.consume(length);
        return ElectionHello.decode(bytes.buffer(), start, length);
    }

    /** The next notification; null when that is not all there yet. */
    public @Nullable Notification next() throws MalformedException {
        if (bytes.available() < Integer.BYTES) {
            return null;
        }
        int start = bytes.start();
        int length = bytes.buffer().getInt(start, ByteOrder.BIG_ENDIAN);
        if (length < 1 || length > NotificationCodec.FRAME_BYTES_MAX) {
            throw new MalformedException("notification of " + length + " bytes");
        }
        if (bytes.available() - Integer.BYTES < length) {
            return null;
        }
        bytes.consume(Integer.BYTES + length);
        return NotificationCodec.decode(frame.wrap(bytes.buffer(), start + Integer.BYTES, length));
    }
}
