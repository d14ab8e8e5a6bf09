package io.loomkeeper.server;

import io.loomkeeper.tree.Bytes;
import java.security.MessageDigest;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Session ids and their passwords (protocol 2.5).
 *
 * <pre>
 *   id = | server id: 8 bits | start time in ms: 40 bits | counter: 16 bits |, then +1 per session
 * </pre>
 */
final class SessionIds {
    /** Apache's constant: every server of an ensemble derives the same password from the id. */
    private static final long PASSWORD_SALT = 0xB3415C00L;

    static final int PASSWORD_BYTES = 16;

    private long next;

    /**
     * @param startMs wall clock at start; ids of an earlier start are smaller.
     */
    SessionIds(int serverId, long startMs) {
        assert serverId >= 0 && serverId <= 254 : serverId;
        next = (long) serverId << 56 | startMs << 24 >>> 8;
        if (next == Long.MIN_VALUE) {
            next++;
        }
    }

    long next() {
        return next++;
    }

    static byte[] password(long sessionId) {
        byte[] password = new byte[PASSWORD_BYTES];
        new Random(sessionId ^ PASSWORD_SALT).nextBytes(password);
        return password;
    }

    /** Whether these are the session's 16 bytes; looks at all of them whatever the first say. */
    static boolean isPassword(long sessionId, @Nullable Bytes given) {
        return sessionId != 0
                && given != null
                && MessageDigest.isEqual(password(sessionId), given.toArray());
    }
}
