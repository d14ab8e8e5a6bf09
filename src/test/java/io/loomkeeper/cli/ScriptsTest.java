package io.loomkeeper.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;

import io.loomkeeper.conformance.FreePort;
import io.loomkeeper.conformance.ServerCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs under {@code bin/} as a distribution has them, in a directory with blanks in its
 * name, run from elsewhere.
 */
@Timeout(120)
@TestInstance(PER_CLASS)
final class ScriptsTest {
    private static final int WAIT_S = 60;

    private final Path directory;
    private Path home;
    private Path conf;
    private int port;

    ScriptsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    /** What a program did. */
    private record Run(int exitCode, String output) {}

    @BeforeAll
    void unpack() throws IOException {
        home = directory.resolve("a loom keeper");
        Path house = ServerCommand.house();
        copy(house.resolve("bin"), home.resolve("bin"));
        Files.createDirectories(home.resolve("conf"));
        for (String name : List.of("jvm.options", "zoo_sample.cfg")) {
            Files.copy(house.resolve("config").resolve(name), home.resolve("conf").resolve(name));
        }
        Path server = Files.createDirectories(home.resolve("lib/server"));
        Path shell = Files.createDirectories(home.resolve("lib/shell"));
        Files.createDirectories(home.resolve("lib/cli"));
        int number = 0;
        for (String each : System.getProperty("java.class.path").split(":", -1)) {
            Path entry = Path.of(each);
            boolean isOurs = Files.isDirectory(entry);
            Path jar = server.resolve(isOurs ? "ours-" + number++ + ".jar" : name(entry));
            if (isOurs) {
                pack(entry, jar);
            } else if (Files.exists(entry) && !Files.exists(jar)) {
                Files.createSymbolicLink(jar, entry.toAbsolutePath());
                Files.createSymbolicLink(shell.resolve(name(entry)), entry.toAbsolutePath());
            }
        }
    }

    private static String name(Path jar) {
        return jar.getFileName().toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(file.getFileName());
                Files.copy(file, copy);
                assertTrue(copy.toFile().setExecutable(true));
            }
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, packed);
                packed.closeEntry();
            }
        }
    }

    @BeforeEach
    void configure() throws IOException {
        port = FreePort.next();
        conf = Files.createTempDirectory(directory, "conf dir");
        Path data = conf.resolve("data");
        Files.writeString(
                conf.resolve("zoo.cfg"),
                "dataDir=" + data + "\nclientPort=" + port + "\nclientPortAddress=127.0.0.1\n");
    }

    @AfterEach
    void end() throws Exception {
        run(Map.of(), "zkServer.sh", "stop");
    }

    private Run run(Map<String, String> environment, String program, String... words)
            throws Exception {
        List<String> command =
                Stream.concat(
                                Stream.of(home.resolve("bin").resolve(program).toString()),
                                Stream.of(words))
                        .toList();
        Path output = Files.createTempFile(directory, "output", "");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("ZOOCFGDIR", conf.toString());
        builder.environment().put("ZOO_LOG_DIR", conf.resolve("logs").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(WAIT_S, SECONDS)) {
            process.destroyForcibly();
        }
        return new Run(process.waitFor(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private Run run(String program, String... words) throws Exception {
        return run(Map.of(), program, words);
    }

    private static void assertSays(String wanted, Run run) {
        assertTrue(run.output.contains(wanted), run.output);
    }

    @Test
    void serverIsStartedAskedAndStopped() throws Exception {
        Run start = run("zkServer.sh", "start");
        assertEquals(0, start.exitCode, start.output);
        assertSays("Starting zookeeper ... STARTED", start);
        assertTrue(Files.exists(conf.resolve("data/zookeeper_server.pid")));

        Run again = run("zkServer.sh", "start");
        assertEquals(1, again.exitCode);
        assertSays("already running as process", again);

        Run status = run("zkServer.sh", "status");
        assertEquals(0, status.exitCode, status.output);
        assertSays("Client port found: " + port, status);
        assertSays("Mode: standalone", status);

        Run restart = run("zkServer.sh", "restart");
        assertSays("Stopping zookeeper ... STOPPED", restart);
        assertSays("Starting zookeeper ... STARTED", restart);

        Run stop = run("zkServer.sh", "stop");
        assertSays("Stopping zookeeper ... STOPPED", stop);
        assertEquals(1, run("zkServer.sh", "status").exitCode);
        assertSays("no zookeeper to stop", run("zkServer.sh", "stop"));
    }

    @Test
    void commandLineIsPrintedWithAllThatTheEnvironmentSays() throws Exception {
        Files.writeString(conf.resolve("java.env"), "SERVER_JVMFLAGS=-Dfrom.java.env=1\n");
        Run run =
                run(
                        Map.of("JVMFLAGS", "-Dfrom.flags=1", "ZK_SERVER_HEAP", "77"),
                        "zkServer.sh",
                        "print-cmd");

        assertSays("-Dfrom.java.env=1", run);
        assertSays("-Dfrom.flags=1", run);
        assertSays("-Xmx77m", run);
        assertSays("io.loomkeeper.server.Main " + conf.resolve("zoo.cfg"), run);
        assertSays("3.9.5-loomkeeper-", run("zkServer.sh", "version"));
    }

    @Test
    void configurationIsCheckedWithoutAStart() throws Exception {
        Run sound = run("server", "--check", conf.resolve("zoo.cfg").toString());
        assertEquals(0, sound.exitCode, sound.output);
        assertSays("a server would start with that", sound);

        Files.writeString(conf.resolve("zoo.cfg"), "clientPort=x\ntickTime=y\n");
        Run wrong = run("zkServer.sh", "check");
        assertEquals(2, wrong.exitCode, wrong.output);
        assertSays("3 problems", wrong);
        assertFalse(Files.exists(conf.resolve("data")));
    }

    @Test
    void shellAndToolsWorkOnARunningServerAndItsFiles() throws Exception {
        run("zkServer.sh", "start");
        String server = "127.0.0.1:" + port;
        Run create = run("zkCli.sh", "-server", server, "create", "/node", "text");
        assertEquals(0, create.exitCode, create.output);
        assertSays("text", run("zkCli.sh", "-server", server, "get", "/node"));
        assertSays("standalone", run("loomkeeper", "status", server));
        run("zkServer.sh", "stop");

        String data = conf.resolve("data").toString();
        assertSays("/node", run("loomkeeper", "ls", data));
        assertSays("create /node", compact(run("zkTxnLogToolkit.sh", segment())));
        Run purge = run("zkCleanup.sh", "-n", "3");
        assertEquals(0, purge.exitCode, purge.output);
        assertEquals(2, run("zkCleanup.sh", "-n", "2").exitCode);

        Run export = run("loomkeeper", "export", data, conf.resolve("apache").toString());
        assertEquals(0, export.exitCode, export.output);
        String snapshot = onlySnapshot(conf.resolve("apache/version-2"));
        assertSays("/node", run("zkSnapShotToolkit.sh", snapshot));
        assertSays("/node", run("loomkeeper", "ls", snapshot));
        Run same = run("zkSnapshotComparer.sh", "-l", snapshot, "-r", data);
        assertEquals(0, same.exitCode, same.output);
    }

    private static Run compact(Run run) {
        return new Run(run.exitCode, run.output.replace(" path=", " "));
    }

    private String segment() throws IOException {
        try (Stream<Path> files = Files.walk(conf.resolve("data/loomkeeper/log"))) {
            return files.filter(f -> f.toString().endsWith(".cq4"))
                    .findFirst()
                    .orElseThrow()
                    .toString();
        }
    }

    private static String onlySnapshot(Path version2) throws IOException {
        try (Stream<Path> files = Files.list(version2)) {
            return files.filter(f -> name(f).startsWith("snapshot."))
                    .findFirst()
                    .orElseThrow()
                    .toString();
        }
    }

    @Test
    void directoriesAreMadeForAnEmptyServerAndNotOverAFullOne() throws Exception {
        Run made = run("zkServer-initialize.sh", "--myid=3");
        assertEquals(0, made.exitCode, made.output);
        assertEquals("3", Files.readString(conf.resolve("data/myid")).strip());
        assertTrue(Files.exists(conf.resolve("data/initialize")));

        Files.createDirectories(conf.resolve("data/loomkeeper"));
        Run refused = run("zkServer-initialize.sh", "--myid=3");
        assertEquals(1, refused.exitCode);
        assertSays("--force deletes it", refused);
        assertEquals(0, run("zkServer-initialize.sh", "--myid=3", "--force").exitCode);
        assertFalse(Files.exists(conf.resolve("data/loomkeeper")));
    }

    @Test
    void containerTakesTheVariablesOfTheOfficialImage() throws Exception {
        Map<String, String> environment =
                Map.of(
                        "ZOO_CONF_DIR", conf.resolve("of container").toString(),
                        "ZOO_DATA_DIR", conf.resolve("data").toString(),
                        "ZOO_DATA_LOG_DIR", conf.resolve("log").toString(),
                        "ZOO_MY_ID", "2",
                        "ZOO_TICK_TIME", "123",
                        "ZOO_SERVERS", "server.1=a:1:2;3 server.2=b:1:2;3",
                        "ZOO_4LW_COMMANDS_WHITELIST", "*",
                        "ZOO_CFG_EXTRA", "snapCount=77 forceSync=yes");
        Run run = run(environment, "container-entrypoint", "true");

        assertEquals(0, run.exitCode, run.output);
        assertEquals("2", Files.readString(conf.resolve("data/myid")).strip());
        String written = Files.readString(conf.resolve("of container/zoo.cfg"));
        for (String line :
                List.of(
                        "tickTime=123",
                        "initLimit=5",
                        "server.1=a:1:2;3",
                        "server.2=b:1:2;3",
                        "4lw.commands.whitelist=*",
                        "snapCount=77",
                        "dataLogDir=" + conf.resolve("log"))) {
            assertTrue(written.lines().anyMatch(line::equals), line + " in\n" + written);
        }
    }

    @Test
    void probesTellAliveFromDead() throws Exception {
        assertEquals(1, run("zkProbe.sh", "live", Integer.toString(port)).exitCode);
        run("zkServer.sh", "start");
        assertEquals(0, run("zkProbe.sh", "live", Integer.toString(port)).exitCode);
        assertEquals(0, run("zkProbe.sh", "ready", Integer.toString(port)).exitCode);
    }

    @Test
    void completionIsAScriptThatKnowsTheCommands() throws Exception {
        Run bash = run("loomkeeper", "completion", "bash");
        assertEquals(0, bash.exitCode, bash.output);
        assertSays("--accept-other-digest", bash);
        assertSays("complete -F _complete_loomkeeper", bash);
        assertEquals(2, run("loomkeeper", "completion", "fish").exitCode);
    }
}
