package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import io.loomkeeper.zab.Hierarchical;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How much each server of an ensemble counts (protocol 17.1).
 *
 * <pre>
 *   group.G=N:N...     the servers of group G
 *   weight.N=W         what server N weighs in its group; 1 for a participant without such a line
 * </pre>
 *
 * @param groupOf the group of each server that is in one
 * @param weights of all participants, and of whoever else has a line
 */
record Groups(SortedMap<Long, Long> groupOf, SortedMap<Long, Integer> weights) {
    /**
     * Reads the lines.
     *
     * @return null when there are none: each participant counts the same
     * @throws ConfigException for what Apache's server does not start with either, and when nobody
     *     has any weight
     */
    static @Nullable Groups parse(Settings source, SortedMap<Long, ServerLine> members)
            throws ConfigException {
        List<Given> groups = source.startingWith("group.");
        List<Given> weights = source.startingWith("weight.");
        return groups.isEmpty() && weights.isEmpty()
                ? null
                : new Reader(source, members, groups, weights).read();
    }

    /** The quorums that come of it. */
    Hierarchical quorum(SortedSet<Long> voters) {
        SortedMap<Long, SortedMap<Long, Integer>> byGroup = new TreeMap<>();
        groupOf.forEach(
                (sid, group) ->
                        byGroup.computeIfAbsent(group, _ -> new TreeMap<>())
                                .put(sid, Objects.requireNonNull(weights.get(sid))));
        List<Hierarchical.Group> groups = new ArrayList<>();
        byGroup.forEach((id, members) -> groups.add(new Hierarchical.Group(id, members)));
        return new Hierarchical(voters, groups);
    }

    /** The lines as servers exchange them (protocol 17.2). */
    List<String> text() {
        SortedMap<Long, String> groups = new TreeMap<>();
        for (Map.Entry<Long, Long> member : Members.inApachesOrder(groupOf).entrySet()) {
            groups.merge(member.getValue(), member.getKey().toString(), (a, b) -> a + ":" + b);
        }
        List<String> lines = new ArrayList<>();
        Members.inApachesOrder(groups).forEach((id, sids) -> lines.add("group." + id + "=" + sids));
        Members.inApachesOrder(weights).forEach((sid, w) -> lines.add("weight." + sid + "=" + w));
        return lines;
    }

    /** The reading of all lines. */
    private record Reader(
            Settings source,
            SortedMap<Long, ServerLine> members,
            List<Given> groupLines,
            List<Given> weightLines) {
        Groups read() throws ConfigException {
            SortedMap<Long, Integer> weights = weights();
            SortedMap<Long, Long> groupOf = new TreeMap<>();
            for (Given line : groupLines) {
                long group = id(line, "group.");
                for (String member : line.value().split(":", -1)) {
                    long sid = member(line, member.strip());
                    if (!weights.containsKey(sid)) {
                        throw source.wrong(
                                line, "participants; server " + sid + " is none, without a weight");
                    }
                    if (groupOf.put(sid, group) != null) {
                        throw source.wrong(line, "a group for each; server " + sid + " has one");
                    }
                }
            }
            requireEverybody(groupOf);
            requireWeight(groupOf, weights);
            return new Groups(groupOf, weights);
        }

        private SortedMap<Long, Integer> weights() throws ConfigException {
            SortedMap<Long, Integer> weights = new TreeMap<>();
            for (ServerLine line : members.values()) {
                if (!line.isObserver()) {
                    weights.put(line.sid(), 1);
                }
            }
            for (Given line : weightLines) {
                weights.put(id(line, "weight."), (int) source.number(line, 0, Integer.MAX_VALUE));
            }
            return weights;
        }

        private void requireEverybody(SortedMap<Long, Long> groupOf) throws ConfigException {
            for (ServerLine line : members.values()) {
                if (!line.isObserver() && !groupOf.containsKey(line.sid())) {
                    throw source.wrong(
                            line.given(), "a server in one of the groups, as there are some");
                }
            }
        }

        /** Apache's servers start, and look for a leader for ever. */
        private void requireWeight(SortedMap<Long, Long> groupOf, SortedMap<Long, Integer> weights)
                throws ConfigException {
            TreeSet<Long> heavy = new TreeSet<>(groupOf.keySet());
            heavy.removeIf(sid -> weights.getOrDefault(sid, 0) == 0 || !isVoter(sid));
            if (heavy.isEmpty() && !weightLines.isEmpty()) {
                throw source.wrong(weightLines.getLast(), "some participant with a weight above 0");
            }
        }

        private boolean isVoter(long sid) {
            ServerLine line = members.get(sid);
            return line != null && !line.isObserver();
        }

        private long id(Given line, String prefix) throws ConfigException {
            String id = line.name().substring(prefix.length());
            if (!ServerLine.isId(id)) {
                throw source.wrong(line, prefix + "<id>, with a number as the id");
            }
            return Long.parseLong(id);
        }

        private long member(Given line, String sid) throws ConfigException {
            if (!ServerLine.isId(sid)) {
                throw source.wrong(line, "ids of servers, joined by colons");
            }
            return Long.parseLong(sid);
        }
    }
}
