package io.loomkeeper.cli;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a subtree of a running server what it was in an older state, by a client's requests: what
 * is missing is created, what is different is set, and if asked for, what was not there is deleted.
 * Each node that was right stays as it is, so what was interrupted is simply done again. Ephemerals
 * are left out: they belonged to sessions. Versions, zxids and sequence counters go on.
 */
final class SubtreeRestore {
    private static final int CONTAINER = 4;
    private static final int PERSISTENT_WITH_TTL = 5;

    private final TreeOfThen then;
    private final ClientSession session;
    private final boolean isDry;
    private final BiConsumer<String, String> onChange;
    private long changes;

    /** The older state, with the time to live of each node that has one. */
    private record TreeOfThen(Nodes nodes, Map<String, Long> ttlMs) {
        static TreeOfThen of(State state) {
            Map<String, Long> ttlMs = new HashMap<>();
            state.version().forEachTtl((path, ms, _) -> ttlMs.put(path, ms));
            return new TreeOfThen(new Nodes(state.version()), ttlMs);
        }
    }

    /**
     * @param isDry whether nothing is changed, only told
     * @param onChange told of each change, by what is done and the path
     */
    SubtreeRestore(
            State state,
            ClientSession session,
            boolean isDry,
            BiConsumer<String, String> onChange) {
        this.then = TreeOfThen.of(state);
        this.session = session;
        this.isDry = isDry;
        this.onChange = onChange;
    }

    /**
     * Does it for {@code top} and all below.
     *
     * @param deletes whether nodes go that were not there
     * @return how many changes were made
     */
    long run(String top, boolean deletes) throws IOException {
        for (int slash = top.indexOf('/', 1); slash > 0; slash = top.indexOf('/', slash + 1)) {
            String ancestor = top.substring(0, slash);
            if (now(ancestor) == null) {
                create(ancestor, then.nodes().require(ancestor));
            }
        }
        Set<String> kept = new HashSet<>();
        then.nodes()
                .walk(
                        top,
                        (path, node) -> {
                            if (!node.isEphemeral() && !isSystems(path)) {
                                kept.add(path);
                                bringBack(path, node);
                            }
                        });
        if (deletes) {
            deleteOthers(top, kept);
        }
        return changes;
    }

    /** What is below /zookeeper is the servers' own. */
    private static boolean isSystems(String path) {
        return path.equals("/") || path.equals("/zookeeper") || path.startsWith("/zookeeper/");
    }

    private void bringBack(String path, NodeView node) throws IOException {
        Response.Data now = now(path);
        if (now == null) {
            create(path, node);
            return;
        }
        if (!Objects.equals(now.data(), node.data())) {
            change("set", path, new Request.SetData(path, node.data(), now.stat().version()));
        }
        Response acl = session.ask(new Request.GetAcl(path));
        if (acl instanceof Response.AclStat(var entries, _) && !entries.equals(node.acl())) {
            change("setACL", path, new Request.SetAcl(path, node.acl(), -1));
        }
    }

    private Response.@Nullable Data now(String path) throws IOException {
        return switch (session.ask(new Request.GetData(path, false))) {
            case Response.Data data -> data;
            case Response.Failed(var error) when error == KeeperError.NO_NODE -> null;
            case Response other -> throw refused(path, other);
        };
    }

    private void create(String path, NodeView node) throws IOException {
        Bytes data = node.data();
        List<Acl> acl = node.acl();
        Long ttlMs = then.ttlMs().get(path);
        Request.Create request;
        if (ttlMs != null) {
            request =
                    new Request.Create(Op.CREATE_TTL, path, data, acl, PERSISTENT_WITH_TTL, ttlMs);
        } else if (Nodes.kind(node).equals("container")) {
            request = new Request.Create(Op.CREATE_CONTAINER, path, data, acl, CONTAINER, -1);
        } else {
            request = new Request.Create(Op.CREATE, path, data, acl, 0, -1);
        }
        change("create", path, request);
    }

    private void change(String what, String path, Request request) throws IOException {
        onChange.accept(what, path);
        changes++;
        if (!isDry) {
            Response answer = session.ask(request);
            if (answer instanceof Response.Failed) {
                throw refused(path, answer);
            }
        }
    }

    private static IOException refused(String path, Response answer) {
        String reason =
                answer instanceof Response.Failed(var error)
                        ? String.valueOf(error)
                        : answer.toString();
        return new IOException(path + ": the server answers " + reason);
    }

    /** Children before their parents. */
    private void deleteOthers(String top, Set<String> kept) throws IOException {
        List<String> found = new ArrayList<>(List.of(top));
        for (int i = 0; i < found.size(); i++) {
            String path = found.get(i);
            if (session.ask(new Request.GetChildren(path, false, false))
                    instanceof Response.Children(var names, _)) {
                found.addAll(Nodes.pathsOf(path, names));
            }
        }
        for (String path : found.reversed()) {
            if (!kept.contains(path) && !isSystems(path) && !isEphemeral(path)) {
                change("delete", path, new Request.Delete(path, -1));
            }
        }
    }

    private boolean isEphemeral(String path) throws IOException {
        Response.Data now = now(path);
        return now == null || now.stat().ephemeralOwner() != 0;
    }
}
