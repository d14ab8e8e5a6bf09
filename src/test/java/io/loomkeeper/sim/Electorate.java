package io.loomkeeper.sim;

import io.loomkeeper.zab.Hierarchical;
import io.loomkeeper.zab.Majority;
import io.loomkeeper.zab.Quorum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Who decides. The witnesses count by it, and not by the core's own count. */
final class Electorate {
    private static final int GROUPS_MAX = 4;

    /** By server; others than voters weigh nothing. */
    private final boolean[] votes;

    /** By server. All in one group with a weight of one are a majority. */
    private final int[] groupOf;

    private final int[] weights;

    private Electorate(boolean[] votes, int[] groupOf, int[] weights) {
        this.votes = votes;
        this.groupOf = groupOf;
        this.weights = weights;
    }

    /** More than half of those that vote, by server. */
    static Electorate majority(boolean[] votes) {
        int[] weights = new int[votes.length];
        for (int i = 0; i < votes.length; i++) {
            weights[i] = votes[i] ? 1 : 0;
        }
        return new Electorate(votes.clone(), new int[votes.length], weights);
    }

    /** More than half of the first servers. */
    static Electorate majority(int voters) {
        boolean[] votes = new boolean[voters];
        Arrays.fill(votes, true);
        return majority(votes);
    }

    /** Weights from 0 to 3 in some groups; there is a server with weight. */
    static Electorate hierarchy(int voters, Chance chance) {
        Electorate drawn = majority(voters);
        int groups = 1 + chance.below(GROUPS_MAX);
        for (int i = 0; i < voters; i++) {
            drawn.groupOf[i] = chance.below(groups);
            drawn.weights[i] = chance.hits(0.5) ? 1 : chance.below(4);
        }
        drawn.weights[chance.below(voters)] = 1;
        return drawn;
    }

    /** How many vote. */
    int voters() {
        int voters = 0;
        for (boolean vote : votes) {
            voters += vote ? 1 : 0;
        }
        return voters;
    }

    boolean isVoter(int server) {
        return server < votes.length && votes[server];
    }

    boolean hasWeight(int server) {
        return server < weights.length && weights[server] > 0;
    }

    /** protocol 17.6. */
    boolean isQuorum(IntPredicate present) {
        int[] total = new int[GROUPS_MAX];
        int[] there = new int[GROUPS_MAX];
        for (int i = 0; i < weights.length; i++) {
            total[groupOf[i]] += weights[i];
            there[groupOf[i]] += weights[i] > 0 && present.test(i) ? weights[i] : 0;
        }
        int groups = 0;
        int won = 0;
        for (int group = 0; group < GROUPS_MAX; group++) {
            groups += total[group] > 0 ? 1 : 0;
            won += 2 * there[group] > total[group] ? 1 : 0;
        }
        return 2 * won > groups;
    }

    /** The same for the core. */
    Quorum quorum() {
        TreeSet<Long> sids = new TreeSet<>();
        TreeMap<Long, TreeMap<Long, Integer>> byGroup = new TreeMap<>();
        for (int i = 0; i < weights.length; i++) {
            if (votes[i]) {
                sids.add(i + 1L);
                byGroup.computeIfAbsent((long) groupOf[i], _ -> new TreeMap<>())
                        .put(i + 1L, weights[i]);
            }
        }
        if (Arrays.stream(groupOf).allMatch(g -> g == 0)
                && Arrays.stream(weights).allMatch(w -> w <= 1)
                && Arrays.stream(weights).sum() == sids.size()) {
            return new Majority(sids);
        }
        List<Hierarchical.Group> groups = new ArrayList<>();
        byGroup.forEach((id, members) -> groups.add(new Hierarchical.Group(id, members)));
        return new Hierarchical(sids, groups);
    }

    @Override
    public String toString() {
        return quorum().toString();
    }
}
