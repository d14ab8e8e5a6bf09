package io.loomkeeper.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for: one record per kind of request (protocol 3), decoded, not yet judged.
 *
 * <p>A null path arrives as the empty string, which no rule accepts; a null list arrives as the
 * empty list.
 */
public sealed interface Request {

    /** A request that goes through agreement. */
    sealed interface Write extends Request {}

    /** A request answered from local state. */
    sealed interface Read extends Request {}

    /**
     * create, create2, createContainer, createTTL.
     *
     * @param op which of the four
     * @param flags the CreateMode int (protocol 3.1)
     * @param ttlMs for createTTL, else -1
     */
    record Create(Op op, String path, @Nullable Bytes data, List<Acl> acl, int flags, long ttlMs)
            implements Write {}

    /** {@code version} -1 means any, here and below. */
    record Delete(String path, int version) implements Write {}

    /** The sweep's own delete; refused from clients. */
    record DeleteContainer(String path) implements Write {}

    record SetData(String path, @Nullable Bytes data, int version) implements Write {}

    record SetAcl(String path, List<Acl> acl, int version) implements Write {}

    /** Only inside multi. */
    record Check(String path, int version) implements Write {}

    /** {@code ops} are Create, Delete, SetData and Check. */
    record Multi(List<Write> ops) implements Write {}

    record Reconfig(
            @Nullable String joining,
            @Nullable String leaving,
            @Nullable String newMembers,
            long curConfigId)
            implements Write {}

    /** {@code timeoutMs} is the negotiated one. */
    record CreateSession(int timeoutMs) implements Write {}

    record CloseSession() implements Write {}

    /**
     * An op of a write that could not be decoded: answered with {@code error} at its place in the
     * order.
     */
    record Malformed(KeeperError error) implements Write {}

    /** A read that could not be decoded: answered with {@code error} in its turn. */
    record Unreadable(KeeperError error) implements Request {}

    /** Ordered like a write, changes nothing. */
    record Sync(@Nullable String path) implements Request {}

    record Ping() implements Request {}

    record GetData(String path, boolean watch) implements Read {}

    record Exists(String path, boolean watch) implements Read {}

    record GetAcl(String path) implements Read {}

    /** getChildren ({@code withStat} false) and getChildren2. */
    record GetChildren(String path, boolean watch, boolean withStat) implements Read {}

    record GetAllChildrenNumber(String path) implements Read {}

    /** {@code prefix} null, blank or "/" means all of the session's ephemerals. */
    record GetEphemerals(@Nullable String prefix) implements Read {}

    /** {@code ops} are GetData and GetChildren without Stat. */
    record MultiRead(List<Read> ops) implements Read {}

    record WhoAmI() implements Read {}

    /** setWatches and setWatches2 (protocol 11.6); the last two lists are empty in the former. */
    record SetWatches(
            long relativeZxid,
            List<String> data,
            List<String> exist,
            List<String> child,
            List<String> persistent,
            List<String> persistentRecursive)
            implements Read {}

    /** {@code mode} 0 persistent, 1 persistent-recursive; others are refused when judged. */
    record AddWatch(String path, int mode) implements Read {}

    /**
     * {@code type} 1 children, 2 data, 3 any, 4 persistent, 5 persistent-recursive (protocol 11.7).
     */
    record CheckWatches(String path, int type) implements Read {}

    record RemoveWatches(String path, int type) implements Read {}

    /** Adds an identity to the connection; never passes through agreement. */
    record Auth(int type, @Nullable String scheme, @Nullable Bytes auth) implements Request {}

    record Sasl(@Nullable Bytes token) implements Request {}
}
