package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The four-letter words of both servers after the same requests of Apache's own client (protocol
 * 21). Numbers, names and times are replaced by what they are, and what Apache gives in the order
 * of a hash is sorted.
 */
@TestInstance(PER_CLASS)
@Timeout(120)
final class FourLetterWordsBesideApacheTest {
    private static final Map<String, String> ALL_WORDS = Map.of("4lw.commands.whitelist", "*");

    /** No such word, and nothing to say before zxid 128. */
    private static final Set<String> SILENT = Set.of("nope", "hash");

    private static final long ENDED_WITHIN_NS = 5_000_000_000L;
    private static final long POLL_NS = 20_000_000;
    private static final int TIMEOUT_MS = 30_000;

    private final List<ServerUnderTest> servers = new ArrayList<>();
    private final List<ZooKeeper> clients = new ArrayList<>();
    private ServerUnderTest apache;
    private ServerUnderTest ours;

    @BeforeAll
    void playTheSame(@TempDir Path directory) throws Exception {
        apache = start(ServerCommand.apache(), directory.resolve("apache"));
        ours = start(ServerCommand.loomkeeper(), directory.resolve("ours"));
        for (ServerUnderTest server : servers) {
            play(server);
        }
    }

    private ServerUnderTest start(ServerCommand command, Path directory) {
        ServerUnderTest server = ServerUnderTest.start(command, directory, ALL_WORDS, Map.of());
        servers.add(server);
        return server;
    }

    private void play(ServerUnderTest server) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        Watcher watcher = _ -> connected.countDown();
        ZooKeeper client = new ZooKeeper(server.address(), TIMEOUT_MS, watcher);
        clients.add(client);
        assertTrue(connected.await(20, TimeUnit.SECONDS), server::output);
        client.create("/a", new byte[10], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        client.create("/a/e", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        client.create("/b", new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        client.getData("/a", true, null);
        client.getChildren("/a", true);
        client.exists("/none", true);
        client.addWatch("/b", watcher, AddWatchMode.PERSISTENT);
        client.addWatch("/r", watcher, AddWatchMode.PERSISTENT_RECURSIVE);
    }

    @AfterAll
    void stop() throws InterruptedException {
        for (ZooKeeper client : clients) {
            client.close();
        }
        servers.forEach(ServerUnderTest::close);
    }

    private void assertSame(String word, UnaryOperator<String> form) {
        // the connection that asked for the word before may still be seen to end
        long deadline = System.nanoTime() + ENDED_WITHIN_NS;
        String expected = apache.fourLetterWord(word);
        String answer = ours.fourLetterWord(word);
        while (!form.apply(expected).equals(form.apply(answer)) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NS);
            expected = apache.fourLetterWord(word);
            answer = ours.fourLetterWord(word);
        }
        assertEquals(SILENT.contains(word), expected.isEmpty(), word);
        assertEquals(form.apply(expected), form.apply(answer));
    }

    /**
     * Line by line, every number of either radix replaced; what must be equal is looked at alone.
     */
    private static String form(String text) {
        return text.replaceAll("Zookeeper version: .*", "Zookeeper version: <version>")
                .replaceAll("0x[0-9a-f]+", "<hex>")
                .replaceAll("expire at .*:", "expire at <date>:")
                .replaceAll("([Dd]ata(Log)?Dir)=.*", "$1=<path>")
                .replaceAll("[0-9]+[.][0-9]+", "<decimal>")
                .replaceAll("[0-9]+", "<n>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ruok", "srvr", "stat", "conf", "cons", "isro", "dirs", "hash", "gtmk", "wchs",
                "wchc", "wchp", "nope"
            })
    void answersHaveTheSameLines(String word) {
        boolean inOrderOfAHash = word.startsWith("wch") || Set.of("cons", "stat").contains(word);
        assertSame(
                word,
                text ->
                        inOrderOfAHash
                                ? String.join("\n", form(text).lines().sorted().toList())
                                : form(text));
    }

    /** Exactly: counts, paths, sizes; all that does not depend on the clock or the process. */
    @ParameterizedTest
    @ValueSource(strings = {"ruok", "isro", "gtmk", "wchs"})
    void answersAreTheSame(String word) {
        assertSame(word, text -> text);
    }

    @Test
    void srvrCountsTheSame() {
        for (String line :
                List.of("Connections: ", "Outstanding: ", "Zxid: ", "Mode: ", "Node c")) {
            assertSame(
                    "srvr",
                    text -> text.lines().filter(l -> l.startsWith(line)).findFirst().orElse(""));
        }
    }

    /** Apache lists connections under expiries of their own, and sets without members. */
    @Test
    void dumpHasTheSameSessionsAndEphemerals() {
        assertSame(
                "dump",
                text ->
                        String.join(
                                "\n",
                                form(text)
                                        .lines()
                                        .takeWhile(l -> !l.startsWith("Connections dump"))
                                        .filter(l -> !l.startsWith("<n> expire"))
                                        .filter(l -> !l.startsWith("Session Sets"))
                                        .sorted()
                                        .toList()));
    }

    @Test
    void enviHasTheSameNames() {
        assertSame("envi", text -> text.replaceAll("=.*", "="));
    }

    /** docs/divergence.md has what is left out of mntr. */
    @Test
    void everythingThatMntrSaysApacheSaysToo() {
        Set<String> ours = names(this.ours.fourLetterWord("mntr"));
        ours.removeAll(names(apache.fourLetterWord("mntr")));

        assertEquals(Set.of(), ours);
    }

    @Test
    void mntrCountsTheSame() {
        for (String name :
                List.of(
                        "server_state",
                        "znode_count",
                        "watch_count",
                        "ephemerals_count",
                        "approximate_data_size",
                        "num_alive_connections",
                        "outstanding_requests",
                        "global_sessions")) {
            assertSame(
                    "mntr",
                    text ->
                            text.lines()
                                    .filter(l -> l.startsWith("zk_" + name + "\t"))
                                    .findFirst()
                                    .orElse("no " + name));
        }
    }

    @Test
    void aWordWithMoreBehindItIsStillAWord() {
        assertSame("ruok\r\n", text -> text);
        assertSame("isro and more", text -> text);
    }

    private static Set<String> names(String mntr) {
        Set<String> names = new TreeSet<>();
        mntr.lines().forEach(line -> names.add(line.replaceFirst("\t.*", "")));
        return names;
    }
}
