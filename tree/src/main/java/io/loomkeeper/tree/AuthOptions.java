package io.loomkeeper.tree;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which authentication schemes this server has, and how (protocol 8.4).
 *
 * @param providers the schemes whose ids may stand in an ACL, besides world and auth: {@code ip},
 *     {@code digest}, {@code sasl}, {@code x509}; any other is refused as in Apache
 * @param digestAlg a {@link java.security.MessageDigest} name; the same on all servers
 * @param superDigest {@code user:base64(hash)} whose owner passes every check, or null
 * @param skipAcl every check passes; what may be stored in an ACL is still checked
 * @param superUsers identities, of schemes other than digest, that pass every check
 */
public record AuthOptions(
        Set<String> providers,
        String digestAlg,
        @Nullable String superDigest,
        boolean skipAcl,
        Set<AuthId> superUsers) {

    /** Apache's own: ip and digest, SHA1, nobody super. */
    public static final AuthOptions DEFAULT =
            new AuthOptions(
                    Set.of(AuthSchemes.IP, AuthSchemes.DIGEST),
                    AuthSchemes.DIGEST_ALG,
                    null,
                    false);

    public AuthOptions {
        providers = Set.copyOf(providers);
        superUsers = Set.copyOf(superUsers);
    }

    /** With nobody super but the one of {@code superDigest}. */
    public AuthOptions(
            Set<String> providers,
            String digestAlg,
            @Nullable String superDigest,
            boolean skipAcl) {
        this(providers, digestAlg, superDigest, skipAcl, Set.of());
    }
}
