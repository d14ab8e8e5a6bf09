package io.loomkeeper.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The protocol's error codes that a server sends (protocol 4). */
public enum KeeperError {
    OK(0),
    RUNTIME_INCONSISTENCY(-2),
    MARSHALLING_ERROR(-5),
    UNIMPLEMENTED(-6),
    BAD_ARGUMENTS(-8),
    NEW_CONFIG_NO_QUORUM(-13),
    RECONFIG_IN_PROGRESS(-14),
    NO_NODE(-101),
    NO_AUTH(-102),
    BAD_VERSION(-103),
    NO_CHILDREN_FOR_EPHEMERALS(-108),
    NODE_EXISTS(-110),
    NOT_EMPTY(-111),
    SESSION_EXPIRED(-112),
    INVALID_ACL(-114),
    AUTH_FAILED(-115),
    SESSION_MOVED(-118),
    NOT_READ_ONLY(-119),
    EPHEMERAL_ON_LOCAL_SESSION(-120),
    NO_WATCHER(-121),
    RECONFIG_DISABLED(-123),
    SESSION_CLOSED_REQUIRE_SASL_AUTH(-124),
    QUOTA_EXCEEDED(-125),
    THROTTLED_OP(-127);

    private static final List<KeeperError> ALL = List.of(values());

    private final int code;

    KeeperError(int code) {
        this.code = code;
    }

    /** The int on the wire. */
    public int code() {
        return code;
    }

    /** The error of that number, or null when a server of this kind never sends it. */
    public static @Nullable KeeperError ofCode(int code) {
        for (KeeperError error : ALL) {
            if (error.code == code) {
                return error;
            }
        }
        return null;
    }

    /** As logged in an error transaction; a number unknown here becomes RUNTIME_INCONSISTENCY. */
    static KeeperError ofTxn(int code) {
        KeeperError error = ofCode(code);
        return error == null ? RUNTIME_INCONSISTENCY : error;
    }
}
