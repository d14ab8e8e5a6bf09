package io.loomkeeper.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes {@link TxnCodec} makes of a transaction, found without writing it.
 *
 * <p>An unpaired surrogate, which no decoded text has, counts one byte too many.
 */
final class TxnLength {
    private static final int SUB_TXN_HEAD = 8;

    private TxnLength() {}

    /** In bytes, without header and digest. */
    static long of(Txn txn) {
        return switch (txn) {
            case Txn.CreateTxn(var _, var path, var data, var acl, var _, var _) ->
                    ofNode(path, data, acl) + 1 + Integer.BYTES;
            case Txn.CreateContainerTxn(var path, var data, var acl, var _) ->
                    ofNode(path, data, acl) + Integer.BYTES;
            case Txn.CreateTtlTxn(var path, var data, var acl, var _, var _) ->
                    ofNode(path, data, acl) + Integer.BYTES + Long.BYTES;
            case Txn.DeleteTxn(var path, var _) -> ofText(path);
            case Txn.SetDataTxn(var path, var data, var _) ->
                    ofText(path) + ofBytes(data) + Integer.BYTES;
            case Txn.ReconfigTxn(var path, var data, var _) ->
                    ofText(path) + ofBytes(data) + Integer.BYTES;
            case Txn.SetAclTxn(var path, var acl, var _) ->
                    ofText(path) + ofAcl(acl) + Integer.BYTES;
            case Txn.CheckTxn(var path, var _) -> ofText(path) + Integer.BYTES;
            case Txn.CreateSessionTxn _, Txn.ErrorTxn _ -> Integer.BYTES;
            case Txn.CloseSessionTxn(var paths) -> paths == null ? 0 : ofPaths(paths);
            case Txn.MultiTxn(var txns) -> ofMulti(txns);
        };
    }

    /** In bytes, with header and digest. */
    static long ofWhole(Txn txn) {
        return TxnCodec.AROUND_BODY_BYTES + of(txn);
    }

    /** In bytes, as one entry of a multi. */
    static long ofPart(Txn txn) {
        return SUB_TXN_HEAD + of(txn);
    }

    private static long ofNode(String path, @Nullable Bytes data, List<Acl> acl) {
        return ofText(path) + ofBytes(data) + ofAcl(acl);
    }

    private static long ofMulti(List<Txn> txns) {
        long length = Integer.BYTES;
        for (Txn txn : txns) {
            length += ofPart(txn);
        }
        return length;
    }

    private static long ofPaths(List<String> paths) {
        long length = Integer.BYTES;
        for (String path : paths) {
            length += ofText(path);
        }
        return length;
    }

    private static long ofAcl(List<Acl> acl) {
        long length = Integer.BYTES;
        for (Acl entry : acl) {
            length += Integer.BYTES + ofText(entry.who().scheme()) + ofText(entry.who().id());
        }
        return length;
    }

    private static long ofBytes(@Nullable Bytes bytes) {
        return Integer.BYTES + (bytes == null ? 0L : bytes.length());
    }

    private static long ofText(@Nullable String text) {
        long length = Integer.BYTES;
        for (int i = 0; text != null && i < text.length(); i++) {
            char c = text.charAt(i);
            // each half of a surrogate pair stands for two of its four bytes
            length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return length;
    }
}
