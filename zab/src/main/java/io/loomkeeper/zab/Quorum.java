package io.loomkeeper.zab;

import java.util.Set;

/** Which sets of voters can decide: any two of them share a voter (protocol 17.6). */
public sealed interface Quorum permits Majority, Hierarchical, Joint {
    /** Server ids of all voters, in rising order. */
    Set<Long> voters();

    /** Whether these can decide. Ids that are no voter's do not count (S24). */
    boolean isQuorum(Set<Long> sids);

    /** Whether this is a voter that others may vote for (E7). */
    boolean mayLead(long sid);
}
