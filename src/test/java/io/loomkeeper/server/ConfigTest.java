package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.ClientLimits.Handshakes;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigTest {
    private static final String NEEDED = "dataDir=/d\nclientPort=2181\n";

    private static Config parse(String text, Map<String, String> properties)
            throws ConfigException {
        try {
            return Config.parse("zoo.cfg", new StringReader(text), properties);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Config parse(String text) throws ConfigException {
        return parse(NEEDED + text, Map.of());
    }

    private static InetSocketAddress at(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }

    private static ConfigException refusal(String text) {
        return assertThrows(ConfigException.class, () -> parse(text, Map.of()));
    }

    private static ConfigException refusalOf(String line) {
        return refusal(NEEDED + line);
    }

    @Test
    void defaultsAreApaches() throws ConfigException {
        Config config = parse("");

        assertEquals(3000, config.tickTimeMs());
        assertFalse(config.reconfigEnabled());
        assertEquals(List.of(), config.warnings());
        assertEquals(
                new Config.Client(
                        new InetSocketAddress(2181),
                        -1,
                        false,
                        6000,
                        60_000,
                        10_000,
                        Set.of("srvr")),
                config.client());
        assertEquals(
                new Config.Storage(
                        Path.of("/d"),
                        Path.of("/d"),
                        true,
                        100_000,
                        4_194_304,
                        0,
                        true,
                        1000,
                        new Config.Autopurge(3, 3_600_000)),
                config.storage());
        assertEquals(new Config.Tree(true, false, false, 60_000, 10_000, 0), config.tree());
        assertEquals(
                new Config.Limits(60, 0, 1000, 1_048_575, 1_048_575, Handshakes.UNBOUNDED),
                config.limits());
        assertEquals(
                new Config.Security(
                        false, true, "SHA1", Optional.empty(), Set.of(), Optional.empty()),
                config.security());
    }

    @Test
    void standaloneWithoutAFileListensOnLoopback() throws ConfigException {
        Config config = Config.standalone(Map.of());

        assertEquals(at("127.0.0.1", 2181), config.client().address());
        assertEquals(Path.of("data"), config.storage().dataDir());
        assertEquals(2000, config.tickTimeMs());
        assertEquals(List.of(), config.warnings());
    }

    @Test
    void standaloneWithoutAFileObeysSystemProperties() throws ConfigException {
        Config config = Config.standalone(Map.of("zookeeper.snapCount", "77", "user.dir", "/x"));

        assertEquals(77, config.storage().snapCount());
    }

    @Test
    void everyKeyOfTheClientPortReachesItsField() throws ConfigException {
        Config config =
                parse(
                        """
                        tickTime=1000
                        clientPortAddress=127.0.0.2
                        clientPortListenBacklog=7
                        clientTcpKeepAlive=true
                        minSessionTimeout=1
                        maxSessionTimeout=2
                        nio.sessionlessCnxnTimeout=3
                        4lw.commands.whitelist=ruok, mntr
                        """);

        assertEquals(1000, config.tickTimeMs());
        assertEquals(
                new Config.Client(
                        at("127.0.0.2", 2181), 7, true, 1, 2, 3, Set.of("ruok", "mntr", "srvr")),
                config.client());
    }

    @Test
    void everyKeyOfTheDiskReachesItsField() throws ConfigException {
        Config config =
                parse(
                        """
                        dataLogDir=/log
                        datadir.autocreate=false
                        snapCount=4
                        snapSizeLimitInKb=5
                        txnLogSizeLimitInKb=6
                        forceSync=no
                        fsync.warningthresholdms=9
                        autopurge.snapRetainCount=10
                        autopurge.purgeInterval=11
                        """);

        assertEquals(
                new Config.Storage(
                        Path.of("/d"),
                        Path.of("/log"),
                        false,
                        4,
                        5,
                        6,
                        false,
                        9,
                        new Config.Autopurge(10, 11 * 3_600_000L)),
                config.storage());
        assertEquals(
                List.of("forceSync=no: a power failure loses acknowledged writes"),
                config.warnings());
    }

    @Test
    void everyKeyOfTheTreeReachesItsField() throws ConfigException {
        Config config =
                parse(
                        """
                        digest.enabled=false
                        extendedTypesEnabled=true
                        enforceQuota=true
                        znode.container.checkIntervalMs=12
                        znode.container.maxPerMinute=13
                        znode.container.maxNeverUsedIntervalMs=14
                        maxClientCnxns=15
                        maxCnxns=16
                        globalOutstandingLimit=17
                        jute.maxbuffer=1800
                        jute.maxbuffer.extrasize=1900
                        connection_throttle_tokens=20
                        connection_throttle_fill_time=21
                        connection_throttle_fill_count=22
                        """);

        assertEquals(new Config.Tree(false, true, true, 12, 13, 14), config.tree());
        assertEquals(
                new Config.Limits(15, 16, 17, 1800, 1900, new Handshakes(20, 21, 22)),
                config.limits());
    }

    @Test
    void everyKeyOfSecurityReachesItsField() throws ConfigException {
        Config config =
                parse(
                        """
                        skipACL=yes
                        DigestAuthenticationProvider.enabled=true
                        DigestAuthenticationProvider.digestAlg=SHA-256
                        DigestAuthenticationProvider.superDigest=super:xyz=
                        enforce.auth.enabled=true
                        enforce.auth.schemes=digest,ip
                        session.secretFile=/secret
                        reconfigEnabled=true
                        """);

        assertEquals(
                new Config.Security(
                        true,
                        true,
                        "SHA-256",
                        Optional.of("super:xyz="),
                        Set.of("digest", "ip"),
                        Optional.of(Path.of("/secret"))),
                config.security());
        assertTrue(config.reconfigEnabled());
        assertEquals(List.of("skipACL=yes: everyone may do everything"), config.warnings());
    }

    @Test
    void wrongValueIsRefusedWithFileLineKeyFoundAndAllowed() {
        ConfigException refusal = refusal("# a comment\n\n" + NEEDED + "tickTime=soon\n");

        assertEquals("zoo.cfg", refusal.file());
        assertEquals(5, refusal.line());
        assertEquals("tickTime", refusal.key());
        assertEquals("soon", refusal.found());
        assertEquals("a whole number from 1 to 107374182", refusal.allowed());
        assertEquals(
                "zoo.cfg:5: tickTime: found \"soon\", allowed: a whole number from 1 to 107374182",
                refusal.getMessage());
    }

    @Test
    void wrongSystemPropertyIsRefusedByItsFullName() {
        ConfigException refusal =
                assertThrows(
                        ConfigException.class,
                        () -> parse(NEEDED, Map.of("zookeeper.snapCount", "many")));

        assertEquals(
                "-Dzookeeper.snapCount: found \"many\", allowed: a whole number from -2147483648 to"
                        + " 2147483647",
                refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tickTime=0",
                "tickTime=-1",
                "tickTime=107374183",
                "tickTime=",
                "tickTime=99999999999999999999",
                "clientPort=65536",
                "clientPort=-1",
                "clientPortAddress=",
                "clientPortListenBacklog=-2",
                "minSessionTimeout=0",
                "maxSessionTimeout=2147483648",
                "minSessionTimeout=60001",
                "maxSessionTimeout=5999",
                "dataDir=",
                "dataLogDir=",
                "jute.maxbuffer=2147483647",
                "jute.maxbuffer=133169153",
                "jute.maxbuffer=1 MB",
                "jute.maxbuffer.extrasize=-1",
                "globalOutstandingLimit=0",
                "maxClientCnxns=-2",
                "maxCnxns=x",
                "snapSizeLimitInKb=9223372036854775807",
                "forceSync=false",
                "skipACL=true",
                "enforceQuota=yes",
                "digest.enabled=1",
                "fsync.warningthresholdms=-1",
                "autopurge.purgeInterval=soon",
                "autopurge.purgeInterval=3w",
                "autopurge.purgeInterval=",
                "znode.container.checkIntervalMs=0",
                "DigestAuthenticationProvider.digestAlg=ROT13",
                "DigestAuthenticationProvider.superDigest=nocolon",
                "sessionRequireClientSASLAuth=yes",
                "standaloneEnabled=false",
                "dynamicConfigFile=zoo.cfg.dynamic",
                "server.one=h:1:2",
                "server.1=h",
            })
    void valueOutOfItsBoundsIsRefused(String line) {
        ConfigException refusal = refusalOf(line);

        assertEquals(3, refusal.line());
        assertEquals(line.substring(0, line.indexOf('=')), refusal.key());
    }

    @ParameterizedTest
    @CsvSource({
        "autopurge.purgeInterval=0, 0",
        "autopurge.purgeInterval=-1, 0",
        "autopurge.purgeInterval=24, 86400000",
        "autopurge.purgeInterval=24h, 86400000",
        "autopurge.purgeInterval=1D, 86400000",
        "autopurge.purgeInterval=5m, 300000",
        "autopurge.purgeInterval=5s, 5000",
        "autopurge.purgeInterval=5MS, 5",
        "autopurge.purgeInterval=2147483647d, 185542587100800000",
    })
    void purgeIntervalIsHoursUnlessItNamesAUnit(String line, long ms) throws ConfigException {
        assertEquals(ms, parse(line).storage().autopurge().intervalMs());
    }

    @Test
    void sessionTimeoutsFollowTheTickUnlessSet() throws ConfigException {
        Config config = parse("tickTime=107374182\nminSessionTimeout=-1\n");

        assertEquals(214_748_364, config.client().minSessionTimeoutMs());
        assertEquals(2_147_483_640, config.client().maxSessionTimeoutMs());
    }

    @Test
    void tooLittleIsRaisedWithAWarningWhereApacheDoesSo() throws ConfigException {
        Config config = parse("snapCount=1\nautopurge.snapRetainCount=0\n");

        assertEquals(2, config.storage().snapCount());
        assertEquals(3, config.storage().autopurge().snapRetainCount());
        assertEquals(
                List.of(
                        "snapCount=1 is too little; 2 is taken",
                        "autopurge.snapRetainCount=0 is too little; 3 is taken"),
                config.warnings());
    }

    @Test
    void fileWinsOverThePrefixedSystemProperty() throws ConfigException {
        Config config = parse(NEEDED + "snapCount=7\n", Map.of("zookeeper.snapCount", "8"));

        assertEquals(7, config.storage().snapCount());
    }

    @Test
    void bareSystemPropertyWinsOverTheFile() throws ConfigException {
        Config config = parse(NEEDED + "jute.maxbuffer=4096\n", Map.of("jute.maxbuffer", "0x2000"));

        assertEquals(8192, config.limits().juteMaxBufferBytes());
    }

    @Test
    void fsyncWarningIsReadWithThePrefixFirst() throws ConfigException {
        String bare = "fsync.warningthresholdms";

        assertEquals(5, fsyncWarningMs(Map.of(bare, "5")));
        assertEquals(6, fsyncWarningMs(Map.of(bare, "5", "zookeeper." + bare, "6")));
    }

    private static long fsyncWarningMs(Map<String, String> properties) throws ConfigException {
        return parse(NEEDED, properties).storage().fsyncWarningThresholdMs();
    }

    @Test
    void keyOfTheFileAloneIsNotReadFromASystemProperty() throws ConfigException {
        Config config =
                parse(NEEDED, Map.of("zookeeper.tickTime", "5", "zookeeper.jute.maxbuffer", "6"));

        assertEquals(3000, config.tickTimeMs());
        assertEquals(1_048_575, config.limits().juteMaxBufferBytes());
        assertEquals(
                List.of(
                        "not supported and without effect: -Dzookeeper.jute.maxbuffer (it is read as"
                                + " -Djute.maxbuffer); -Dzookeeper.tickTime (it is read from the file"
                                + " only)"),
                config.warnings());
    }

    @Test
    void keysWithoutEffectAreNamedInOneLineByReason() throws ConfigException {
        Config config =
                parse(
                        NEEDED
                                + """
                                initLimit=10
                                tikTime=5
                                syncLimit=5
                                zookeeper.snapCount=5
                                pathStats.enabled=true
                                """,
                        Map.of("zookeeper.ssl.quorum.clientAuth", "need"));

        assertEquals(
                List.of(
                        "not supported and without effect: initLimit, syncLimit, -Dzookeeper.ssl.quorum.clientAuth (only an ensemble"
                                + " uses it); tikTime (no such key); zookeeper.snapCount (in a file a key"
                                + " stands without the prefix zookeeper.); pathStats.enabled (paths"
                                + " are not counted)"),
                config.warnings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "admin.enableServer=false",
                "localSessionsEnabled=FALSE",
                "electionAlg=3",
                "peerType=participant",
                "standaloneEnabled=true",
                "readonlymode.enabled=false",
                "request_throttle_max_requests=0",
                "metricsProvider.className=org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
                "sessionRequireClientSASLAuth=false",
                "enforce.auth.schemes=sasl",
            })
    void keyThatAsksForNothingIsNotNamed(String line) throws ConfigException {
        assertEquals(List.of(), parse(line).warnings());
    }

    @Test
    void keyThatStandsTwiceCountsWhereItStandsLast() throws ConfigException {
        Config config = parse("tickTime=1\ntickTime=2\n");

        assertEquals(2, config.tickTimeMs());
        assertEquals(
                List.of("zoo.cfg:4: tickTime was set in line 3 already; this line counts"),
                config.warnings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataDir=/d", "clientPort=2181", "dataDir=/d\nclientPortAddress=::1"})
    void neededKeysMustBeThere(String text) {
        ConfigException refusal = refusal(text);

        assertEquals(0, refusal.line());
        assertEquals(text.startsWith("dataDir") ? "clientPort" : "dataDir", refusal.key());
        assertTrue(refusal.toString().contains("found nothing"), refusal.toString());
    }

    @Test
    void oneVoterIsAStandaloneServer() throws ConfigException {
        assertEquals(2181, parse("server.1=host:2888:3888").client().address().getPort());
    }

    @ParameterizedTest
    @CsvSource({
        "server.1=h:1:2;2183, 0.0.0.0, 2183",
        "server.1=h:1:2:participant;127.0.0.1:2184, 127.0.0.1, 2184",
        "server.5=[::1]:1:2|h:3:4;[::1]:2185, ::1, 2185",
    })
    void clientAddressMayStandInTheServerLine(String line, String host, int port)
            throws ConfigException {
        Config config = parse("dataDir=/d\n" + line, Map.of());

        assertEquals(at(host, port), config.client().address());
    }

    @Test
    void clientAddressesThatDifferAreRefused() {
        assertEquals("server.1", refusalOf("server.1=h:1:2;2182").key());
    }

    @Test
    void observerLineIsRefused() {
        assertEquals("server.2", refusalOf("server.1=a:1:2\nserver.2=b:1:2:observer;2181").key());
    }

    @Test
    void enforcedSchemesMustExist() {
        assertEquals("enforce.auth.schemes", refusalOf("enforce.auth.enabled=true").key());
        assertEquals(
                "enforce.auth.schemes",
                refusalOf("enforce.auth.enabled=true\nenforce.auth.schemes=digest,sasl").key());
    }

    @Test
    void requiringSaslEnforcesItsScheme() throws ConfigException {
        assertEquals(
                Set.of("sasl"),
                parse("sessionRequireClientSASLAuth=true").security().enforceAuthSchemes());
    }

    @Test
    void providersThatAreAlwaysThereAreNotNamed() throws ConfigException {
        String sasl = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";

        assertEquals(
                List.of(),
                parse(NEEDED + "authProvider.1=" + sasl, Map.of("zookeeper.authProvider.2", sasl))
                        .warnings());
        assertEquals(1, parse("authProvider.1=com.example.Theirs").warnings().size());
    }

    @Test
    void digestSchemeCanBeSwitchedOff() {
        assertEquals(
                "some of [ip], separated by commas",
                refusalOf(
                                "DigestAuthenticationProvider.enabled=false\n"
                                        + "enforce.auth.enabled=true\nenforce.auth.schemes=digest")
                        .allowed());
    }

    @Test
    void starLetsAllFourLetterWordsThrough() throws ConfigException {
        assertEquals(
                FourLetterWords.KNOWN,
                parse("4lw.commands.whitelist=*").client().fourLetterWords());
    }

    @Test
    void wordThatDoesNotExistIsNamed() throws ConfigException {
        Config config = parse("4lw.commands.whitelist=ruok,reqs,mnrt");

        assertEquals(
                List.of("4lw.commands.whitelist: there is no word mnrt, reqs"), config.warnings());
    }

    @Test
    void sampleIsRightAndWarnsOfNothing() throws IOException, ConfigException {
        Path sample =
                Path.of(System.getProperty("loomkeeper.house", "../.."), "config/zoo_sample.cfg");

        Config config;
        try (Reader text = Files.newBufferedReader(sample)) {
            config = Config.parse("zoo_sample.cfg", text, Map.of());
        }

        assertEquals(List.of(), config.warnings());
        assertEquals(2181, config.client().address().getPort());
    }

    @Test
    void oddValuesAreTakenOrRefusedAndNothingElse() throws ConfigException {
        for (String key : KEYS) {
            String others = key.equals("dataDir") || key.equals("clientPort") ? "" : NEEDED;
            for (String value : ODD_VALUES) {
                try {
                    assertNotNull(parse(others + key + "=" + value, Map.of()));
                } catch (ConfigException e) {
                    assertFalse(e.allowed().isEmpty(), e.toString());
                }
            }
        }
    }

    private static final List<String> ODD_VALUES =
            List.of(
                    "",
                    "-1",
                    "0",
                    "-9223372036854775808",
                    "9223372036854775807",
                    "9223372036854775808",
                    "0x",
                    "0x7fffffffffffffff",
                    "\\u0000",
                    ":",
                    ";",
                    ",",
                    "[::1",
                    "%",
                    "-1h",
                    "9999999999d");

    private static final List<String> KEYS =
            Settings.commaList(
                    """
                    tickTime,dataDir,dataLogDir,clientPort,clientPortAddress,clientPortListenBacklog,
                    minSessionTimeout,maxSessionTimeout,nio.sessionlessCnxnTimeout,clientTcpKeepAlive,
                    4lw.commands.whitelist,datadir.autocreate,snapCount,snapSizeLimitInKb,
                    txnLogSizeLimitInKb,forceSync,fsync.warningthresholdms,
                    autopurge.snapRetainCount,autopurge.purgeInterval,digest.enabled,
                    extendedTypesEnabled,enforceQuota,znode.container.checkIntervalMs,
                    znode.container.maxPerMinute,znode.container.maxNeverUsedIntervalMs,
                    maxClientCnxns,maxCnxns,globalOutstandingLimit,jute.maxbuffer,
                    jute.maxbuffer.extrasize,skipACL,DigestAuthenticationProvider.enabled,
                    DigestAuthenticationProvider.digestAlg,DigestAuthenticationProvider.superDigest,
                    enforce.auth.enabled,enforce.auth.schemes,sessionRequireClientSASLAuth,
                    connection_throttle_tokens,connection_throttle_fill_time,
                    connection_throttle_fill_count,reconfigEnabled,standaloneEnabled,dynamicConfigFile,readonlymode.enabled,server.1,
                    initLimit,group.1,admin.enableServer,admin.serverPort,admin.serverAddress,
                    admin.commandURL,admin.idleTimeout,metricsProvider.className,
                    metricsProvider.httpHost,metricsProvider.httpPort,
                    metricsProvider.exportJvmInfo,request.warningthresholdms,audit.enable,noSuchKey
                    """);

    @Test
    void readOnlyModeLetsIsroThrough() throws ConfigException {
        Config config = parse(NEEDED, Map.of("readonlymode.enabled", "true"));

        assertEquals(Set.of("srvr", "isro"), config.client().fourLetterWords());
    }

    @Test
    void unlimitedIsZero() throws ConfigException {
        Config config = parse("maxClientCnxns=-1\nsnapSizeLimitInKb=-1\n");

        assertEquals(0, config.limits().maxClientCnxns());
        assertEquals(0, config.storage().snapSizeLimitKb());
    }
}
