package io.loomkeeper.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Stacks of a recording laid on each other: how much weight lies on each path of calls. */
final class StackFold {
    private final Frame root = new Frame("all");

    /** One call on one path. */
    static final class Frame {
        private final String name;
        private final Map<String, Frame> callees = new TreeMap<>();
        private long weight;
        private long own;

        private Frame(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }

        /** Of all stacks that have this path. */
        long weight() {
            return weight;
        }

        /** In alphabetical order. */
        List<Frame> callees() {
            return List.copyOf(callees.values());
        }
    }

    /**
     * One method, wherever it was called from.
     *
     * @param own weight of the stacks that end in it
     * @param within weight of the stacks that have it, each once
     */
    record Hot(String name, long own, long within) {}

    /**
     * Adds a stack.
     *
     * @param stack from the outermost call to the innermost
     * @param weight above 0: samples, or bytes
     */
    void add(List<String> stack, long weight) {
        Frame frame = root;
        frame.weight += weight;
        for (String name : stack) {
            frame = frame.callees.computeIfAbsent(name, Frame::new);
            frame.weight += weight;
        }
        frame.own += weight;
    }

    Frame root() {
        return root;
    }

    /**
     * The methods with the most weight of their own, most first; those of {@link #root} left out.
     */
    List<Hot> hottest(int limit) {
        Map<String, long[]> byName = new HashMap<>();
        collect(root, new HashSet<>(), byName);
        List<Hot> hot = new ArrayList<>();
        byName.forEach((name, sums) -> hot.add(new Hot(name, sums[0], sums[1])));
        hot.sort(
                Comparator.comparingLong(Hot::own)
                        .thenComparingLong(Hot::within)
                        .reversed()
                        .thenComparing(Hot::name));
        return hot.stream().filter(method -> method.own() > 0).limit(limit).toList();
    }

    /** Of a method that calls itself only the outermost call counts for what is within. */
    private static void collect(Frame frame, Set<String> above, Map<String, long[]> byName) {
        for (Frame callee : frame.callees.values()) {
            long[] sums = byName.computeIfAbsent(callee.name, _ -> new long[2]);
            boolean isOutermost = above.add(callee.name);
            sums[0] += callee.own;
            sums[1] += isOutermost ? callee.weight : 0;
            collect(callee, above, byName);
            if (isOutermost) {
                above.remove(callee.name);
            }
        }
    }

    /**
     * One line for each path that stacks end in: names with semicolons between, then the weight.
     */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        write(root, "", lines);
        return lines;
    }

    private static void write(Frame frame, String above, List<String> lines) {
        for (Frame callee : frame.callees.values()) {
            String path = above.isEmpty() ? callee.name : above + ";" + callee.name;
            if (callee.own > 0) {
                lines.add(path + " " + callee.own);
            }
            write(callee, path, lines);
        }
    }
}
