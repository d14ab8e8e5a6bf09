package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which versions a comparison ran, for its report. */
final class Versions {
    private static final Pattern APACHE_JAR = Pattern.compile("zookeeper-([0-9][^/]*)[.]jar");
    private static final int GIT_TIMEOUT_S = 5;

    private Versions() {}

    /**
     * The version of this very program, which Loomkeeper is built with; a guess where it has none.
     */
    static String loomkeeper(Path house) {
        String version = Versions.class.getPackage().getImplementationVersion();
        String revision =
                firstLine(List.of("git", "-C", house.toString(), "rev-parse", "--short", "HEAD"));
        return (version == null ? "of this build" : version)
                + (revision.isEmpty() ? "" : " (revision " + revision + ")");
    }

    /** As the name of the jar says. */
    static String apache(Path house) {
        Path jars = house.resolve("bench/target/apache");
        try (Stream<Path> files = Files.list(jars)) {
            return files.map(file -> APACHE_JAR.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(jar -> jar.group(1))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException _) {
            return "unknown";
        }
    }

    /** Empty when the program is not there, fails or takes long. */
    private static String firstLine(List<String> words) {
        try {
            Process process =
                    new ProcessBuilder(words)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!process.waitFor(GIT_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            return process.inputReader().lines().findFirst().orElse("");
        } catch (IOException _) {
            return "";
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
