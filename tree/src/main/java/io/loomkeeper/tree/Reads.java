package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers what needs nothing but one version of the tree (protocol 3.2 and 3.3). Immutable; any
 * thread may ask. Leaves no watch: see {@link Watches#leave}.
 */
public final class Reads {
    private final AclRules rules;
    private final long multiReadBytesMax;

    /**
     * @param multiReadBytesMax a multiRead whose results are longer before its last one is refused:
     *     a short request could otherwise ask for a million copies of a large node
     */
    public Reads(AclRules rules, long multiReadBytesMax) {
        this.rules = rules;
        this.multiReadBytesMax = multiReadBytesMax;
    }

    /** Whether {@link #read} answers this request; the others live in {@link Watches}. */
    public static boolean isPure(Request.Read request) {
        return switch (request) {
            case Request.GetData _,
                    Request.Exists _,
                    Request.GetAcl _,
                    Request.GetChildren _,
                    Request.GetAllChildrenNumber _,
                    Request.GetEphemerals _,
                    Request.MultiRead _,
                    Request.WhoAmI _ ->
                    true;
            case Request.SetWatches _,
                    Request.AddWatch _,
                    Request.CheckWatches _,
                    Request.RemoveWatches _ ->
                    false;
        };
    }

    /**
     * The answer from exactly this version of the tree.
     *
     * @param request one that {@link #isPure}
     * @param sessionId who asks
     * @param ids of the connection that asks
     */
    public Response read(
            TreeVersion version, Request.Read request, long sessionId, List<AuthId> ids) {
        return switch (request) {
            case Request.GetData(String path, boolean _) -> getData(version, path, ids);
            case Request.Exists(String path, boolean _) -> exists(version, path, ids);
            case Request.GetAcl(String path) -> getAcl(version, path, ids);
            case Request.GetChildren(String path, boolean _, boolean withStat) ->
                    getChildren(version, path, withStat, ids);
            case Request.GetAllChildrenNumber(String path) -> countAll(version, path, ids);
            case Request.GetEphemerals(String prefix) -> ephemerals(version, prefix, sessionId);
            case Request.MultiRead(List<Request.Read> ops) -> multiRead(version, ops, ids);
            case Request.WhoAmI() -> whoAmI(ids);
            case Request.SetWatches _,
                    Request.AddWatch _,
                    Request.CheckWatches _,
                    Request.RemoveWatches _ ->
                    throw new IllegalArgumentException("not answered by the tree: " + request);
        };
    }

    private static Response failed(KeeperError error) {
        return new Response.Failed(error);
    }

    private Response getData(TreeVersion version, String path, List<AuthId> ids) {
        NodeView node = version.node(path);
        if (node == null) {
            return failed(KeeperError.NO_NODE);
        }
        return rules.permits(node.acl(), Acl.READ, ids)
                ? new Response.Data(node.data(), node.stat())
                : failed(KeeperError.NO_AUTH);
    }

    private Response exists(TreeVersion version, String path, List<AuthId> ids) {
        if (path.indexOf('\0') >= 0) {
            return failed(KeeperError.BAD_ARGUMENTS);
        }
        NodeView node = version.node(path);
        if (node == null) {
            return failed(KeeperError.NO_NODE);
        }
        return rules.permits(node.acl(), Acl.READ, ids)
                ? new Response.StatOnly(node.stat())
                : failed(KeeperError.NO_AUTH);
    }

    private Response getAcl(TreeVersion version, String path, List<AuthId> ids) {
        NodeView node = version.node(path);
        if (node == null) {
            return failed(KeeperError.NO_NODE);
        }
        return rules.permits(node.acl(), Acl.READ | Acl.ADMIN, ids)
                ? new Response.AclStat(rules.shown(node.acl(), ids), node.stat())
                : failed(KeeperError.NO_AUTH);
    }

    private Response getChildren(
            TreeVersion version, String path, boolean withStat, List<AuthId> ids) {
        NodeView node = version.node(path);
        if (node == null) {
            return failed(KeeperError.NO_NODE);
        }
        return rules.permits(node.acl(), Acl.READ, ids)
                ? new Response.Children(node.children(), withStat ? node.stat() : null)
                : failed(KeeperError.NO_AUTH);
    }

    private Response countAll(TreeVersion version, String path, List<AuthId> ids) {
        NodeView node = version.node(path);
        if (node == null) {
            return failed(KeeperError.NO_NODE);
        }
        return rules.permits(node.acl(), Acl.READ, ids)
                ? new Response.Count((int) version.descendants(path))
                : failed(KeeperError.NO_AUTH);
    }

    /** The prefix is a string, not a path: {@code /a} also selects {@code /ab}. */
    private static Response ephemerals(
            TreeVersion version, @Nullable String prefix, long sessionId) {
        List<String> all = version.ephemeralsOf(sessionId);
        String trimmed = prefix == null ? "" : prefix.trim();
        if (prefix == null || trimmed.isEmpty() || trimmed.equals(PathRules.ROOT)) {
            return new Response.Paths(all);
        }
        return new Response.Paths(all.stream().filter(path -> path.startsWith(prefix)).toList());
    }

    /** Each op stands alone; a kind that is not allowed here spoils the whole (protocol 5). */
    private Response multiRead(TreeVersion version, List<Request.Read> ops, List<AuthId> ids) {
        List<Response.OpResult> results = new ArrayList<>();
        long bytes = 0;
        for (Request.Read op : ops) {
            Response.OpResult result = partOfMultiRead(version, op, ids);
            if (result == null || bytes > multiReadBytesMax) {
                return failed(KeeperError.MARSHALLING_ERROR);
            }
            results.add(result);
            bytes += result.response().bodyBytes();
        }
        return new Response.Multi(results);
    }

    private Response.@Nullable OpResult partOfMultiRead(
            TreeVersion version, Request.Read op, List<AuthId> ids) {
        return switch (op) {
            case Request.GetData(String path, boolean _) ->
                    new Response.OpResult(Op.GET_DATA, getData(version, path, ids));
            case Request.GetChildren(String path, boolean _, boolean _) ->
                    new Response.OpResult(Op.GET_CHILDREN, getChildren(version, path, false, ids));
            case Request.Exists _,
                    Request.GetAcl _,
                    Request.GetAllChildrenNumber _,
                    Request.GetEphemerals _,
                    Request.MultiRead _,
                    Request.WhoAmI _,
                    Request.SetWatches _,
                    Request.AddWatch _,
                    Request.CheckWatches _,
                    Request.RemoveWatches _ ->
                    null;
        };
    }

    private Response whoAmI(List<AuthId> ids) {
        List<AuthId> shown = new ArrayList<>(ids.size());
        for (AuthId id : ids) {
            shown.add(new AuthId(id.scheme(), rules.schemes().shownUser(id)));
        }
        return new Response.Identities(shown);
    }
}
