package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request put together field by field in jute's encoding (protocol 1). It checks nothing, since
 * half of what it is for are requests that no client would send.
 */
final class FrameOut {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    FrameOut int4(int value) {
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
        return this;
    }

    FrameOut long8(long value) {
        bytes.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
        return this;
    }

    FrameOut bool(boolean value) {
        bytes.write(value ? 1 : 0);
        return this;
    }

    FrameOut buffer(byte @Nullable [] value) {
        if (value == null) {
            return int4(-1);
        }
        return int4(value.length).raw(value);
    }

    FrameOut text(@Nullable String value) {
        return buffer(value == null ? null : value.getBytes(UTF_8));
    }

    FrameOut texts(List<String> values) {
        int4(values.size());
        values.forEach(this::text);
        return this;
    }

    FrameOut raw(byte[] value) {
        bytes.writeBytes(value);
        return this;
    }

    int size() {
        return bytes.size();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
