package io.loomkeeper.bench;

import io.loomkeeper.net.wire.JuteOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.ExpandableArrayBuffer;

/**
 * Request frames as templates, encoded once before a load begins.
 *
 * <p>A path that ends in {@link Template#NUMBER} can be given another number in each request.
 */
final class Frames {
    static final int PERSISTENT = 0;
    static final int EPHEMERAL = 1;

    static final int CREATE = 1;
    static final int DELETE = 2;
    static final int EXISTS = 3;
    static final int GET_DATA = 4;
    static final int SET_DATA = 5;
    static final int GET_CHILDREN = 8;
    static final int SYNC = 9;
    static final int PING = 11;
    static final int MULTI = 14;
    static final int CLOSE_SESSION = -11;

    static final int NOTIFICATION_XID = -1;

    private static final int ANY_VERSION = -1;
    private static final int ALL_PERMS = 31;
    private static final int PASSWD_BYTES = 16;

    private final JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
    private final List<Integer> numbersAt = new ArrayList<>();

    private Frames() {}

    static Template create(String path, byte[] value, int flags) {
        Frames frame = begin(CREATE);
        frame.path(path);
        frame.out.writeBytes(value, 0, value.length);
        frame.out.writeInt(1);
        frame.out.writeInt(ALL_PERMS);
        frame.out.writeString("world");
        frame.out.writeString("anyone");
        frame.out.writeInt(flags);
        return frame.end();
    }

    static Template delete(String path) {
        Frames frame = begin(DELETE);
        frame.path(path);
        frame.out.writeInt(ANY_VERSION);
        return frame.end();
    }

    static Template setData(String path, byte[] value) {
        Frames frame = begin(SET_DATA);
        frame.setDataBody(path, value);
        return frame.end();
    }

    static Template getData(String path, boolean watch) {
        return read(GET_DATA, path, watch);
    }

    static Template exists(String path) {
        return read(EXISTS, path, false);
    }

    static Template getChildren(String path) {
        return read(GET_CHILDREN, path, false);
    }

    static Template sync(String path) {
        Frames frame = begin(SYNC);
        frame.path(path);
        return frame.end();
    }

    /** {@code count} times setData; each path is patched by itself. */
    static Template multiSetData(String path, byte[] value, int count) {
        Frames frame = begin(MULTI);
        for (int i = 0; i < count; i++) {
            frame.multiHeader(SET_DATA, false);
            frame.setDataBody(path, value);
        }
        frame.multiHeader(-1, true);
        return frame.end();
    }

    static Template closeSession() {
        return begin(CLOSE_SESSION).end();
    }

    /** The first frame of a new session. It has no xid: to be written as it is. */
    static byte[] connect(int timeoutMs) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        int frame = out.beginFrame();
        out.writeInt(0);
        out.writeLong(0);
        out.writeInt(timeoutMs);
        out.writeLong(0);
        out.writeBytes(new byte[PASSWD_BYTES], 0, PASSWD_BYTES);
        out.writeBool(false);
        out.endFrame(frame);
        return bytesOf(out);
    }

    /** Bytes that do not compress, the same in every run. */
    static byte[] value(int length) {
        byte[] value = new byte[length];
        new SplittableRandom(length).nextBytes(value);
        return value;
    }

    private static Template read(int type, String path, boolean watch) {
        Frames frame = begin(type);
        frame.path(path);
        frame.out.writeBool(watch);
        return frame.end();
    }

    private static Frames begin(int type) {
        Frames frame = new Frames();
        int start = frame.out.beginFrame();
        assert start == 0 : start;
        frame.out.writeInt(0);
        frame.out.writeInt(type);
        return frame;
    }

    private Template end() {
        out.endFrame(0);
        return new Template(bytesOf(out), numbersAt.stream().mapToInt(Integer::intValue).toArray());
    }

    private void path(String path) {
        out.writeString(path);
        if (path.endsWith(Template.NUMBER)) {
            numbersAt.add(out.position() - Template.NUMBER.length());
        }
    }

    private void setDataBody(String path, byte[] value) {
        path(path);
        out.writeBytes(value, 0, value.length);
        out.writeInt(ANY_VERSION);
    }

    private void multiHeader(int type, boolean done) {
        out.writeInt(type);
        out.writeBool(done);
        out.writeInt(-1);
    }

    private static byte[] bytesOf(JuteOutput out) {
        byte[] bytes = new byte[out.position()];
        out.buffer().getBytes(0, bytes);
        return bytes;
    }
}
