package io.loomkeeper.conformance;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How one kind of server is started: a command line that takes the path of a zoo.cfg, and where JVM
 * properties go.
 *
 * <p>One switch chooses the server under test: the system property {@code conformance.server},
 * which is the word {@code apache}, or a command line such as {@code bin/server}, or absent for
 * Loomkeeper's main class on this class path.
 */
public sealed interface ServerCommand {
    /**
     * The process, not started yet; its properties reach the server's JVM as {@code -Dname=value}.
     */
    ProcessBuilder process(Path zooCfg, Map<String, String> properties) throws IOException;

    /** A main class run by this very JDK. */
    record MainClass(List<String> options, String classPath, String name) implements ServerCommand {
        @Override
        public ProcessBuilder process(Path zooCfg, Map<String, String> properties) {
            List<String> words = new ArrayList<>();
            words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            words.addAll(options);
            words.addAll(flags(properties));
            words.addAll(List.of("-cp", classPath, name, zooCfg.toString()));
            return new ProcessBuilder(words);
        }
    }

    /**
     * A program that hands the words of the variable {@code SERVER_JVMFLAGS} to its JVM, as
     * ZooKeeper's own scripts do; the one word given is an argument file, since values may hold
     * spaces.
     */
    record Program(List<String> words) implements ServerCommand {
        @Override
        public ProcessBuilder process(Path zooCfg, Map<String, String> properties)
                throws IOException {
            Path flags = zooCfg.resolveSibling("jvm.flags");
            Files.write(flags, flags(properties).stream().map(Program::quoted).toList());
            List<String> all = new ArrayList<>(words);
            all.set(0, house().resolve(words.getFirst()).toString());
            all.add(zooCfg.toString());
            ProcessBuilder process = new ProcessBuilder(all);
            process.environment().put("SERVER_JVMFLAGS", "@" + flags);
            process.environment().put("JAVA_HOME", System.getProperty("java.home"));
            return process;
        }

        private static String quoted(String flag) {
            return '"' + flag.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
    }

    /** Another command, in a process that {@code enter} leads to a place of its own. */
    record Within(List<String> enter, ServerCommand inner) implements ServerCommand {
        @Override
        public ProcessBuilder process(Path zooCfg, Map<String, String> properties)
                throws IOException {
            ProcessBuilder process = inner.process(zooCfg, properties);
            List<String> words = new ArrayList<>(enter);
            words.addAll(process.command());
            return process.command(words);
        }
    }

    /**
     * Apache ZooKeeper from this class path, standalone or, given {@code server.N} keys, one of an
     * ensemble.
     */
    static ServerCommand apache() {
        return Apache.COMMAND;
    }

    private static MainClass apacheOn(String classPath) {
        List<String> options =
                List.of(
                        "-Xmx768m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dzookeeper.preAllocSize=100",
                        "-Dzookeeper.admin.enableServer=false",
                        "-Dzookeeper.jmx.log4j.disable=true");
        return new MainClass(
                options, classPath, "org.apache.zookeeper.server.quorum.QuorumPeerMain");
    }

    /**
     * A server of an older release: its own jars, as the build has copied them, and of this class
     * path only the libraries that every release finds there.
     *
     * @param release such as 3.5.10; one that src/test/pom.xml names
     */
    static ServerCommand apache(String release) {
        Path copied = house().resolve("src/test/target/apache");
        List<String> jars = new ArrayList<>();
        for (String name : List.of("zookeeper", "zookeeper-jute")) {
            jars.add(copied.resolve(name + "-" + release + ".jar").toString());
        }
        Pattern libraries =
                Pattern.compile("/(metrics-core|snappy-java|slf4j-api|slf4j-jdk14)-[0-9.]+\\.jar$");
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> libraries.matcher(entry).find())
                .forEach(jars::add);
        return apacheOn(String.join(File.pathSeparator, jars));
    }

    /** Loomkeeper from this class path, with the flags of config/jvm.options. */
    static ServerCommand loomkeeper() {
        return Loomkeeper.COMMAND;
    }

    /** Made when it is first asked for. */
    final class Apache {
        private static final ServerCommand COMMAND =
                KeptClasses.of(apacheOn(System.getProperty("java.class.path")), "apache");

        private Apache() {}
    }

    /** Made when it is first asked for. */
    final class Loomkeeper {
        private static final ServerCommand COMMAND =
                KeptClasses.of(
                        new MainClass(
                                List.of("@" + house().resolve("config/jvm.options")),
                                System.getProperty("java.class.path"),
                                "io.loomkeeper.server.Main"),
                        "loomkeeper");

        private Loomkeeper() {}
    }

    /** The server that the switch {@code conformance.server} names. */
    static ServerCommand chosen() {
        String choice = System.getProperty("conformance.server", "");
        return switch (choice) {
            case "" -> loomkeeper();
            case "apache" -> apache();
            default -> new Program(List.of(choice.split(" ")));
        };
    }

    /** The top directory of the source tree. */
    static Path house() {
        return Path.of(System.getProperty("loomkeeper.house", ".")).toAbsolutePath().normalize();
    }

    private static List<String> flags(Map<String, String> properties) {
        return properties.entrySet().stream()
                .map(property -> "-D" + property.getKey() + "=" + property.getValue())
                .toList();
    }
}
