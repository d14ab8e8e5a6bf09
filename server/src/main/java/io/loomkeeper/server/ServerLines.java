package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The {@code server.N} lines of a zoo.cfg. One voter means a standalone server, as long as {@code
 * standaloneEnabled} is true; anything else is an ensemble, which this server cannot be yet and
 * therefore refuses to start as (protocol 17.1 has the grammar of a line).
 */
final class ServerLines {
    private static final String GRAMMAR =
            "host:quorumPort:electionPort[:participant|:observer][;[host:]clientPort]";
    private static final String ALONE =
            "a server of its own, because ensembles are not supported yet: at most one server line, a"
                    + " participant, with standaloneEnabled=true";

    private final Settings settings;
    private final List<Given> voters = new ArrayList<>();
    private final List<Given> observers = new ArrayList<>();

    private ServerLines(Settings settings) {
        this.settings = settings;
    }

    /**
     * The client address of the only server line, {@code [host:]clientPort}, or null.
     *
     * @throws ConfigException when the lines describe an ensemble, or are not server lines
     */
    static @Nullable Given clientAddress(Settings settings) throws ConfigException {
        ServerLines lines = new ServerLines(settings);
        for (Given line : settings.startingWith("server.")) {
            lines.add(line);
        }
        lines.requireStandalone();
        return lines.clientPart();
    }

    private void add(Given line) throws ConfigException {
        if (!line.name().substring("server.".length()).matches("-?[0-9]{1,18}")) {
            throw settings.wrong(line, "server.<id>=" + GRAMMAR + " with a number as the id");
        }
        String quorumPart = line.value().split(";", 2)[0];
        if (!quorumPart.contains(":")) {
            throw settings.wrong(line, GRAMMAR);
        }
        boolean observer = quorumPart.toLowerCase(Locale.ROOT).strip().endsWith(":observer");
        (observer ? observers : voters).add(line);
    }

    private void requireStandalone() throws ConfigException {
        Given dynamic = settings.given("dynamicConfigFile");
        if (dynamic != null) {
            throw settings.wrong(dynamic, ALONE);
        }
        if (!observers.isEmpty()) {
            throw settings.wrong(observers.getFirst(), ALONE);
        }
        if (voters.size() > 1) {
            throw settings.wrong(voters.get(1), ALONE);
        }
        boolean standalone = settings.flag("standaloneEnabled", true);
        Given switched = settings.given("standaloneEnabled");
        if (!standalone && switched != null) {
            throw settings.wrong(switched, ALONE);
        }
    }

    private @Nullable Given clientPart() {
        if (voters.isEmpty()) {
            return null;
        }
        Given line = voters.getFirst();
        int semicolon = line.value().indexOf(';');
        return semicolon < 0
                ? null
                : new Given(
                        line.name(), line.value().substring(semicolon + 1).strip(), line.line());
    }
}
