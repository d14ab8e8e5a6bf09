package io.loomkeeper.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.TestClient;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test kit as another project's tests use it: Apache's client, and nothing of a server's
 * inside.
 */
// a client's close may be interrupted, and the test with it
@SuppressWarnings("try")
@Timeout(60)
@ExtendWith(LoomkeeperExtension.class)
final class TestKitTest {
    private static final long START_MS_MAX = 300;

    private final TestingServer ofClass;
    private int ofSetUp;

    TestKitTest(TestingServer ofClass) {
        this.ofClass = ofClass;
    }

    @BeforeEach
    void setUp(TestingServer server) {
        ofSetUp = server.getPort();
    }

    private static void create(ZooKeeper client, String path) throws Exception {
        client.create(path, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    @Test
    void extensionGivesOneServerToATest(TestingServer server) throws Exception {
        assertEquals(ofSetUp, server.getPort());
        try (ZooKeeper client = TestClient.connect(server.getConnectString())) {
            create(client, "/node");
        }
        try (ZooKeeper client = TestClient.connect(ofClass.getConnectString())) {
            assertNotNull(client.exists("/", false));
        }
    }

    @Test
    void dataAndPortOutliveARestart() throws Exception {
        try (TestingServer server = new TestingServer()) {
            int port = server.getPort();
            assertNotEquals(0, port);
            try (ZooKeeper client = TestClient.connect(server.getConnectString())) {
                create(client, "/node");
            }
            server.restart();
            assertEquals(port, server.getPort());
            try (ZooKeeper client = TestClient.connect(server.getConnectString())) {
                assertNotNull(client.exists("/node", false));
            }
        }
    }

    @Test
    void closedItLeavesNothing() throws IOException {
        TestingServer server = new TestingServer(-1, false);
        server.start();
        assertTrue(server.getTempDirectory().exists());
        server.close();
        assertFalse(server.getTempDirectory().exists());
    }

    /** The classes are loaded by now: a first start in a fresh JVM takes longer. */
    @Test
    void serverStartsBeforeAnybodyWaits() throws IOException {
        long bestMs = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long startNs = System.nanoTime();
            try (TestingServer server = new TestingServer()) {
                long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
                assertNotEquals(0, server.getPort());
                bestMs = Math.min(bestMs, tookMs);
            }
        }
        assertTrue(bestMs < START_MS_MAX, bestMs + " ms");
    }

    @Test
    void settingsAreThoseOfZooCfg() throws Exception {
        InstanceSpec plain = InstanceSpec.newInstanceSpec();
        InstanceSpec spec =
                new InstanceSpec(
                        plain.dataDirectory(),
                        -1,
                        -1,
                        -1,
                        true,
                        1,
                        Map.of("minSessionTimeout", "77", "maxSessionTimeout", "77"));
        try (TestingServer server = new TestingServer(spec, true);
                ZooKeeper client = TestClient.connect(server.getConnectString())) {
            assertEquals(77, client.getSessionTimeout());
        }
    }

    @Test
    void clusterLosesAServerAndTakesItBack() throws Exception {
        try (TestingCluster cluster = new TestingCluster(3)) {
            cluster.start();
            assertEquals(3, cluster.getInstances().size());
            InstanceSpec leader = cluster.findLeader().orElseThrow();
            try (ZooKeeper client = TestClient.connect(cluster.getConnectString())) {
                create(client, "/node");
            }
            assertTrue(cluster.killServer(leader));
            try (ZooKeeper client = TestClient.connect(cluster.getConnectString())) {
                assertNotNull(client.exists("/node", false));
            }
            assertTrue(cluster.restartServer(leader));
            try (ZooKeeper client = TestClient.connect(leader.getConnectString())) {
                assertNotNull(client.exists("/node", false));
            }
        }
    }
}
