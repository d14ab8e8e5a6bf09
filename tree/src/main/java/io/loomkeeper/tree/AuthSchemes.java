package io.loomkeeper.tree;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * The authentication schemes: how a connection gets an identity, which ids an ACL may hold, and
 * which identity answers to which id (protocol 8.4). Immutable; any thread may ask.
 */
public final class AuthSchemes {
    public static final String WORLD = "world";
    public static final String AUTH = "auth";
    public static final String IP = "ip";
    public static final String DIGEST = "digest";
    public static final String SASL = "sasl";
    public static final String X509 = "x509";
    public static final String SUPER = "super";

    static final String DIGEST_ALG = "SHA1";

    /** Identities that one connection may gather; every check of its requests walks them. */
    private static final int IDENTITIES_MAX = 256;

    private static final AuthId SUPER_USER = new AuthId(SUPER, "");

    private final AuthOptions options;

    /**
     * @throws IllegalArgumentException if this JVM has no such digest algorithm
     */
    public AuthSchemes(AuthOptions options) {
        this.options = options;
        digest(options.digestAlg());
    }

    /** The identity that every connection starts with. {@code address} as text, without a port. */
    public static AuthId ofAddress(String address) {
        return new AuthId(IP, address);
    }

    /**
     * Judges an auth packet (op 100, protocol 8.5).
     *
     * @param ids of the connection so far
     * @return of the connection from now on, or null: answer AUTH_FAILED and close
     */
    public @Nullable List<AuthId> onAuth(Request.Auth packet, List<AuthId> ids) {
        String scheme = packet.scheme();
        if (scheme == null || !isProvided(scheme)) {
            return null;
        }
        return switch (scheme) {
            case DIGEST -> onDigest(packet.auth(), ids);
            // every connection has its address already
            case IP -> ids;
            // sasl and x509 prove themselves by op 102 and by the TLS handshake, never here
            default -> null;
        };
    }

    private @Nullable List<AuthId> onDigest(@Nullable Bytes auth, List<AuthId> ids) {
        if (auth == null) {
            return null;
        }
        String id = digestId(options.digestAlg(), auth.utf8());
        List<AuthId> more = new ArrayList<>(ids);
        if (isSuperDigest(id)) {
            addNew(SUPER_USER, more);
        }
        addNew(new AuthId(DIGEST, id), more);
        return more.size() > IDENTITIES_MAX ? null : List.copyOf(more);
    }

    /**
     * Takes over an identity that a connection has proved by other means than an auth packet: a
     * certificate (x509), or SASL.
     *
     * @param ids of the connection so far
     * @return of the connection from now on, or null: there is no such scheme here, or too many
     */
    public @Nullable List<AuthId> onProved(AuthId proved, List<AuthId> ids) {
        String scheme = proved.scheme();
        if (scheme == null || !isProvided(scheme)) {
            return null;
        }
        List<AuthId> more = new ArrayList<>(ids);
        if (options.superUsers().contains(proved)) {
            addNew(SUPER_USER, more);
        }
        addNew(proved, more);
        return more.size() > IDENTITIES_MAX ? null : List.copyOf(more);
    }

    private static void addNew(AuthId id, List<AuthId> ids) {
        if (!ids.contains(id)) {
            ids.add(id);
        }
    }

    private boolean isSuperDigest(String id) {
        String superDigest = options.superDigest();
        return superDigest != null
                && MessageDigest.isEqual(
                        id.getBytes(StandardCharsets.UTF_8),
                        superDigest.getBytes(StandardCharsets.UTF_8));
    }

    /** What {@code user:password} is known as: {@code user:base64(hash of user:password)}. */
    public static String digestId(String digestAlg, String userPassword) {
        byte[] hash = digest(digestAlg).digest(userPassword.getBytes(StandardCharsets.UTF_8));
        return beforeColon(userPassword) + ':' + Base64.getEncoder().encodeToString(hash);
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("no such digest algorithm: " + algorithm, e);
        }
    }

    /** Whether ids of the scheme may stand in an ACL, and connections hold identities of it. */
    boolean isProvided(String scheme) {
        return options.providers().contains(scheme);
    }

    /** Whether an identity of the scheme proves who somebody is, as an address does not. */
    boolean isAuthenticated(String scheme) {
        return isProvided(scheme)
                && switch (scheme) {
                    case DIGEST, SASL, X509 -> true;
                    default -> false;
                };
    }

    /** Whether an ACL may hold this id of this scheme. */
    boolean isValidId(String scheme, String id) {
        return isProvided(scheme)
                && switch (scheme) {
                    case IP -> IpBlock.parse(id) != null;
                    case DIGEST -> isUserAndHash(id);
                    case SASL -> isKerberosName(id);
                    case X509 -> isDistinguishedName(id);
                    default -> false;
                };
    }

    /** Two parts around a colon; further colons at the end count for nothing, as in Apache. */
    private static boolean isUserAndHash(String id) {
        int end = id.length();
        while (end > 0 && id.charAt(end - 1) == ':') {
            end--;
        }
        int colon = id.indexOf(':');
        return colon < end && colon >= 0 && id.lastIndexOf(':', end - 1) == colon;
    }

    /** Anything without a realm, or {@code service@realm} or {@code service/host@realm}. */
    private static boolean isKerberosName(String id) {
        int at = id.indexOf('@');
        if (at < 0) {
            return true;
        }
        int slash = id.indexOf('/');
        return id.lastIndexOf('@') == at && id.lastIndexOf('/') == slash && slash < at;
    }

    private static boolean isDistinguishedName(String id) {
        try {
            new X500Principal(id);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** Whether a connection's identity is what an ACL entry of the same scheme names. */
    boolean matches(String scheme, String identity, String aclId) {
        return isProvided(scheme)
                && switch (scheme) {
                    case IP -> IpBlock.contains(aclId, identity);
                    case SASL -> identity.equals(aclId) || identity.equals(SUPER);
                    default -> identity.equals(aclId);
                };
    }

    /** What whoAmI and the audit show of an identity: never a hash. */
    String shownUser(AuthId identity) {
        String scheme = identity.scheme();
        String id = identity.id();
        if (scheme == null || id == null || !isProvided(scheme)) {
            return "";
        }
        return scheme.equals(DIGEST) ? beforeColon(id) : id;
    }

    private static String beforeColon(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? text : text.substring(0, colon);
    }
}
