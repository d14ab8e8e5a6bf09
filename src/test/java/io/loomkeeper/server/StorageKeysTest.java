package io.loomkeeper.server;

import static io.loomkeeper.server.LiveServer.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the keys of zoo.cfg that concern the disk do, seen from a client and in the directory. */
final class StorageKeysTest {
    private static final byte[] SMALL = new byte[10];

    @TempDir Path dir;
    private int created;

    private void createMany(LiveServer live, int count, byte[] data) throws Exception {
        for (int i = 0; i < count; i++) {
            live.create("/n" + created++, data);
        }
    }

    /** Writes until a snapshot is there that was not there before. */
    private void createUntilNextSnapshot(LiveServer live) throws Exception {
        List<String> before = live.snapshots();
        for (int i = 0; before.containsAll(live.snapshots()); i++) {
            assertTrue(i < 10_000, "no snapshot");
            createMany(live, 1, SMALL);
        }
    }

    @Test
    void snapCountIsHowManyWritesASnapshotComesAfterAtTheLatest() throws Exception {
        try (LiveServer live = LiveServer.start(dir, "snapCount=40")) {
            createMany(live, 18, SMALL);
            assertEquals(List.of(), live.snapshots(), "before the half of it");
            createMany(live, 22, SMALL);
            await("a snapshot after 40 writes", () -> !live.snapshots().isEmpty());
            int first = live.snapshots().size();
            createMany(live, 40, SMALL);
            await("another", () -> live.snapshots().size() > first);
        }
    }

    @Test
    void snapSizeLimitIsHowManyBytesASnapshotComesAfterAtTheLatest() throws Exception {
        try (LiveServer live = LiveServer.start(dir, "snapSizeLimitInKb=64")) {
            createMany(live, 3, new byte[10_000]);
            assertEquals(List.of(), live.snapshots(), "before the half of it");
            createMany(live, 4, new byte[10_000]);
            await("a snapshot after 64 KB", () -> !live.snapshots().isEmpty());
        }
    }

    @Test
    void negativeSnapSizeLimitIsNone() throws Exception {
        try (LiveServer live = LiveServer.start(dir, "snapSizeLimitInKb=-1", "snapCount=12")) {
            createMany(live, 4, new byte[900_000]);
            assertEquals(List.of(), live.snapshots());
            createUntilNextSnapshot(live);
        }
    }

    @Test
    void autopurgeKeepsTheNewestSnapshotsAndTheSegmentsBehindThem() throws Exception {
        try (LiveServer live =
                LiveServer.start(dir, "snapCount=4", "autopurge.snapRetainCount=4")) {
            for (int i = 0; i < 9; i++) {
                createUntilNextSnapshot(live);
            }
            List<String> newest = live.snapshots();
            await("only four", () -> live.snapshots().size() == 4);
            assertTrue(newest.containsAll(live.snapshots().subList(0, 3)), newest::toString);
            await("few segments", () -> live.segments().size() <= 6);
            assertFalse(live.segments().contains("run-1/19700101-01F.cq4"), "the first is gone");
        }
        try (LiveServer again = LiveServer.start(dir)) {
            assertEquals(created, again.client.getChildren("/", false).size() - 1);
        }
    }

    @Test
    void intervalOfZeroPurgesNothing() throws Exception {
        try (LiveServer live =
                LiveServer.start(
                        dir,
                        "snapCount=4",
                        "autopurge.snapRetainCount=3",
                        "autopurge.purgeInterval=0")) {
            for (int i = 0; i < 7; i++) {
                createUntilNextSnapshot(live);
            }
            assertTrue(live.snapshots().size() >= 7, () -> live.snapshots().toString());
            assertTrue(live.segments().contains("run-1/19700101-01F.cq4"), "the first is there");
        }
    }

    @Test
    void txnLogSizeLimitIsWhereASegmentEnds() throws Exception {
        try (LiveServer live = LiveServer.start(dir, "txnLogSizeLimitInKb=100")) {
            createMany(live, 10, new byte[50_000]);
            assertTrue(live.segments().size() >= 5, () -> live.segments().toString());
        }
    }

    /**
     * How far the log is on disk is noted after each force, and is therefore what shows that one
     * was.
     */
    @Test
    void forceSyncDecidesWhetherAWriteIsOnDiskWhenItIsAnswered() throws Exception {
        for (boolean force : List.of(true, false)) {
            Path data = dir.resolve("force-" + force);
            try (LiveServer live = LiveServer.start(data, "forceSync=" + (force ? "yes" : "no"))) {
                Path extent = DataDirs.log(live.config.storage()).resolve("durable");
                createMany(live, 1, SMALL);
                byte[] before = Files.readAllBytes(extent);
                createMany(live, 1, SMALL);
                byte[] after = Files.readAllBytes(extent);
                assertEquals(force, !Arrays.equals(before, after));
            }
            try (LiveServer again = LiveServer.start(data)) {
                assertArrayEquals(SMALL, again.client.getData("/n" + (created - 1), false, null));
            }
        }
    }

    @Test
    void aclsThatNoNodeHoldsAreForgottenAtTheNextSnapshot() throws Exception {
        try (LiveServer live = LiveServer.start(dir, "snapCount=20")) {
            for (int i = 0; i < 100; i++) {
                List<ACL> acl =
                        Arrays.asList(
                                new ACL(Perms.ALL, Ids.ANYONE_ID_UNSAFE),
                                new ACL(Perms.READ, new Id("ip", "10.0.0." + i)));
                live.client.create("/acl" + i, SMALL, acl, CreateMode.PERSISTENT);
            }
            List<ACL> kept = live.client.getACL("/acl99", null);
            for (int i = 0; i < 99; i++) {
                live.client.delete("/acl" + i, -1);
            }
            await(
                    "forgotten",
                    () -> {
                        try {
                            createMany(live, 1, SMALL);
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                        return live.server.version().aclCount() == 2;
                    });
            assertEquals(kept, live.client.getACL("/acl99", null));
            assertEquals(
                    Perms.READ, live.client.getACL("/zookeeper/config", null).get(0).getPerms());
        }
        try (LiveServer again = LiveServer.start(dir)) {
            assertEquals("10.0.0.99", again.client.getACL("/acl99", null).get(1).getId().getId());
        }
    }
}
