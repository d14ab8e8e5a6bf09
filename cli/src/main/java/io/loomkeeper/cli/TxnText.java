package io.loomkeeper.cli;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Transactions for people and programs to read. */
final class TxnText {
    private TxnText() {}

    static Map<String, Object> fields(LoggedTxn logged) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("zxid", Zxid.text(logged.header().zxid()));
        fields.put("time", logged.header().timeMs());
        fields.put("session", Zxid.text(logged.header().sessionId()));
        fields.put("cxid", logged.header().cxid());
        fields.putAll(fields(logged.txn()));
        TxnDigest digest = logged.digest();
        if (digest != null) {
            fields.put("digest", digest.version() + "," + Long.toUnsignedString(digest.digest()));
        }
        return fields;
    }

    private static Map<String, Object> fields(Txn txn) {
        return switch (txn) {
            case Txn.CreateTxn(var op, var path, var data, var acl, var ephemeral, var cversion) ->
                    created(op.name().toLowerCase(Locale.ROOT), path, data, acl, cversion)
                            .with("ephemeral", ephemeral)
                            .fields;
            case Txn.CreateContainerTxn(var path, var data, var acl, var cversion) ->
                    created("createContainer", path, data, acl, cversion).fields;
            case Txn.CreateTtlTxn(var path, var data, var acl, var cversion, var ttlMs) ->
                    created("createTTL", path, data, acl, cversion).with("ttlMs", ttlMs).fields;
            case Txn.DeleteTxn(var path, var container) ->
                    new Named(container ? "deleteContainer" : "delete").with("path", path).fields;
            case Txn.SetDataTxn(var path, var data, var version) ->
                    changed("setData", path, version).with("data", Nodes.base64(data)).fields;
            case Txn.ReconfigTxn(var path, var data, var version) ->
                    changed("reconfig", path, version).with("data", Nodes.base64(data)).fields;
            case Txn.SetAclTxn(var path, var acl, var version) ->
                    changed("setACL", path, version).with("acl", text(acl)).fields;
            case Txn.CheckTxn(var path, var version) -> changed("check", path, version).fields;
            case Txn.CreateSessionTxn(var timeoutMs) ->
                    new Named("createSession").with("timeoutMs", timeoutMs).fields;
            case Txn.CloseSessionTxn(var paths) ->
                    new Named("closeSession").with("paths", paths).fields;
            case Txn.MultiTxn(var txns) ->
                    new Named("multi")
                            .with("txns", txns.stream().map(TxnText::fields).toList())
                            .fields;
            case Txn.ErrorTxn(var code) -> new Named("error").with("code", code).fields;
        };
    }

    private static Named created(
            String type, String path, @Nullable Bytes data, List<Acl> acl, int parentCversion) {
        return new Named(type)
                .with("path", path)
                .with("data", Nodes.base64(data))
                .with("acl", text(acl))
                .with("parentCversion", parentCversion);
    }

    private static Named changed(String type, String path, int version) {
        return new Named(type).with("path", path).with("version", version);
    }

    private static List<String> text(List<Acl> acl) {
        return acl.stream().map(Nodes::text).toList();
    }

    /** Fields in the order in which they are added, the type first. */
    private static final class Named {
        private final Map<String, Object> fields = new LinkedHashMap<>();

        Named(String type) {
            fields.put("type", type);
        }

        Named with(String name, @Nullable Object value) {
            fields.put(name, value);
            return this;
        }
    }

    /** One line. */
    static String line(LoggedTxn logged) {
        StringBuilder line = new StringBuilder();
        line.append(Zxid.text(logged.header().zxid()));
        line.append(' ').append(Instant.ofEpochMilli(logged.header().timeMs()));
        line.append(" session ").append(Zxid.text(logged.header().sessionId()));
        line.append(" cxid ").append(logged.header().cxid());
        fields(logged.txn())
                .forEach(
                        (name, value) -> {
                            if (name.equals("type")) {
                                line.append(' ').append(value);
                            } else {
                                line.append(' ').append(name).append('=').append(value);
                            }
                        });
        return line.toString();
    }
}
