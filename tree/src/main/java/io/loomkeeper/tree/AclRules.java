package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what, and what a client may write into an ACL (protocol 8). Immutable; any thread may
 * ask.
 */
public final class AclRules {
    /** Entries that {@code auth} may add beyond those sent: a short request stays a short node. */
    private static final int EXPANDED_MAX = 1024;

    private final AuthSchemes schemes;
    private final boolean skipAcl;

    /**
     * @throws IllegalArgumentException if this JVM lacks the digest algorithm
     */
    public AclRules(AuthOptions options) {
        this.schemes = new AuthSchemes(options);
        this.skipAcl = options.skipAcl();
    }

    /** The schemes behind these rules. */
    public AuthSchemes schemes() {
        return schemes;
    }

    /**
     * Whether a connection may do something to a node (protocol 8.2).
     *
     * @param acl of the node; an empty one allows everything
     * @param wanted permission bits of which any one is enough
     * @param ids of the connection
     */
    public boolean permits(List<Acl> acl, int wanted, List<AuthId> ids) {
        if (acl.isEmpty() || skipAcl) {
            return true;
        }
        for (int i = 0; i < acl.size(); i++) {
            Acl entry = acl.get(i);
            if ((entry.perms() & wanted) != 0 && isAnyone(entry.who())) {
                return true;
            }
        }
        return holdsSuper(ids) || permitsSomeId(acl, wanted, ids);
    }

    private static boolean isAnyone(AuthId who) {
        return who.equals(AuthId.ANYONE);
    }

    private static boolean holdsSuper(List<AuthId> ids) {
        for (int i = 0; i < ids.size(); i++) {
            if (AuthSchemes.SUPER.equals(ids.get(i).scheme())) {
                return true;
            }
        }
        return false;
    }

    private boolean permitsSomeId(List<Acl> acl, int wanted, List<AuthId> ids) {
        for (int i = 0; i < acl.size(); i++) {
            Acl entry = acl.get(i);
            if ((entry.perms() & wanted) != 0 && namesOneOf(entry.who(), ids)) {
                return true;
            }
        }
        return false;
    }

    private boolean namesOneOf(AuthId who, List<AuthId> ids) {
        String scheme = who.scheme();
        String named = who.id();
        if (scheme == null || named == null) {
            return false;
        }
        for (int i = 0; i < ids.size(); i++) {
            AuthId held = ids.get(i);
            String id = held.id();
            if (id != null && scheme.equals(held.scheme()) && schemes.matches(scheme, id, named)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What is stored for an ACL that a client sends: exact duplicates dropped, {@code auth}
     * replaced by what the client has proved of itself (protocol 8.3).
     *
     * @return null: refuse with INVALID_ACL
     */
    public @Nullable List<Acl> fixUp(List<Acl> acl, List<AuthId> ids) {
        if (acl.size() == 1 && isAnyone(acl.getFirst().who())) {
            return acl.equals(Acl.OPEN) ? Acl.OPEN : acl;
        }
        List<Acl> stored = new ArrayList<>(acl.size());
        for (Acl entry : new LinkedHashSet<>(acl)) {
            if (!addStored(entry, ids, stored) || stored.size() > acl.size() + EXPANDED_MAX) {
                return null;
            }
        }
        return stored.isEmpty() ? null : List.copyOf(stored);
    }

    private boolean addStored(Acl entry, List<AuthId> ids, List<Acl> stored) {
        String scheme = entry.who().scheme();
        String id = entry.who().id();
        if (scheme == null) {
            return false;
        }
        if (scheme.equals(AuthSchemes.AUTH)) {
            return addProved(entry.perms(), ids, stored);
        }
        boolean valid = isAnyone(entry.who()) || (id != null && schemes.isValidId(scheme, id));
        return valid && stored.add(entry);
    }

    /** False if the client has proved nothing. */
    private boolean addProved(int perms, List<AuthId> ids, List<Acl> stored) {
        boolean any = false;
        for (int i = 0; i < ids.size(); i++) {
            String scheme = ids.get(i).scheme();
            if (scheme != null && schemes.isAuthenticated(scheme)) {
                any = stored.add(new Acl(perms, ids.get(i)));
            }
        }
        return any;
    }

    /**
     * How a list that {@link #fixUp} refuses is answered: INVALID_ACL; but where the first entry at
     * fault has a scheme that looks at its id and no id, Apache stumbles and says
     * MARSHALLING_ERROR, and so does this.
     */
    KeeperError refusalOf(List<Acl> acl, List<AuthId> ids) {
        for (Acl entry : acl) {
            if (!addStored(entry, ids, new ArrayList<>(1))) {
                return isStumblingBlock(entry.who())
                        ? KeeperError.MARSHALLING_ERROR
                        : KeeperError.INVALID_ACL;
            }
        }
        return KeeperError.INVALID_ACL;
    }

    private boolean isStumblingBlock(AuthId who) {
        String scheme = who.scheme();
        return scheme != null
                && who.id() == null
                && (scheme.equals(AuthSchemes.WORLD) || schemes.isProvided(scheme));
    }

    /**
     * What getACL shows of an ACL: without ADMIN, every digest id ends in {@code :x} (protocol
     * 3.2).
     */
    public List<Acl> shown(List<Acl> acl, List<AuthId> ids) {
        if (permits(acl, Acl.ADMIN, ids)) {
            return acl;
        }
        List<Acl> masked = new ArrayList<>(acl.size());
        for (Acl entry : acl) {
            masked.add(new Acl(entry.perms(), masked(entry.who())));
        }
        return List.copyOf(masked);
    }

    private static AuthId masked(AuthId who) {
        String id = who.id();
        int colon = id == null ? -1 : id.indexOf(':');
        return id != null && colon >= 0 && AuthSchemes.DIGEST.equals(who.scheme())
                ? new AuthId(who.scheme(), id.substring(0, colon) + ":x")
                : who;
    }
}
