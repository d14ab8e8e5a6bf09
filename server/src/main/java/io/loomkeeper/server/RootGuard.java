package io.loomkeeper.server;

import io.loomkeeper.admin.Guard;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.AuthSchemes;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Request;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admits who has every permission on the root, as Apache's admin server does: by the header {@code
 * Authorization: digest user:password}, {@code ip} or {@code x509}, of which the latter two are
 * proved by the connection alone.
 */
final class RootGuard implements Guard {
    private static final Logger LOG = LoggerFactory.getLogger(RootGuard.class);
    private static final long QUIET_NS = 10_000_000_000L;
    private static final AuthId SUPER = new AuthId(AuthSchemes.SUPER, "");

    private final AclRules rules;
    private final PublishedState published;
    private final ServerMetrics metrics;
    private final boolean countsAnyone;

    /** No refusal is logged before then: whoever guesses, guesses often. */
    private final AtomicLong quietUntilNs = new AtomicLong(System.nanoTime());

    /**
     * @param countsAnyone whether an ACL that is open to everybody opens this as well, as Apache
     *     has it; if not, the root's ACL has to name who asks, or they are the superuser
     */
    RootGuard(
            AclRules rules, PublishedState published, ServerMetrics metrics, boolean countsAnyone) {
        this.rules = rules;
        this.published = published;
        this.metrics = metrics;
        this.countsAnyone = countsAnyone;
    }

    @Override
    public Verdict judge(Asker asker) {
        List<AuthId> ids = identities(asker);
        if (ids == null) {
            metrics.onAuthFailed();
            logRefused("who asks from " + asker.address().getHostAddress() + " is not believed");
            return Verdict.UNKNOWN;
        }
        if (!mayAll(ids)) {
            logRefused(shown(asker, ids) + " may not do everything to /");
            return Verdict.REFUSED;
        }
        LOG.info("{} is admitted", shown(asker, ids));
        return Verdict.ADMITTED;
    }

    private void logRefused(String what) {
        long nowNs = System.nanoTime();
        long untilNs = quietUntilNs.get();
        if (nowNs - untilNs >= 0 && quietUntilNs.compareAndSet(untilNs, nowNs + QUIET_NS)) {
            LOG.warn("{}; the next ones are not logged for a while", what);
        }
    }

    private static String shown(Asker asker, List<AuthId> ids) {
        return String.join(", ", ids.stream().map(RootGuard::shown).toList())
                + " from "
                + asker.address().getHostAddress();
    }

    /** Without a hash, nor what would end the line. */
    private static String shown(AuthId id) {
        String text = String.valueOf(id.id());
        int colon = text.indexOf(':');
        boolean isHashed = AuthSchemes.DIGEST.equals(id.scheme()) && colon >= 0;
        return (id.scheme() + ':' + (isHashed ? text.substring(0, colon) : text))
                .replaceAll("\\p{Cntrl}", "?");
    }

    /** Null: what they say is not believed. */
    private @Nullable List<AuthId> identities(Asker asker) {
        String[] parts = asker.authorization().split(" ", -1);
        if (parts.length > 2) {
            return null;
        }
        return switch (parts[0]) {
            case AuthSchemes.IP -> List.of(AuthSchemes.ofAddress(asker.address().getHostAddress()));
            case AuthSchemes.DIGEST -> {
                Bytes auth = parts.length == 1 ? null : Bytes.utf8(parts[1]);
                yield rules.schemes()
                        .onAuth(new Request.Auth(0, AuthSchemes.DIGEST, auth), List.of());
            }
            case AuthSchemes.X509 -> {
                String subject = asker.subject();
                yield subject == null
                        ? null
                        : rules.schemes()
                                .onProved(new AuthId(AuthSchemes.X509, subject), List.of());
            }
            default -> null;
        };
    }

    private boolean mayAll(List<AuthId> ids) {
        List<Acl> acl = published.version().aclOf("/");
        if (acl == null) {
            return false;
        }
        if (!countsAnyone && !ids.contains(SUPER)) {
            acl = acl.stream().filter(entry -> !entry.who().equals(AuthId.ANYONE)).toList();
            if (acl.isEmpty()) {
                return false;
            }
        }
        for (int permission = Acl.READ; permission <= Acl.ADMIN; permission <<= 1) {
            if (!rules.permits(acl, permission, ids)) {
                return false;
            }
        }
        return true;
    }
}
