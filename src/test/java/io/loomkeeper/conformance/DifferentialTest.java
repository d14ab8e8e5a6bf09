package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.Duel.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loomkeeper and Apache ZooKeeper 3.9.5 live through the same random scripts and must not be told
 * apart.
 */
class DifferentialTest {
    private static final int GATE_REQUESTS = 100_000;
    private static final int SELF_REQUESTS = 6_000;
    private static final int SHRINK_SECONDS = 60;

    private final Path directory;

    DifferentialTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void everyReplyAndEventIsWhatApacheSends() {
        assertTrue(
                run(ServerCommand.chosen(), true, GATE_REQUESTS), "see the output for the script");
    }

    @Test
    void apacheCannotBeToldApartFromItself() {
        assertTrue(
                run(ServerCommand.apache(), false, SELF_REQUESTS), "see the output for the script");
    }

    /** Containers that have become empty, and nodes whose time to live is over. */
    @Test
    void whatServersRemoveByThemselvesIsTheSame() {
        Map<String, String> sweeping = Map.of("znode.container.checkIntervalMs", "100");
        try (Duel duel = new Duel(ServerCommand.chosen(), true, directory, sweeping)) {
            Outcome outcome = duel.play(Script.parse(SWEEPS.lines().toList()));

            assertNull(outcome.difference(), () -> String.valueOf(outcome.difference()));
            assertEquals(
                    SWEEPS.lines().filter(line -> !line.startsWith(" ")).count(),
                    outcome.script().size());
        }
    }

    /** A recursive watch on the root; then a container that loses its child; then a TTL of 1 ms. */
    private static final String SWEEPS =
            """
            open 1 400000 true
            batch 1
              op 106 000000010000006a000000012f00000001
              op 19 0000000200000013000000022f63ffffffff000000010000001f00000005776f726c6400000006616e796f6e6500000004
              op 1 0000000300000001000000042f632f78ffffffff000000010000001f00000005776f726c6400000006616e796f6e6500000000
            await 1 1
              op 2 0000000400000002000000042f632f78ffffffff
            await 1 1
              op 21 0000000500000015000000022f74ffffffff000000010000001f00000005776f726c6400000006616e796f6e65000000050000000000000001
            batch 1
              op 8 0000000600000008000000012f00
            """;

    @Test
    void everyKnownDifferenceIsDocumented() throws Exception {
        String page = Files.readString(ServerCommand.house().resolve("docs/divergence.md"));
        for (KnownDifference known : KnownDifference.values()) {
            assertTrue(page.contains("`" + known.key() + "`"), known.key());
        }
    }

    @Test
    void aScriptIsTheSameAfterPrintingAndParsing() {
        Generator generator = new Generator(7, false);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int odd = i;
            steps.add(generator.next(_ -> odd % 5 > 0, _ -> odd % 2 == 0));
        }

        String printed = Script.print(steps);
        String again = Script.print(Script.parse(printed.lines().toList()));

        assertEquals(withoutComments(printed), withoutComments(again));
    }

    @Test
    void aFailingScriptShrinksToTheStepsThatMatter() {
        Generator generator = new Generator(3, false);
        List<Step> script = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            script.add(generator.next(_ -> true, _ -> true));
        }
        Step.Batch first = batch(script.subList(0, 30));
        Step.Batch last = batch(script.subList(30, 60));

        Shrinker shrinker = new Shrinker(kept -> inOrder(kept, first, last), SHRINK_SECONDS);
        List<Step> shortest = shrinker.shrink(script);

        assertEquals(
                List.of(List.of(first.ops().getLast()), List.of(last.ops().getFirst())),
                ops(shortest));
    }

    private static Step.Batch batch(List<Step> steps) {
        return (Step.Batch)
                steps.stream()
                        .filter(step -> step instanceof Step.Batch batch && batch.ops().size() > 2)
                        .findFirst()
                        .orElseThrow();
    }

    private static boolean inOrder(List<Step> kept, Step.Batch first, Step.Batch last) {
        List<Op> all = ops(kept).stream().flatMap(List::stream).toList();
        int one = all.indexOf(first.ops().getLast());
        return one >= 0 && all.lastIndexOf(last.ops().getFirst()) > one;
    }

    private static List<List<Op>> ops(List<Step> steps) {
        return steps.stream()
                .filter(Step.Batch.class::isInstance)
                .map(step -> ((Step.Batch) step).ops())
                .toList();
    }

    private static String withoutComments(String script) {
        return script.replaceAll("#.*", "");
    }

    private boolean run(ServerCommand command, boolean isKnownAllowed, int requests) {
        Differential run = new Differential(command, isKnownAllowed, directory, SHRINK_SECONDS);
        try {
            return run.run(1, requests, false);
        } finally {
            run.close();
        }
    }
}
