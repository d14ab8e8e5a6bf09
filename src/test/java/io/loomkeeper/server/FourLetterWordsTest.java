package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our answers beside those of Apache's server in the same state. */
final class FourLetterWordsTest {
    private static final String VERSION = "3.9.5-loomkeeper-0.1.0, built on 2026-11-21 00:00 UTC";

    private final ServerMetrics metrics = new ServerMetrics();

    private static int code(String word) {
        return ByteBuffer.wrap(word.getBytes(StandardCharsets.ISO_8859_1)).getInt();
    }

    private static Config config(String whitelist) throws IOException, ConfigException {
        String text =
                "tickTime=2000\ndataDir=d\nclientPort=21811\n4lw.commands.whitelist=" + whitelist;
        return Config.parse("zoo.cfg", new StringReader(text), Map.of());
    }

    private FourLetterWords words(FixedView view) throws IOException, ConfigException {
        Map<String, String> properties = Map.of("java.version", "25", "user.name", "keeper");
        return new FourLetterWords(config("*"), metrics, view, VERSION, properties);
    }

    private String answer(String word, FixedView view) throws IOException, ConfigException {
        return words(view).answer(code(word), 0);
    }

    private static String apaches(String word) throws IOException {
        try (InputStream in =
                FourLetterWordsTest.class.getResourceAsStream("/4lw/" + word + ".txt")) {
            String text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.replace("<version>", VERSION).replace("<dir>", FixedView.DIR.toString());
        }
    }

    /** 314 requests that took 353 ms in all. */
    private void givenRequests(int received, int sent) {
        metrics.onUpdate(30);
        metrics.onRead(0);
        for (int i = 0; i < 312; i++) {
            metrics.onUpdate(i < 11 ? 2 : 1);
        }
        for (int i = 0; i < received; i++) {
            metrics.onPacketReceived(10);
        }
        for (int i = 0; i < sent; i++) {
            metrics.onPacketSent();
        }
    }

    @Test
    void srvrIsApaches() throws IOException, ConfigException {
        givenRequests(316, 615);

        assertEquals(apaches("srvr"), answer("srvr", FixedView.asking(41584)));
    }

    @Test
    void statIsApaches() throws IOException, ConfigException {
        givenRequests(317, 616);

        assertEquals(apaches("stat"), answer("stat", FixedView.asking(41600)));
    }

    @ParameterizedTest
    @CsvSource({"ruok, 1", "conf, 1", "cons, 41618", "dirs, 1", "hash, 1", "isro, 1", "gtmk, 1"})
    void wordIsApaches(String word, int port) throws IOException, ConfigException {
        assertEquals(apaches(word), answer(word, FixedView.asking(port)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wchs", "wchc", "wchp"})
    void watchesAreApaches(String word) throws IOException, ConfigException {
        assertEquals(apaches(word), answer(word, FixedView.asking(1)));
    }

    @Test
    void dumpIsApaches() throws IOException, ConfigException {
        DumpText dump = new DumpText(config("*"), FixedView.asking(41638), ZoneId.of("UTC"));

        assertEquals(apaches("dump"), dump.dump());
    }

    @Test
    void environmentHasApachesLines() throws IOException, ConfigException {
        String answer = answer("envi", FixedView.asking(1));

        assertEquals(apaches("envi"), answer.replaceAll("=.*", "=<value>"));
        assertTrue(answer.contains("\nzookeeper.version=" + VERSION + "\n"), answer);
        assertTrue(answer.contains("\nuser.name=keeper\n"), answer);
        assertTrue(answer.contains("\njava.compiler=<NA>\n"), answer);
        assertTrue(answer.matches("(?s).*\nos.memory.max=[0-9]+MB\n.*"), answer);
    }

    @Test
    void monitorHasApachesNamesAndShapes() throws IOException, ConfigException {
        Map<String, String> apaches = lines(apaches("mntr"));
        givenRequests(1, 1);
        metrics.onResponse(84);

        lines(answer("mntr", FixedView.asking(1)))
                .forEach(
                        (name, value) -> {
                            assertTrue(apaches.containsKey(name), name);
                            assertEquals(shape(apaches.get(name)), shape(value), name);
                        });
    }

    @Test
    void monitorHasWhatDashboardsRead() throws IOException, ConfigException {
        Set<String> missing = new TreeSet<>(WATCHED);

        missing.removeAll(lines(answer("mntr", FixedView.asking(1))).keySet());

        assertEquals(Set.of(), missing);
    }

    @Test
    void monitorShowsTheStateOfTheServer() throws IOException, ConfigException {
        givenRequests(325, 624);
        metrics.onAuthFailed();

        Map<String, String> ours = lines(answer("mntr", FixedView.asking(1)));

        Map<String, String> apaches = new HashMap<>(lines(apaches("mntr")));
        apaches.put("zk_auth_failed_count", "1");
        for (String name : FROM_THE_STATE) {
            assertEquals(apaches.get(name), ours.get(name), name);
        }
    }

    @Test
    void monitorNamesWhoseQuotaHasRefusedAWrite() throws IOException, ConfigException {
        metrics.onQuotaExceeded("/shop/carts/7");

        Map<String, String> ours = lines(answer("mntr", FixedView.asking(1)));

        assertEquals("1", ours.get("zk_shop_quota_exceeded_error_per_namespace"));
    }

    private static final Set<String> FROM_THE_STATE =
            Set.of(
                    "zk_version",
                    "zk_server_state",
                    "zk_ephemerals_count",
                    "zk_num_alive_connections",
                    "zk_outstanding_requests",
                    "zk_znode_count",
                    "zk_global_sessions",
                    "zk_local_sessions",
                    "zk_packets_received",
                    "zk_packets_sent",
                    "zk_watch_count",
                    "zk_auth_failed_count",
                    "zk_approximate_data_size",
                    "zk_uptime",
                    "zk_avg_latency",
                    "zk_min_latency",
                    "zk_max_latency");

    /** What protocol 22 says everyone reads, as far as a server of its own has it. */
    private static final Set<String> WATCHED =
            Set.of(
                    "zk_open_file_descriptor_count",
                    "zk_max_file_descriptor_count",
                    "zk_avg_fsynctime",
                    "zk_max_snapshottime",
                    "zk_p99_readlatency",
                    "zk_p999_updatelatency",
                    "zk_p50_propagation_latency",
                    "zk_cnt_jvm_pause_time_ms",
                    "zk_sum_election_time",
                    "zk_avg_leader_unavailable_time",
                    "zk_avg_unavailable_time",
                    "zk_avg_follower_sync_time",
                    "zk_avg_observer_sync_time",
                    "zk_avg_proposal_latency",
                    "zk_avg_quorum_ack_latency",
                    "zk_avg_connection_token_deficit",
                    "zk_avg_startup_snap_load_time",
                    "zk_avg_startup_txns_load_time",
                    "zk_connection_request_count",
                    "zk_connection_rejected",
                    "zk_connection_drop_count",
                    "zk_connection_revalidate_count",
                    "zk_stale_requests",
                    "zk_stale_requests_dropped",
                    "zk_stale_sessions_expired",
                    "zk_bytes_received_count",
                    "zk_response_bytes",
                    "zk_watch_bytes",
                    "zk_digest_mismatches_count",
                    "zk_unrecoverable_error_count",
                    "zk_looking_count",
                    "zk_proposal_count",
                    "zk_commit_count",
                    "zk_snap_count",
                    "zk_diff_count",
                    "zk_last_client_response_size",
                    "zk_min_client_response_size",
                    "zk_max_client_response_size");

    private static Map<String, String> lines(String text) {
        Map<String, String> lines = new HashMap<>();
        text.lines()
                .forEach(
                        line -> {
                            int tab = line.indexOf('\t');
                            String before =
                                    lines.put(line.substring(0, tab), line.substring(tab + 1));
                            assertEquals(null, before, line);
                        });
        return lines;
    }

    private static String shape(String value) {
        if (value.matches("-?[0-9]+")) {
            return "whole number";
        }
        return value.matches("[0-9]+\\.[0-9]{1,4}") ? "decimal" : "text";
    }

    @Test
    void traceMaskIsKept() throws IOException, ConfigException {
        FourLetterWords words = words(FixedView.asking(1));

        assertTrue(words.hasMask(code("stmk")));
        assertEquals("7", words.answer(code("stmk"), 7));
        assertEquals("7", words.answer(code("gtmk"), 0));
        assertFalse(words.hasMask(code("gtmk")));
    }

    @Test
    void srstStartsTheFiguresAnew() throws IOException, ConfigException {
        givenRequests(316, 615);

        assertEquals("Server stats reset.\n", answer("srst", FixedView.asking(1)));

        assertEquals(0, metrics.packetsReceived());
        assertEquals(0, metrics.requestLatency().count());
    }

    @Test
    void crstResetsConnections() throws IOException, ConfigException {
        FixedView view = FixedView.asking(1);

        assertEquals("Connection stats reset.\n", answer("crst", view));
        assertEquals(1, view.resets());
    }

    @Test
    void wordThatIsNotInTheWhitelistIsNotExecuted() throws IOException, ConfigException {
        FixedView view = FixedView.asking(1);
        FourLetterWords words =
                new FourLetterWords(config("ruok"), metrics, view, VERSION, Map.of());

        assertEquals("imok", words.answer(code("ruok"), 0));
        assertTrue(words.answer(code("srvr"), 0).startsWith("Zookeeper version: 3.9.5-"));
        assertEquals(
                "crst is not executed because it is not in the whitelist.\n",
                words.answer(code("crst"), 0));
        assertEquals(0, view.resets());
        assertFalse(words.hasMask(code("stmk")));
    }

    @ParameterizedTest
    @CsvSource({
        "srvr, true", "stat, true", "cons, true", "conf, true", "dirs, true", "dump, true",
        "mntr, true", "wchs, true", "wchc, true", "wchp, true", "crst, true", "srst, true",
        "hash, false",
    })
    void serverThatDoesNotServeSaysSo(String word, boolean newline)
            throws IOException, ConfigException {
        FixedView view = new FixedView(false, "standalone", List.of());

        assertEquals(
                "This ZooKeeper instance is not currently serving requests" + (newline ? "\n" : ""),
                answer(word, view));
    }

    @Test
    void serverThatDoesNotServeIsStillOk() throws IOException, ConfigException {
        FixedView view = new FixedView(false, "standalone", List.of());

        assertEquals("imok", answer("ruok", view));
        assertEquals("null", answer("isro", view));
        assertEquals("306", answer("gtmk", view));
    }

    @Test
    void readOnlyServerSaysSo() throws IOException, ConfigException {
        FixedView view = new FixedView(true, "read-only", List.of());

        assertEquals("ro", answer("isro", view));
        assertEquals(
                "READ-ONLY mode; serving only read-only clients",
                answer("srvr", view).lines().skip(1).findFirst().orElse(""));
    }

    @Test
    void onlyKnownWordsAreWords() {
        assertTrue(FourLetterWords.isWord(code("ruok")));
        assertTrue(FourLetterWords.isWord(0xfff4fffd));
        assertFalse(FourLetterWords.isWord(code("RUOK")));
        assertFalse(FourLetterWords.isWord(code("lsnr")));
        assertFalse(FourLetterWords.isWord(44));
        assertFalse(FourLetterWords.isWord(0));
    }

    @Test
    void everyKnownWordHasAnAnswer() throws IOException, ConfigException {
        FourLetterWords words = words(FixedView.asking(1));
        for (String word : FourLetterWords.KNOWN) {
            assertFalse(words.answer(code(word), 0).isEmpty(), word);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, CREA", "2, DELE", "13, CHEC", "-11, CLOS", "104, GETACN", "0, NA", "99, NA"})
    void operationsHaveShortNames(int op, String name) {
        assertEquals(name, StatusText.operation(op));
    }

    @Test
    void versionStartsWithTheNumbersThatClientsParse() {
        String full = Version.load().full();

        assertTrue(
                full.matches(
                        "3\\.9\\.5-loomkeeper-[0-9]+\\.[0-9]+\\.[0-9]+(-SNAPSHOT)?,"
                                + " built on [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC"),
                full);
    }
}
