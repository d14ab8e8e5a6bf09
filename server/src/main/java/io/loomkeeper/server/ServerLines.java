package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;

import io.loomkeeper.server.Settings.Given;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the members of a zoo.cfg stand: in it, or in the file that its {@code dynamicConfigFile}
 * names. One voter means a server that stands alone, as long as {@code standaloneEnabled} is true;
 * more lines are an ensemble (protocol 17.1).
 *
 * @param isEnsemble false when this server stands alone
 */
record ServerLines(Members members, boolean isEnsemble) {
    private static final List<String> OF_MEMBERS = List.of("server.", "group.", "weight.");

    /**
     * Reads them.
     *
     * @throws ConfigException when they are none, or make no ensemble
     */
    static ServerLines parse(Settings settings) throws ConfigException {
        Settings source = source(settings);
        Members members = Members.parse(source, versionOf(settings));
        boolean isEnsemble = isEnsemble(settings, members.voters().size());
        if (!isEnsemble && !members.observers().isEmpty()) {
            ServerLine observer = members.lines().get(members.observers().getFirst());
            throw source.wrong(
                    requireNonNull(observer).given(),
                    "a participant: observers need at least two of them, or one and"
                            + " standaloneEnabled=false");
        }
        if (isEnsemble) {
            refuseOracle(settings);
            if (!settings.flag("multiAddress.enabled", false)) {
                members.requireSingleAddresses(source);
            }
        }
        return new ServerLines(members, isEnsemble);
    }

    /** The version stands in the file's name, in hexadecimal; 0 where there is none. */
    private static long versionOf(Settings settings) {
        Given file = settings.given("dynamicConfigFile");
        String suffix =
                file == null ? "" : file.value().substring(file.value().lastIndexOf('.') + 1);
        return suffix.matches("[0-9a-fA-F]{1,15}") ? Long.parseLong(suffix, 16) : 0;
    }

    /** What was proposed before this process began; null when there is nothing of the kind. */
    static @Nullable Members seen(ConfigFiles files) throws ConfigException {
        String name = files.next().toString();
        if (!Files.exists(files.next())) {
            return null;
        }
        try (Reader text = Files.newBufferedReader(files.next(), StandardCharsets.UTF_8)) {
            Settings source = Settings.parse(name, text);
            return Members.parse(source, Members.versionIn(source));
        } catch (IOException e) {
            throw new ConfigException(name, 0, "version", "", "a file that can be read");
        }
    }

    /** The line of a server that stands alone, if it has one. */
    Optional<ServerLine> only() {
        return members.lines().values().stream().findFirst();
    }

    private static boolean isEnsemble(Settings settings, int voters) throws ConfigException {
        boolean standalone = settings.flag("standaloneEnabled", true);
        Given switched = settings.given("standaloneEnabled");
        if (!standalone && voters == 0 && switched != null) {
            throw settings.wrong(
                    switched, "true, where there is no participant among server lines");
        }
        return voters > 1 || (voters == 1 && !standalone);
    }

    /** Where the lines stand: in one file, never in both (Apache's rule). */
    private static Settings source(Settings settings) throws ConfigException {
        Given file = settings.given("dynamicConfigFile");
        if (file == null) {
            return settings;
        }
        for (String prefix : OF_MEMBERS) {
            for (Given here : settings.startingWith(prefix)) {
                throw settings.wrong(here, "a line of dynamicConfigFile, " + file.value());
            }
        }
        try (Reader text = Files.newBufferedReader(Path.of(file.value()), StandardCharsets.UTF_8)) {
            Settings source = Settings.parse(file.value(), text);
            requireMembersOnly(source);
            return source;
        } catch (IOException | InvalidPathException e) {
            throw settings.wrong(file, "a file that can be read");
        }
    }

    /** That file has nothing else, as with Apache. */
    static void requireMembersOnly(Settings source) throws ConfigException {
        for (Given given : source.startingWith("")) {
            if (OF_MEMBERS.stream().noneMatch(given.name()::startsWith)) {
                throw source.wrong(given, "no such key here: lines of members and groups alone");
            }
        }
    }

    /** It would change who decides: it is refused, not passed over. */
    private static void refuseOracle(Settings settings) throws ConfigException {
        for (Given given : settings.startingWith("oraclePath")) {
            throw settings.wrong(given, "no such line: a quorum of participants decides");
        }
    }
}
