package io.loomkeeper.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What docs/reference.md says of {@code bin/loomkeeper}, from the model that parses its words. */
public final class CommandReference {
    private CommandReference() {}

    /** The section's lines, its heading left out. */
    public static List<String> lines() {
        CommandLine line = Main.commandLine();
        List<String> lines = new ArrayList<>();
        lines.add("| exit code | |");
        lines.add("|---|---|");
        Map<String, String> codes = line.getCommandSpec().usageMessage().exitCodeList();
        codes.forEach(
                (code, meaning) -> lines.add("| " + code.strip() + " | " + meaning.strip() + " |"));
        for (CommandLine command : line.getSubcommands().values()) {
            lines.add("");
            lines.addAll(of(command));
        }
        return lines;
    }

    private static List<String> of(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<String> lines = new ArrayList<>();
        lines.add("### loomkeeper " + spec.name());
        lines.add("");
        lines.add("    " + synopsis(command));
        lines.add("");
        for (String line : spec.usageMessage().description()) {
            lines.add(line.startsWith("  ") ? "\n    " + line.strip() : line);
        }
        lines.add("");
        List<String> rows = new ArrayList<>();
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            rows.add(row("`" + parameter.paramLabel() + "`", parameter));
        }
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                rows.add(row(names(option), option));
            }
        }
        if (!rows.isEmpty()) {
            lines.add("| | |");
            lines.add("|---|---|");
            lines.addAll(rows);
        }
        return lines;
    }

    private static String synopsis(CommandLine command) {
        return command.getHelp().synopsis(0).replaceAll("\\s+", " ").strip();
    }

    private static String names(OptionSpec option) {
        List<String> names = new ArrayList<>();
        for (String name : option.names()) {
            boolean takesValue = option.arity().max() > 0;
            String value = takesValue ? option.splitRegex() + " " + option.paramLabel() : "";
            names.add("`" + (name + value).strip() + "`");
        }
        return String.join(", ", names);
    }

    private static String row(String name, ArgSpec argument) {
        List<String> said = new ArrayList<>();
        for (String line : argument.description()) {
            said.add(Ansi.OFF.string(line).strip());
        }
        return "| " + name + " | " + String.join(" ", said).replace("|", "\\|") + " |";
    }
}
