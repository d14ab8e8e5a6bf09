package io.loomkeeper.zab;

import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A configuration of the ensemble.
 *
 * @param observers members that never vote
 * @param version the zxid of the reconfiguration that made it; 0 at first
 * @param text as it is exchanged between servers (protocol 17.2), opaque here
 */
public record Membership(Quorum quorum, SortedSet<Long> observers, long version, String text) {
    public boolean isVoter(long sid) {
        return quorum.voters().contains(sid);
    }

    /** All members but one, in rising order. */
    SortedSet<Long> others(long sid) {
        TreeSet<Long> others = new TreeSet<>(quorum.voters());
        others.addAll(observers);
        others.remove(sid);
        return others;
    }

    public boolean isMember(long sid) {
        return isVoter(sid) || observers.contains(sid);
    }
}
