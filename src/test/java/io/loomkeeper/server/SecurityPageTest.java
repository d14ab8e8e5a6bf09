package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/security.md names tests that are there, and names one for what it says to be so. */
final class SecurityPageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("loomkeeper.house", "../.."), "docs/security.md");
    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w+Test)\\.(\\w+)");
    private static final List<String> PACKAGES =
            List.of("", ".server", ".net", ".net.wire", ".log", ".tree", ".cli", ".conformance");

    private static boolean isThere(String type, String method) {
        return PACKAGES.stream()
                .flatMap(place -> methods("io.loomkeeper" + place + "." + type))
                .anyMatch(method::equals);
    }

    private static Stream<String> methods(String type) {
        try {
            Class<?> found = Class.forName(type, false, SecurityPageTest.class.getClassLoader());
            return Arrays.stream(found.getDeclaredMethods()).map(method -> method.getName());
        } catch (ClassNotFoundException _) {
            return Stream.of();
        }
    }

    @Test
    void testsThatAreNamedAreThere() throws IOException {
        List<String> missing = new ArrayList<>();
        Matcher named = TEST.matcher(Files.readString(PAGE));
        int count = 0;
        while (named.find()) {
            count++;
            if (!isThere(named.group(1), named.group(2))) {
                missing.add(named.group());
            }
        }

        assertEquals(List.of(), missing);
        assertTrue(count > 30, "only " + count);
    }

    @Test
    void whatIsSaidToBeSoHasATest() throws IOException {
        List<String> without = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            boolean isSo = line.contains("| yes |") || line.contains("| when set |");
            if (line.startsWith("|") && isSo && !TEST.matcher(line).find()) {
                without.add(line);
            }
        }

        assertEquals(List.of("| JMX | yes | there is none | |"), without);
    }
}
