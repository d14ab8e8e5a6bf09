package io.loomkeeper.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The facts that show the rules which the simulator does not break: each holds as things are, and
 * fails when the mistake is made that it stands against (docs/invariants.md).
 */
final class FactMutantTest {
    static Stream<FactMistake> mistakes() {
        return FactMistake.all().stream();
    }

    static Stream<Fact> facts() {
        return mistakes().map(mistake -> mistake.recipe().fact()).distinct();
    }

    /** In a world of its own as below, so that a mistake is all that makes the difference there. */
    @ParameterizedTest
    @MethodSource("facts")
    void everyFactHolds(Fact fact) throws ClassNotFoundException {
        Fact.Outcome outcome = fact.runIn(new MutantLoader(List.of()));

        if (outcome.failure() != null) {
            throw new AssertionError(fact.toString(), outcome.failure());
        }
        assertTrue(outcome.ran() > 0, fact::toString);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void everyMistakeFailsItsFact(FactMistake mistake) throws ClassNotFoundException {
        FactMistake.Recipe recipe = mistake.recipe();

        Fact.Outcome outcome = recipe.fact().runIn(new MutantLoader(recipe.mutations()));

        AssertionError failure = assertInstanceOf(AssertionError.class, outcome.failure());
        assertEquals(List.of(), broken(failure), mistake::name);
    }

    @Test
    void everyMistakeStandsInTheTable() throws IOException {
        Path house = Path.of(System.getProperty("loomkeeper.house", "../.."));
        List<String> lines = Files.readAllLines(house.resolve("docs/invariants.md"));

        assertEquals(
                List.of(),
                mistakes().map(FactMistake::row).filter(row -> !lines.contains(row)).toList());
    }

    /** What is wrong with the mistake itself, and would make any fact fail. */
    private static List<Throwable> broken(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .filter(LinkageError.class::isInstance)
                .toList();
    }
}
