package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/reference.md is what {@link ReferencePage} makes of the code. {@code -Dreference=write} on
 * the command line of Maven writes it.
 */
final class ReferencePageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("loomkeeper.house", "../.."), "docs/reference.md");
    private static final List<String> ROOMS =
            List.of("server", "admin", "conformance", "net", "log", "tree");

    @TempDir Path directory;
    private ReferencePage page;

    @BeforeEach
    void make() throws IOException, ConfigException {
        page = ReferencePage.of(directory, shownBy());
    }

    private static Map<String, String> shownBy() throws IOException {
        Map<String, String> shownBy = new TreeMap<>();
        String file = "/reference/keys-shown-by.txt";
        try (InputStream text = ReferencePageTest.class.getResourceAsStream(file)) {
            String all =
                    new String(requireNonNull(text, file).readAllBytes(), StandardCharsets.UTF_8);
            all.lines()
                    .map(line -> line.split(": ", 2))
                    .forEach(parts -> shownBy.put(parts[0], parts[1]));
        }
        return shownBy;
    }

    @Test
    void pageIsWhatTheCodeSays() throws IOException {
        if (System.getProperty("reference", "").equals("write")) {
            Files.writeString(PAGE, page.text());
        }

        assertEquals(
                page.text(),
                Files.readString(PAGE),
                "docs/reference.md and the code differ. If the code is right:"
                        + " mvn -pl src/test -am test -Dtest=ReferencePageTest -Dreference=write");
    }

    @Test
    void everyKeyIsDescribedAndNoOther() {
        Set<String> described = new TreeSet<>();
        List<String> twice = new ArrayList<>();
        for (ConfigKeys.Key key : keys()) {
            if (!key.isPattern() && !described.add(key.name())) {
                twice.add(key.name());
            }
            assertFalse(key.meaning().isEmpty(), key.name());
        }
        Set<String> asked = page.keys();
        asked.removeIf(key -> key.startsWith("ssl.quorum."));

        assertEquals(asked, described);
        assertEquals(List.of(), twice);
    }

    private static List<ConfigKeys.Key> keys() {
        return ConfigKeys.sections().stream().flatMap(part -> part.keys().stream()).toList();
    }

    @Test
    void keyOfTlsBetweenServersMeansWhatThatForClientsMeans() {
        for (String name : page.keys()) {
            assertTrue(ConfigKeys.of(name).isPresent(), name);
        }
    }

    @Test
    void keysOfTheFileAloneStandInTheFirstTable() throws ConfigException {
        List<ConfigKeys.Key> first = ConfigKeys.sections().getFirst().keys();
        for (String name : Config.obeyedKeys()) {
            boolean isThere = first.stream().anyMatch(key -> key.name().equals(name));

            assertEquals(Settings.isFileOnly(name), isThere, name);
        }
    }

    @Test
    void defaultsAreDefaults() throws IOException, ConfigException {
        Config plain = parse("", Map.of());
        Set<String> obeyed = new TreeSet<>(Config.obeyedKeys());
        int tried = 0;
        for (ConfigKeys.Key key : keys()) {
            String value = page.defaultOf(key, key.name());
            if (obeyed.contains(key.name()) && value.startsWith("`")) {
                String line = key.name() + "=" + value.replace("`", "");
                assertEquals(plain, parse(line, Map.of()), line);
                tried++;
            }
        }
        assertTrue(tried > 50, "only " + tried);
    }

    /** With {@code key=value} in the file, or in a system property. */
    private static Config parse(String line, Map<String, String> properties)
            throws IOException, ConfigException {
        String text = "dataDir=/d\nclientPort=1\n" + line;
        return Config.parse("zoo.cfg", new StringReader(text), properties);
    }

    @Test
    void everyKeyOfAServerIsShownByATestThatIsThere() throws IOException, ConfigException {
        Map<String, String> shownBy = shownBy();

        assertEquals(new TreeSet<>(Config.obeyedKeys()), new TreeSet<>(shownBy.keySet()));
        for (String tests : shownBy.values()) {
            for (String test : tests.split(", ", -1)) {
                assertTrue(isTest(test), test);
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
            Class<?> found = Class.forName(type, false, ReferencePageTest.class.getClassLoader());
            return Arrays.stream(found.getDeclaredMethods()).map(method -> method.getName());
        } catch (ClassNotFoundException _) {
            return Stream.of();
        }
    }

    @Test
    void keyWithoutEffectIsNamedUnlessItAsksForNothing() throws IOException, ConfigException {
        for (UnsupportedKeys.Rule rule : new UnsupportedKeys().rules()) {
            String name = "zookeeper." + rule.key().replace("*", "something");
            if (rule.harmless().isPresent()) {
                Map<String, String> harmless = Map.of(name, rule.harmless().get());
                assertEquals(List.of(), parse("", harmless).warnings(), name);
            }
            assertEquals(
                    List.of(
                            "not supported and without effect: -D%s (%s)"
                                    .formatted(name, rule.reason())),
                    parse("", Map.of(name, "13")).warnings());
        }
    }

    @Test
    void everyCommandOfTheAdminServerHasItsMeaning() throws Exception {
        Set<String> described = new TreeSet<>(AdminMeanings.BY_COMMAND.keySet());
        Set<String> onThePage = new TreeSet<>();
        page.commands().forEach(command -> onThePage.add(command.names().getFirst()));

        assertEquals(described, onThePage);
        assertEquals(described, served());
    }

    private Set<String> served() throws Exception {
        Set<String> served = new TreeSet<>();
        try (LiveServer live =
                        LiveServer.start(directory, "admin.enableServer=true\nadmin.serverPort=0");
                HttpClient client = HttpClient.newHttpClient()) {
            int port = requireNonNull(live.server.admin().address()).getPort();
            URI uri = URI.create("http://127.0.0.1:" + port + "/commands");
            String list =
                    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                            .body();
            Pattern.compile(">(\\w+)</a>")
                    .matcher(list)
                    .results()
                    .forEach(name -> served.add(name.group(1)));
        }
        return served;
    }
}
