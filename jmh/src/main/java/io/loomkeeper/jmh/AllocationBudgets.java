package io.loomkeeper.jmh;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * {@code bin/jmh budgets}: measures what each benchmark of a list allocates per operation, all
 * threads of the JVM together, and holds it against its budget. Bytes per operation do not depend
 * on the machine or on what else runs on it; times are not looked at.
 */
public final class AllocationBudgets {
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final int WARMUPS = 4;
    private static final int ITERATIONS = 2;
    private static final int OVER_BUDGET = 1;
    private static final int USAGE = 2;

    private AllocationBudgets() {}

    /**
     * Exits with 1 when a benchmark is over its budget, with 2 when not understood.
     *
     * @param args the file, then perhaps {@code --record} and a regular expression for names
     */
    public static void main(String[] args) throws IOException, RunnerException {
        List<String> words = new ArrayList<>(Arrays.asList(args));
        boolean record = words.remove("--record");
        if (words.isEmpty() || words.size() > 2 || words.getLast().startsWith("-")) {
            System.err.println("budgets [--record] [REGEX]");
            System.exit(USAGE);
        }
        Pattern chosen = Pattern.compile(words.size() == 2 ? words.get(1) : "");
        System.exit(run(Path.of(words.getFirst()), chosen, record));
    }

    private static int run(Path file, Pattern chosen, boolean record)
            throws IOException, RunnerException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        List<String> over = new ArrayList<>();
        int checked = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (!Budget.isIn(lines.get(i))) {
                continue;
            }
            Budget budget = Budget.parse(lines.get(i));
            if (chosen.matcher(budget.name()).find()) {
                checked++;
                double measured = measured(budget);
                System.out.printf("%,9d  %,11.1f  %s%n", budget.bytes(), measured, budget.name());
                if (!budget.allows(measured)) {
                    over.add(
                            budget.name()
                                    + ": budget %,d, measured %,.1f"
                                            .formatted(budget.bytes(), measured));
                }
                lines.set(i, budget.after(measured).line());
            }
        }
        if (record) {
            Files.write(file, lines);
            System.out.println("recorded: " + file);
            return 0;
        }
        return conclude(checked, over);
    }

    private static int conclude(int checked, List<String> over) {
        if (checked == 0) {
            System.err.println("no budget is named like that");
            return USAGE;
        }
        over.forEach(line -> System.out.println("over budget, bytes per operation: " + line));
        System.out.printf("%d of %d within budget%n", checked - over.size(), checked);
        return over.isEmpty() ? 0 : OVER_BUDGET;
    }

    /** Bytes per operation, in a JVM of its own. */
    private static double measured(Budget budget) throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include("^" + Pattern.quote(budget.benchmark()) + "$")
                        .forks(1)
                        .warmupIterations(WARMUPS)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(ITERATIONS)
                        .measurementTime(TimeValue.seconds(1))
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT);
        budget.parameters().forEach(options::param);
        Collection<RunResult> results = new Runner(options.build()).run();
        if (results.size() != 1) {
            throw new RunnerException(
                    budget.name()
                            + " names "
                            + results.size()
                            + " benchmarks: give all parameters");
        }
        RunResult result = results.iterator().next();
        String allocated =
                result.getSecondaryResults().keySet().stream()
                        .filter(name -> name.endsWith(ALLOCATED))
                        .findFirst()
                        .orElseThrow();
        return requireNonNull(result.getSecondaryResults().get(allocated)).getScore();
    }
}
