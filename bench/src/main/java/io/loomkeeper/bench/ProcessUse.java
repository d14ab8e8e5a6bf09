package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process has used so far.
 *
 * @param cpuNs of all its threads, in steps of the kernel's tick (10 ms)
 * @param rssBytes resident memory; 0 where the system has no /proc
 */
record ProcessUse(long cpuNs, long rssBytes) {
    private static final String RSS = "VmRSS:";

    static ProcessUse own() {
        return of(ProcessHandle.current());
    }

    static ProcessUse of(ProcessHandle process) {
        long cpuNs = process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
        return new ProcessUse(cpuNs, rssBytes(Path.of("/proc/" + process.pid() + "/status")));
    }

    /** Of two processes together. */
    ProcessUse plus(ProcessUse other) {
        return new ProcessUse(cpuNs + other.cpuNs, rssBytes + other.rssBytes);
    }

    private static long rssBytes(Path status) {
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith(RSS)) {
                    return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException _) {
            // another system, or the process has ended
        }
        return 0;
    }
}
