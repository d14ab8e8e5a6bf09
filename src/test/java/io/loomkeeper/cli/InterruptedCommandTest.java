package io.loomkeeper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.ServerCommand;
import io.loomkeeper.conformance.ServerUnderTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands of the command line that are killed at one moment after the other, in processes of their
 * own: what they were to make is whole or not there, and the same command makes it.
 */
@Timeout(180)
final class InterruptedCommandTest {
    private static final int NODES = 10_000;
    private static final int FIRST_MS = 150;
    private static final int STEP_MS = 200;

    /** Rounds in which a command may have come to its end, which then were no interruption. */
    private static final int ROUNDS = 5;

    private final Path directory;
    private final Path data;

    InterruptedCommandTest(@TempDir Path directory) {
        this.directory = directory;
        this.data = directory.resolve("server/data");
    }

    @Test
    void whatWasKilledIsWholeOrNotThere() throws Exception {
        fill();
        Path backup = directory.resolve("backup");
        int killed = killed(round -> List.of("backup", data, backup));
        Loomkeeper.done("backup", data, backup);
        Loomkeeper.done("verify", backup);
        Loomkeeper.done("diff", data, backup);

        killed +=
                killed(round -> List.of("restore", backup, directory.resolve("restored" + round)));
        killed += killed(round -> List.of("export", backup, directory.resolve("exported" + round)));
        for (int round = 0; round < ROUNDS; round++) {
            assertIsWholeOrCanBeMade("restore", backup, directory.resolve("restored" + round));
            assertIsWholeOrCanBeMade("export", backup, directory.resolve("exported" + round));
        }
        assertTrue(killed >= 3, "only " + killed + " were under way");
    }

    private void fill() throws Exception {
        try (ServerUnderTest server =
                        ServerUnderTest.start(
                                ServerCommand.loomkeeper(),
                                directory.resolve("server"),
                                Map.of("snapCount", "3500"),
                                Map.of());
                Visit visit = Visit.to(server)) {
            CountDownLatch created = new CountDownLatch(NODES);
            for (int i = 0; i < NODES; i++) {
                visit.client.create(
                        "/n" + i,
                        new byte[700],
                        Ids.OPEN_ACL_UNSAFE,
                        CreateMode.PERSISTENT,
                        (_, _, _, _) -> created.countDown(),
                        null);
            }
            assertTrue(created.await(60, TimeUnit.SECONDS), server::output);
            server.stop();
        }
    }

    private interface Words {
        List<Object> of(int round);
    }

    /** Returns how often it was still under way. */
    private int killed(Words words) throws Exception {
        int killed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Process process = start(words.of(round));
            if (!process.waitFor(FIRST_MS + round * STEP_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                killed++;
            }
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        }
        return killed;
    }

    private static Process start(List<Object> words) throws Exception {
        List<String> all = new ArrayList<>();
        all.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        all.add("@" + ServerCommand.house().resolve("config/jvm.options"));
        all.add("-cp");
        all.add(System.getProperty("java.class.path"));
        all.add("io.loomkeeper.cli.Main");
        words.forEach(word -> all.add(word.toString()));
        return new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void assertIsWholeOrCanBeMade(String command, Path backup, Path made) throws Exception {
        String name = command.equals("restore") ? "loomkeeper" : "version-2";
        boolean isThere = Files.exists(made.resolve(name));
        Loomkeeper again = Loomkeeper.run(command, backup, made);
        assertEquals(isThere ? 1 : 0, again.exitCode(), again::toString);
        assertFalse(Files.exists(made.resolve(name + ".new")), made::toString);
        if (command.equals("restore")) {
            Loomkeeper.done("verify", made);
        }
        Loomkeeper.done("diff", backup, made);
    }
}
