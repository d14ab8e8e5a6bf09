package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself, held against a server whose behaviour is known: Apache's. */
class ServerUnderTestTest {
    private final Path directory;

    ServerUnderTestTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void apacheServesUntilItIsTerminated() {
        try (ServerUnderTest server = start(Map.of(), Map.of())) {
            assertTrue(server.fourLetterWord("srvr").contains("Zookeeper version: 3.9.5"));

            server.stop();

            assertFalse(server.isAlive());
            assertEquals("", server.fourLetterWord("srvr"));
        }
    }

    @Test
    void aKilledServerComesBackOnItsPortAndData() {
        try (ServerUnderTest first = start(Map.of(), Map.of())) {
            first.kill();
            try (ServerUnderTest second = first.again()) {
                assertEquals(first.port(), second.port());
                assertTrue(second.pid() != first.pid());
            }
        }
    }

    @Test
    void keysAndPropertiesReachTheServer() {
        Map<String, String> keys = Map.of("tickTime", "1234");
        Map<String, String> properties = Map.of("zookeeper.4lw.commands.whitelist", "conf");
        try (ServerUnderTest server = start(keys, properties)) {
            assertTrue(server.fourLetterWord("conf").contains("tickTime=1234"));
            assertTrue(server.fourLetterWord("ruok").contains("not in the whitelist"));
        }
    }

    @Test
    void aServerThatCannotStartSaysWhy() {
        Map<String, String> keys = Map.of("tickTime", "many");
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> start(keys, Map.of()));
        assertTrue(String.valueOf(e.getMessage()).contains("many"), e::getMessage);
    }

    private ServerUnderTest start(Map<String, String> keys, Map<String, String> properties) {
        return ServerUnderTest.start(ServerCommand.apache(), directory, keys, properties);
    }
}
