package io.loomkeeper.conformance;

import static java.util.concurrent.TimeUnit.MINUTES;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Runs the script of recipes for kazoo, the Python client, against the server under test. */
final class Kazoo {
    /** Debian's own, since another python3 on the path may not see its packages. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final int WITHIN_MINUTES = 5;

    private Kazoo() {}

    /** What the script printed, and its exit code. */
    record Report(int exitCode, String output) {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Report report = run(ServerCommand.chosen(), Files.createTempDirectory("kazoo"));
        IO.print(report.output());
        System.exit(report.exitCode());
    }

    /** True if the library is there. */
    static boolean isInstalled() throws IOException, InterruptedException {
        return python("-c", "import kazoo").exitCode() == 0;
    }

    static Report run(ServerCommand command, Path directory)
            throws IOException, InterruptedException {
        if (!isInstalled()) {
            String advice =
                    PYTHON + " has no kazoo; Debian and Ubuntu: apt-get install python3-kazoo";
            throw new IllegalStateException(advice);
        }
        Map<String, String> keys = Map.of("4lw.commands.whitelist", "*");
        Path script = ServerCommand.house().resolve("src/test/resources/kazoo/recipes.py");
        try (ServerUnderTest server = ServerUnderTest.start(command, directory, keys, Map.of())) {
            return python(script.toString(), server.address());
        }
    }

    private static Report python(String... words) throws IOException, InterruptedException {
        String[] all = new String[words.length + 1];
        all[0] = PYTHON;
        System.arraycopy(words, 0, all, 1, words.length);
        Path output = Files.createTempFile("kazoo", ".out");
        try {
            Process process =
                    new ProcessBuilder(all)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            boolean ended = process.waitFor(WITHIN_MINUTES, MINUTES);
            process.destroyForcibly();
            return new Report(ended ? process.exitValue() : -1, Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }
}
