package io.loomkeeper.server;

import java.io.Serial;

/**
 * A configuration that the server does not start with: where it stands, which key, what was found
 * there and what is allowed. The message holds all of it in one line.
 */
final class ConfigException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private final String file;
    private final int line;
    private final String key;
    private final String found;
    private final String allowed;

    /**
     * @param file the configuration's name as it was given; empty for a system property
     * @param line of the key, from 1; 0 when the key stands nowhere in the file
     * @param found the value as it was written; empty when there was none
     */
    ConfigException(String file, int line, String key, String found, String allowed) {
        super(
                place(file, line)
                        + key
                        + ": found "
                        + quote(Secrets.shown(key, found))
                        + ", allowed: "
                        + allowed);
        this.file = file;
        this.line = line;
        this.key = key;
        this.found = found;
        this.allowed = allowed;
    }

    private static String place(String file, int line) {
        if (file.isEmpty()) {
            return "";
        }
        return line == 0 ? file + ": " : file + ":" + line + ": ";
    }

    private static String quote(String found) {
        return found.isEmpty() ? "nothing" : "\"" + found + "\"";
    }

    /** The configuration's name; empty when a system property is wrong. */
    String file() {
        return file;
    }

    /** The line of the key, from 1; 0 when the key is missing or is a system property. */
    int line() {
        return line;
    }

    /** The key as it was given: {@code tickTime}, {@code -Dzookeeper.snapCount}. */
    String key() {
        return key;
    }

    /** The value that was found; empty when there was none. */
    String found() {
        return found;
    }

    /** The values that would have been right, in words. */
    String allowed() {
        return allowed;
    }
}
