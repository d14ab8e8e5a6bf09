package io.loomkeeper.server;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.AuthSchemes;
import io.loomkeeper.tree.Change;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.Txn;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who changed what, a line each, as Apache's server writes it and under the name of its logger: by
 * the server that the client is connected to.
 *
 * <pre>
 *   session=0x…  user=…  ip=…  operation=…  znode=…  znode_type=…  acl=…  result=success|failure|invoked
 *   with tabs between, and without what there is not
 * </pre>
 *
 * <p>A thread of its own writes; the pipeline hands over and goes on. When what waits comes to
 * {@link #WAITING_MAX} lines, those that come then are lost, and how many is said.
 */
final class AuditLog implements AutoCloseable {
    static final String LOGGER = "org.apache.zookeeper.audit.Slf4jAuditLogger";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final int WAITING_MAX = 1 << 16;
    private static final long POLL_NS = 5_000_000;
    private static final long END_WAIT_MS = 5_000;

    /** How an operation ended. */
    private enum Result {
        SUCCESS,
        FAILURE,
        INVOKED
    }

    /** One line; null where there is nothing to say. */
    private record Line(
            @Nullable String session,
            @Nullable List<AuthId> who,
            @Nullable String ip,
            String operation,
            @Nullable String path,
            @Nullable String type,
            @Nullable List<Acl> acl,
            Result result) {}

    private final String serverUser;
    private final ManyToOneConcurrentArrayQueue<Line> waiting =
            new ManyToOneConcurrentArrayQueue<>(WAITING_MAX);
    private final AtomicLong lost = new AtomicLong();
    private final Thread writer;
    private volatile boolean ends;

    /**
     * @param serverUser whom the process runs as; who ends a session's nodes
     */
    AuditLog(String serverUser) {
        this.serverUser = serverUser;
        this.writer = Thread.ofPlatform().daemon().name("audit").start(this::run);
    }

    private void run() {
        while (!ends || !waiting.isEmpty()) {
            if (waiting.drain(AuditLog::write) == 0) {
                LockSupport.parkNanos(this, POLL_NS);
            }
            long gone = lost.getAndSet(0);
            if (gone > 0) {
                LOG.error("{} lines of the audit log are lost: they came too fast", gone);
            }
        }
    }

    private void offer(Line line) {
        if (!waiting.offer(line)) {
            lost.incrementAndGet();
        }
    }

    void onStart() {
        offer(ofServer("serverStart", null, null, Result.SUCCESS));
    }

    /** What was handed over is written before this returns, if it can be. */
    @Override
    public void close() {
        offer(ofServer("serverStop", null, null, Result.INVOKED));
        ends = true;
        try {
            writer.join(END_WAIT_MS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Line ofServer(
            String operation, @Nullable String session, @Nullable String path, Result result) {
        AuthId self = new AuthId(AuthSchemes.IP, serverUser);
        return new Line(session, List.of(self), null, operation, path, null, null, result);
    }

    /** A client's write was answered. */
    void onWrite(Client client, Request.Write request, Applied applied) {
        boolean failed =
                applied.response() instanceof Response.Failed
                        || applied.response() instanceof Response.FailedMulti;
        Result result = failed ? Result.FAILURE : Result.SUCCESS;
        switch (request) {
            case Request.Create create ->
                    offer(
                            of(
                                    client,
                                    "create",
                                    path(create.path(), applied),
                                    type(create.flags()),
                                    null,
                                    result));
            case Request.Delete delete ->
                    offer(of(client, "delete", delete.path(), null, null, result));
            case Request.DeleteContainer delete ->
                    offer(of(client, "delete", delete.path(), null, null, result));
            case Request.SetData set ->
                    offer(of(client, "setData", set.path(), null, null, result));
            case Request.SetAcl set ->
                    offer(of(client, "setAcl", set.path(), null, set.acl(), result));
            case Request.Reconfig _ ->
                    offer(
                            of(
                                    client,
                                    "reconfig",
                                    SlowRequests.path(applied.txn()),
                                    null,
                                    null,
                                    result));
            case Request.Multi _ when failed ->
                    offer(of(client, "multiOperation", null, null, null, result));
            case Request.Multi multi -> onMulti(client, multi, applied);
            case Request.Check _,
                    Request.CreateSession _,
                    Request.CloseSession _,
                    Request.Malformed _ -> {}
        }
    }

    /** Each of its parts that Apache has a word for; the kind of those whose name was as asked. */
    private void onMulti(Client client, Request.Multi multi, Applied applied) {
        if (!(applied.txn() instanceof Txn.MultiTxn(List<Txn> parts))) {
            return;
        }
        for (int i = 0; i < parts.size(); i++) {
            String path = SlowRequests.path(parts.get(i));
            switch (parts.get(i)) {
                case Txn.CreateTxn _, Txn.CreateContainerTxn _, Txn.CreateTtlTxn _ ->
                        offer(
                                of(
                                        client,
                                        "create",
                                        path,
                                        typeInMulti(multi.ops().get(i), path),
                                        null,
                                        Result.SUCCESS));
                case Txn.DeleteTxn _ ->
                        offer(of(client, "delete", path, null, null, Result.SUCCESS));
                case Txn.SetDataTxn _ ->
                        offer(of(client, "setData", path, null, null, Result.SUCCESS));
                case Txn.ReconfigTxn _,
                        Txn.SetAclTxn _,
                        Txn.CheckTxn _,
                        Txn.CreateSessionTxn _,
                        Txn.CloseSessionTxn _,
                        Txn.MultiTxn _,
                        Txn.ErrorTxn _ -> {}
            }
        }
    }

    private static @Nullable String typeInMulti(Request.Write part, @Nullable String path) {
        return part instanceof Request.Create create
                        && create.op() != Op.CREATE_TTL
                        && create.path().equals(path)
                ? type(create.flags())
                : null;
    }

    /** A session has ended, and its ephemeral nodes with it. */
    void onSessionEnded(Applied applied) {
        String session = "0x" + Long.toHexString(applied.header().sessionId());
        Set<String> paths = new TreeSet<>();
        for (Change change : applied.changes()) {
            if (change instanceof Change.Deleted deleted) {
                paths.add(deleted.path());
            }
        }
        for (String path : paths) {
            offer(
                    ofServer(
                            "ephemeralZNodeDeletionOnSessionCloseOrExpire",
                            session,
                            path,
                            Result.SUCCESS));
        }
    }

    private static Line of(
            Client client,
            String operation,
            @Nullable String path,
            @Nullable String type,
            @Nullable List<Acl> acl,
            Result result) {
        return new Line(
                "0x" + Long.toHexString(client.sessionId),
                client.link.identities(),
                client.link.remote().getAddress().getHostAddress(),
                operation,
                path,
                type,
                acl,
                result);
    }

    /** The name that the node has got; the one that was asked for when it was not made. */
    private static String path(String asked, Applied applied) {
        String made = SlowRequests.path(applied.txn());
        return made == null ? asked : made;
    }

    private static @Nullable String type(int flags) {
        return switch (flags) {
            case 0 -> "persistent";
            case 1 -> "ephemeral";
            case 2 -> "persistent_sequential";
            case 3 -> "ephemeral_sequential";
            case 4 -> "container";
            case 5 -> "persistent_with_ttl";
            case 6 -> "persistent_sequential_with_ttl";
            default -> null;
        };
    }

    private static void write(Line line) {
        StringBuilder text = new StringBuilder();
        field(text, "session", line.session);
        field(text, "user", line.who == null ? null : users(line.who));
        field(text, "ip", line.ip);
        field(text, "operation", line.operation);
        field(text, "znode", line.path);
        field(text, "znode_type", line.type);
        field(text, "acl", line.acl == null ? null : text(line.acl));
        text.append("result=").append(line.result.name().toLowerCase(Locale.ROOT));
        if (line.result == Result.FAILURE) {
            LOG.error("{}", text);
        } else {
            LOG.info("{}", text);
        }
    }

    /** A value cannot bring a line or a field of its own: what would is a question mark. */
    private static void field(StringBuilder text, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            text.append(name).append('=').append(value.replaceAll("\\p{Cntrl}", "?")).append('\t');
        }
    }

    private static String users(List<AuthId> ids) {
        return ids.stream()
                .filter(id -> id.id() != null && !id.id().isBlank())
                .map(AuditLog::user)
                .collect(Collectors.joining(","));
    }

    /** The name alone; the digest is nobody's business. */
    private static String user(AuthId id) {
        String text = String.valueOf(id.id());
        int colon = AuthSchemes.DIGEST.equals(id.scheme()) ? text.indexOf(':') : -1;
        return colon < 0 ? text : text.substring(0, colon);
    }

    private static String text(List<Acl> acl) {
        StringBuilder text = new StringBuilder();
        for (Acl entry : acl) {
            text.append(entry.who().scheme()).append(':').append(entry.who().id()).append(':');
            permission(text, entry, Acl.CREATE, 'c');
            permission(text, entry, Acl.DELETE, 'd');
            permission(text, entry, Acl.READ, 'r');
            permission(text, entry, Acl.WRITE, 'w');
            permission(text, entry, Acl.ADMIN, 'a');
        }
        return text.toString();
    }

    private static void permission(StringBuilder text, Acl entry, int permission, char letter) {
        if ((entry.perms() & permission) != 0) {
            text.append(letter);
        }
    }
}
