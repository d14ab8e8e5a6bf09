package io.loomkeeper.net.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;

class GoldenFramesTest {
    private static final Map<String, byte[]> FRAMES = Golden.frames();

    @Test
    void requestsEncodeAsApacheEncodesThem() {
        Golden.requests()
                .forEach((name, asked) -> assertHex(frame(name), Golden.encode(asked), name));
    }

    @Test
    void requestsDecodeToWhatApacheMeant() throws MalformedException {
        for (Map.Entry<String, Golden.Asked> entry : Golden.requests().entrySet()) {
            Golden.Asked decoded = Golden.decodeRequest(frame(entry.getKey()));
            assertEquals(entry.getValue(), decoded, entry.getKey());
        }
    }

    @Test
    void repliesEncodeAsApacheEncodesThem() {
        Golden.replies().forEach((name, told) -> assertHex(frame(name), Golden.encode(told), name));
    }

    @Test
    void repliesDecodeToWhatApacheMeant() throws MalformedException {
        for (Map.Entry<String, Golden.Told> entry : Golden.replies().entrySet()) {
            Golden.Told told = entry.getValue();
            assertEquals(told, Golden.decodeReply(told.op(), frame(entry.getKey())));
        }
    }

    @Test
    void everyFrameIsKnownToATest() {
        List<String> others =
                FRAMES.keySet().stream()
                        .filter(name -> !Golden.requests().containsKey(name))
                        .filter(name -> !Golden.replies().containsKey(name))
                        .toList();
        assertEquals(
                List.of(
                        "connect",
                        "connected",
                        "createNonBmp",
                        "replyChildren",
                        "replyChildren2",
                        "replyMultiRead",
                        "replyNoNode",
                        "event"),
                others);
    }

    @Test
    void charactersBeyondTheBasicPlaneLeaveAsTwoSurrogates() {
        Request create = new Request.Create(Op.CREATE, "/aé€😀", Bytes.EMPTY, Acl.OPEN, 0, -1);
        assertHex(
                frame("createNonBmp"), Golden.encode(new Golden.Asked(1, create)), "createNonBmp");
    }

    @Test
    void childNamesEncodeAndDecode() throws MalformedException {
        Response.Children children = new Response.Children(Golden.names("x", "yy"), null);
        assertHex(
                frame("replyChildren"),
                Golden.encode(new Golden.Told(11, 3, Op.GET_CHILDREN, children)),
                "replyChildren");
        Response.Children decoded =
                assertInstanceOf(
                        Response.Children.class,
                        Golden.decodeReply(Op.GET_CHILDREN, frame("replyChildren")).response());
        assertEquals(List.of("x", "yy"), Golden.texts(decoded.names()));
        assertEquals(3, decoded.names().utf8Bytes());
        assertNull(decoded.stat());
    }

    @Test
    void childNamesWithStatEncodeAndDecode() throws MalformedException {
        Response.Children children = new Response.Children(Golden.names("x", "yy"), Golden.STAT);
        assertHex(
                frame("replyChildren2"),
                Golden.encode(new Golden.Told(12, 3, Op.GET_CHILDREN2, children)),
                "replyChildren2");
        Response.Children decoded =
                assertInstanceOf(
                        Response.Children.class,
                        Golden.decodeReply(Op.GET_CHILDREN2, frame("replyChildren2")).response());
        assertEquals(Golden.STAT, decoded.stat());
    }

    @Test
    void multiReadAnswersEachOpByItself() throws MalformedException {
        Response.Multi multi =
                new Response.Multi(
                        List.of(
                                new Response.OpResult(
                                        Op.GET_DATA, new Response.Data(Golden.HELLO, Golden.STAT)),
                                new Response.OpResult(
                                        Op.GET_CHILDREN,
                                        new Response.Children(Golden.names("x"), null)),
                                new Response.OpResult(
                                        Op.GET_DATA, new Response.Failed(KeeperError.NO_NODE))));
        assertHex(
                frame("replyMultiRead"),
                Golden.encode(new Golden.Told(15, 3, Op.MULTI_READ, multi)),
                "replyMultiRead");
        Response.Multi decoded =
                assertInstanceOf(
                        Response.Multi.class,
                        Golden.decodeReply(Op.MULTI_READ, frame("replyMultiRead")).response());
        assertEquals(
                List.of(Op.GET_DATA, Op.GET_CHILDREN, Op.MULTI_READ),
                decoded.results().stream().map(Response.OpResult::op).toList());
        assertEquals(new Response.Failed(KeeperError.NO_NODE), decoded.results().get(2).response());
    }

    @Test
    void containerAndTtlCreatesInAMultiAnswerAsCreate2() {
        for (Op op : List.of(Op.CREATE_CONTAINER, Op.CREATE_TTL)) {
            assertArrayEquals(
                    Golden.encode(new Golden.Told(1, 1, Op.MULTI, multiOfOne(Op.CREATE2))),
                    Golden.encode(new Golden.Told(1, 1, Op.MULTI, multiOfOne(op))));
        }
    }

    @Test
    void failedRepliesHaveNoBody() {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        ResponseCodec.encodeReply(7, 3, new Response.Failed(KeeperError.NO_NODE), out);
        assertHex(frame("replyNoNode"), Golden.bytes(out), "replyNoNode");
    }

    @Test
    void notificationsCarryTheZxidOfTheirTransaction() throws MalformedException {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        ResponseCodec.encodeEvent(0x100000002L, EventType.NODE_CHILDREN_CHANGED, "/a", out);
        assertHex(frame("event"), Golden.bytes(out), "event");
        JuteInput in = Golden.payload(frame("event"));
        assertEquals(
                new ResponseCodec.ReplyHeader(-1, 0x100000002L, 0), ResponseCodec.decodeHeader(in));
        assertEquals(new ResponseCodec.WatchEvent(4, 3, "/a"), ResponseCodec.decodeEvent(in));
    }

    @Test
    void failedMultiMatchesTheRecordedVector() {
        byte[] frame = frame("replyMultiFailed");
        assertEquals(
                "ffffffff000000000000000000"
                        + "ffffffff00ffffff9bffffff9b"
                        + "ffffffff00fffffffefffffffe"
                        + "ffffffff01ffffffff",
                HexFormat.of().formatHex(frame, 4 + 16, frame.length));
    }

    private static Response.Multi multiOfOne(Op op) {
        return new Response.Multi(
                List.of(new Response.OpResult(op, new Response.PathStat("/c", Golden.STAT))));
    }

    private static byte[] frame(String name) {
        byte[] frame = FRAMES.get(name);
        assertNotNull(frame, name);
        return frame;
    }

    private static void assertHex(byte[] expected, byte[] actual, String name) {
        assertEquals(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(actual), name);
    }
}
