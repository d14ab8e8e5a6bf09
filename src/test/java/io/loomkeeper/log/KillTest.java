package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@link Victim} is killed at any instant, again and again on the same directory. */
final class KillTest {
    private static final int ROUNDS_IN_THE_GATE = 5;
    private static final int ACKS_BEFORE_KILL_MAX = 2000;

    @TempDir Path dir;

    /**
     * Many rounds: {@code java ... io.loomkeeper.log.KillTest <rounds> <empty directory> <seed>};
     * prints a line for each.
     */
    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[1]);
        Random random = new Random(Long.parseLong(args[2]));
        makeDirectories(dir);
        for (int round = 1; round <= Integer.parseInt(args[0]); round++) {
            long acked = runAndKill(dir, 1 + random.nextInt(ACKS_BEFORE_KILL_MAX));
            System.out.println("round " + round + ": " + checkRecovered(dir, acked));
        }
    }

    private static void makeDirectories(Path dir) throws IOException {
        Files.createDirectory(Victim.logDir(dir));
        Files.createDirectory(Victim.snapshotDir(dir));
    }

    @Test
    @Timeout(120)
    void everyAcknowledgedTransactionSurvivesKills() throws Exception {
        makeDirectories(dir);
        Random random = new Random();
        for (int round = 0; round < ROUNDS_IN_THE_GATE; round++) {
            long acked = runAndKill(dir, 1 + random.nextInt(ACKS_BEFORE_KILL_MAX));
            checkRecovered(dir, acked);
        }
    }

    /**
     * @return the last zxid that was acknowledged
     */
    private static long runAndKill(Path dir, int acks) throws IOException, InterruptedException {
        Process victim =
                new ProcessBuilder(command(dir))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        long acked = 0;
        try (BufferedReader out = victim.inputReader()) {
            String line = out.readLine();
            for (int i = 0; line != null; i++) {
                acked = Long.parseLong(line);
                if (i == acks) {
                    // by its handle: what it has printed can still be read
                    victim.toHandle().destroyForcibly();
                }
                line = out.readLine();
            }
            assertTrue(victim.waitFor(30, TimeUnit.SECONDS), "the victim lives");
        } finally {
            victim.destroyForcibly();
        }
        assertEquals(128 + 9, victim.exitValue(), "the victim was not killed, it ended");
        return acked;
    }

    private static List<String> command(Path dir) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-Xmx") && !flag.startsWith("-javaagent")) {
                command.add(flag);
            }
        }
        command.addAll(
                List.of(
                        "-Xmx128m",
                        "-cp",
                        ManagementFactory.getRuntimeMXBean().getClassPath(),
                        Victim.class.getName(),
                        dir.toString()));
        return command;
    }

    private static String checkRecovered(Path dir, long acked) throws IOException {
        Scene scene = new Scene(Victim.logDir(dir), Victim.options());
        try (TxnLog log = scene.open()) {
            SnapshotStore snapshots = SnapshotStore.open(Victim.snapshotDir(dir));
            long from = Victim.snapshotZxid(Recovery.snapshot(snapshots, log));
            List<Long> recovered = Scene.recovered(log, from);
            assertEquals(Scene.range(from + 1, log.lastAppended()), recovered);
            assertTrue(
                    log.lastAppended() >= acked, log.lastAppended() + " recovered, acked " + acked);
            return "acked " + acked + ", recovered " + log.lastAppended() + ", snapshot " + from;
        }
    }
}
