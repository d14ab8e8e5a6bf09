package io.loomkeeper.tree;

import java.util.List;

/**
 * One thing that a transaction did and that watches care about, with the ACLs that delivery must
 * pass (protocol 11.3 and 11.4), as they were at that point of the transaction.
 */
public sealed interface Change {
    String path();

    record Created(String path, List<Acl> acl, List<Acl> parentAcl) implements Change {}

    record Deleted(String path, List<Acl> acl, List<Acl> parentAcl) implements Change {}

    record DataChanged(String path, List<Acl> acl) implements Change {}
}
