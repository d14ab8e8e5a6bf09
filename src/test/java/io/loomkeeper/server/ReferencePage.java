package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;

import io.loomkeeper.admin.Command;
import io.loomkeeper.cli.CommandReference;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.TreeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** docs/reference.md, made of the tables that the code goes by. */
final class ReferencePage {
    private static final String HEAD =
            """
            # Reference

            Made of the code that it describes; `mvn -pl src/test -am test -Dtest=ReferencePageTest -Dreference=write` makes it anew, and
            `bin/check` fails where the two differ. What belongs together is explained in [configuration.md](configuration.md),
            [command-line.md](command-line.md) and [metrics.md](metrics.md).

            ## Keys of zoo.cfg

            A key *of the file* counts there alone. Any other is a system property as well: `-Dzookeeper.<key>`, and the file wins; a *bare* one is
            `-D<key>`, and wins over the file. A range that is not given is that of the kind of thing. "Apache otherwise" says what Apache ZooKeeper
            3.9 does in its place; nothing there, and it does the same.
            """;

    private static final String WITHOUT_EFFECT =
            """

            ## Keys without effect

            Named in the warning, unless they have the value in brackets, at which they ask for nothing. A star stands for any ending. In an ensemble the keys
            of the first row that no table above has are named as "not implemented yet for an ensemble". What is in no table is named as "no such key".

            | reason, as the warning gives it | keys |
            |---|---|
            """;

    private static final String WORDS =
            """

            ## Four-letter words

            | word | answer |
            |---|---|
            """;

    private static final String COMMANDS =
            """

            ## Commands of the admin server

            Below `admin.commandURL`. Those with a star are answered whether the server serves or not; those with two ask who wants to know, by the header
            `Authorization` with scheme and credentials, or by a certificate.

            | command | other names | method | answer |
            |---|---|---|---|
            """;

    private static final String EXIT_CODES =
            """

            ## Exit codes of a server

            | code | |
            |---|---|
            """;

    private final Settings settings;
    private final Map<String, String> shownBy;
    private final List<Command> commands;

    /**
     * @param settings of a member that have been parsed
     * @param shownBy a key's tests
     */
    ReferencePage(Settings settings, Map<String, String> shownBy, List<Command> commands) {
        this.settings = settings;
        this.shownBy = shownBy;
        this.commands = commands;
    }

    /** As the files of a member in an empty directory have it. */
    static ReferencePage of(Path directory, Map<String, String> shownBy)
            throws IOException, ConfigException {
        Files.writeString(directory.resolve("myid"), "1");
        List<ConfigText.Entry> lines = new ArrayList<>();
        lines.add(new ConfigText.Entry("dataDir", directory.toString(), 1));
        lines.add(new ConfigText.Entry("clientPort", "0", 1));
        lines.add(new ConfigText.Entry("initLimit", "10", 1));
        lines.add(new ConfigText.Entry("syncLimit", "5", 1));
        for (int id = 1; id <= 3; id++) {
            lines.add(new ConfigText.Entry("server." + id, "127.0.0.1:2888:3888", id));
        }
        Settings settings = new Settings("zoo.cfg", lines, Map.of());
        Config config = Config.parse(settings);
        return new ReferencePage(settings, shownBy, commands(config, directory));
    }

    private static final RestoreCommand.Target NOBODY =
            new RestoreCommand.Target() {
                @Override
                public long roomBytes() {
                    return 0;
                }

                @Override
                public boolean take(Replacement replacement) {
                    return false;
                }
            };

    private static List<Command> commands(Config config, Path directory) throws IOException {
        ServerMetrics metrics = new ServerMetrics();
        FixedView view = new FixedView(true, "standalone", List.of());
        FourLetterWords words = new FourLetterWords(config, metrics, view, "", Map.of());
        List<Command> all = new ArrayList<>();
        all.addAll(new ServerCommands(config, metrics, view, words, Map.of()).all());
        all.addAll(new TreeCommands(view, SnapshotStore.open(directory)).all());
        all.addAll(new EnsembleCommands(view, NoEnsemble.INSTANCE, "").all());
        all.add(
                new SnapshotCommand(
                                new AdminConfig.Snapshots(true, true, 0, true),
                                new PublishedState(new DataTree(TreeOptions.DEFAULT).seal()),
                                _ -> false,
                                metrics)
                        .command());
        all.add(
                new RestoreCommand("", TreeOptions.DEFAULT, new Turns(0), NOBODY, metrics)
                        .command());
        all.add(new ShedCommand(_ -> {}).command());
        return all;
    }

    /** Every key that a server or a member asks for by its whole name. */
    Set<String> keys() {
        Set<String> keys = new TreeSet<>(settings.asked());
        keys.removeIf(key -> key.matches("(server|group|weight)\\.\\d+"));
        return keys;
    }

    List<Command> commands() {
        return commands;
    }

    /** The default as it is printed: in backquotes where it is a value. */
    String defaultOf(ConfigKeys.Key key, String name) {
        String parsed = settings.defaultOf(name);
        if (!key.otherwise().isEmpty() || parsed == null) {
            return key.otherwise();
        }
        return parsed.isEmpty() ? "none" : "`" + parsed + "`";
    }

    String text() {
        StringBuilder page = new StringBuilder(HEAD);
        for (ConfigKeys.Section section : ConfigKeys.sections()) {
            page.append("\n### ").append(section.title()).append("\n\n");
            page.append(
                    "| key | default | allowed | what it does | Apache otherwise | shown by |\n");
            page.append("|---|---|---|---|---|---|\n");
            section.keys().forEach(key -> page.append(row(key, key.name(), key.meaning())));
        }
        page.append("\n### TLS between servers\n\n");
        page.append("| key | default | allowed | what it does | Apache otherwise | shown by |\n");
        page.append("|---|---|---|---|---|---|\n");
        for (String name : keys()) {
            if (name.startsWith("ssl.quorum.")) {
                String said = name.replace("quorum.", "");
                page.append(
                        row(ConfigKeys.of(name).orElseThrow(), name, "as " + said + ", for links"));
            }
        }
        page.append(WITHOUT_EFFECT);
        withoutEffect().forEach((reason, keys) -> page.append(row(reason, keys)));
        page.append(WORDS);
        new TreeMap<>(FourLetterWords.MEANINGS)
                .forEach((word, meaning) -> page.append(row("`" + word + "`", meaning)));
        page.append(COMMANDS);
        commands.stream()
                .sorted(Comparator.comparing(command -> command.names().getFirst()))
                .forEach(command -> page.append(row(command)));
        page.append(EXIT_CODES);
        for (ExitCode code : ExitCode.values()) {
            page.append(row(Integer.toString(code.number()), code.meaning()));
        }
        page.append("\nBy a signal: 128 and its number, 143 for SIGTERM.\n");
        page.append("\n## bin/loomkeeper\n\n");
        CommandReference.lines().forEach(line -> page.append(line).append('\n'));
        return page.toString();
    }

    private String row(ConfigKeys.Key key, String name, String meaning) {
        String otherwise = defaultOf(key, name);
        String allowed = key.allowed().isEmpty() ? settings.allowedFor(name) : key.allowed();
        String mark =
                Settings.isFileOnly(name) || key.name().endsWith("<id>")
                        ? " *of the file*"
                        : Settings.isBare(name) ? " *bare*" : "";
        boolean hasUnit = !key.unit().isEmpty();
        boolean isValue = hasUnit && otherwise.startsWith("`");
        return row(
                "`" + name + "`" + mark,
                otherwise + (isValue ? " " + key.unit() : ""),
                requireNonNull(allowed, name) + (hasUnit && !isValue ? " " + key.unit() : ""),
                meaning,
                key.apache(),
                shownBy.getOrDefault(name, ""));
    }

    private static Map<String, String> withoutEffect() {
        Map<String, String> byReason = new LinkedHashMap<>();
        for (UnsupportedKeys.Rule rule : new UnsupportedKeys().rules()) {
            String harmless = rule.harmless().map(value -> " (" + value + ")").orElse("");
            byReason.merge(
                    rule.reason(),
                    "`" + rule.key() + "`" + harmless,
                    (one, more) -> one + " " + more);
        }
        return byReason;
    }

    private static String row(Command command) {
        List<String> names = command.names();
        String star =
                switch (command.needs()) {
                    case NOTHING -> " \\*";
                    case SERVING -> "";
                    case CREDENTIALS -> " \\*\\*";
                };
        return row(
                "`" + names.getFirst() + "`" + star,
                String.join(", ", names.subList(1, names.size())),
                command.method().name(),
                AdminMeanings.BY_COMMAND.getOrDefault(names.getFirst(), ""));
    }

    private static String row(String... cells) {
        StringBuilder row = new StringBuilder("|");
        for (String cell : cells) {
            row.append(cell.isEmpty() ? " |" : " " + cell + " |");
        }
        return row.append('\n').toString();
    }
}
