package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The {@code server.N} lines of a zoo.cfg, or of the file that its {@code dynamicConfigFile} names.
 * One voter means a server that stands alone, as long as {@code standaloneEnabled} is true; more
 * lines are an ensemble (protocol 17.1).
 *
 * @param members by server id
 * @param isEnsemble false when this server stands alone
 */
record ServerLines(SortedMap<Long, ServerLine> members, boolean isEnsemble) {
    /**
     * Reads them.
     *
     * @throws ConfigException when they are none, or make no ensemble
     */
    static ServerLines parse(Settings settings) throws ConfigException {
        Settings source = source(settings);
        SortedMap<Long, ServerLine> members = new TreeMap<>();
        List<ServerLine> voters = new ArrayList<>();
        List<ServerLine> observers = new ArrayList<>();
        for (Given given : source.startingWith("server.")) {
            ServerLine line = ServerLine.parse(source, given);
            if (members.put(line.sid(), line) != null) {
                throw source.wrong(given, "one line for each server");
            }
            (line.isObserver() ? observers : voters).add(line);
        }
        boolean isEnsemble = isEnsemble(settings, voters.size());
        if (!isEnsemble && !observers.isEmpty()) {
            throw source.wrong(
                    observers.getFirst().given(),
                    "a participant: observers need at least two of them, or one and"
                            + " standaloneEnabled=false");
        }
        if (isEnsemble) {
            requireMajorities(settings, source);
            requireSingleAddresses(settings, source, members);
        }
        return new ServerLines(members, isEnsemble);
    }

    /** The line of a server that stands alone, if it has one. */
    Optional<ServerLine> only() {
        return members.values().stream().findFirst();
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
        List<Given> here = settings.startingWith("server.");
        if (!here.isEmpty()) {
            throw settings.wrong(here.getFirst(), "a line of dynamicConfigFile, " + file.value());
        }
        try (Reader text = Files.newBufferedReader(Path.of(file.value()), StandardCharsets.UTF_8)) {
            return new Settings(file.value(), ConfigText.parse(file.value(), text), Map.of());
        } catch (IOException | InvalidPathException e) {
            throw settings.wrong(file, "a file that can be read");
        }
    }

    /** Weights and groups would change who decides: they are refused, not passed over. */
    private static void requireMajorities(Settings settings, Settings source)
            throws ConfigException {
        for (Settings place : List.of(settings, source)) {
            for (String prefix : List.of("group.", "weight.", "oraclePath")) {
                for (Given given : place.startingWith(prefix)) {
                    throw place.wrong(
                            given,
                            "no such line: the majority of participants decides, each counts");
                }
            }
        }
    }

    private static void requireSingleAddresses(
            Settings settings, Settings source, SortedMap<Long, ServerLine> members)
            throws ConfigException {
        boolean several = settings.flag("multiAddress.enabled", false);
        for (ServerLine line : members.values()) {
            if (line.addresses().size() > 1 && !several) {
                throw source.wrong(
                        line.given(), "one address, unless multiAddress.enabled is true");
            }
        }
    }
}
