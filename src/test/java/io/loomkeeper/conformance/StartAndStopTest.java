package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What whoever runs the process sees: exit codes as service managers know them, one clear line. */
@Timeout(120)
final class StartAndStopTest {
    /** 128 and the number of the signal. */
    private static final int EXIT_BY_SIGTERM = 143;

    private static final int EXIT_BY_SIGINT = 130;

    private final Path directory;

    StartAndStopTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private ServerUnderTest start() {
        return ServerUnderTest.start(
                ServerCommand.loomkeeper(), directory.resolve("first"), Map.of(), Map.of());
    }

    /** Starts one that cannot be started; returns what it printed. */
    private String refusal(int exitCode, Map<String, String> keys) {
        try (ServerUnderTest server =
                ServerUnderTest.launch(
                        ServerCommand.loomkeeper(), directory.resolve("second"), keys, Map.of())) {
            assertEquals(exitCode, server.awaitEnd(), server::output);
            assertFalse(server.output().contains("\tat "), server::output);
            return server.output();
        }
    }

    @Test
    void terminatedItStopsAndSaysSo() {
        try (ServerUnderTest server = start()) {
            assertEquals(EXIT_BY_SIGTERM, server.stop());
            assertTrue(server.output().contains("stopped"), server::output);
        }
    }

    @Test
    void interruptedItStopsAndSaysSo() throws IOException {
        try (ServerUnderTest server = start()) {
            new ProcessBuilder("kill", "-INT", Long.toString(server.pid())).start();
            assertEquals(EXIT_BY_SIGINT, server.awaitEnd());
            assertTrue(server.output().contains("stopped"), server::output);
        }
    }

    @Test
    void portInUseIsSaidWithTheAddress() {
        try (ServerUnderTest server = start()) {
            String output = refusal(1, Map.of("clientPort", Integer.toString(server.port())));
            assertTrue(output.contains("cannot listen at /" + server.address()), output);
        }
    }

    @Test
    void dataDirectoryInUseIsSaidWithTheProcess() {
        try (ServerUnderTest server = start()) {
            Path data = directory.resolve("first").resolve("data");
            String output = refusal(3, Map.of("dataDir", data.toString()));
            assertTrue(output.contains("in use by another server"), output);
            assertTrue(output.contains(Long.toString(server.pid())), output);
        }
    }

    @Test
    void dataDirectoryThatCannotBeIsSaidWithItsPath() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "no directory");
        String output = refusal(3, Map.of("dataDir", file.resolve("data").toString()));
        assertTrue(output.contains("cannot start: "), output);
        assertTrue(output.contains(file.toString()), output);
    }

    @Test
    void wrongValueIsSaidWithFileLineAndWhatIsAllowed() {
        Map<String, String> keys = new HashMap<>(Map.of("tickTime", "many"));
        String output = refusal(2, keys);
        assertTrue(
                output.contains("zoo.cfg:1: tickTime: found \"many\", allowed: a whole number"),
                output);
    }

    @Test
    void missingConfigurationIsSaidWithItsName() throws IOException, InterruptedException {
        Path missing = directory.resolve("missing.cfg");
        ProcessBuilder builder = ServerCommand.loomkeeper().process(missing, Map.of());
        Process process = builder.directory(directory.toFile()).redirectErrorStream(true).start();
        List<String> lines = process.inputReader().readAllLines();

        assertEquals(2, process.waitFor());
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().contains("missing.cfg"), lines::toString);
    }
}
