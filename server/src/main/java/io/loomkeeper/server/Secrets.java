package io.loomkeeper.server;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * What opens something, told by the name under which it was given: reports, answers, messages and
 * logs have {@link #HIDDEN} in its place. Where it is kept may be in them.
 */
final class Secrets {
    static final String HIDDEN = "***";

    /** Parts of the name of what opens something. */
    private static final List<String> SECRET =
            List.of(
                    "password",
                    "passwd",
                    "passphrase",
                    "superdigest",
                    "secret",
                    "credential",
                    "apikey",
                    "api_key",
                    "api.key");

    /** How the name ends of what is no more than a place. */
    private static final List<String> PLACE = List.of("path", "file", "location", "dir");

    /** A key and what separates it from its value, in a text whose escapes cannot be read. */
    private static final Pattern KEY = Pattern.compile("^\\s*([^=:\\s]*)");

    private Secrets() {}

    /**
     * Whether what has this name opens something.
     *
     * @param name of a key of zoo.cfg, or of a system property
     */
    static boolean isSecret(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return SECRET.stream().anyMatch(lower::contains)
                && PLACE.stream().noneMatch(lower::endsWith);
    }

    /** The value of that name, as it may be shown. */
    static String shown(String name, String value) {
        return isSecret(name) && !value.isEmpty() ? HIDDEN : value;
    }

    /**
     * A configuration's text as it may be shown: each line whose key is that of a secret, with
     * those that go on from it, is one with the key alone; so is one that is commented out.
     */
    static String without(String text) {
        StringBuilder shown = new StringBuilder();
        StringBuilder logical = new StringBuilder();
        for (String line : (Iterable<String>) text.lines()::iterator) {
            if (logical.isEmpty() && ConfigText.isNothing(line)) {
                shown.append(remark(line)).append('\n');
                continue;
            }
            logical.append(line).append('\n');
            if (!ConfigText.isContinued(line)) {
                shown.append(entry(logical.toString()));
                logical.setLength(0);
            }
        }
        shown.append(entry(logical.toString()));
        boolean isEnded = text.isEmpty() || text.endsWith("\n") || text.endsWith("\r");
        return isEnded || shown.isEmpty()
                ? shown.toString()
                : shown.substring(0, shown.length() - 1);
    }

    private static String entry(String logical) {
        String key = key(logical);
        return isSecret(key) ? key + '=' + HIDDEN + '\n' : logical;
    }

    private static String remark(String line) {
        String key = key(line.replaceFirst("^[\\s#!]+", ""));
        return isSecret(key) ? "# " + key + '=' + HIDDEN : line;
    }

    /** The key as it counts, its escapes undone. */
    private static String key(String logical) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(logical));
            return one.stringPropertyNames().stream().findFirst().orElse("");
        } catch (IllegalArgumentException _) {
            return KEY.matcher(logical).results().findFirst().map(m -> m.group(1)).orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
