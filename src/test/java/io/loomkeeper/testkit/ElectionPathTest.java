package io.loomkeeper.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.loomkeeper.TestClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What stands between a lost leader and the next one (L1, L4): nothing that takes longer the larger
 * the tree is. Seen on the disks of three servers.
 */
// a client's close may be interrupted, and the test with it
@SuppressWarnings("try")
@Timeout(120)
final class ElectionPathTest {
    private static final int WRITES = 60;

    private int written;

    /** Through whoever serves; waits for one. */
    private void write(TestingCluster cluster) throws Exception {
        try (ZooKeeper client = TestClient.connect(cluster.getConnectString())) {
            for (int i = 0; i < WRITES; i++) {
                String path = "/node-" + ++written;
                client.create(path, new byte[9], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            }
        }
    }

    /** Waits until it serves what was written last. */
    private void assertHasAll(InstanceSpec server) throws Exception {
        try (ZooKeeper client = TestClient.connect(server.getConnectString())) {
            client.sync("/", (_, _, _) -> {}, null);
            assertEquals(written + 1, client.getChildren("/", false).size());
        }
    }

    private static TestingCluster cluster(int snapCount) {
        List<InstanceSpec> specs = new ArrayList<>();
        for (InstanceSpec any : InstanceSpec.newInstanceSpecs(3)) {
            specs.add(
                    new InstanceSpec(
                            any.dataDirectory(),
                            any.port(),
                            any.electionPort(),
                            any.quorumPort(),
                            true,
                            any.serverId(),
                            Map.of("snapCount", String.valueOf(snapCount))));
        }
        return new TestingCluster(specs);
    }

    /** Files of snapshots, complete, received or begun, of all servers. */
    private static List<String> snapshots(TestingCluster cluster) throws IOException {
        List<String> found = new ArrayList<>();
        for (InstanceSpec spec : cluster.getInstances()) {
            try (Stream<Path> files = Files.walk(spec.getDataDirectory())) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.matches("(snapshot|received)\\..*"))
                        .forEach(found::add);
            }
        }
        return found;
    }

    @Test
    void nobodyWritesASnapshotToLeadOrToFollow() throws Exception {
        try (TestingCluster cluster = cluster(100_000)) {
            cluster.start();
            write(cluster);
            InstanceSpec first = cluster.findLeader().orElseThrow();

            cluster.killServer(first);
            write(cluster);
            cluster.restartServer(first); // comes as a follower, and is sent what it lacks
            write(cluster);
            assertHasAll(first);

            assertEquals(List.of(), snapshots(cluster));
        }
    }

    /** Else the fact above would say nothing. */
    @Test
    void snapshotsWouldBeSeen() throws Exception {
        try (TestingCluster cluster = cluster(WRITES / 2)) {
            cluster.start();
            write(cluster);
            write(cluster);

            cluster.stop();

            assertFalse(snapshots(cluster).isEmpty());
        }
    }
}
