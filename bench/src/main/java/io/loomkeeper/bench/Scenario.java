package io.loomkeeper.bench;

import io.loomkeeper.bench.LoadPlan.Content;
import io.loomkeeper.bench.LoadPlan.Shape;
import io.loomkeeper.bench.LoadPlan.Timing;
import java.util.List;
import java.util.Set;

/**
 * One line of the comparison.
 *
 * @param byLatency whether p50 is what counts, and not operations per second
 * @param quick whether {@code --quick} has it too
 * @param inEnsembles whether {@code --servers 3} has it too
 */
record Scenario(String name, LoadPlan plan, boolean byLatency, boolean quick, boolean inEnsembles) {
    private static final int NODES = 1000;
    private static final int SMALL = 100;
    private static final int LARGE = 1024;

    /** All of them, each round as long as {@code timing} says. */
    static List<Scenario> all(Timing timing) {
        Cast cast = new Cast(timing);
        return List.of(
                cast.of("1 client, 1 write", Workload.SET_DATA, Shape.closed(1, 1), SMALL)
                        .compareLatency()
                        .alsoInEnsembles(),
                cast.of("1 client, 1 read", Workload.GET_DATA, Shape.closed(1, 1), SMALL)
                        .compareLatency(),
                cast.of("64 clients, 1 write each", Workload.SET_DATA, Shape.closed(64, 1), SMALL)
                        .inQuick()
                        .alsoInEnsembles(),
                cast.of("64 clients, 1 read each", Workload.GET_DATA, Shape.closed(64, 1), SMALL)
                        .inQuick(),
                cast.of("16 x 64 writes 100 B", Workload.SET_DATA, Shape.closed(16, 64), SMALL)
                        .inQuick()
                        .alsoInEnsembles(),
                cast.of("16 x 64 writes 1 KB", Workload.SET_DATA, Shape.closed(16, 64), LARGE),
                cast.of("16 x 64 creates 100 B", Workload.CREATE, Shape.closed(16, 64), SMALL)
                        .inQuick(),
                cast.of("16 x 64 reads 100 B", Workload.GET_DATA, Shape.closed(16, 64), SMALL)
                        .inQuick(),
                cast.of("64 x 8, 90 % reads 1 KB", Workload.MIXED, Shape.closed(64, 8), LARGE)
                        .inQuick()
                        .alsoInEnsembles(),
                cast.of("5,000 writes/s, open loop", Workload.SET_DATA, Shape.open(64, 5000), SMALL)
                        .compareLatency()
                        .inQuick(),
                cast.of("16 x 8 multi of 10 writes", Workload.MULTI, Shape.closed(16, 8), SMALL),
                cast.of("16 x 16 ephemerals", Workload.EPHEMERAL, Shape.closed(16, 16), SMALL),
                cast.of("16 x 8 lists of 1,000", Workload.GET_CHILDREN, Shape.closed(16, 8), SMALL),
                cast.of("16 sessions in and out", Workload.SESSION, Shape.closed(16, 1), SMALL),
                cast.of("1 set, 5,000 watchers", Workload.WATCH, Shape.closed(5000, 1), SMALL)
                        .compareLatency());
    }

    /** The few that a regression would show in. */
    static List<Scenario> smoke(Timing timing) {
        Set<String> chosen =
                Set.of(
                        "64 clients, 1 write each",
                        "16 x 64 writes 100 B",
                        "16 x 64 reads 100 B",
                        "64 x 8, 90 % reads 1 KB");
        return all(timing).stream().filter(scenario -> chosen.contains(scenario.name())).toList();
    }

    /** What warms the servers up before the first scenario. */
    static List<LoadPlan> warmUps(Timing timing) {
        Cast cast = new Cast(timing);
        return List.of(
                cast.of("", Workload.MIXED, Shape.closed(16, 64), SMALL).plan(),
                cast.of("", Workload.CREATE, Shape.closed(16, 16), SMALL).plan());
    }

    /** What it does, in a sentence. */
    String explanation() {
        LoadPlan.Shape shape = plan.shape();
        LoadPlan.Content content = plan.content();
        String pace =
                switch (plan.workload()) {
                    case WATCH -> "%,d connections".formatted(shape.connections());
                    case SESSION -> "%,d at a time".formatted(shape.connections());
                    default ->
                            shape.isOpen()
                                    ? "%,d connections, together %,d requests a second at fixed times (open loop)"
                                            .formatted(shape.connections(), shape.ratePerSecond())
                                    : "%,d connection%s, each with %,d unanswered request%s (closed loop)"
                                            .formatted(
                                                    shape.connections(),
                                                    shape.connections() == 1 ? "" : "s",
                                                    shape.inFlight(),
                                                    shape.inFlight() == 1 ? "" : "s");
                };
        return "%s: %s. %s; values of %,d bytes, %,d nodes."
                .formatted(
                        plan.workload().word(),
                        plan.workload().meaning(content),
                        pace,
                        content.valueBytes(),
                        content.nodes());
    }

    private Scenario compareLatency() {
        return new Scenario(name, plan, true, quick, inEnsembles);
    }

    private Scenario inQuick() {
        return new Scenario(name, plan, byLatency, true, inEnsembles);
    }

    private Scenario alsoInEnsembles() {
        return new Scenario(name, plan, byLatency, quick, true);
    }

    private record Cast(Timing timing) {
        Scenario of(String name, Workload workload, Shape shape, int valueBytes) {
            Content content = new Content(NODES, valueBytes, 90, 10);
            LoadPlan plan = new LoadPlan(List.of(), workload, shape, content, timing);
            return new Scenario(name, plan, false, false, false);
        }
    }
}
