package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Reconfigurations.Verdict;
import io.loomkeeper.tree.Request;
import io.loomkeeper.zab.Membership;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a leader makes of a reconfig (protocol 17.4). */
final class ReconfigRulesTest {
    private static final String THREE =
            """
            server.1=a:1:2:participant;21
            server.2=b:1:2:participant;21
            server.3=c:1:2:participant;21
            """;

    private static final long ZXID = 0x100000007L;

    @TempDir Path dataDir;
    private boolean isReconfiguring;
    private boolean isSynced = true;

    @BeforeEach
    void serverIsNumberTwo() throws Exception {
        Files.writeString(dataDir.resolve("myid"), "2\n");
    }

    private Verdict judge(String lines, Request.Reconfig request) throws Exception {
        String text = "dataDir=" + dataDir + "\nclientPort=21\ninitLimit=5\nsyncLimit=5\n" + lines;
        Config config = Config.parse("none.cfg", new StringReader(text), Map.of());
        EnsembleConfig ensemble = config.ensemble().orElseThrow();
        ReconfigRules rules =
                new ReconfigRules(
                        new Memberships(ensemble),
                        new ReconfigRules.Standing() {
                            @Override
                            public boolean isReconfiguring() {
                                return isReconfiguring;
                            }

                            @Override
                            public boolean isQuorumSynced(Membership next) {
                                return isSynced;
                            }
                        },
                        ensemble.changes().votersMin(),
                        false);
        return rules.judge(request, ZXID);
    }

    private Verdict incremental(@Nullable String joining, @Nullable String leaving)
            throws Exception {
        return judge(THREE, new Request.Reconfig(joining, leaving, null, -1));
    }

    private static Verdict refused(KeeperError error) {
        return new Verdict.Refused(error);
    }

    private static void assertMakes(Verdict verdict, String... lines) {
        String text = String.join("\n", lines) + "\nversion=100000007";
        assertEquals(new Verdict.Granted(Bytes.utf8(text)), verdict);
    }

    private static final String ONE = "server.1=a:1:2:participant;0.0.0.0:21";
    private static final String TWO = "server.2=b:1:2:participant;0.0.0.0:21";

    @Test
    void membersLeaveAndJoin() throws Exception {
        assertMakes(incremental(null, "3"), ONE, TWO);
        assertMakes(
                incremental("server.4=d:1:2:observer;21,5=e:1:2;21", "3,1"),
                TWO,
                "server.4=d:1:2:observer;0.0.0.0:21",
                "server.5=e:1:2:participant;0.0.0.0:21");
    }

    @Test
    void whoJoinsAgainIsReplaced() throws Exception {
        assertMakes(
                incremental("server.3=c:1:2:observer;22", null),
                ONE,
                TWO,
                "server.3=c:1:2:observer;0.0.0.0:22");
    }

    @Test
    void allMembersMayBeNamedAnewWithGroups() throws Exception {
        assertMakes(
                judge(
                        THREE,
                        new Request.Reconfig(
                                null,
                                null,
                                "server.1=a:1:2:participant;21,server.2=b:1:2;21,group.1=1:2",
                                -1)),
                ONE,
                TWO,
                "group.1=1:2",
                "weight.1=1",
                "weight.2=1");
    }

    @Test
    void oneAtATime() throws Exception {
        isReconfiguring = true;

        assertEquals(refused(KeeperError.RECONFIG_IN_PROGRESS), incremental(null, "3"));
    }

    @ParameterizedTest
    @CsvSource({"0,true", "-1,true", "1,false", "4294967303,false"})
    void versionIsThePresentOneOrAny(long version, boolean holds) throws Exception {
        Verdict verdict = judge(THREE, new Request.Reconfig(null, "3", null, version));

        assertEquals(!holds, verdict.equals(refused(KeeperError.BAD_VERSION)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server.4=d:1:2",
                "server.4=d:1:2:3;21",
                "server.4",
                "server.x=d:1:2;21",
                "server.4=a:1:3;21",
                "server.4=d:1:2|e:1:2;21",
            })
    void whatCannotJoinIsRefused(String joining) throws Exception {
        assertEquals(refused(KeeperError.BAD_ARGUMENTS), incremental(joining, null));
    }

    @Test
    void whatCannotLeaveIsRefused() throws Exception {
        assertEquals(refused(KeeperError.BAD_ARGUMENTS), incremental(null, "x"));
        assertEquals(refused(KeeperError.BAD_ARGUMENTS), incremental(null, "2,3"));
    }

    @Test
    void memberByMemberIsNotForGroups() throws Exception {
        assertEquals(
                refused(KeeperError.BAD_ARGUMENTS),
                judge(THREE + "group.1=1:2:3\n", new Request.Reconfig(null, "3", null, -1)));
    }

    @Test
    void unknownKeysAmongAllMembersAreRefused() throws Exception {
        assertEquals(
                refused(KeeperError.BAD_ARGUMENTS),
                judge(
                        THREE,
                        new Request.Reconfig(
                                null, null, "server.1=a:1:2;21,server.2=b:1:2;21,x=1", -1)));
    }

    @Test
    void quorumOfTheNewOneMustBeThere() throws Exception {
        isSynced = false;

        assertEquals(refused(KeeperError.NEW_CONFIG_NO_QUORUM), incremental(null, "3"));
    }
}
