package io.loomkeeper.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client is told: one record per shape of reply body (protocol 3). */
public sealed interface Response {

    /** What a body has beside data, names and paths: at most a Stat and a few lengths. */
    int FRAME_OF_BODY_BYTES = 80;

    /** About how long its body is on the wire, in bytes; what can be long is counted. */
    default long bodyBytes() {
        return switch (this) {
            case Data(Bytes data, _) -> FRAME_OF_BODY_BYTES + (data == null ? 0L : data.length());
            case Children(ChildNames names, _) ->
                    FRAME_OF_BODY_BYTES + names.utf8Bytes() + (long) Integer.BYTES * names.count();
            case Paths(List<String> paths) ->
                    paths.stream().mapToLong(path -> Integer.BYTES + path.length()).sum();
            case AclStat(List<Acl> acl, _) -> (1L + acl.size()) * FRAME_OF_BODY_BYTES;
            case Multi(List<OpResult> results) ->
                    results.stream().mapToLong(result -> result.response().bodyBytes()).sum();
            case Empty _,
                    Path _,
                    PathStat _,
                    StatOnly _,
                    Count _,
                    Identities _,
                    FailedMulti _,
                    Failed _ ->
                    FRAME_OF_BODY_BYTES;
        };
    }

    /** No body: delete, setACL's kin without a result, ping, watches, closeSession, check. */
    record Empty() implements Response {
        public static final Empty INSTANCE = new Empty();
    }

    /** create, sync. */
    record Path(@Nullable String path) implements Response {}

    /** create2, createContainer, createTTL. */
    record PathStat(String path, Stat stat) implements Response {}

    /** exists, setData, setACL. */
    record StatOnly(Stat stat) implements Response {}

    /** getData. */
    record Data(@Nullable Bytes data, Stat stat) implements Response {}

    /** getACL. */
    record AclStat(List<Acl> acl, Stat stat) implements Response {}

    /** getChildren ({@code stat} null) and getChildren2. */
    record Children(ChildNames names, @Nullable Stat stat) implements Response {}

    /** getAllChildrenNumber; addWatch's body, which is the int 0. */
    record Count(int count) implements Response {}

    /** getEphemerals. */
    record Paths(List<String> paths) implements Response {}

    /** whoAmI: scheme and shown user of each identity. */
    record Identities(List<AuthId> ids) implements Response {}

    /** One entry of a multi's reply. */
    record OpResult(Op op, Response response) {}

    /**
     * multi that took effect, and multiRead: per op its reply type (all creates with a Stat answer
     * as create2) and body. A Failed entry is written as type -1 (protocol 5).
     */
    record Multi(List<OpResult> results) implements Response {}

    /**
     * A multi that took no effect: reply-header err is 0, entries before {@code failedIndex} carry
     * 0, the one at it {@code error}, later ones RUNTIME_INCONSISTENCY.
     */
    record FailedMulti(int ops, int failedIndex, KeeperError error) implements Response {}

    /** Reply-header err, no body. */
    record Failed(KeeperError error) implements Response {}
}
