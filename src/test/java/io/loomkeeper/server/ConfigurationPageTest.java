package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/configuration.md says what {@link Config} and {@link UnsupportedKeys} do. */
final class ConfigurationPageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("loomkeeper.house", "../.."), "docs/configuration.md");
    private static final Pattern QUOTED = Pattern.compile("`([^`]*)`(?: \\(([^)]*)\\))?");
    private static final List<String> ROOMS =
            List.of("server", "admin", "conformance", "net", "log", "tree");

    /** The cells of each table row that has so many, below the heading, headers left out. */
    private static List<List<String>> rows(String heading, int cells) throws IOException {
        String page = Files.readString(PAGE);
        String section = page.substring(page.indexOf("\n## " + heading + "\n") + 1);
        List<List<String>> rows = new ArrayList<>();
        List<String> lines = section.lines().skip(1).takeWhile(l -> !l.startsWith("## ")).toList();
        for (int i = 2; i < lines.size(); i++) {
            String[] parts = lines.get(i).split("\\|", -1);
            boolean row = parts.length == cells + 2 && !parts[1].startsWith("---");
            if (row && !lines.get(i + 1).startsWith("|---")) {
                rows.add(Arrays.stream(parts, 1, cells + 1).map(String::strip).toList());
            }
        }
        assertFalse(rows.isEmpty(), heading);
        return rows;
    }

    private static List<List<String>> obeyed() throws IOException {
        return rows("Obeyed", 4);
    }

    /** With {@code key=value} in the file, or in a system property. */
    private static Config parse(String line, Map<String, String> properties)
            throws IOException, ConfigException {
        String text = (line.startsWith("dataDir") ? "" : "dataDir=/d\n") + "clientPort=1\n" + line;
        return Config.parse("zoo.cfg", new StringReader(text), properties);
    }

    @Test
    void everyObeyedKeyStandsThereAndNoOther() throws IOException, ConfigException {
        List<String> keys = obeyed().stream().map(row -> row.get(0)).toList();

        assertEquals(new TreeSet<>(Config.obeyedKeys()), new TreeSet<>(keys));
        assertEquals(keys.size(), new TreeSet<>(keys).size());
    }

    @Test
    void keysOfTheFileAloneStandInTheFirstTable() throws IOException {
        List<String> firstTable =
                obeyed().stream()
                        .map(row -> row.get(0))
                        .takeWhile(k -> !Settings.isBare(k))
                        .toList();

        for (List<String> row : obeyed()) {
            assertEquals(
                    firstTable.contains(row.get(0)),
                    Settings.isFileOnly(row.get(0)),
                    row::toString);
            assertEquals(
                    row.get(2).startsWith("*bare*"), Settings.isBare(row.get(0)), row::toString);
        }
    }

    @Test
    void defaultsAreDefaults() throws IOException, ConfigException {
        Config plain = parse("", Map.of());
        for (List<String> row : obeyed()) {
            for (MatchResult value : QUOTED.matcher(row.get(1)).results().toList()) {
                assertEquals(
                        plain, parse(row.get(0) + "=" + value.group(1), Map.of()), row::toString);
            }
        }
    }

    @Test
    void whatIsSaidToShowAKeyIsATest() throws IOException {
        for (List<String> row : obeyed()) {
            for (String shownBy : row.get(3).split(", ", -1)) {
                assertTrue(isTest(shownBy), shownBy);
            }
        }
    }

    private static boolean isTest(String name) {
        String[] typeAndMethod = name.split("\\.", 2);
        return ROOMS.stream()
                .flatMap(room -> methods("io.loomkeeper." + room + "." + typeAndMethod[0]))
                .anyMatch(typeAndMethod[1]::equals);
    }

    private static Stream<String> methods(String type) {
        try {
            Class<?> found =
                    Class.forName(type, false, ConfigurationPageTest.class.getClassLoader());
            return Arrays.stream(found.getDeclaredMethods()).map(method -> method.getName());
        } catch (ClassNotFoundException _) {
            return Stream.of();
        }
    }

    @Test
    void everyKeyWithoutEffectStandsThereByItsReason() throws IOException {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        for (List<String> row : rows("Without effect", 2)) {
            byReason.put(
                    row.get(0),
                    QUOTED.matcher(row.get(1)).results().map(key -> key.group(1)).toList());
        }

        assertEquals(new UnsupportedKeys().patternsByReason(), byReason);
    }

    @Test
    void valueInBracketsAsksForNothingAndAnyOtherIsNamed() throws IOException, ConfigException {
        for (List<String> row : rows("Without effect", 2)) {
            for (MatchResult key : QUOTED.matcher(row.get(1)).results().toList()) {
                String name = "zookeeper." + key.group(1).replace("*", "something");
                if (key.group(2) != null) {
                    assertEquals(List.of(), parse("", Map.of(name, key.group(2))).warnings(), name);
                }
                assertEquals(
                        List.of(
                                "not supported and without effect: -D%s (%s)"
                                        .formatted(name, row.get(0))),
                        parse("", Map.of(name, "13")).warnings());
            }
        }
    }
}
