package io.loomkeeper.cli;

import io.loomkeeper.log.CorruptLogException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.logging.LogManager;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code bin/loomkeeper}: what an operator does with a server's files, and asks of servers. Exit
 * codes: 0 done, 1 something is not well, 2 wrong arguments.
 */
@Command(
        name = "loomkeeper",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Release.class,
        description = "What an operator does with a server's files, and asks of servers.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0: done",
            "1: something is not well, or two things differ",
            "2: wrong arguments"
        },
        subcommands = {
            StatusCommand.class,
            VerifyCommand.class,
            LsCommand.class,
            DumpCommand.class,
            DiffCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            PurgeCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main implements Runnable {
    static final String SOURCE =
            "A data directory of Loomkeeper's or Apache's, a zoo.cfg that names one, a backup, or a"
                    + " snapshot's file.";

    @Spec private CommandSpec command;

    /** Runs one command and ends the process. What goes wrong is said once, by the command. */
    public static void main(String[] args) {
        LogManager.getLogManager().reset();
        System.exit(commandLine().execute(args));
    }

    /** The whole of it, for the process and for tests. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(
                        (failure, line, _) -> {
                            line.getErr().println("loomkeeper: " + message(failure));
                            return 1;
                        });
    }

    /** What a disk or a file can cause has a message; anything else is a mistake of ours. */
    private static String message(Exception failure) throws Exception {
        return switch (failure) {
            case UncheckedIOException e -> String.valueOf(e.getMessage());
            case CorruptLogException e -> "damaged: " + e.getMessage();
            case NoSuchFileException e -> e.getMessage() + " is missing";
            case FileSystemException e -> e.toString();
            case IOException e -> String.valueOf(e.getMessage());
            default -> throw failure;
        };
    }

    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getErr());
    }

    /** A script for bash and zsh that completes commands and options. */
    @Command(
            name = "completion",
            description = {
                "Prints a script that completes commands and options:",
                "  bash: . <(loomkeeper completion bash)",
                "  zsh:  autoload -Uz compinit && compinit; . <(loomkeeper completion zsh)"
            })
    int completion(@Parameters(paramLabel = "SHELL", description = "bash or zsh.") Shell shell) {
        PrintWriter out = command.commandLine().getOut();
        out.print(AutoComplete.bash("loomkeeper", command.commandLine()));
        out.flush();
        return shell == null ? 1 : 0;
    }

    /** The release that the build wrote into the jar. */
    static final class Release implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String release = Main.class.getPackage().getImplementationVersion();
            return new String[] {"Loomkeeper " + (release == null ? "" : release)};
        }
    }

    /** Both read the same script: it switches zsh's own emulation on. */
    enum Shell {
        BASH,
        ZSH
    }
}
