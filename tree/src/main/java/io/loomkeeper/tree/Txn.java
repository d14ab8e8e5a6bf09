package io.loomkeeper.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A change that cannot fail: what is agreed on, logged and applied (protocol 12). */
public sealed interface Txn {

    /**
     * Types 1 and 15.
     *
     * @param op CREATE or CREATE2: which reply the creator gets
     * @param path final, suffix included
     * @param ephemeral the owner is the header's session
     * @param parentCversion the parent's stored cversion after this create
     */
    record CreateTxn(
            Op op,
            String path,
            @Nullable Bytes data,
            List<Acl> acl,
            boolean ephemeral,
            int parentCversion)
            implements Txn {}

    /** Type 19. */
    record CreateContainerTxn(String path, @Nullable Bytes data, List<Acl> acl, int parentCversion)
            implements Txn {}

    /** Type 21. */
    record CreateTtlTxn(
            String path, @Nullable Bytes data, List<Acl> acl, int parentCversion, long ttlMs)
            implements Txn {}

    /** Type 2, and type 20 when {@code container}. */
    record DeleteTxn(String path, boolean container) implements Txn {}

    /** Type 5; {@code version} is the new one. */
    record SetDataTxn(String path, @Nullable Bytes data, int version) implements Txn {}

    /** Type 16: the config node's new text. */
    record ReconfigTxn(String path, @Nullable Bytes data, int version) implements Txn {}

    /** Type 7; {@code version} is the new aversion. */
    record SetAclTxn(String path, List<Acl> acl, int version) implements Txn {}

    /** Type 13, only inside a multi; {@code version} as logged by Apache: the actual one + 1. */
    record CheckTxn(String path, int version) implements Txn {}

    /** Type -10. */
    record CreateSessionTxn(int timeoutMs) implements Txn {}

    /**
     * Type -11; null paths (before 3.6) mean every ephemeral that this replica knows of the
     * session.
     */
    record CloseSessionTxn(@Nullable List<String> paths) implements Txn {}

    /** Type 14. With any ErrorTxn inside, nothing is applied. */
    record MultiTxn(List<Txn> txns) implements Txn {}

    /**
     * Type -1: a write that failed its checks; consumes a zxid, changes nothing. {@code code} as on
     * the wire.
     */
    record ErrorTxn(int code) implements Txn {}
}
