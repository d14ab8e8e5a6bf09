package io.loomkeeper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/**
 * One run of the command line inside the test's process.
 *
 * @param out what it printed, line by line
 * @param err what it complained of
 */
public record Loomkeeper(int exitCode, List<String> out, String err) {
    public static Loomkeeper run(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int exitCode =
                line.execute(Arrays.stream(words).map(Object::toString).toArray(String[]::new));
        return new Loomkeeper(exitCode, out.toString().lines().toList(), err.toString());
    }

    /** Runs what is meant to succeed. */
    public static Loomkeeper done(Object... words) {
        Loomkeeper run = run(words);
        assertEquals(0, run.exitCode, run::toString);
        return run;
    }

    /** Runs what is meant to fail; returns why it did. */
    public static String refusal(Object... words) {
        Loomkeeper run = run(words);
        assertEquals(1, run.exitCode, run::toString);
        return run.err + String.join("\n", run.out);
    }
}
