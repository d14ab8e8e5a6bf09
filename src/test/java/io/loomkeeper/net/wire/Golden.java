package io.loomkeeper.net.wire;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.ChildNames;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.Stat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames that Apache's classes wrote, and the records that they stand for. */
final class Golden {
    static final Stat STAT = new Stat(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    static final Bytes HELLO = Bytes.utf8("hello");
    static final List<Acl> ACL =
            List.of(
                    new Acl(3, new AuthId("digest", "u:h")),
                    new Acl(31, new AuthId("ip", "10.0.0.0/8")));

    private Golden() {}

    /** A request frame: its xid and what is asked. */
    record Asked(int xid, Request request) {}

    /** A reply frame: the op it answers and what is said. */
    record Told(int xid, long zxid, Op op, Response response) {}

    static Map<String, byte[]> frames() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        Golden.class.getResourceAsStream("/wire/golden.hex")),
                                StandardCharsets.UTF_8))) {
            lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ", 2))
                    .forEach(line -> frames.put(line[0], HexFormat.of().parseHex(line[1])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return frames;
    }

    static Map<String, Asked> requests() {
        Map<String, Asked> asked = new LinkedHashMap<>();
        asked.put("create", new Asked(1, create(Op.CREATE, "/a", HELLO, 0, -1)));
        asked.put(
                "createNullData",
                new Asked(1, new Request.Create(Op.CREATE, "/a", null, Acl.OPEN, 0, -1)));
        asked.put("create2", new Asked(2, new Request.Create(Op.CREATE2, "/a", HELLO, ACL, 3, -1)));
        asked.put(
                "createContainer",
                new Asked(3, create(Op.CREATE_CONTAINER, "/c", Bytes.EMPTY, 4, -1)));
        asked.put("createTtl", new Asked(4, create(Op.CREATE_TTL, "/t", HELLO, 5, 60_000)));
        asked.put("delete", new Asked(5, new Request.Delete("/a", -1)));
        asked.put("exists", new Asked(6, new Request.Exists("/a", true)));
        asked.put("getData", new Asked(7, new Request.GetData("/a", false)));
        asked.put("setData", new Asked(8, new Request.SetData("/a", HELLO, 7)));
        asked.put("getAcl", new Asked(9, new Request.GetAcl("/a")));
        asked.put("setAcl", new Asked(10, new Request.SetAcl("/a", ACL, 2)));
        asked.put("getChildren", new Asked(11, new Request.GetChildren("/a", true, false)));
        asked.put("getChildren2", new Asked(12, new Request.GetChildren("/a", false, true)));
        asked.put("sync", new Asked(13, new Request.Sync("/a")));
        asked.put("ping", new Asked(-2, new Request.Ping()));
        asked.put("multi", new Asked(14, multi()));
        asked.put("multiEmpty", new Asked(14, new Request.Multi(List.of())));
        asked.put("multiRead", new Asked(15, multiRead()));
        asked.put("reconfig", new Asked(16, new Request.Reconfig("server.1=x", null, null, -1)));
        asked.put("checkWatches", new Asked(17, new Request.CheckWatches("/a", 1)));
        asked.put("removeWatches", new Asked(18, new Request.RemoveWatches("/a", 3)));
        asked.put("auth", new Asked(-4, new Request.Auth(0, "digest", Bytes.utf8("u:p"))));
        asked.put("setWatches", new Asked(-8, setWatches()));
        asked.put("setWatches2", new Asked(-8, setWatches2()));
        asked.put("sasl", new Asked(19, new Request.Sasl(Bytes.EMPTY)));
        asked.put("getEphemerals", new Asked(20, new Request.GetEphemerals("/a")));
        asked.put("getAllChildrenNumber", new Asked(21, new Request.GetAllChildrenNumber("/a")));
        asked.put("addWatch", new Asked(22, new Request.AddWatch("/a", 1)));
        asked.put("whoAmI", new Asked(23, new Request.WhoAmI()));
        asked.put("closeSession", new Asked(24, new Request.CloseSession()));
        return asked;
    }

    /** Replies without child names, which have no equality. */
    static Map<String, Told> replies() {
        Map<String, Told> told = new LinkedHashMap<>();
        told.put("replyPath", new Told(1, 0x100000002L, Op.CREATE, new Response.Path("/a")));
        told.put("replyPathStat", new Told(2, 3, Op.CREATE2, new Response.PathStat("/a", STAT)));
        told.put("replyEmpty", new Told(5, 3, Op.DELETE, Response.Empty.INSTANCE));
        told.put("replyStat", new Told(6, 3, Op.EXISTS, new Response.StatOnly(STAT)));
        told.put("replyData", new Told(7, 3, Op.GET_DATA, new Response.Data(HELLO, STAT)));
        told.put("replyNullData", new Told(7, 3, Op.GET_DATA, new Response.Data(null, STAT)));
        told.put("replyAcl", new Told(9, 3, Op.GET_ACL, new Response.AclStat(ACL, STAT)));
        told.put("replySync", new Told(13, 3, Op.SYNC, new Response.Path("/a")));
        told.put("replyPing", new Told(-2, 3, Op.PING, Response.Empty.INSTANCE));
        told.put("replyMulti", new Told(14, 3, Op.MULTI, multiReply()));
        told.put("replyMultiEmpty", new Told(14, 3, Op.MULTI, new Response.Multi(List.of())));
        told.put(
                "replyMultiFailed",
                new Told(14, 3, Op.MULTI, new Response.FailedMulti(3, 1, KeeperError.NO_NODE)));
        told.put(
                "replyEphemerals",
                new Told(20, 3, Op.GET_EPHEMERALS, new Response.Paths(List.of("/e1", "/e2"))));
        told.put("replyCount", new Told(21, 3, Op.GET_ALL_CHILDREN_NUMBER, new Response.Count(42)));
        told.put("replyAddWatch", new Told(22, 3, Op.ADD_WATCH, new Response.Count(0)));
        told.put(
                "replyWhoAmI",
                new Told(
                        23,
                        3,
                        Op.WHO_AM_I,
                        new Response.Identities(
                                List.of(
                                        new AuthId("ip", "127.0.0.1"),
                                        new AuthId("digest", "u")))));
        return told;
    }

    static byte[] encode(Asked asked) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        RequestCodec.encode(asked.xid(), asked.request(), out);
        return bytes(out);
    }

    static byte[] encode(Told told) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        ResponseCodec.encodeReply(told.xid(), told.zxid(), told.response(), out);
        return bytes(out);
    }

    static byte[] bytes(JuteOutput out) {
        byte[] bytes = new byte[out.position()];
        out.buffer().getBytes(0, bytes);
        return bytes;
    }

    /** Everything in a frame behind its length. */
    static JuteInput payload(byte[] frame) {
        return new JuteInput().wrap(new UnsafeBuffer(frame), 4, frame.length - 4);
    }

    static Asked decodeRequest(byte[] frame) throws MalformedException {
        UnsafeBuffer buffer = new UnsafeBuffer(frame);
        Op op = Objects.requireNonNull(Op.ofCode(RequestCodec.opCode(buffer, 4)));
        int bodyAt = 4 + RequestCodec.HEADER_BYTES;
        JuteInput in = new JuteInput().wrap(buffer, bodyAt, frame.length - bodyAt);
        return new Asked(RequestCodec.xid(buffer, 4), RequestCodec.decode(op, in));
    }

    static Told decodeReply(Op op, byte[] frame) throws MalformedException {
        JuteInput in = payload(frame);
        ResponseCodec.ReplyHeader header = ResponseCodec.decodeHeader(in);
        return new Told(header.xid(), header.zxid(), op, ResponseCodec.decodeBody(op, in));
    }

    static List<String> texts(ChildNames names) {
        List<String> texts = new ArrayList<>();
        names.forEach(
                (array, offset, length) ->
                        texts.add(new String(array, offset, length, StandardCharsets.UTF_8)));
        return texts;
    }

    static ChildNames names(String... names) {
        return new ChildNames() {
            @Override
            public int count() {
                return names.length;
            }

            @Override
            public long utf8Bytes() {
                long sum = 0;
                for (String name : names) {
                    sum += name.getBytes(StandardCharsets.UTF_8).length;
                }
                return sum;
            }

            @Override
            public void forEach(Visitor visitor) {
                for (String name : names) {
                    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
                    visitor.onName(bytes, 0, bytes.length);
                }
            }
        };
    }

    private static Request.Create create(Op op, String path, Bytes data, int flags, long ttlMs) {
        return new Request.Create(op, path, data, Acl.OPEN, flags, ttlMs);
    }

    private static Request.Multi multi() {
        return new Request.Multi(
                List.of(
                        create(Op.CREATE, "/m", HELLO, 0, -1),
                        create(Op.CREATE_TTL, "/t", HELLO, 5, 5000),
                        new Request.Delete("/d", 3),
                        new Request.SetData("/s", HELLO, -1),
                        new Request.Check("/k", 4)));
    }

    private static Request.MultiRead multiRead() {
        return new Request.MultiRead(
                List.of(
                        new Request.GetData("/g", false),
                        new Request.GetChildren("/h", false, false)));
    }

    private static Request.SetWatches setWatches() {
        return new Request.SetWatches(
                99, List.of("/d1", "/d2"), List.of(), List.of("/c"), List.of(), List.of());
    }

    private static Request.SetWatches setWatches2() {
        return new Request.SetWatches(
                99, List.of("/d1"), List.of("/e"), List.of("/c"), List.of("/p"), List.of("/r"));
    }

    private static Response.Multi multiReply() {
        return new Response.Multi(
                List.of(
                        new Response.OpResult(Op.CREATE, new Response.Path("/m")),
                        new Response.OpResult(Op.CREATE2, new Response.PathStat("/t", STAT)),
                        new Response.OpResult(Op.DELETE, Response.Empty.INSTANCE),
                        new Response.OpResult(Op.SET_DATA, new Response.StatOnly(STAT)),
                        new Response.OpResult(Op.CHECK, Response.Empty.INSTANCE)));
    }
}
