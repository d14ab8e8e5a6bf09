package io.loomkeeper.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rounds of several contenders in turns, A B C, B C A, C A B, so that none of them always runs
 * first or beside the same disturbance. Only one is under load at a time.
 */
final class Turns {
    private final List<Contender> contenders;
    private final int rounds;
    private final Progress progress;

    /**
     * @param rounds of each contender in each scenario
     */
    Turns(List<Contender> contenders, int rounds, Progress progress) {
        this.contenders = contenders;
        this.rounds = rounds;
        this.progress = progress;
    }

    /** Runs what is not measured. */
    void warmUp(List<LoadPlan> plans) throws IOException, InterruptedException {
        for (LoadPlan plan : plans) {
            for (Contender contender : contenders) {
                progress.begin("warming up " + contender.name());
                Round.of(plan, contender);
                progress.end();
            }
        }
    }

    /** Runs one scenario; what came of it by the contender's name, in their order. */
    Map<String, Summary> run(Scenario scenario) throws IOException, InterruptedException {
        Map<String, List<Round>> measured = new LinkedHashMap<>();
        contenders.forEach(contender -> measured.put(contender.name(), new ArrayList<>()));
        for (int i = 0; i < rounds; i++) {
            List<Contender> order = new ArrayList<>(contenders);
            Collections.rotate(order, -i);
            for (Contender contender : order) {
                progress.begin(
                        "%s: round %d of %d, %s"
                                .formatted(scenario.name(), i + 1, rounds, contender.name()));
                measured.computeIfAbsent(contender.name(), _ -> new ArrayList<>())
                        .add(round(scenario, contender));
                progress.end();
            }
        }
        Map<String, Summary> summaries = new LinkedHashMap<>();
        measured.forEach((name, list) -> summaries.put(name, Summary.of(name, list)));
        return summaries;
    }

    private static Round round(Scenario scenario, Contender server)
            throws IOException, InterruptedException {
        try {
            return Round.of(scenario.plan(), server);
        } catch (IOException e) {
            String state = server.isAlive() ? "" : " has ended";
            throw new IOException(
                    "%s: %s%s: %s%n%s"
                            .formatted(
                                    scenario.name(),
                                    server.name(),
                                    state,
                                    e.getMessage(),
                                    server.lastWords()),
                    e);
        }
    }
}
