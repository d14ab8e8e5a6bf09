package io.loomkeeper.zab;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Weighted voters in groups: a quorum is more than half of the groups, each by more than half of
 * its weight (protocol 17.6). A group without weight is not counted; a voter without weight follows
 * and votes, and decides nothing.
 *
 * @param voters each in exactly one group
 */
public record Hierarchical(SortedSet<Long> voters, List<Group> groups) implements Quorum {
    /**
     * Some servers and what each weighs.
     *
     * @param weights 0 or more, by server id; what is no voter's makes the group heavier and is
     *     never present, as in Apache's servers
     */
    public record Group(long id, SortedMap<Long, Integer> weights) {
        public Group {
            weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
            for (int weight : weights.values()) {
                if (weight < 0) {
                    throw new IllegalArgumentException("group " + id + " has a weight below 0");
                }
            }
        }

        private long weight() {
            long sum = 0;
            for (int weight : weights.values()) {
                sum += weight;
            }
            return sum;
        }
    }

    public Hierarchical {
        voters = Collections.unmodifiableSortedSet(new TreeSet<>(voters));
        groups = List.copyOf(groups);
        for (Long voter : voters) {
            if (groups.stream().filter(g -> g.weights().containsKey(voter)).count() != 1) {
                throw new IllegalArgumentException("server " + voter + " is not in one group");
            }
        }
    }

    @Override
    public boolean isQuorum(Set<Long> sids) {
        int counted = 0;
        int won = 0;
        for (Group group : groups) {
            long weight = group.weight();
            counted += weight > 0 ? 1 : 0;
            won += weightPresent(group, sids) > weight / 2 ? 1 : 0;
        }
        return won > counted / 2;
    }

    private long weightPresent(Group group, Set<Long> sids) {
        long present = 0;
        for (Map.Entry<Long, Integer> member : group.weights().entrySet()) {
            if (sids.contains(member.getKey()) && voters.contains(member.getKey())) {
                present += weightOf(member);
            }
        }
        return present;
    }

    private static int weightOf(Map.Entry<Long, Integer> member) {
        return member.getValue();
    }

    @Override
    public boolean mayLead(long sid) {
        for (Group group : groups) {
            if (group.weights().getOrDefault(sid, 0) > 0) {
                return voters.contains(sid);
            }
        }
        return false;
    }
}
