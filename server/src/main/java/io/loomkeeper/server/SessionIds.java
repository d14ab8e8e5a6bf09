package io.loomkeeper.server;

import io.loomkeeper.tree.Bytes;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Session ids and their passwords (protocol 2.5).
 *
 * <pre>
 *   id = | server id: 8 bits | 1: 1 bit | start time in ms: 39 bits | counter: 16 bits |, then +1 per session
 * </pre>
 *
 * <p>Apache derives a password from the id alone, so whoever has seen the id, as the owner of an
 * ephemeral, can take the session over. Servers that share a secret derive it from that too, and
 * mark the ids of such sessions by the ninth bit, which Apache's servers leave at 0 until they have
 * been up for 17 years. Without a secret the bit is 0, the password is Apache's, and every server
 * of the ensemble can tell it.
 */
final class SessionIds {
    /** Apache's constant: every server of an ensemble derives the same password from the id. */
    private static final long PASSWORD_SALT = 0xB3415C00L;

    /** In the id of a session whose password needs the secret. */
    private static final long SECRET_MARK = 1L << 55;

    static final int PASSWORD_BYTES = 16;

    private static final String HMAC = "HmacSHA256";

    private final @Nullable Mac secret;
    private long next;

    /** Of servers that have no secret. */
    SessionIds(int serverId, long startMs) {
        this(serverId, startMs, null);
    }

    /**
     * @param startMs wall clock at start; ids of an earlier start are smaller.
     * @param secret that all servers of the ensemble have; null when there is none
     */
    SessionIds(int serverId, long startMs, @Nullable Bytes secret) {
        assert serverId >= 0 && serverId <= 254 : serverId;
        this.secret = secret == null ? null : mac(secret);
        long id = (long) serverId << 56 | startMs << 24 >>> 8;
        next = secret == null ? id & ~SECRET_MARK : id | SECRET_MARK;
        if (next == Long.MIN_VALUE) {
            next++;
        }
    }

    private static Mac mac(Bytes secret) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(secret.toArray(), HMAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }

    long next() {
        return next++;
    }

    /** The password of a session of this server. */
    byte[] password(long sessionId) {
        return secret == null || (sessionId & SECRET_MARK) == 0
                ? apachesPassword(sessionId)
                : secretPassword(sessionId, secret);
    }

    private static byte[] secretPassword(long sessionId, Mac secret) {
        byte[] id = ByteBuffer.allocate(Long.BYTES).putLong(sessionId).array();
        return Arrays.copyOf(secret.doFinal(id), PASSWORD_BYTES);
    }

    static byte[] apachesPassword(long sessionId) {
        byte[] password = new byte[PASSWORD_BYTES];
        new Random(sessionId ^ PASSWORD_SALT).nextBytes(password);
        return password;
    }

    /**
     * Whether these are the session's 16 bytes; looks at all of them whatever the first say. What
     * needs a secret is nobody's without it.
     */
    boolean isPassword(long sessionId, @Nullable Bytes given) {
        boolean needsSecret = (sessionId & SECRET_MARK) != 0;
        return sessionId != 0
                && given != null
                && !(needsSecret && secret == null)
                && MessageDigest.isEqual(password(sessionId), given.toArray());
    }
}
