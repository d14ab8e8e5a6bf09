package io.loomkeeper.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * The entries of a zoo.cfg in the order they stand, each with its line. The syntax is that of
 * {@link Properties}, which also does the unescaping; only the cutting into logical lines is done
 * here, because {@code Properties} forgets where a key stood.
 */
final class ConfigText {
    /** One {@code key=value}; {@code line} is where the key stands, from 1. */
    record Entry(String key, String value, int line) {}

    private final List<Entry> entries = new ArrayList<>();
    private final String file;

    private ConfigText(String file) {
        this.file = file;
    }

    static List<Entry> parse(String file, Reader reader) throws IOException, ConfigException {
        ConfigText text = new ConfigText(file);
        text.read(new BufferedReader(reader));
        return List.copyOf(text.entries);
    }

    private void read(BufferedReader reader) throws IOException, ConfigException {
        StringBuilder logical = new StringBuilder();
        int first = 0;
        int number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (logical.isEmpty()) {
                if (isNothing(line)) {
                    continue;
                }
                first = number;
            }
            logical.append(line);
            if (isContinued(line)) {
                logical.append('\n');
            } else {
                add(logical.toString(), first);
                logical.setLength(0);
            }
        }
        if (!logical.isEmpty()) {
            add(logical.toString(), first);
        }
    }

    /** Blank, a comment, or a backslash alone, which has nothing to continue. */
    static boolean isNothing(String line) {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c != ' ' && c != '\t' && c != '\f') {
                return c == '#' || c == '!' || (c == '\\' && i == line.length() - 1);
            }
        }
        return true;
    }

    /** A line goes on in the next one when it ends in an odd number of backslashes. */
    static boolean isContinued(String line) {
        int i = line.length();
        while (i > 0 && line.charAt(i - 1) == '\\') {
            i--;
        }
        return (line.length() - i) % 2 == 1;
    }

    private void add(String logical, int line) throws IOException, ConfigException {
        Properties one = new Properties();
        try {
            one.load(new StringReader(logical));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    file,
                    line,
                    "line",
                    Secrets.without(logical.strip()),
                    "\\u followed by four hexadecimal digits");
        }
        for (String key : one.stringPropertyNames()) {
            entries.add(new Entry(key, one.getProperty(key), line));
        }
    }
}
