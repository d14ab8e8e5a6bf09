package io.loomkeeper.tree;

import org.agrona.collections.Long2LongHashMap;

/** Which ACLs the nodes of one version hold, noted while all of them were looked at. */
public final class AclUse {
    private final TreeVersion walked;
    private final Long2LongHashMap numbers = new Long2LongHashMap(0);

    AclUse(TreeVersion walked) {
        this.walked = walked;
    }

    TreeVersion walked() {
        return walked;
    }

    boolean isUsed(long aclId) {
        return numbers.get(aclId) != 0;
    }

    /** The ACL's number in the order of first use, from 1 on; negated when this is the first. */
    long number(long aclId) {
        long known = numbers.get(aclId);
        if (known == 0) {
            long next = numbers.size() + 1L;
            numbers.put(aclId, next);
            return -next;
        }
        return known;
    }
}
