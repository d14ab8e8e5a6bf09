package io.loomkeeper.conformance;

import io.loomkeeper.conformance.ServerCommand.MainClass;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.zookeeper.ZooKeeper;

/**
 * What a JVM has loaded once a server serves, kept in a file for the next ones of this run: half of
 * what each start costs. {@code bin/server} starts with the like of it as well.
 */
final class KeptClasses {
    private static final int SESSION_TIMEOUT_MS = 10_000;

    /** It would say what parts of the file do not go with the flags, and does without them. */
    private static final String QUIET = "-Xlog:cds*=off,aot*=off";

    private KeptClasses() {}

    /**
     * The same command with such a file, which one start has made before this returns; or the
     * command as it is where classes stand in directories, of which the JVM keeps none.
     */
    static MainClass of(MainClass plain, String name) {
        List<String> jars =
                Arrays.stream(plain.classPath().split(File.pathSeparator))
                        .filter(Predicate.not(KeptClasses::isOfTests))
                        .toList();
        if (jars.stream().anyMatch(entry -> Files.isDirectory(Path.of(entry)))) {
            return plain;
        }
        MainClass server =
                new MainClass(plain.options(), String.join(File.pathSeparator, jars), plain.name());
        Path file = ServerCommand.house().resolve("src/test/target/" + name + ".jsa");
        train(with(server, "-XX:ArchiveClassesAtExit=" + file), name);
        if (!Files.exists(file)) {
            throw new IllegalStateException("no classes were kept in " + file);
        }
        return with(with(server, "-XX:SharedArchiveFile=" + file), QUIET);
    }

    private static boolean isOfTests(String entry) {
        return Path.of(entry).endsWith("test-classes");
    }

    private static MainClass with(MainClass command, String option) {
        List<String> options = new ArrayList<>(command.options());
        options.add(option);
        return new MainClass(options, command.classPath(), command.name());
    }

    private static void train(MainClass command, String name) {
        try {
            Path directory = Files.createTempDirectory(name);
            ServerUnderTest server = ServerUnderTest.start(command, directory, Map.of(), Map.of());
            try (server) {
                ZooKeeper client = server.connect(SESSION_TIMEOUT_MS);
                client.exists("/", false);
                client.close();
                server.stop();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("a first start of " + name, e);
        }
    }
}
