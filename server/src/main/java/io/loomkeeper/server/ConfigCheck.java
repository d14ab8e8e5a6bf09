package io.loomkeeper.server;

import io.loomkeeper.net.Tls;
import io.loomkeeper.net.TlsOptions;
import io.loomkeeper.server.Settings.Given;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a server would start with, where each value comes from, and everything that speaks against
 * it: {@code bin/server --check}. Starts nothing and changes nothing.
 *
 * <p>A parse ends at the first problem. To find the next one, what was wrong is set aside, as if it
 * had not been given, and what was missing gets a stand-in; then it is parsed again.
 */
final class ConfigCheck {
    /** Taken where a needed key is missing, so that the rest can be looked at. */
    private static final Map<String, String> STAND_INS =
            Map.of("dataDir", ".", "clientPort", "0", "initLimit", "10", "syncLimit", "5");

    private static final List<String> OF_MEMBERS =
            List.of("server.", "group.", "weight.", "dynamicConfigFile", "oraclePath");

    private static final String NONE = "none";

    /**
     * What is printed.
     *
     * @param isSound whether a server would start with that
     */
    record Report(List<String> lines, boolean isSound) {}

    private final String file;
    private final List<ConfigText.Entry> entries;
    private final Map<String, String> properties;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> setAside = new HashSet<>();

    private ConfigCheck(
            String file, List<ConfigText.Entry> entries, Map<String, String> properties) {
        this.file = file;
        this.entries = new ArrayList<>(entries);
        this.properties = new HashMap<>(properties);
    }

    /**
     * Looks at a file.
     *
     * @throws IOException when it cannot be read
     */
    static Report of(Path zooCfg, Map<String, String> properties) throws IOException {
        try (Reader text = Files.newBufferedReader(zooCfg, StandardCharsets.UTF_8)) {
            return of(zooCfg.toString(), text, properties);
        }
    }

    /** Looks at what counts without a file. */
    static Report ofBuiltIn(Map<String, String> properties) throws IOException {
        return of("built-in", new StringReader(Config.standaloneText(properties)), properties);
    }

    static Report of(String name, Reader text, Map<String, String> properties) throws IOException {
        try {
            return new ConfigCheck(name, ConfigText.parse(name, text), properties).report();
        } catch (ConfigException e) {
            return new Report(List.of("1 problem", "  " + e.getMessage()), false);
        }
    }

    private Report report() {
        Settings settings = settings();
        Config config = null;
        boolean goesOn = true;
        while (config == null && goesOn) {
            settings = settings();
            try {
                config = Config.parse(settings);
            } catch (ConfigException e) {
                if (!isMissingBecauseItWasSetAside(e)) {
                    problems.add(String.valueOf(e.getMessage()));
                }
                goesOn = setAside(e);
            }
        }
        if (config == null) {
            problems.add("what follows from that was not looked at");
        } else {
            checkDirectories(config);
            config.clientTls().options().ifPresent(this::checkKeys);
            config.admin()
                    .server()
                    .flatMap(AdminConfig.Commands::tls)
                    .ifPresent(tls -> checkKeys(tls.options()));
            config.ensemble()
                    .flatMap(ensemble -> ensemble.links().tls().options())
                    .ifPresent(this::checkKeys);
        }
        return new Report(lines(settings, config), problems.isEmpty());
    }

    private boolean isMissingBecauseItWasSetAside(ConfigException e) {
        return e.file().equals(file) && e.line() == 0 && setAside.contains(e.key());
    }

    private Settings settings() {
        return new Settings(file, entries, properties);
    }

    /** Makes the problem go away; false when that cannot be done. */
    private boolean setAside(ConfigException e) {
        if (e.key().startsWith("-D")) {
            setAside.add(bare(e.key().substring(2)));
            return properties.remove(e.key().substring(2)) != null;
        }
        setAside.add(e.key());
        if (!e.file().equals(file)) {
            return setAsideMembers();
        }
        if (e.line() > 0) {
            return entries.removeIf(
                    entry -> entry.line() == e.line() && entry.key().strip().equals(e.key()));
        }
        String standIn = STAND_INS.get(e.key());
        return standIn != null && entries.add(new ConfigText.Entry(e.key(), standIn, 0));
    }

    /** The file {@code myid}, or that of the members, is the problem. */
    private boolean setAsideMembers() {
        return entries.removeIf(
                entry -> OF_MEMBERS.stream().anyMatch(entry.key().strip()::startsWith));
    }

    private static String bare(String property) {
        return property.startsWith(Settings.PREFIX)
                ? property.substring(Settings.PREFIX.length())
                : property;
    }

    /** A key that cannot be read, or a cipher suite that is none, stops a start too. */
    private void checkKeys(TlsOptions options) {
        try {
            Tls.open(options);
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private void checkDirectories(Config config) {
        Config.Storage storage = config.storage();
        checkDirectory("dataDir", storage.dataDir(), storage.autocreate());
        if (!storage.dataLogDir().equals(storage.dataDir())) {
            checkDirectory("dataLogDir", storage.dataLogDir(), storage.autocreate());
        }
    }

    private void checkDirectory(String key, Path directory, boolean autocreate) {
        Path there = directory.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        boolean isThere = directory.toAbsolutePath().equals(there);
        if (there == null || !Files.isDirectory(there)) {
            problems.add(key + ": " + there + " is no directory");
        } else if (!isThere && !autocreate) {
            problems.add(key + ": " + directory + " is missing, and datadir.autocreate is false");
        } else if (!Files.isWritable(there)) {
            problems.add(key + ": " + there + " cannot be written to by this user");
        }
    }

    private List<String> lines(Settings settings, @Nullable Config config) {
        List<String> lines = new ArrayList<>();
        lines.addAll(table(settings, config));
        if (config != null) {
            section(lines, "warnings", warnings(config));
        }
        section(lines, "problems", problems);
        if (problems.isEmpty()) {
            lines.add(file + ": a server would start with that");
        }
        return lines;
    }

    private static List<String> warnings(Config config) {
        List<String> warnings = new ArrayList<>(config.warnings());
        Profile.warning(config).ifPresent(warnings::add);
        DataDirs.foreign(config.storage()).ifPresent(warnings::add);
        return warnings;
    }

    private static void section(List<String> lines, String what, List<String> entries) {
        if (!entries.isEmpty()) {
            lines.add(
                    entries.size() == 1
                            ? "1 " + what.substring(0, what.length() - 1)
                            : entries.size() + " " + what);
            entries.forEach(entry -> lines.add("  " + entry));
            lines.add("");
        }
    }

    private List<String> table(Settings settings, @Nullable Config config) {
        Map<String, String> derived = config == null ? Map.of() : derived(config);
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"key", "value", "from", ""});
        for (String key : new TreeSet<>(settings.asked())) {
            row(settings, key, derived).ifPresent(rows::add);
        }
        int keyWidth = rows.stream().mapToInt(row -> row[0].length()).max().orElse(0);
        int valueWidth = rows.stream().mapToInt(row -> row[1].length()).max().orElse(0);
        String form = "%-" + keyWidth + "s  %-" + Math.clamp(valueWidth, 1, 60) + "s  %s  %s";
        List<String> lines = new ArrayList<>();
        rows.forEach(row -> lines.add(form.formatted((Object[]) row).stripTrailing()));
        lines.add("");
        return lines;
    }

    private Optional<String[]> row(Settings settings, String key, Map<String, String> derived) {
        Given given = settings.given(key);
        if (given != null && given.line() == 0 && setAside.contains(key)) {
            return Optional.of(new String[] {key, "missing", "see the problems", meaning(key)});
        }
        if (given != null) {
            return Optional.of(
                    new String[] {
                        key, Secrets.shown(key, given.value()), source(given), meaning(key)
                    });
        }
        String otherwise = settings.defaultOf(key);
        String value = otherwise == null || otherwise.isEmpty() ? derived.get(key) : otherwise;
        String from = setAside.contains(key) ? "default, see the problems" : "default";
        return Optional.of(new String[] {key, value == null ? NONE : value, from, ""});
    }

    /** Said of what somebody has set, or should have. */
    private static String meaning(String key) {
        return ConfigKeys.of(key).map(said -> "(" + said.meaning() + ")").orElse("");
    }

    private String source(Given given) {
        if (given.line() > 0) {
            return file + ":" + given.line();
        }
        return given.name() + " of the JVM's flags";
    }

    /** Defaults that follow from other values. */
    private static Map<String, String> derived(Config config) {
        Map<String, String> derived = new TreeMap<>();
        derived.put("clientPort", Integer.toString(config.client().address().getPort()));
        derived.put("clientPortAddress", config.client().address().getAddress().getHostAddress());
        derived.put("dataLogDir", config.storage().dataLogDir().toString());
        derived.put("minSessionTimeout", config.client().minSessionTimeoutMs() + " ms");
        derived.put("maxSessionTimeout", config.client().maxSessionTimeoutMs() + " ms");
        derived.put("autopurge.purgeInterval", config.storage().autopurge().intervalMs() + "ms");
        derived.put(
                "fsync.warningthresholdms",
                Long.toString(config.storage().fsyncWarningThresholdMs()));
        derived.put("DigestAuthenticationProvider.digestAlg", config.security().digestAlg());
        derived.put("sasl.serverconfig", config.sasl().section());
        derived.put("security.auth_to_local", config.sasl().names().rules());
        AdminConfig.Commands admin = config.admin().server().orElse(null);
        if (admin != null) {
            derived.put("admin.serverAddress", admin.address().getAddress().getHostAddress());
            derived.put("admin.commandURL", admin.commandUrl());
        }
        return derived;
    }
}
