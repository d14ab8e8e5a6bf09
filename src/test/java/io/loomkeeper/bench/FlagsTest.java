package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FlagsTest {
    @Test
    void valuesComeByTheirType() {
        Flags flags =
                parse("--n", "7", "--s", "0.25", "--quick", "--at", "127.0.0.1:1,localhost:2");

        assertEquals(7, flags.number("n", 1, 0, 9));
        assertEquals(250, flags.secondsAsMs("s", 1));
        assertTrue(flags.has("quick"));
        assertEquals(List.of(1, 2), flags.servers("at").stream().map(a -> a.getPort()).toList());
    }

    @Test
    void whatIsNotGivenHasItsDefault() {
        Flags flags = parse();

        assertEquals(1, flags.number("n", 1, 0, 9));
        assertEquals(1500, flags.secondsAsMs("s", 1.5));
        assertFalse(flags.has("quick"));
    }

    @Test
    void wrongWordsAreNamed() {
        assertEquals("no option \"--m\"", refusal(() -> parse("--m", "7")));
        assertEquals("no option \"7\"", refusal(() -> parse("7")));
        assertEquals("--n lacks its value", refusal(() -> parse("--n")));
        assertEquals("--at is missing", refusal(() -> parse().servers("at")));
        assertEquals(
                "--n is \"ten\", not a whole number from 0 to 9",
                refusal(() -> parse("--n", "ten").number("n", 1, 0, 9)));
        assertEquals(
                "--n is \"10\", not a whole number from 0 to 9",
                refusal(() -> parse("--n", "10").number("n", 1, 0, 9)));
        assertTrue(refusal(() -> parse("--s", "-1").secondsAsMs("s", 1)).contains("\"-1\""));
        assertTrue(
                refusal(() -> parse("--at", "localhost").servers("at"))
                        .contains("\"localhost\" is not host:port"));
        assertTrue(refusal(() -> Workload.ofWord("dance")).startsWith("no workload \"dance\""));
    }

    private static String refusal(Runnable parsing) {
        String message = assertThrows(UsageException.class, parsing::run).getMessage();
        return message == null ? "" : message;
    }

    private static Flags parse(String... args) {
        return Flags.parse(List.of(args), Set.of("n", "s", "at"), Set.of("quick"));
    }
}
