package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/compatibility.md says one of four words of each feature, and nothing that is not so. */
final class CompatibilityPageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("loomkeeper.house", "../.."), "docs/compatibility.md");
    private static final Set<String> WORDS = Set.of("same", "better", "different", "missing");
    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w+Test)(?:\\.(\\w+))?");
    private static final Pattern KEY = Pattern.compile("`([^`]+)`");
    private static final List<String> PACKAGES =
            List.of(
                    "admin",
                    "cli",
                    "conformance",
                    "log",
                    "net",
                    "net.wire",
                    "server",
                    "tree",
                    "zab");

    /** The cells of each row below a heading of the second order, headers left out. */
    private static List<List<String>> rows(String heading) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        boolean isThere = heading.isEmpty();
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("## ")) {
                isThere = heading.isEmpty() || line.equals("## " + heading);
            }
            String[] cells = line.split("\\|", -1);
            boolean isRow = cells.length > 4 && !cells[2].isBlank() && !line.startsWith("|-");
            if (isThere && isRow) {
                rows.add(Arrays.stream(cells, 1, cells.length - 1).map(String::strip).toList());
            }
        }
        assertTrue(rows.size() > 5, heading);
        return rows;
    }

    @Test
    void eachFeatureHasOneOfFourWords() throws IOException {
        for (List<String> row : rows("")) {
            assertTrue(WORDS.contains(row.get(1)), row::toString);
        }
    }

    @Test
    void whatIsThereNamesATestOrAPage() throws IOException {
        List<String> without = new ArrayList<>();
        for (List<String> row : rows("")) {
            boolean isShown = row.size() < 4 || !row.get(3).isEmpty();
            if (!isShown && !row.get(1).equals("missing")) {
                without.add(row.getFirst());
            }
        }

        assertEquals(List.of("JDK"), without);
    }

    @Test
    void testsThatAreNamedAreThere() throws IOException {
        List<String> missing = new ArrayList<>();
        int count = 0;
        for (MatchResult named : TEST.matcher(Files.readString(PAGE)).results().toList()) {
            count++;
            if (!isThere(named.group(1), named.group(2))) {
                missing.add(named.group());
            }
        }

        assertEquals(List.of(), missing);
        assertTrue(count > 80, "only " + count);
    }

    private static boolean isThere(String type, String method) {
        return PACKAGES.stream()
                .map(room -> "io.loomkeeper." + room + "." + type)
                .anyMatch(name -> isMethod(name, method));
    }

    private static boolean isMethod(String type, String method) {
        try {
            Class<?> found =
                    Class.forName(type, false, CompatibilityPageTest.class.getClassLoader());
            return method == null
                    || Stream.of(found.getDeclaredMethods())
                            .anyMatch(declared -> declared.getName().equals(method));
        } catch (ClassNotFoundException _) {
            return false;
        }
    }

    /** What is obeyed is not missing, what is not obeyed is neither same nor unknown. */
    @Test
    void keysStandAsTheServersOwnTableHasThem() throws IOException {
        TreeSet<String> named = new TreeSet<>();
        for (List<String> row : rows("Keys")) {
            String key = KEY.matcher(row.getFirst()).results().findFirst().orElseThrow().group(1);
            String word = row.get(1);
            Optional<ConfigKeys.Key> obeyed = ConfigKeys.of(key);
            named.add(key);
            if (obeyed.isPresent() && !isForItself(key)) {
                assertEquals(obeyed.get().apache().isEmpty(), word.equals("same"), row::toString);
                assertTrue(!word.equals("missing"), row::toString);
            } else if (obeyed.isEmpty()) {
                assertTrue(!word.equals("same") || isOfClients(key), row::toString);
            }
        }
        for (ConfigKeys.Section section : ConfigKeys.sections()) {
            for (ConfigKeys.Key key : section.keys()) {
                boolean isOurs = key.apache().equals("no such key");
                assertTrue(isOurs || named.contains(key.name()), key.name());
            }
        }
    }

    /** Of the whole mode nothing is there but this key's least part; or a key of many. */
    private static boolean isForItself(String key) {
        return key.equals("readonlymode.enabled") || key.startsWith("authProvider");
    }

    private static boolean isOfClients(String key) {
        return new UnsupportedKeys()
                .rules().stream()
                        .filter(rule -> rule.reason().startsWith("clients read it"))
                        .anyMatch(
                                rule ->
                                        key.equals(rule.key())
                                                || key.startsWith(rule.key().replace("*", "")));
    }
}
