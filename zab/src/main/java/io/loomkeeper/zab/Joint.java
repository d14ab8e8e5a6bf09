package io.loomkeeper.zab;

import java.util.Set;
import java.util.TreeSet;

/** While one configuration is to take the place of another: a quorum of each (S23). */
record Joint(Quorum now, Quorum next) implements Quorum {
    @Override
    public Set<Long> voters() {
        TreeSet<Long> both = new TreeSet<>(now.voters());
        both.addAll(next.voters());
        return both;
    }

    @Override
    public boolean isQuorum(Set<Long> sids) {
        return now.isQuorum(sids) && next.isQuorum(sids);
    }

    @Override
    public boolean mayLead(long sid) {
        return now.mayLead(sid) || next.mayLead(sid);
    }
}
