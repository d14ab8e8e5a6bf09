package io.loomkeeper.server;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was set, by file and by system property, read key by key; it remembers which keys were asked
 * for, so that every other one can be named in a warning.
 *
 * <p>Which side wins when both set a key is Apache's rule. A key of the file's own list ({@link
 * #FILE_ONLY}) has no system property. Any other key of the file overwrites {@code
 * zookeeper.<key>}, so the file wins. A key that Apache reads without the prefix ({@link #BARE})
 * cannot be set by its file at all; here it can, and its system property, the only one that counts
 * there, wins.
 */
final class Settings {
    static final String PREFIX = "zookeeper.";

    private static final Set<String> FILE_ONLY =
            Set.of(
                    "tickTime",
                    "dataDir",
                    "dataLogDir",
                    "clientPort",
                    "clientPortAddress",
                    "secureClientPort",
                    "secureClientPortAddress",
                    "clientPortListenBacklog",
                    "maxClientCnxns",
                    "minSessionTimeout",
                    "maxSessionTimeout",
                    "autopurge.snapRetainCount",
                    "autopurge.purgeInterval",
                    "standaloneEnabled",
                    "reconfigEnabled",
                    "dynamicConfigFile",
                    "metricsProvider.className",
                    "metricsProvider.httpHost",
                    "metricsProvider.httpPort",
                    "metricsProvider.exportJvmInfo");

    private static final Set<String> BARE =
            Set.of(
                    "jute.maxbuffer",
                    "readonlymode.enabled",
                    "znode.container.checkIntervalMs",
                    "znode.container.maxPerMinute",
                    "znode.container.maxNeverUsedIntervalMs");

    /** A value as it was given; {@code line} is 0 for a system property. */
    record Given(String name, String value, int line) {}

    private final String file;
    private final Map<String, Given> fromFile = new LinkedHashMap<>();
    private final Map<String, String> properties;
    private final Set<String> asked = new HashSet<>();
    private final Map<String, String> defaults = new HashMap<>();
    private final Map<String, String> allowed = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();

    /**
     * @param file the name for error messages
     * @param properties system properties; those that are not the server's are left alone
     */
    Settings(String file, List<ConfigText.Entry> entries, Map<String, String> properties) {
        this.file = file;
        this.properties = new TreeMap<>(properties);
        for (ConfigText.Entry entry : entries) {
            String key = entry.key().strip();
            Given given = new Given(key, entry.value().strip(), entry.line());
            Given before = fromFile.put(key, given);
            if (before != null) {
                warn(
                        "%s:%d: %s was set in line %d already; this line counts"
                                .formatted(file, given.line(), given.name(), before.line()));
            }
        }
    }

    /** Those of a text alone: nothing of the command line. */
    static Settings parse(String name, Reader text) throws ConfigException, IOException {
        return new Settings(name, ConfigText.parse(name, text), Map.of());
    }

    /** The name of the file, as it was given. */
    String file() {
        return file;
    }

    void warn(String warning) {
        warnings.add(warning);
    }

    List<String> warnings() {
        return warnings;
    }

    /** The value that counts for a key, or null when nobody set it. */
    @Nullable Given given(String key) {
        asked.add(key);
        Given inFile = fromFile.get(key);
        if (FILE_ONLY.contains(key)) {
            return inFile;
        }
        if (BARE.contains(key)) {
            Given bare = property(key);
            return bare != null ? bare : inFile;
        }
        return inFile != null ? inFile : property(PREFIX + key);
    }

    /** As {@link #given}, and remembers what counts when nobody set it. */
    private @Nullable Given given(String key, String otherwise) {
        defaults.put(key, otherwise);
        return given(key);
    }

    /** The default of a key that was asked for with one; null for the others. */
    @Nullable String defaultOf(String key) {
        return defaults.get(key);
    }

    /** What may stand for a key that was asked for with bounds or words; null for the others. */
    @Nullable String allowedFor(String key) {
        return allowed.get(key);
    }

    private @Nullable Given property(String name) {
        String value = properties.get(name);
        return value == null ? null : new Given("-D" + name, value.strip(), 0);
    }

    /** A system property of exactly this name, for the few keys that have two. */
    @Nullable Given bareProperty(String name) {
        return property(name);
    }

    /** The keys of the file that begin so, in the order they stand. */
    List<Given> startingWith(String prefix) {
        List<Given> found = new ArrayList<>();
        for (Given given : fromFile.values()) {
            if (given.name().startsWith(prefix)) {
                asked.add(given.name());
                found.add(given);
            }
        }
        return found;
    }

    /** Those of the file, and system properties, whose key begins so and whose value is like it. */
    List<Given> like(String prefix, Predicate<String> value) {
        List<Given> found = new ArrayList<>();
        for (Given given : fromFile.values()) {
            if (given.name().startsWith(prefix) && value.test(given.value())) {
                asked.add(given.name());
                found.add(given);
            }
        }
        for (String name : properties.keySet()) {
            Given given = property(name);
            if (given != null
                    && name.startsWith(PREFIX + prefix)
                    && !fromFile.containsKey(name.substring(PREFIX.length()))
                    && value.test(given.value())) {
                asked.add(name.substring(PREFIX.length()));
                found.add(given);
            }
        }
        return found;
    }

    /** The keys that were asked for. */
    Set<String> asked() {
        return asked;
    }

    /** Everything that was set for this server and that nobody asked for. */
    List<Given> unasked() {
        List<Given> rest = new ArrayList<>();
        for (Given given : fromFile.values()) {
            if (!asked.contains(given.name())) {
                rest.add(given);
            }
        }
        for (String name : properties.keySet()) {
            Given given = property(name);
            if (given != null && isUnaskedProperty(name)) {
                rest.add(given);
            }
        }
        return rest;
    }

    private boolean isUnaskedProperty(String name) {
        if (!name.startsWith(PREFIX)) {
            return false;
        }
        String key = name.substring(PREFIX.length());
        return !asked.contains(key) || FILE_ONLY.contains(key) || BARE.contains(key);
    }

    static boolean isFileOnly(String key) {
        return FILE_ONLY.contains(key);
    }

    static boolean isBare(String key) {
        return BARE.contains(key);
    }

    ConfigException wrong(Given given, String allowed) {
        String where = given.line() == 0 ? "" : file;
        return new ConfigException(where, given.line(), given.name(), given.value(), allowed);
    }

    ConfigException missing(String key, String allowed) {
        return new ConfigException(file, 0, key, "", allowed);
    }

    int integer(String key, int otherwise, int least, int most) throws ConfigException {
        return (int) number(key, otherwise, least, most);
    }

    long number(String key, long otherwise, long least, long most) throws ConfigException {
        allowed.put(key, between(least, most));
        Given given = given(key, Long.toString(otherwise));
        return given == null ? otherwise : number(given, least, most);
    }

    /** A bound that is no more than that of the number's type is not worth a word. */
    private static String between(long least, long most) {
        boolean isBelow = most >= Integer.MAX_VALUE;
        boolean isAbove = least <= Integer.MIN_VALUE;
        return isAbove && isBelow
                ? "a number"
                : isBelow ? "`" + least + "` or more" : "`" + least + "` to `" + most + "`";
    }

    /** A whole number in decimal, or after 0x in hexadecimal, within the bounds. */
    long number(Given given, long least, long most) throws ConfigException {
        String allowed =
                most == Long.MAX_VALUE
                        ? "a whole number from " + least + " up"
                        : "a whole number from " + least + " to " + most;
        try {
            long value = parseNumber(given.value());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw wrong(given, allowed);
        }
        throw wrong(given, allowed);
    }

    private static long parseNumber(String text) {
        boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
        return hexadecimal ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
    }

    /** {@code true} or {@code false}, in any case. */
    boolean flag(String key, boolean otherwise) throws ConfigException {
        return either(key, otherwise, "true", "false");
    }

    /** {@code yes} or {@code no}, in any case. */
    boolean yesNo(String key, boolean otherwise) throws ConfigException {
        return either(key, otherwise, "yes", "no");
    }

    private boolean either(String key, boolean otherwise, String yes, String no)
            throws ConfigException {
        allowed.put(key, "`" + yes + "`, `" + no + "`");
        Given given = given(key, otherwise ? yes : no);
        if (given == null) {
            return otherwise;
        }
        String value = given.value().toLowerCase(Locale.ROOT);
        if (value.equals(yes)) {
            return true;
        }
        if (value.equals(no)) {
            return false;
        }
        throw wrong(given, yes + " or " + no);
    }

    String text(String key, String otherwise) {
        Given given = given(key, otherwise);
        return given == null ? otherwise : given.value();
    }

    /** The parts between commas, without blanks and empty parts. */
    static List<String> commaList(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }
}
