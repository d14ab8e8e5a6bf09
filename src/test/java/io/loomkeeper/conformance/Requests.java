package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Random requests of every opcode that protocol 3 lists, well formed and not. */
final class Requests {
    private static final Map<Integer, String> READS =
            Map.of(3, "exists ", 4, "getData ", 8, "getChildren ", 12, "getChildren2 ");

    private final Vocabulary words;
    private int xid;

    Requests(Vocabulary words) {
        this.words = words;
    }

    private FrameOut header(int type) {
        xid++;
        return new FrameOut().int4(xid).int4(type);
    }

    /**
     * Any request at all that may stand in a pipeline. Below a prefix it has no effect elsewhere,
     * and can be decoded, since Apache does not count a write that cannot.
     */
    Op any() {
        boolean isCut = words.prefix().isEmpty() && words.oneIn(400);
        return isCut ? cut(sound()) : sound();
    }

    private Op sound() {
        int kind = words.below(100);
        if (kind < 24) {
            return create(words.newPath());
        }
        if (kind < 34) {
            return delete(words.anyPath());
        }
        if (kind < 44) {
            return setData(words.anyPath());
        }
        if (kind < 66) {
            return read(List.of(3, 4, 8, 12), words.anyPath(), words.oneIn(3));
        }
        if (kind < 76) {
            return multi();
        }
        return kind < 86 ? watching() : rare();
    }

    private Op rare() {
        return switch (words.below(14)) {
            case 0 -> words.oneIn(2) ? setAcl(words.anyPath()) : path(9, "sync", words.anyPath());
            case 1, 2, 3 -> path(6, "getACL", words.anyPath());
            case 4 -> path(9, "sync", words.anyPath());
            case 5 -> Op.of(Op.PING, new FrameOut().int4(-2).int4(Op.PING), "ping");
            case 6, 7 ->
                    path(
                            103,
                            "getEphemerals",
                            words.oneIn(3) ? words.prefix() + "/" : words.anyPath());
            case 8 ->
                    path(
                            104,
                            "getAllChildrenNumber",
                            words.prefix().isEmpty() && words.oneIn(6) ? "/" : words.anyPath());
            case 9 -> Op.of(107, header(107), "whoAmI");
            case 10, 11 -> multiRead();
            case 12 -> reconfig();
            default -> withTail(read(List.of(3, 4, 8), words.path(), false));
        };
    }

    Op create(@Nullable String path) {
        int type = words.oneIn(12) ? 21 : words.oneIn(12) ? 19 : words.oneIn(2) ? 1 : 15;
        FrameOut out = header(type);
        return Op.of(type, out, createBody(out, type, path, true));
    }

    /** Opcode and flag agree (protocol 3.1), or the flag is none at all. */
    private String createBody(FrameOut out, int type, @Nullable String path, boolean isAlone) {
        int flags =
                switch (type) {
                    case 19 -> 4;
                    case 21 -> 5 + words.below(2);
                    default -> words.oneIn(3) ? words.below(4) : 0;
                };
        flags = words.oneIn(80) ? List.of(7, -1, 100).get(words.below(3)) : flags;
        byte[] data = words.data();
        words.acl(out.text(path).buffer(data), isAlone).int4(flags);
        if (type == 21) {
            out.long8(words.ttl());
        }
        String length = data == null ? "null" : data.length + " bytes";
        return "create(" + type + ") " + shown(path) + " flags=" + flags + " data=" + length;
    }

    private Op delete(@Nullable String path) {
        int version = words.version();
        FrameOut out = header(2).text(path).int4(version);
        return Op.of(2, out, "delete " + shown(path) + " version=" + version);
    }

    private Op setData(@Nullable String path) {
        int version = words.version();
        FrameOut out = header(5).text(path).buffer(words.data()).int4(version);
        return Op.of(5, out, "setData " + shown(path) + " version=" + version);
    }

    private Op setAcl(@Nullable String path) {
        int version = words.version();
        FrameOut out = words.acl(header(7).text(path), true).int4(version);
        return Op.of(7, out, "setACL " + shown(path) + " version=" + version);
    }

    private Op read(List<Integer> types, @Nullable String path, boolean watch) {
        int type = words.pick(types);
        FrameOut out = header(type).text(path).bool(watch);
        return Op.of(type, out, READS.get(type) + shown(path) + (watch ? " watch" : ""));
    }

    private Op path(int type, String name, @Nullable String path) {
        return Op.of(type, header(type).text(path), name + " " + shown(path));
    }

    private Op watching() {
        int kind = words.below(10);
        if (kind < 4) {
            int mode = words.oneIn(20) ? 2 + words.below(5) : words.below(2);
            String path = words.prefix().isEmpty() && words.oneIn(8) ? "/" : words.path();
            FrameOut out = header(106).text(path).int4(mode);
            return Op.of(106, out, "addWatch " + path + " mode=" + mode);
        }
        if (kind < 8) {
            int type = words.oneIn(2) ? 17 : 18;
            int watcher = words.oneIn(20) ? words.below(9) - 1 : 1 + words.below(5);
            String path = words.anyPath();
            FrameOut out = header(type).text(path).int4(watcher);
            String name = type == 17 ? "checkWatches " : "removeWatches ";
            return Op.of(type, out, name + shown(path) + " type=" + watcher);
        }
        return setWatches(words.oneIn(2) ? 101 : 105);
    }

    private Op setWatches(int type) {
        FrameOut out = new FrameOut().int4(-8).int4(type);
        int zxidAt = out.size();
        boolean isAbsolute = words.oneIn(4);
        long zxid = isAbsolute && words.oneIn(2) ? Long.MAX_VALUE : 0;
        out.long8(zxid);
        StringBuilder text = new StringBuilder("setWatches(" + type + ")");
        for (int list = 0; list < (type == 101 ? 3 : 5); list++) {
            List<String> paths = Stream.generate(words::path).limit(words.below(4)).toList();
            out.texts(paths);
            text.append(' ').append(paths);
        }
        Op op = Op.of(type, out, text.toString());
        return isAbsolute ? op : op.withZxid(zxidAt, words.below(8));
    }

    private Op multi() {
        FrameOut out = header(Op.MULTI);
        StringBuilder text = new StringBuilder("multi");
        for (int left = words.below(6); left > 0; left--) {
            int type = words.pick(List.of(1, 1, 15, 15, 19, 21, 2, 2, 5, 5, 13, 13));
            if (words.oneIn(150)) {
                type = words.pick(List.of(3, 4, 6, 7, 8, 12, 14, 0, -1, 99));
            }
            out.int4(type).bool(false).int4(-1);
            text.append(" [").append(subOp(out, type)).append(']');
        }
        if (!words.oneIn(200)) {
            out.int4(-1).bool(true).int4(-1);
        }
        return Op.of(Op.MULTI, out, text.toString());
    }

    private String subOp(FrameOut out, int type) {
        String path = type == 1 || type == 15 ? words.newPath() : words.anyPath();
        int version = words.oneIn(3) ? words.version() : -1;
        switch (type) {
            case 1, 15, 19, 21 -> {
                return createBody(out, type, path, false);
            }
            case 5 -> out.text(path).buffer(words.data()).int4(version);
            case 7 -> words.acl(out.text(path), false).int4(version);
            default -> out.text(path).int4(version);
        }
        return "op " + type + " " + shown(path) + " version=" + version;
    }

    private Op multiRead() {
        FrameOut out = header(Op.MULTI_READ);
        StringBuilder text = new StringBuilder("multiRead");
        for (int left = words.below(5); left > 0; left--) {
            int type =
                    words.oneIn(40) ? words.pick(List.of(1, 3, 12, 5)) : words.pick(List.of(4, 8));
            String path = words.path();
            out.int4(type).bool(false).int4(-1).text(path).bool(words.oneIn(4));
            text.append(" [op ").append(type).append(' ').append(shown(path)).append(']');
        }
        return Op.of(Op.MULTI_READ, out.int4(-1).bool(true).int4(-1), text.toString());
    }

    private Op reconfig() {
        FrameOut out = header(16).text(null).text(words.oneIn(2) ? "1" : null).text(null);
        return Op.of(16, out.long8(-1), "reconfig");
    }

    /** A body that ends too early. */
    private Op cut(Op op) {
        byte[] whole = op.bytes(_ -> 0);
        int length = 8 + words.below(Math.max(1, whole.length - 8));
        FrameOut out = new FrameOut().raw(Arrays.copyOf(whole, length));
        return Op.of(op.type(), out, "cut to " + length + " bytes: " + op.text());
    }

    /**
     * What a client sends to set a quota, look at it or drop it (protocol 9).
     *
     * @param isHardAllowed whether the limit may be a hard one, which is checked against what is
     *     applied already, so that nothing may be in flight
     */
    List<Op> quota(boolean isHardAllowed) {
        String path = words.path();
        String node = "/zookeeper/quota" + path;
        if (words.oneIn(5)) {
            String gone = node + words.pick(List.of("/zookeeper_limits", "/zookeeper_stats", ""));
            return List.of(Op.of(2, header(2).text(gone).int4(-1), "delete " + gone));
        }
        if (words.oneIn(2)) {
            return List.of(read(List.of(4), node + "/zookeeper_stats", false));
        }
        List<Op> ops = new ArrayList<>();
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            ops.add(plain("/zookeeper/quota" + path.substring(0, slash), ""));
        }
        ops.add(plain(node, ""));
        String limits = "count=" + words.below(6) + ",bytes=" + words.below(300);
        if (isHardAllowed) {
            limits += "=;byteHardLimit=" + words.below(2_000) + ";countHardLimit=" + words.below(5);
        }
        ops.add(plain(node + "/zookeeper_limits", limits));
        ops.add(plain(node + "/zookeeper_stats", "count=0,bytes=0"));
        return ops;
    }

    /** An open node. */
    Op plain(String path, String data) {
        FrameOut out = header(1).text(path).buffer(data.getBytes(UTF_8));
        out.int4(1).int4(31).text("world").text("anyone").int4(0);
        return Op.of(1, out, "create " + path + " data=" + data);
    }

    /** Bytes behind the body, which a server ignores (protocol 1). */
    private static Op withTail(Op op) {
        FrameOut out = new FrameOut().raw(op.bytes(_ -> 0)).raw(new byte[] {1, 2, 3});
        return Op.of(op.type(), out, op.text() + " and three bytes more");
    }

    /** A request that must be alone, since it is answered out of turn or is the last. */
    Op alone() {
        return switch (words.below(10)) {
            case 0, 1, 2 ->
                    auth("digest", words.pick(List.of("user1:12345", "user2:x", ":", "u:p:q")));
            case 3 -> auth("digest", "super:admin");
            case 4 -> auth("ip", "127.0.0.1");
            case 5 -> auth(words.pick(List.of("nosuch", "world", "auth", "")), "x").ending();
            case 6 -> unknown(words.pick(List.of(-1, 0, 10, 13, 23, 99, 108, 1_000)));
            case 7 -> Op.of(3, header(3), "exists without a body");
            default -> Op.of(Op.CLOSE_SESSION, header(Op.CLOSE_SESSION), "closeSession").ending();
        };
    }

    Op auth(String scheme, String secret) {
        FrameOut out = new FrameOut().int4(-4).int4(Op.AUTH).int4(0).text(scheme);
        out.buffer(secret.getBytes(UTF_8));
        return Op.of(Op.AUTH, out, "auth " + scheme + " " + secret);
    }

    private Op unknown(int type) {
        return Op.of(type, header(type).text("/a").int4(-1), "opcode " + type);
    }

    private static String shown(@Nullable String path) {
        if (path == null) {
            return "null";
        }
        String shown = path.length() > 60 ? path.substring(0, 60) + "…" + path.length() : path;
        return shown.matches("[!-~]+") ? shown : "'" + shown + "'";
    }
}
