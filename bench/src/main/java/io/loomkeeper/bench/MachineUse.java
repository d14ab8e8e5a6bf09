package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the whole machine is and does, as far as /proc tells; elsewhere nothing. */
final class MachineUse {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int IDLE = 4;
    private static final int IOWAIT = 5;
    private static final int STEAL = 8;

    private MachineUse() {}

    /**
     * Time that all processors together were busy since the system's start, in steps of 10 ms.
     *
     * <pre>
     *   cpu  user nice system idle iowait irq softirq steal guest guest_nice       first line of /proc/stat
     * </pre>
     */
    static long busyNs() {
        List<String> lines = lines(Path.of("/proc/stat"));
        if (lines.isEmpty()) {
            return 0;
        }
        String[] words = lines.getFirst().split(" +", -1);
        long ticks = 0;
        for (int i = 1; i <= STEAL && i < words.length; i++) {
            ticks += i == IDLE || i == IOWAIT ? 0 : Long.parseLong(words[i]);
        }
        return ticks * TICK_NS;
    }

    /** Processors, kernel, JDK, in one line. */
    static String description() {
        String model =
                lines(Path.of("/proc/cpuinfo")).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).trim())
                        .findFirst()
                        .orElse("processor");
        String kernel =
                lines(Path.of("/proc/sys/kernel/osrelease")).stream().findFirst().orElse("unknown");
        return "%d x %s, kernel %s, JDK %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        model,
                        kernel,
                        Runtime.version());
    }

    private static List<String> lines(Path path) {
        try {
            return Files.readAllLines(path);
        } catch (IOException _) {
            return List.of();
        }
    }
}
