package io.loomkeeper.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a JVM's live objects take, counted by itself after a full collection. */
final class LiveHeap {
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

    private static final int TIMEOUT_S = 60;

    private LiveHeap() {}

    /**
     * Asks {@code jcmd}.
     *
     * @param java the program java of a JDK; jcmd stands beside it
     * @param pid of the JVM
     */
    static long bytes(String java, long pid) throws IOException {
        Path jcmd = Path.of(java).resolveSibling("jcmd");
        Process process =
                new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.class_histogram")
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .start();
        // a JVM that does not answer must not be waited for
        CompletableFuture<Void> end =
                CompletableFuture.runAsync(
                        process::destroyForcibly,
                        CompletableFuture.delayedExecutor(TIMEOUT_S, TimeUnit.SECONDS));
        try (BufferedReader lines = process.inputReader()) {
            String last = lines.lines().reduce("", (_, line) -> line);
            Matcher total = TOTAL.matcher(last);
            if (!total.find()) {
                throw new IOException(jcmd + " said: " + last);
            }
            return Long.parseLong(total.group(1));
        } finally {
            end.cancel(false);
        }
    }
}
