package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;

/** The templates are, byte for byte, what the codec of requests writes. */
final class FramesTest {
    private static final int XID = 0x12345678;
    private static final byte[] VALUE = Frames.value(100);

    @Test
    void createIsTheCodecs() {
        assertSame(create("/a/b", VALUE, 0), Frames.create("/a/b", VALUE, Frames.PERSISTENT));
        assertSame(
                create("/a/e", new byte[0], 1),
                Frames.create("/a/e", new byte[0], Frames.EPHEMERAL));
    }

    @Test
    void writesAreTheCodecs() {
        assertSame(new Request.SetData("/a", Bytes.of(VALUE), -1), Frames.setData("/a", VALUE));
        assertSame(new Request.Delete("/a", -1), Frames.delete("/a"));
        assertSame(new Request.CloseSession(), Frames.closeSession());
    }

    @Test
    void readsAreTheCodecs() {
        assertSame(new Request.GetData("/a", false), Frames.getData("/a", false));
        assertSame(new Request.GetData("/a", true), Frames.getData("/a", true));
        assertSame(new Request.Exists("/a", false), Frames.exists("/a"));
        assertSame(new Request.GetChildren("/a", false, false), Frames.getChildren("/a"));
    }

    @Test
    void multiIsTheCodecs() {
        Request.Write set = new Request.SetData("/a", Bytes.of(VALUE), -1);

        assertSame(new Request.Multi(List.of(set, set, set)), Frames.multiSetData("/a", VALUE, 3));
    }

    @Test
    void handshakeIsTheCodecs() {
        byte[] wanted =
                bytes(
                        out ->
                                Handshake.encodeRequest(
                                        new Handshake.ConnectRequest(
                                                0, 40_000, 0, Bytes.of(new byte[16]), false),
                                        out));

        assertArrayEquals(wanted, Frames.connect(40_000));
    }

    @Test
    void numberEndsThePath() {
        Template template = Frames.setData("/a/n" + Template.NUMBER, VALUE);
        ByteBuffer out = ByteBuffer.allocate(1000).put((byte) 7);

        template.append(out, XID);
        template.patch(out, 0, 1_234_567);

        byte[] wanted = encoded(new Request.SetData("/a/n01234567", Bytes.of(VALUE), -1));
        assertEquals(wanted.length, out.position() - 1);
        assertEquals(ByteBuffer.wrap(wanted), out.slice(1, wanted.length));
    }

    @Test
    void eachPathOfAMultiHasItsNumber() {
        Template template = Frames.multiSetData("/n" + Template.NUMBER, VALUE, 2);
        ByteBuffer out = ByteBuffer.allocate(1000);

        template.append(out, XID);
        template.patch(out, 0, 5);
        template.patch(out, 1, 99_999_999);

        Request.Write first = new Request.SetData("/n00000005", Bytes.of(VALUE), -1);
        Request.Write second = new Request.SetData("/n99999999", Bytes.of(VALUE), -1);
        byte[] wanted = encoded(new Request.Multi(List.of(first, second)));
        assertEquals(2, template.numbers());
        assertEquals(ByteBuffer.wrap(wanted), out.flip());
    }

    private static void assertSame(Request wanted, Template template) {
        ByteBuffer out = ByteBuffer.allocate(template.length());
        template.append(out, XID);
        assertArrayEquals(encoded(wanted), out.array());
        assertEquals(0, template.numbers());
    }

    private static Request create(String path, byte[] value, int flags) {
        return new Request.Create(Op.CREATE, path, Bytes.of(value), Acl.OPEN, flags, -1);
    }

    private static byte[] encoded(Request request) {
        return bytes(out -> RequestCodec.encode(XID, request, out));
    }

    private static byte[] bytes(Consumer<JuteOutput> encoder) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        encoder.accept(out);
        byte[] bytes = new byte[out.position()];
        out.buffer().getBytes(0, bytes);
        return bytes;
    }
}
