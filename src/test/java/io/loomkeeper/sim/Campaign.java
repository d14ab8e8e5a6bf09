package io.loomkeeper.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Many runs, and what came of them together. */
final class Campaign {
    private final ArrayList<Simulation.Outcome> failures = new ArrayList<>();
    private final Marks marks = new Marks();
    private long runs;
    private long steps;
    private long virtualUs;
    private long faults;
    private long acked;
    private long tookNs;

    Simulation.Outcome run(Plan plan) {
        long beganNs = System.nanoTime();
        Simulation.Outcome outcome = new Simulation(plan).run();
        tookNs += System.nanoTime() - beganNs;
        runs++;
        steps += outcome.steps();
        virtualUs += outcome.virtualUs();
        faults += outcome.faults();
        acked += outcome.acked();
        marks.add(outcome.marks());
        if (outcome.violation() != null) {
            failures.add(outcome);
        }
        return outcome;
    }

    List<Simulation.Outcome> failures() {
        return failures;
    }

    Marks marks() {
        return marks;
    }

    double stepsPerSecond() {
        return steps * 1e9 / tookNs;
    }

    List<String> report() {
        ArrayList<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%d runs, %d failed; %d steps, %.0f a second; %.1f hours of virtual time;"
                                + " %d faults; %d writes acknowledged",
                        runs,
                        failures.size(),
                        steps,
                        stepsPerSecond(),
                        virtualUs / 3600e6,
                        faults,
                        acked));
        for (Mark mark : Mark.values()) {
            lines.add(String.format(Locale.ROOT, "%10d %s", marks.count(mark), mark));
        }
        return lines;
    }

    /** The rule, the last events and the command that shows it again. */
    static List<String> describe(Simulation.Outcome failure) {
        ArrayList<String> lines = new ArrayList<>();
        Violation violation = failure.broken();
        lines.addAll(
                new Simulation(failure.plan()).run(Math.max(0, failure.steps() - 1500)).lines());
        lines.add("broken at step " + failure.steps() + ": " + violation.getMessage());
        for (StackTraceElement frame : frames(violation)) {
            lines.add("    at " + frame);
        }
        lines.add("again: " + failure.plan().command());
        return lines;
    }

    private static List<StackTraceElement> frames(Violation violation) {
        Throwable cause = violation.getCause() == null ? violation : violation.getCause();
        List<StackTraceElement> frames = List.of(cause.getStackTrace());
        return frames.subList(0, Math.min(8, frames.size()));
    }
}
