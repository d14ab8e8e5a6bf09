package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomkeeper.server.ConfigText.Entry;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ConfigTextTest {
    private static List<Entry> parse(String text) throws IOException, ConfigException {
        return ConfigText.parse("zoo.cfg", new StringReader(text));
    }

    @Test
    void entriesKeepTheirLines() throws IOException, ConfigException {
        assertEquals(
                List.of(new Entry("a", "1", 2), new Entry("b", "2 c", 4), new Entry("d", "", 6)),
                parse("# x\na=1\n\n  b : 2 \\\n   c\r\nd"));
    }

    @Test
    void commentDoesNotGoOn() throws IOException, ConfigException {
        assertEquals(List.of(new Entry("a", "1", 2)), parse("! x \\\na=1"));
    }

    @Test
    void escapedBackslashDoesNotContinue() throws IOException, ConfigException {
        assertEquals(
                List.of(new Entry("a", "c:\\", 1), new Entry("b", "2", 2)), parse("a=c:\\\\\nb=2"));
    }

    @Test
    void brokenEscapeIsRefusedWithItsLine() {
        ConfigException refusal = assertThrows(ConfigException.class, () -> parse("\na=\\u12x"));

        assertEquals(2, refusal.line());
    }

    @Test
    void syntaxIsThatOfProperties() throws IOException {
        String alphabet = "ab=: \t\\#!\n\rnu0";
        Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(16); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertEquals(expected(text.toString()), actual(text.toString()), text::toString);
        }
    }

    private static String expected(String text) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            return "refused";
        }
        return withoutTheEmptyKey(properties);
    }

    private static String actual(String text) throws IOException {
        Properties entries = new Properties();
        try {
            for (Entry entry : parse(text)) {
                entries.setProperty(entry.key(), entry.value());
            }
        } catch (ConfigException e) {
            return "refused";
        }
        return withoutTheEmptyKey(entries);
    }

    /**
     * A backslash alone is an empty entry or none to Properties, as its place in a buffer has it.
     */
    private static String withoutTheEmptyKey(Properties properties) {
        properties.remove("");
        return properties.toString();
    }
}
