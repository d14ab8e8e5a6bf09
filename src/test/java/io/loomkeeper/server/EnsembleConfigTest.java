package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.zab.Quorum;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a zoo.cfg says of an ensemble. */
final class EnsembleConfigTest {
    private static final String THREE =
            "server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n";
    private static final String LIMITS = "clientPort=2181\ninitLimit=10\nsyncLimit=5\n";

    @TempDir Path dataDir;

    @BeforeEach
    void serverIsNumberTwo() throws IOException {
        Files.writeString(dataDir.resolve("myid"), "2\n");
    }

    @Test
    void threeLinesMakeAnEnsemble() throws Exception {
        EnsembleConfig ensemble = ensemble(LIMITS + THREE);

        assertEquals(2, ensemble.sid());
        assertEquals(Set.of(1L, 2L, 3L), ensemble.members().membership().quorum().voters());
        assertEquals(Set.of(), ensemble.members().membership().observers());
        assertEquals(10, ensemble.timing().initLimit());
        assertEquals(5, ensemble.timing().syncLimit());
        assertEquals(2000 * 5, ensemble.links().handshakeTimeoutMs());
        assertTrue(ensemble.leaderServes());
        assertFalse(ensemble.strictSync());
    }

    @Test
    void oneLineStandsAloneUnlessThatIsSwitchedOff() throws Exception {
        String one = LIMITS + "server.2=a:2888:3888\n";

        assertTrue(parse(one).ensemble().isEmpty());
        assertEquals(Set.of(2L), members(one + "standaloneEnabled=false\n"));
    }

    private Set<Long> members(String text) throws Exception {
        return ensemble(text).members().membership().quorum().voters();
    }

    @Test
    void observersDoNotVote() throws Exception {
        EnsembleConfig ensemble = ensemble(LIMITS + THREE + "server.4=d:1:2:Observer;2181\n");

        assertEquals(Set.of(4L), ensemble.members().membership().observers());
        assertFalse(ensemble.members().membership().isVoter(4));
        assertFalse(ensemble.isObserver());
    }

    @Test
    void textIsWhatServersExchange() throws Exception {
        String text =
                """
                server.2=[::1]:2888:3888;2182
                server.1=a:2888:3888:participant;127.0.0.1:2181
                server.10=c:2888:3888:observer
                server.3=b:1:2|a:3:4
                multiAddress.enabled=true
                """;

        assertEquals(
                """
                server.1=a:2888:3888:participant;127.0.0.1:2181
                server.2=[::1]:2888:3888:participant;0.0.0.0:2182
                server.3=a:3:4|b:1:2:participant
                server.10=c:2888:3888:observer
                version=0"""
                        .strip(),
                ensemble("initLimit=10\nsyncLimit=5\n" + text).members().text());
    }

    @Test
    void groupsAndWeightsDecide() throws Exception {
        Members members =
                ensemble(LIMITS + THREE + "server.4=d:1:2:observer\ngroup.7=1:2\ngroup.3=3\n")
                        .members();

        Quorum quorum = members.membership().quorum();
        assertTrue(quorum.isQuorum(Set.of(1L, 2L, 3L)));
        assertFalse(quorum.isQuorum(Set.of(1L, 2L)));
        assertFalse(quorum.isQuorum(Set.of(1L, 3L)));
        assertEquals(
                List.of(
                        "group.3=3",
                        "group.7=1:2",
                        "weight.1=1",
                        "weight.2=1",
                        "weight.3=1",
                        "version=0"),
                members.text().lines().skip(4).toList());
    }

    @Test
    void whoHasNoWeightDecidesNothing() throws Exception {
        String groups = "group.1=1:2:3\nweight.3=0\nweight.2=5\n";

        Quorum quorum = ensemble(LIMITS + THREE + groups).members().membership().quorum();

        assertTrue(quorum.isQuorum(Set.of(2L)));
        assertFalse(quorum.isQuorum(Set.of(1L, 3L)));
        assertTrue(quorum.mayLead(1));
        assertFalse(quorum.mayLead(3));
    }

    @Test
    void everyParticipantIsInOneGroup() {
        ConfigException refusal = refusalOf(LIMITS + THREE + "group.1=1:2\n");

        assertEquals("server.3", refusal.key());
        assertEquals("server.1", refusalOf(LIMITS + THREE + "weight.1=1\n").key());
        assertEquals("group.2", refusalOf(LIMITS + THREE + "group.1=1:2:3\ngroup.2=3\n").key());
    }

    @Test
    void somebodyHasWeight() {
        String weights = "weight.1=0\nweight.2=0\nweight.3=0\n";

        assertEquals("weight.3", refusalOf(LIMITS + THREE + "group.1=1:2:3\n" + weights).key());
    }

    @Test
    void clientAddressOfTheOwnLineIsListenedOn() throws Exception {
        String lines = "server.1=a:1:2;2181\nserver.2=b:1:2;127.0.0.1:2182\n";

        Config config = parse("initLimit=10\nsyncLimit=5\n" + lines);

        assertEquals(2182, config.client().address().getPort());
        assertTrue(config.client().address().getAddress().isLoopbackAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tickTime=2000", "version=1", "clientPort=1"})
    void fileOfTheMembersHasNothingElse(String line) throws Exception {
        Path dynamic = dataDir.resolve("zoo.cfg.dynamic");
        Files.writeString(dynamic, THREE + line);

        ConfigException refusal = refusalOf(LIMITS + "dynamicConfigFile=" + dynamic + "\n");

        assertEquals(dynamic.toString(), refusal.file());
        assertEquals(4, refusal.line());
    }

    @Test
    void membersMayStandInAFileOfTheirOwn() throws Exception {
        Path dynamic = dataDir.resolve("zoo.cfg.dynamic");
        Files.writeString(dynamic, THREE);

        assertEquals(Set.of(1L, 2L, 3L), members(LIMITS + "dynamicConfigFile=" + dynamic + "\n"));
        assertEquals(
                "server.1",
                refusalOf(LIMITS + THREE + "dynamicConfigFile=" + dynamic + "\n").key());
        assertEquals(
                "weight.1",
                refusalOf(LIMITS + "weight.1=1\ndynamicConfigFile=" + dynamic + "\n").key());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "group.1=1:2:3:4",
                "group.1=1:x",
                "group.1=",
                "group.x=1:2:3",
                "group.1=1:2:3:3",
                "weight.x=1",
                "weight.1=-1",
                "weight.1=2147483648",
                "oraclePath=/oracle",
                "electionAlg=0",
                "peerType=leader",
                "leaderServes=maybe",
                "connectToLearnerMasterLimit=-1",
                "cnxTimeout=0",
                "electionPortBindRetry=-1",
                "commitLogCount=0",
                "quorumListenOnAllIPs=yes",
                "server.4=d:1",
                "server.4=d",
                "server.4=d:1:2:3",
                "server.4=d:1:1",
                "server.4=d:1:99999",
                "server.4=::1:1:2",
                "server.4=d:1:2|e:1:2",
                "server.4=d:1:2;host:port",
                "server.x=d:1:2",
            })
    void whatIsNotAllowedIsRefusedWithItsPlace(String line) {
        ConfigException refusal = refusalOf(LIMITS + THREE + line);

        assertEquals(line.substring(0, line.indexOf('=')), refusal.key());
        assertEquals(9, refusal.line());
    }

    @ParameterizedTest
    @CsvSource({"initLimit", "syncLimit"})
    void limitsAreNeeded(String key) {
        String text =
                "clientPort=2181\n"
                        + THREE
                        + (key.equals("initLimit") ? "syncLimit=5" : "initLimit=5");

        assertEquals(key, refusalOf(text).key());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "4", "-1", "99999999999999999999"})
    void myidMustNameALine(String myid) throws IOException {
        Files.writeString(dataDir.resolve("myid"), myid);

        ConfigException refusal = refusalOf(LIMITS + THREE);

        assertEquals("myid", refusal.key());
        assertEquals(dataDir.resolve("myid").toString(), refusal.file());
    }

    @Test
    void myidMustBeThere() throws IOException {
        Files.delete(dataDir.resolve("myid"));

        assertEquals("myid", refusalOf(LIMITS + THREE).key());
    }

    @Test
    void lineDecidesTheRoleAndAKeyThatDiffersIsNamed() throws Exception {
        Config config = parse(LIMITS + THREE + "peerType=observer\n");

        assertFalse(config.ensemble().orElseThrow().isObserver());
        assertEquals(
                List.of("peerType=observer is without effect: server.2 says otherwise"),
                config.warnings());
    }

    @Test
    void keysThatAreObeyedAreNotNamed() throws Exception {
        String keys =
                """
                electionAlg=3
                peerType=participant
                quorumListenOnAllIPs=true
                electionPortBindRetry=0
                cnxTimeout=100
                quorumCnxnTimeoutMs=200
                leaderServes=no
                strictSync=true
                commitLogCount=700
                connectToLearnerMasterLimit=7
                fastleader.minNotificationInterval=100
                """;

        Config config = parse(LIMITS + THREE + keys);

        assertEquals(List.of(), config.warnings());
        EnsembleConfig ensemble = config.ensemble().orElseThrow();
        assertEquals(
                new EnsembleConfig.Links(true, 0, 100, 200, false, false, LinkTls.NONE),
                ensemble.links());
        assertEquals(700, ensemble.commitLogCount());
        assertEquals(7, ensemble.timing().connectToLearnerMasterLimit());
        assertEquals(100, ensemble.timing().minNotificationIntervalMs());
        assertFalse(ensemble.leaderServes());
        assertTrue(ensemble.strictSync());
    }

    @Test
    void keysThatAreNotObeyedAreNamed() throws Exception {
        Config config = parse(LIMITS + THREE + "localSessionsEnabled=true\nsnapshotSizeFactor=1\n");

        assertEquals(
                List.of(
                        "not supported and without effect: localSessionsEnabled, snapshotSizeFactor"
                                + " (not implemented yet for an ensemble)"),
                config.warnings());
    }

    @Test
    void emptyDirectoryIsANewServersUnlessThatIsSwitchedOff() throws Exception {
        assertTrue(ensemble(LIMITS + THREE).mayBeEmpty(dataDir));
        EnsembleConfig strict = ensemble(LIMITS + THREE + "db.autocreate=false\n");
        assertFalse(strict.mayBeEmpty(dataDir));

        Files.createFile(dataDir.resolve("initialize"));
        assertTrue(strict.mayBeEmpty(dataDir));
        EnsembleConfig.forgetInitialize(dataDir);
        assertFalse(strict.mayBeEmpty(dataDir));
    }

    private EnsembleConfig ensemble(String text) throws Exception {
        return parse(text).ensemble().orElseThrow();
    }

    private Config parse(String text) throws IOException, ConfigException {
        String all = "tickTime=2000\ndataDir=" + dataDir + "\n" + text;
        return Config.parse("zoo.cfg", new StringReader(all), Map.of());
    }

    private ConfigException refusalOf(String text) {
        return assertThrows(ConfigException.class, () -> parse(text));
    }
}
