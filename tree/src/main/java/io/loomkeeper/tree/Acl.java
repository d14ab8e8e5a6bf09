package io.loomkeeper.tree;

import java.util.List;

/**
 * One entry of a node's access control list: what {@code who} may do, as a set of permission bits.
 */
public record Acl(int perms, AuthId who) {
    public static final int READ = 1;
    public static final int WRITE = 2;
    public static final int CREATE = 4;
    public static final int DELETE = 8;
    public static final int ADMIN = 16;
    public static final int ALL = 31;

    /** {@code world:anyone} with every permission. */
    public static final List<Acl> OPEN = List.of(new Acl(ALL, AuthId.ANYONE));

    /** {@code world:anyone} may read. */
    public static final List<Acl> READ_ONLY = List.of(new Acl(READ, AuthId.ANYONE));
}
