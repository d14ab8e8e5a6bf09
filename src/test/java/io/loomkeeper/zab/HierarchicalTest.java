package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.zookeeper.server.quorum.flexible.QuorumHierarchical;
import org.junit.jupiter.api.Test;

/** Weighted voters in groups decide as Apache's do. */
final class HierarchicalTest {
    private static Hierarchical of(Set<Long> voters, Hierarchical.Group... groups) {
        return new Hierarchical(new TreeSet<>(voters), List.of(groups));
    }

    private static Hierarchical.Group group(long id, Map<Long, Integer> weights) {
        return new Hierarchical.Group(id, new TreeMap<>(weights));
    }

    @Test
    void majorityOfGroupsEachByAMajorityOfItsWeight() {
        Hierarchical quorum =
                of(
                        Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L),
                        group(1, Map.of(1L, 1, 2L, 1, 3L, 1)),
                        group(2, Map.of(4L, 1, 5L, 1, 6L, 1)),
                        group(3, Map.of(7L, 1, 8L, 1, 9L, 1)));

        assertTrue(quorum.isQuorum(Set.of(1L, 2L, 4L, 5L)));
        assertFalse(quorum.isQuorum(Set.of(1L, 2L, 3L, 4L, 7L)));
        assertFalse(quorum.isQuorum(Set.of()));
    }

    @Test
    void groupWithoutWeightIsNotCounted() {
        Hierarchical quorum =
                of(
                        Set.of(1L, 2L, 3L),
                        group(1, Map.of(1L, 1)),
                        group(2, Map.of(2L, 0)),
                        group(3, Map.of(3L, 0)));

        assertTrue(quorum.isQuorum(Set.of(1L)));
        assertFalse(quorum.isQuorum(Set.of(2L, 3L)));
        assertFalse(quorum.mayLead(2));
    }

    @Test
    void whoIsNoVoterMakesAGroupHeavierAndIsNeverPresent() {
        Hierarchical quorum = of(Set.of(1L), group(1, Map.of(1L, 1, 2L, 5)));

        assertFalse(quorum.isQuorum(Set.of(1L, 2L)));
        assertFalse(quorum.mayLead(2));
    }

    @Test
    void eachVoterIsInOneGroup() {
        assertThrows(
                IllegalArgumentException.class, () -> of(Set.of(1L, 2L), group(1, Map.of(1L, 1))));
        assertThrows(IllegalArgumentException.class, () -> group(1, Map.of(1L, -1)));
    }

    @Test
    void anyTwoQuorumsShareAVoterAndApacheCountsTheSame() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int voters = 1 + random.nextInt(6);
            Hierarchical quorum = drawn(random, voters);
            QuorumHierarchical apaches = new QuorumHierarchical(lines(quorum));
            List<Set<Long>> quorums = new ArrayList<>();
            for (int bits = 0; bits < 1 << voters; bits++) {
                Set<Long> sids = setOf(bits);
                assertEquals(
                        apaches.containsQuorum(sids), quorum.isQuorum(sids), quorum + " " + sids);
                if (quorum.isQuorum(sids)) {
                    quorums.add(sids);
                }
            }
            for (Set<Long> one : quorums) {
                for (Set<Long> other : quorums) {
                    assertTrue(one.stream().anyMatch(other::contains), quorum.toString());
                }
            }
            for (Long sid : quorum.voters()) {
                assertEquals(apaches.getWeight(sid) > 0, quorum.mayLead(sid));
            }
        }
    }

    private static Hierarchical drawn(Random random, int voters) {
        TreeMap<Long, TreeMap<Long, Integer>> groups = new TreeMap<>();
        TreeSet<Long> sids = new TreeSet<>();
        for (long sid = 1; sid <= voters; sid++) {
            sids.add(sid);
            groups.computeIfAbsent((long) random.nextInt(4), _ -> new TreeMap<>())
                    .put(sid, random.nextInt(4));
        }
        List<Hierarchical.Group> list = new ArrayList<>();
        groups.forEach((id, weights) -> list.add(new Hierarchical.Group(id, weights)));
        return new Hierarchical(sids, list);
    }

    private static Set<Long> setOf(int bits) {
        Set<Long> sids = new TreeSet<>();
        for (long sid = 1; sid < 32; sid++) {
            if ((bits >> (sid - 1) & 1) == 1) {
                sids.add(sid);
            }
        }
        return sids;
    }

    private static Properties lines(Hierarchical quorum) {
        Properties lines = new Properties();
        for (Hierarchical.Group group : quorum.groups()) {
            List<String> members = group.weights().keySet().stream().map(String::valueOf).toList();
            lines.setProperty("group." + group.id(), String.join(":", members));
            group.weights().forEach((sid, w) -> lines.setProperty("weight." + sid, "" + w));
        }
        for (Long sid : quorum.voters()) {
            lines.setProperty("server." + sid, "127.0.0.1:" + (1000 + sid) + ":" + (2000 + sid));
        }
        return lines;
    }
}
