package io.loomkeeper.tree;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Transactions to bytes and back, in the form that logs and proposals share with Apache's servers
 * (protocol 12). All numbers are big-endian.
 *
 * <pre>
 *   | clientId 8 | cxid 4 | zxid 8 | time 8 | type 4 | body | digest version 4 | digest 8 |
 *                                                           '--- may be missing ---------'
 *   1 create, 15 create2     path, data, acl, ephemeral 1, parentCVersion 4
 *   19 createContainer       path, data, acl, parentCVersion 4
 *   21 createTTL             path, data, acl, parentCVersion 4, ttl 8
 *   2 delete, 20 deleteContainer   path
 *   5 setData, 16 reconfig   path, data, version 4
 *   7 setACL                 path, acl, version 4
 *   13 check                 path, version 4
 *   -10 createSession        timeout 4
 *   -11 closeSession         nothing, or: count 4, that many paths
 *   -1 error                 code 4
 *   14 multi                 count 4, that many of: type 4, length 4, body
 *
 *   string, data   length 4, bytes; length -1 is null
 *   acl            count 4, that many of: perms 4, scheme string, id string
 * </pre>
 *
 * <p>A closeSession that names no paths never carries a digest: its twelve bytes would read as a
 * count of paths (protocol 12).
 *
 * <p>Bytes after the last field are ignored. No count or length is believed beyond the bytes that
 * are there.
 */
public final class TxnCodec {
    private static final int ERROR = -1;
    private static final int HEADER_BYTES = 32;
    private static final int ZXID_OFFSET = 12;
    private static final int TIME_OFFSET = 20;
    private static final int TYPE_OFFSET = 28;
    private static final int DIGEST_BYTES = 12;

    /** What stands around a body at most, in bytes: header and digest. */
    static final int AROUND_BODY_BYTES = HEADER_BYTES + DIGEST_BYTES;

    private static final int ACL_BYTES_MIN = 12;
    private static final int SUB_TXN_BYTES_MIN = 8;

    private TxnCodec() {}

    /**
     * Writes a transaction from {@code offset} on.
     *
     * @param target grows as needed, or has room enough
     * @param digest for what follows the body, where one may follow; null for nothing
     * @return how many bytes it takes
     */
    public static int encode(
            TxnHeader header,
            Txn txn,
            @Nullable TxnDigest digest,
            MutableDirectBuffer target,
            int offset) {
        Output out = new Output(target, offset);
        out.putLong(header.sessionId());
        out.putInt(header.cxid());
        out.putLong(header.zxid());
        out.putLong(header.timeMs());
        out.putInt(type(txn));
        out.putBody(txn);
        if (digest != null && !endsWhereADigestWouldBeRead(txn)) {
            out.putInt(digest.version());
            out.putLong(digest.digest());
        }
        return out.at - offset;
    }

    private static boolean endsWhereADigestWouldBeRead(Txn txn) {
        return txn instanceof Txn.CloseSessionTxn(var paths) && paths == null;
    }

    /** Reads the transaction that lies in {@code length} bytes of {@code source}. */
    public static LoggedTxn decode(DirectBuffer source, int offset, int length)
            throws TxnFormatException {
        Input in = new Input(source, offset, offset, offset + length);
        long sessionId = in.nextLong();
        int cxid = in.nextInt();
        TxnHeader header = new TxnHeader(sessionId, cxid, in.nextLong(), in.nextLong());
        Txn txn = in.nextBody(in.nextInt(), false);
        TxnDigest digest =
                in.left() >= DIGEST_BYTES ? new TxnDigest(in.nextInt(), in.nextLong()) : null;
        return new LoggedTxn(header, txn, digest);
    }

    /**
     * When the transaction in these bytes was made, by its leader's clock; nothing else of it is
     * read.
     *
     * @return milliseconds since 1970; {@link Long#MAX_VALUE} when the bytes are no transaction
     */
    public static long timeMs(DirectBuffer txn, int offset, int length) {
        return length < HEADER_BYTES
                ? Long.MAX_VALUE
                : txn.getLong(offset + TIME_OFFSET, BIG_ENDIAN);
    }

    /** Whether the transaction that begins there is of that type; nothing else of it is read. */
    public static boolean isOf(Op op, DirectBuffer txn) {
        return txn.capacity() >= HEADER_BYTES && txn.getInt(TYPE_OFFSET, BIG_ENDIAN) == op.code();
    }

    /** Reads the transaction of that zxid, which lies in {@code length} bytes of {@code source}. */
    public static LoggedTxn decode(long zxid, DirectBuffer source, int offset, int length)
            throws TxnFormatException {
        LoggedTxn logged = decode(source, offset, length);
        if (logged.header().zxid() != zxid) {
            throw new TxnFormatException("another zxid", ZXID_OFFSET);
        }
        return logged;
    }

    private static int type(Txn txn) {
        return switch (txn) {
            case Txn.CreateTxn create -> create.op().code();
            case Txn.CreateContainerTxn _ -> Op.CREATE_CONTAINER.code();
            case Txn.CreateTtlTxn _ -> Op.CREATE_TTL.code();
            case Txn.DeleteTxn(_, var container) ->
                    container ? Op.DELETE_CONTAINER.code() : Op.DELETE.code();
            case Txn.SetDataTxn _ -> Op.SET_DATA.code();
            case Txn.ReconfigTxn _ -> Op.RECONFIG.code();
            case Txn.SetAclTxn _ -> Op.SET_ACL.code();
            case Txn.CheckTxn _ -> Op.CHECK.code();
            case Txn.CreateSessionTxn _ -> Op.CREATE_SESSION.code();
            case Txn.CloseSessionTxn _ -> Op.CLOSE_SESSION.code();
            case Txn.MultiTxn _ -> Op.MULTI.code();
            case Txn.ErrorTxn _ -> ERROR;
        };
    }

    private static final class Output {
        private final MutableDirectBuffer target;
        private int at;

        Output(MutableDirectBuffer target, int offset) {
            this.target = target;
            this.at = offset;
        }

        void putBody(Txn txn) {
            switch (txn) {
                case Txn.CreateTxn create -> {
                    putNode(create.path(), create.data(), create.acl());
                    target.putByte(at++, (byte) (create.ephemeral() ? 1 : 0));
                    putInt(create.parentCversion());
                }
                case Txn.CreateContainerTxn(var path, var data, var acl, var parentCversion) -> {
                    putNode(path, data, acl);
                    putInt(parentCversion);
                }
                case Txn.CreateTtlTxn(
                                var path,
                                var data,
                                var acl,
                                var parentCversion,
                                var ttlMs) -> {
                    putNode(path, data, acl);
                    putInt(parentCversion);
                    putLong(ttlMs);
                }
                case Txn.DeleteTxn(var path, _) -> putString(path);
                case Txn.SetDataTxn(var path, var data, var version) ->
                        putData(path, data, version);
                case Txn.ReconfigTxn(var path, var data, var version) ->
                        putData(path, data, version);
                case Txn.SetAclTxn(var path, var acl, var version) -> {
                    putString(path);
                    putAcl(acl);
                    putInt(version);
                }
                case Txn.CheckTxn(var path, var version) -> {
                    putString(path);
                    putInt(version);
                }
                case Txn.CreateSessionTxn(var timeoutMs) -> putInt(timeoutMs);
                case Txn.CloseSessionTxn(var paths) -> putPaths(paths);
                case Txn.MultiTxn(var txns) -> putMulti(txns);
                case Txn.ErrorTxn(var code) -> putInt(code);
            }
        }

        private void putNode(String path, @Nullable Bytes data, List<Acl> acl) {
            putString(path);
            putBytes(data);
            putAcl(acl);
        }

        private void putData(String path, @Nullable Bytes data, int version) {
            putString(path);
            putBytes(data);
            putInt(version);
        }

        private void putAcl(List<Acl> acl) {
            putInt(acl.size());
            for (Acl entry : acl) {
                putInt(entry.perms());
                putString(entry.who().scheme());
                putString(entry.who().id());
            }
        }

        private void putPaths(@Nullable List<String> paths) {
            if (paths != null) {
                putInt(paths.size());
                for (String path : paths) {
                    putString(path);
                }
            }
        }

        private void putMulti(List<Txn> txns) {
            putInt(txns.size());
            for (Txn txn : txns) {
                putInt(type(txn));
                int lengthAt = at;
                putInt(0);
                putBody(txn);
                target.putInt(lengthAt, at - lengthAt - Integer.BYTES, BIG_ENDIAN);
            }
        }

        private void putString(@Nullable String text) {
            if (text == null) {
                putInt(-1);
                return;
            }
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            putInt(utf8.length);
            target.putBytes(at, utf8);
            at += utf8.length;
        }

        private void putBytes(@Nullable Bytes bytes) {
            if (bytes == null) {
                putInt(-1);
                return;
            }
            putInt(bytes.length());
            bytes.copyTo(target, at);
            at += bytes.length();
        }

        private void putInt(int value) {
            target.putInt(at, value, BIG_ENDIAN);
            at += Integer.BYTES;
        }

        private void putLong(long value) {
            target.putLong(at, value, BIG_ENDIAN);
            at += Long.BYTES;
        }
    }

    private static final class Input {
        private final DirectBuffer source;
        private final int start;
        private final int end;
        private int at;

        /** Errors count from {@code start}. */
        Input(DirectBuffer source, int start, int at, int end) {
            this.source = source;
            this.start = start;
            this.end = end;
            this.at = at;
        }

        int left() {
            return end - at;
        }

        Txn nextBody(int type, boolean inMulti) throws TxnFormatException {
            if (type == ERROR) {
                return new Txn.ErrorTxn(nextInt());
            }
            Op op = Op.ofCode(type);
            if (op == null) {
                throw broken("unknown type " + type);
            }
            return switch (op) {
                case CREATE, CREATE2 -> nextCreate(op);
                case CREATE_CONTAINER ->
                        new Txn.CreateContainerTxn(nextPath(), nextBytes(), nextAcl(), nextInt());
                case CREATE_TTL ->
                        new Txn.CreateTtlTxn(
                                nextPath(), nextBytes(), nextAcl(), nextInt(), nextLong());
                case DELETE, DELETE_CONTAINER ->
                        new Txn.DeleteTxn(nextPath(), op == Op.DELETE_CONTAINER);
                case SET_DATA -> new Txn.SetDataTxn(nextPath(), nextBytes(), nextInt());
                case CHECK -> new Txn.CheckTxn(nextPath(), nextInt());
                default -> {
                    if (inMulti) {
                        throw broken("type " + type + " inside a multi");
                    }
                    yield nextWhole(op);
                }
            };
        }

        /** Types that stand alone only. */
        private Txn nextWhole(Op op) throws TxnFormatException {
            return switch (op) {
                case RECONFIG -> new Txn.ReconfigTxn(nextPath(), nextBytes(), nextInt());
                case SET_ACL -> new Txn.SetAclTxn(nextPath(), nextAcl(), nextInt());
                case CREATE_SESSION -> new Txn.CreateSessionTxn(nextInt());
                case CLOSE_SESSION -> nextCloseSession();
                case MULTI -> nextMulti();
                default -> throw broken("no transaction has type " + op.code());
            };
        }

        /** The ancient form ends before parentCVersion: -1 means one more than now. */
        private Txn nextCreate(Op op) throws TxnFormatException {
            String path = nextPath();
            Bytes data = nextBytes();
            List<Acl> acl = nextAcl();
            boolean ephemeral = nextByte() != 0;
            int parentCversion = left() >= Integer.BYTES ? nextInt() : -1;
            return new Txn.CreateTxn(op, path, data, acl, ephemeral, parentCversion);
        }

        /** Twelve bytes that begin with 2 are a digest: two paths take more. */
        private Txn nextCloseSession() throws TxnFormatException {
            boolean digestOnly =
                    left() == DIGEST_BYTES && source.getInt(at, BIG_ENDIAN) == TxnDigest.VERSION;
            if (left() == 0 || digestOnly) {
                return new Txn.CloseSessionTxn(null);
            }
            int count = nextCount(Integer.BYTES);
            List<String> paths = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                paths.add(nextPath());
            }
            return new Txn.CloseSessionTxn(List.copyOf(paths));
        }

        private Txn nextMulti() throws TxnFormatException {
            int count = nextCount(SUB_TXN_BYTES_MIN);
            List<Txn> txns = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int type = nextInt();
                int length = nextCount(1);
                Input body = new Input(source, start, at, at + length);
                txns.add(body.nextBody(type, true));
                at += length;
            }
            return new Txn.MultiTxn(List.copyOf(txns));
        }

        private List<Acl> nextAcl() throws TxnFormatException {
            int count = nextCount(ACL_BYTES_MIN);
            List<Acl> acl = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                acl.add(new Acl(nextInt(), new AuthId(nextString(), nextString())));
            }
            return List.copyOf(acl);
        }

        private String nextPath() throws TxnFormatException {
            String path = nextString();
            if (path == null) {
                throw broken("a path is null");
            }
            return path;
        }

        private @Nullable String nextString() throws TxnFormatException {
            int length = nextLength();
            if (length < 0) {
                return null;
            }
            String text = source.getStringWithoutLengthUtf8(at, length);
            at += length;
            return text;
        }

        private @Nullable Bytes nextBytes() throws TxnFormatException {
            int length = nextLength();
            if (length < 0) {
                return null;
            }
            Bytes bytes = Bytes.copyOf(source, at, length);
            at += length;
            return bytes;
        }

        /** Of what is at least {@code bytesEach} long; null, -1, counts as none. */
        private int nextCount(int bytesEach) throws TxnFormatException {
            int count = nextInt();
            if (count < -1 || count > left() / bytesEach) {
                throw broken("count " + count + " with " + left() + " bytes left");
            }
            return Math.max(count, 0);
        }

        /** -1 for null. */
        private int nextLength() throws TxnFormatException {
            int length = nextInt();
            if (length < -1 || length > left()) {
                throw broken("length " + length + " with " + left() + " bytes left");
            }
            return length;
        }

        private byte nextByte() throws TxnFormatException {
            need(1);
            return source.getByte(at++);
        }

        private int nextInt() throws TxnFormatException {
            need(Integer.BYTES);
            int value = source.getInt(at, BIG_ENDIAN);
            at += Integer.BYTES;
            return value;
        }

        private long nextLong() throws TxnFormatException {
            need(Long.BYTES);
            long value = source.getLong(at, BIG_ENDIAN);
            at += Long.BYTES;
            return value;
        }

        private void need(int bytes) throws TxnFormatException {
            if (left() < bytes) {
                throw broken("cut off");
            }
        }

        private TxnFormatException broken(String what) {
            return new TxnFormatException(what, at - start);
        }
    }
}
