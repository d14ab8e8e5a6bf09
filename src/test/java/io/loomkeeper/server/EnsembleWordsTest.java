package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the four-letter words say of a server's part in an ensemble. */
final class EnsembleWordsTest {
    private static final String KEYS =
            """
            clientPort=21811
            4lw.commands.whitelist=*
            initLimit=10
            syncLimit=5
            server.1=127.0.0.1:2888:3888:participant
            server.2=127.0.0.1:2889:3889:participant
            """;

    @TempDir Path dataDir;

    private String answer(String word, boolean serving, String mode) throws Exception {
        Files.writeString(dataDir.resolve("myid"), "2");
        String text = "dataDir=" + dataDir + "\n" + KEYS;
        Config config = Config.parse("zoo.cfg", new StringReader(text), Map.of());
        FixedView view = new FixedView(serving, mode, List.of());
        int letters = ByteBuffer.wrap(word.getBytes(StandardCharsets.ISO_8859_1)).getInt();
        return new FourLetterWords(config, new ServerMetrics(), view, "3.9.5", Map.of())
                .answer(letters, 0);
    }

    @Test
    void leaderShowsTheSizesOfItsProposals() throws Exception {
        assertTrue(
                answer("srvr", true, "leader")
                        .endsWith(
                                """
                                Mode: leader
                                Node count: 9
                                Proposal sizes last/min/max: 48/36/1200
                                """));
        assertTrue(
                answer("srvr", true, "follower")
                        .endsWith(
                                """
                                Mode: follower
                                Node count: 9
                                """));
    }

    @Test
    void mntrCountsALeadersLearners() throws Exception {
        String leader = answer("mntr", true, "leader");
        for (String line :
                List.of(
                        "zk_server_state\tleader",
                        "zk_peer_state\tleading - broadcast",
                        "zk_quorum_size\t3",
                        "zk_leader_uptime\t4711",
                        "zk_learners\t3",
                        "zk_synced_followers\t2",
                        "zk_synced_non_voting_followers\t0",
                        "zk_synced_observers\t1",
                        "zk_last_proposal_size\t48",
                        "zk_min_proposal_size\t36",
                        "zk_max_proposal_size\t1200")) {
            assertTrue(leader.contains(line + "\n"), line);
        }
        String observer = answer("mntr", true, "observer");
        assertTrue(observer.contains("zk_peer_state\tobserving - broadcast\n"));
        assertFalse(observer.contains("zk_learners"));
    }

    @Test
    void confEndsWithTheMembers() throws Exception {
        assertTrue(
                answer("conf", true, "follower")
                        .endsWith(
                                """
                                initLimit=10
                                syncLimit=5
                                electionAlg=3
                                electionPort=3889
                                quorumPort=2889
                                peerType=0
                                membership:\s
                                server.1=127.0.0.1:2888:3888:participant
                                server.2=127.0.0.1:2889:3889:participant
                                version=0
                                """));
    }

    @Test
    void serverWithoutAQuorumSaysSo() throws Exception {
        assertEquals(
                "This ZooKeeper instance is not currently serving requests\n",
                answer("srvr", false, ""));
        assertEquals("imok", answer("ruok", false, ""));
        assertEquals("null", answer("isro", false, ""));
    }
}
