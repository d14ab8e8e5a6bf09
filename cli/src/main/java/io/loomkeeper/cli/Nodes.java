package io.loomkeeper.cli;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.ChildNames;
import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.TreeVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The nodes of one version of the tree, in the order of their names, each before its children. */
record Nodes(TreeVersion version) {
    /** Receives each node. */
    @FunctionalInterface
    interface Visitor {
        void onNode(String path, NodeView node) throws IOException;
    }

    /**
     * Visits {@code top} and all below it.
     *
     * @throws IOException when there is no such node
     */
    void walk(String top, Visitor visitor) throws IOException {
        Deque<String> left = new ArrayDeque<>();
        left.push(top);
        require(top);
        while (!left.isEmpty()) {
            String path = left.pop();
            NodeView node = require(path);
            visitor.onNode(path, node);
            childrenOf(path, node).reversed().forEach(left::push);
        }
    }

    NodeView require(String path) throws IOException {
        NodeView node = version.node(path);
        if (node == null) {
            throw new IOException("there is no node " + path);
        }
        return node;
    }

    /** The paths of a node's children. */
    static List<String> childrenOf(String path, NodeView node) {
        List<String> paths = pathsOf(path, node.children());
        paths.sort(null);
        return paths;
    }

    /** The paths of the children of that path, in the order of their names. */
    static List<String> pathsOf(String parent, ChildNames names) {
        String prefix = parent.equals("/") ? parent : parent + "/";
        List<String> paths = new ArrayList<>();
        names.forEach(
                (utf8, offset, length) ->
                        paths.add(
                                prefix + new String(utf8, offset, length, StandardCharsets.UTF_8)));
        return paths;
    }

    /** Everything of a node, as its field names in Apache's shell. */
    static Map<String, Object> fields(String path, NodeView node) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("path", path);
        fields.put("cZxid", Zxid.text(node.czxid()));
        fields.put("ctime", node.stat().ctime());
        fields.put("mZxid", Zxid.text(node.mzxid()));
        fields.put("mtime", node.stat().mtime());
        fields.put("pZxid", Zxid.text(node.pzxid()));
        fields.put("cversion", node.stat().cversion());
        fields.put("nextSequence", node.cversion());
        fields.put("dataVersion", node.version());
        fields.put("aclVersion", node.aversion());
        fields.put("owner", Zxid.text(node.ephemeralOwner()));
        fields.put("kind", kind(node));
        fields.put("dataLength", node.dataLength());
        fields.put("numChildren", node.childCount());
        fields.put("acl", node.acl().stream().map(Nodes::text).toList());
        fields.put("data", base64(node.data()));
        return fields;
    }

    static String kind(NodeView node) {
        long owner = node.ephemeralOwner();
        if (owner == 0) {
            return "persistent";
        }
        if (owner == Long.MIN_VALUE) {
            return "container";
        }
        return node.isEphemeral() ? "ephemeral" : "ttl";
    }

    static String text(Acl acl) {
        StringBuilder perms = new StringBuilder();
        String letters = "rwcda";
        for (int i = 0; i < letters.length(); i++) {
            if ((acl.perms() >> i & 1) != 0) {
                perms.append(letters.charAt(i));
            }
        }
        return acl.who().scheme() + ":" + acl.who().id() + ":" + perms;
    }

    static @Nullable String base64(@Nullable Bytes data) {
        return data == null ? null : Base64.getEncoder().encodeToString(data.toArray());
    }
}
