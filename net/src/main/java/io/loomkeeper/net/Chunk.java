package io.loomkeeper.net;

import io.loomkeeper.net.wire.JuteOutput;
import java.nio.ByteBuffer;
import org.agrona.ExpandableArrayBuffer;

/** Some encoded frames on their way to one socket; grows while it is filled, then is written. */
final class Chunk {
    private final ExpandableArrayBuffer buffer;
    private final JuteOutput out;
    private ByteBuffer view = ByteBuffer.allocate(0);
    private int sent;

    Chunk(int capacity) {
        buffer = new ExpandableArrayBuffer(capacity);
        out = new JuteOutput(buffer);
    }

    JuteOutput out() {
        return out;
    }

    int length() {
        return out.position();
    }

    int capacity() {
        return buffer.capacity();
    }

    void clear() {
        out.position(0);
        sent = 0;
    }

    /** How much of it has left. */
    int sent() {
        return sent;
    }

    /** So many bytes more have left. */
    void onSent(int bytes) {
        sent += bytes;
        assert sent <= length() : sent;
    }

    byte[] array() {
        return buffer.byteArray();
    }

    /** What has not left yet, to be read; good until more is written. */
    ByteBuffer content() {
        if (view.array() != buffer.byteArray()) {
            view = ByteBuffer.wrap(buffer.byteArray());
        }
        return view.clear().position(sent).limit(out.position());
    }
}
