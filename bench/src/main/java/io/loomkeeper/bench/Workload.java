package io.loomkeeper.bench;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What the connections of a load do, over and over. */
enum Workload {
    SET_DATA("setData", "sets the data of a node picked at random"),
    CREATE("create", "creates nodes, each connection below a parent of its own"),
    DELETE("delete", "deletes nodes made before, until none is left"),
    GET_DATA("getData", "reads the data of a node picked at random"),
    EXISTS("exists", "reads the Stat of a node picked at random"),
    GET_CHILDREN("getChildren", "lists the one parent of all --nodes"),
    MIXED("mixed", "getData for --reads percent of the requests, setData for the others"),
    MULTI("multi", "one multi of --multi-ops setData"),
    EPHEMERAL("ephemeral", "creates an ephemeral node, deletes it, and so on"),
    SESSION("session", "connects, opens a session, closes it"),
    WATCH("watch", "one setData that all connections watch; measured to the last notification");

    private final String word;
    private final String meaning;

    Workload(String word, String meaning) {
        this.word = word;
        this.meaning = meaning;
    }

    /** The name on the command line and in reports. */
    String word() {
        return word;
    }

    /** What it does, with the numbers of a plan. */
    String meaning(LoadPlan.Content content) {
        return meaning.replace("--reads percent", content.readPercent() + " %")
                .replace("--multi-ops", Integer.toString(content.opsPerMulti()))
                .replace("all --nodes", "all nodes");
    }

    /** Whether it is paced by the load loops: the other two keep their own time. */
    boolean isPipelined() {
        return this != SESSION && this != WATCH;
    }

    static Workload ofWord(String word) {
        return Arrays.stream(values())
                .filter(workload -> workload.word.equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new UsageException(
                                        "no workload \"" + word + "\"; there are:\n" + list()));
    }

    /** One line for each. */
    static String list() {
        return Arrays.stream(values())
                .map(workload -> "  %-12s %s".formatted(workload.word, workload.meaning))
                .collect(Collectors.joining("\n"));
    }
}
