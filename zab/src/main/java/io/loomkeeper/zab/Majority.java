package io.loomkeeper.zab;

import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The usual quorum: more than half of the voters (protocol 17.6). */
public record Majority(SortedSet<Long> voters) implements Quorum {
    public Majority {
        voters = Collections.unmodifiableSortedSet(new TreeSet<>(voters));
    }

    @Override
    public boolean isQuorum(Set<Long> sids) {
        int present = 0;
        for (Long voter : voters) {
            if (sids.contains(voter)) {
                present++;
            }
        }
        return present > voters.size() / 2;
    }

    @Override
    public boolean mayLead(long sid) {
        return voters.contains(sid);
    }
}
