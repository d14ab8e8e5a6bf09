package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.TestAuthority;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigCheckTest {
    private final Path directory;

    ConfigCheckTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private static ConfigCheck.Report check(String text, Map<String, String> properties)
            throws IOException {
        return ConfigCheck.of("zoo.cfg", new StringReader(text), properties);
    }

    private String needed() {
        return "dataDir=" + directory + "\nclientPort=2181\n";
    }

    /** The row of a key, its columns one blank apart. */
    private static String row(ConfigCheck.Report report, String key) {
        return report.lines().stream()
                .map(line -> line.replaceFirst("  \\(.*", "").replaceAll(" +", " "))
                .filter(line -> line.startsWith(key + " "))
                .findFirst()
                .orElse("no row of " + key + " in " + report.lines());
    }

    @Test
    void everyValueIsShownWithWhereItIsFrom() throws IOException {
        ConfigCheck.Report report =
                check(needed() + "tickTime=100", Map.of("zookeeper.snapCount", "7000"));

        assertTrue(report.isSound(), () -> report.lines().toString());
        assertEquals("clientPort 2181 zoo.cfg:2", row(report, "clientPort"));
        assertEquals("tickTime 100 zoo.cfg:3", row(report, "tickTime"));
        assertEquals(
                "snapCount 7000 -Dzookeeper.snapCount of the JVM's flags",
                row(report, "snapCount"));
        assertEquals("maxClientCnxns 60 default", row(report, "maxClientCnxns"));
        assertEquals("minSessionTimeout 200 ms default", row(report, "minSessionTimeout"));
        assertEquals("dataLogDir " + directory + " default", row(report, "dataLogDir"));
    }

    @Test
    void whatASetKeyMeansIsSaid() throws IOException {
        ConfigCheck.Report report = check(needed() + "enforceQuota=true", Map.of());

        assertTrue(
                report.lines().stream()
                        .anyMatch(line -> line.endsWith("zoo.cfg:3  (hard quotas refuse)")),
                () -> report.lines().toString());
    }

    @Test
    void everyKeyThatIsObeyedHasARow() throws IOException, ConfigException {
        ConfigCheck.Report report = check(needed(), Map.of());

        for (String key : Config.obeyedKeys()) {
            assertTrue(row(report, key).startsWith(key + " "), row(report, key));
        }
    }

    @Test
    void everyProblemIsNamedAtOnce() throws IOException {
        ConfigCheck.Report report =
                check(
                        "tickTime=soon\nclientPort=99999\nskipACL=maybe\nsnapCount=10\n",
                        Map.of("zookeeper.forceSync", "perhaps"));
        String all = String.join("\n", report.lines());

        assertFalse(report.isSound());
        assertTrue(all.contains("zoo.cfg:1: tickTime: found \"soon\""), all);
        assertTrue(all.contains("zoo.cfg:2: clientPort: found \"99999\""), all);
        assertTrue(all.contains("zoo.cfg:3: skipACL: found \"maybe\""), all);
        assertTrue(all.contains("-Dzookeeper.forceSync: found \"perhaps\""), all);
        assertTrue(all.contains("dataDir: found nothing, allowed: a directory"), all);
        assertTrue(all.contains("5 problems"), all);
        assertEquals("snapCount 10 zoo.cfg:4", row(report, "snapCount"));
    }

    @Test
    void memberWithoutMyidIsAProblemAndTheRestIsLookedAt() throws IOException {
        ConfigCheck.Report report =
                check(
                        needed()
                                + "initLimit=5\nsyncLimit=2\nserver.1=a:1:2\nserver.2=b:1:2\n"
                                + "tickTime=soon",
                        Map.of());
        String all = String.join("\n", report.lines());

        assertTrue(all.contains("myid"), all);
        assertTrue(all.contains("tickTime: found \"soon\""), all);
    }

    @Test
    void directoryThatCannotBeMadeIsAProblem() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "no directory");
        ConfigCheck.Report report =
                check("clientPort=1\ndataDir=" + file.resolve("data"), Map.of());

        assertFalse(report.isSound());
        assertTrue(
                report.lines().contains("  dataDir: " + file + " is no directory"),
                () -> report.lines().toString());
    }

    @Test
    void nothingIsMadeOrChanged() throws IOException {
        check("clientPort=1\ndataDir=" + directory.resolve("data"), Map.of());

        try (var files = Files.list(directory)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void secretsAreNotShown() throws IOException {
        ConfigCheck.Report report =
                check(needed() + "DigestAuthenticationProvider.superDigest=super:Zm9v", Map.of());

        assertFalse(String.join("\n", report.lines()).contains("Zm9v"));
    }

    @Test
    void stateOfApachesThatIsNotReadIsNamed() throws IOException {
        Files.createDirectories(directory.resolve("version-2"));
        Files.createFile(directory.resolve("version-2/snapshot.0"));
        ConfigCheck.Report report = check(needed(), Map.of());

        assertTrue(
                report.lines().stream().anyMatch(line -> line.contains("bin/loomkeeper import")),
                () -> report.lines().toString());
    }

    @Test
    void withoutAFileTheProfileIsSecureAndNothingIsOpen() throws IOException, ConfigException {
        ConfigCheck.Report report = ConfigCheck.ofBuiltIn(Map.of());

        assertTrue(report.isSound(), () -> report.lines().toString());
        assertTrue(row(report, "profile").startsWith("profile secure "), row(report, "profile"));
        assertEquals(List.of(), Profile.open(Config.standalone(Map.of())));
        assertFalse(ConfigCheck.ofBuiltIn(Map.of("zookeeper.skipACL", "yes")).isSound());
    }

    /** Apache's own sample, as far as its lines are not comments. */
    @Test
    void apachesSampleStarts() throws IOException, ConfigException {
        assertStarts(
                """
                tickTime=2000
                initLimit=10
                syncLimit=5
                dataDir=%s
                clientPort=2181
                """);
    }

    /** What Debian's package installs, as far as its lines are not comments. */
    @Test
    void debiansFileStarts() throws IOException, ConfigException {
        assertStarts(
                """
                tickTime=2000
                initLimit=10
                syncLimit=5
                dataDir=%s
                clientPort=2181
                leaderServes=yes
                """);
    }

    /** What the official image's entry point writes when no variable says otherwise. */
    @Test
    void officialImagesFileStarts() throws IOException, ConfigException {
        Config config =
                assertStarts(
                        """
                        dataDir=%1$s/data
                        dataLogDir=%1$s/datalog
                        tickTime=2000
                        initLimit=5
                        syncLimit=2
                        autopurge.snapRetainCount=3
                        autopurge.purgeInterval=0
                        maxClientCnxns=60
                        standaloneEnabled=true
                        admin.enableServer=true
                        server.1=localhost:2888:3888;2181
                        """);

        assertEquals(2181, config.client().address().getPort());
    }

    private Config assertStarts(String text) throws IOException, ConfigException {
        String file = text.formatted(directory);
        ConfigCheck.Report report = check(file, Map.of());

        assertTrue(report.isSound(), () -> String.join("\n", report.lines()));
        assertTrue(
                report.lines().stream().anyMatch(line -> line.contains("profile=compat")),
                () -> report.lines().toString());
        return Config.parse("zoo.cfg", new StringReader(file), Map.of());
    }

    @Test
    void secureProfileRefusesWhatIsOpenAndNamesAllOfIt() throws IOException {
        ConfigCheck.Report report =
                check(needed() + "profile=secure\nskipACL=yes\n4lw.commands.whitelist=*", Map.of());
        String all = String.join("\n", report.lines());

        assertFalse(report.isSound());
        assertTrue(all.contains("skipACL"), all);
        assertTrue(all.contains("the client port 2181 has no TLS"), all);
        assertTrue(all.contains("enforce.auth.enabled"), all);
        assertTrue(all.contains("everybody is answered conf, cons"), all);
    }

    @Test
    void keysAreReadAndTheirPasswordsNotShown() throws IOException {
        Path keys = new TestAuthority("CN=a").issue("CN=b").write(directory.resolve("keys.p12"));
        String tls =
                needed()
                        + "client.portUnification=true\nssl.clientAuth=none\nssl.keyStore.location="
                        + keys
                        + "\nssl.keyStore.password=";

        ConfigCheck.Report right = check(tls + TestAuthority.PASSWORD, Map.of());
        ConfigCheck.Report wrong = check(tls + "guessed", Map.of());

        assertTrue(right.isSound(), () -> right.lines().toString());
        assertFalse(right.lines().toString().contains(TestAuthority.PASSWORD));
        assertFalse(wrong.isSound(), () -> wrong.lines().toString());
        assertFalse(wrong.lines().toString().contains("guessed"));
    }

    @Test
    void secureProfileTakesWhatOnlyThisMachineCanReach() throws IOException, ConfigException {
        String local = needed() + "clientPortAddress=127.0.0.1\nprofile=secure\n";
        ConfigCheck.Report report = check(local + "4lw.commands.whitelist=*", Map.of());

        assertTrue(report.isSound(), () -> report.lines().toString());
    }

    @Test
    void portsOfOperatorsAreOpenBeyondTheLoopback() throws IOException, ConfigException {
        String local = needed() + "clientPortAddress=127.0.0.1\n";
        String prometheus =
                "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\n";
        Config config =
                Config.parse(
                        "zoo.cfg",
                        new StringReader(local + prometheus + "admin.serverAddress=0.0.0.0"),
                        Map.of());

        assertEquals(
                List.of(
                        "the admin server is not on the loopback alone",
                        "the port of the metrics is not on the loopback alone"),
                Profile.open(config));
    }

    @Test
    void membersAreOpenUnlessTheyProveThemselves() throws IOException, ConfigException {
        Files.writeString(directory.resolve("myid"), "1");
        String members =
                needed()
                        + "clientPortAddress=127.0.0.1\ninitLimit=5\nsyncLimit=2\n"
                        + "server.1=10.0.0.1:1:2\nserver.2=10.0.0.2:1:2\n";
        String proof =
                """
                quorum.auth.enableSasl=true
                quorum.auth.learnerRequireSasl=true
                quorum.auth.serverRequireSasl=true
                """;
        Map<String, String> jaas =
                Map.of(SaslConfig.JAAS_FILE, directory.resolve("jaas.conf").toString());

        assertEquals(
                1, Profile.open(Config.parse("zoo.cfg", new StringReader(members), jaas)).size());
        assertEquals(
                List.of(),
                Profile.open(Config.parse("zoo.cfg", new StringReader(members + proof), jaas)));
    }

    @Test
    void plainFileLeavesOpenWhatApacheDoesAndOneWarningSaysIt()
            throws IOException, ConfigException {
        Config config = Config.parse("zoo.cfg", new StringReader(needed()), Map.of());

        assertEquals(
                "open, as Apache's defaults leave it (profile=compat): the client port 2181 has no"
                        + " TLS; clients need not say who they are (enforce.auth.enabled)",
                Profile.warning(config).orElseThrow());
    }

    @Test
    void profileHasTwoNames() throws IOException {
        assertFalse(check(needed() + "profile=paranoid", Map.of()).isSound());
        assertTrue(check(needed() + "profile=compat", Map.of()).isSound());
    }

    @Test
    void valuesOfSecretsAreNotShown() throws IOException {
        ConfigCheck.Report report =
                check(
                        needed() + "DigestAuthenticationProvider.superDigest=super:s3cret\n",
                        Map.of("zookeeper.ssl.keyStore.password", "s3cret"));
        String all = String.join("\n", report.lines());

        assertFalse(all.contains("s3cret"), all);
        assertTrue(
                row(report, "ssl.keyStore.password").startsWith("ssl.keyStore.password *** "), all);
    }
}
