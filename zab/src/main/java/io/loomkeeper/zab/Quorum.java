package io.loomkeeper.zab;

import java.util.Set;

/** Which sets of voters can decide: any two of them share a voter. */
public interface Quorum {
    /** Server ids of all voters, in rising order. */
    Set<Long> voters();

    /** Whether these can decide. Ids that are no voter's do not count (S24). */
    boolean isQuorum(Set<Long> sids);
}
