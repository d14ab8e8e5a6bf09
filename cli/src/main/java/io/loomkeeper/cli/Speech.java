package io.loomkeeper.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command speaks: the options that all of them have. */
final class Speech {
    @Option(
            names = "--json",
            description = "Print JSON: one object, or one in each line where there are many.")
    private boolean json;

    @Option(names = "--quiet", description = "Show no progress.")
    private boolean quiet;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    boolean isJson() {
        return json;
    }

    PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** Says one thing, in one of two ways. */
    void say(Map<String, ?> asJson, Consumer<PrintWriter> asText) {
        if (json) {
            out().println(Json.of(asJson));
        } else {
            asText.accept(out());
        }
    }

    void warn(String text) {
        command.commandLine().getErr().println(text);
    }

    /**
     * Progress is for a terminal alone.
     *
     * @param total 0 when it is not known
     */
    Progress progress(String what, long total) {
        boolean isShown = !quiet && !json && isTerminal();
        return new Progress(command.commandLine().getErr(), isShown, what, total);
    }

    /** There is no console where a program was linked without the JDK's own. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
