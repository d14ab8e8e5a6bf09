package io.loomkeeper.tree;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.loomkeeper.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.zookeeper.server.util.SerializeUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The image that servers of both kinds exchange: the same tree comes out, in either direction. */
final class PortableImageTest {
    private static final TreeOptions OPTIONS = TreeOptions.DEFAULT;
    private static final int COST_IN_ANY_CASE = 32_000;

    /** A session of twelve bytes becomes an object and its place in a trie. */
    private static final int COST_PER_BYTE = 64;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatIsReadIsWhatWasWritten(long seed) throws ImageException {
        ReferenceTree reference = new ReferenceTree(OPTIONS);
        TreeVersion version = grow(seed, 1500, reference).seal();
        byte[] image = PortableImages.write(version);

        TreeVersion whole = PortableImages.whole(image, version.zxid(), OPTIONS, image.length);
        TreeVersion dripped =
                PortableImages.whole(image, version.zxid(), OPTIONS, 1 + 10 * (int) seed);

        SameTree.assertSame(reference, whole);
        SameTree.assertSame(reference, dripped);
        assertArrayEquals(Images.write(version), Images.write(whole));
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void apacheReadsOurs(long seed) throws IOException, ImageException {
        ReferenceTree reference = new ReferenceTree(OPTIONS);
        TreeVersion version = growOrdinary(seed, reference).seal();
        org.apache.zookeeper.server.DataTree apaches = new org.apache.zookeeper.server.DataTree();
        Map<Long, Integer> sessions = new HashMap<>();
        SerializeUtils.deserializeSnapshot(
                apaches,
                BinaryInputArchive.getArchive(
                        new ByteArrayInputStream(PortableImages.write(version))),
                sessions);

        assertEquals(version.digest(), apaches.getTreeDigest());
        assertEquals(version.nodeCount(), apaches.getNodeCount());
        assertEquals(version.ephemeralCount(), apaches.getEphemeralsCount());
        assertEquals(reference.sessions, new TreeMap<>(sessions));
        for (String path : reference.nodes.keySet()) {
            assertEquals(
                    requireNonNull(version.aclOf(path)).size(),
                    apaches.getACL(apaches.getNode(path)).size(),
                    path);
        }
        assertArrayEquals(
                Images.write(version),
                Images.write(
                        PortableImages.whole(
                                apaches(apaches, sessions), version.zxid(), OPTIONS, 1000)));
    }

    /** Children stand in the order of Apache's sets, ACLs have its numbers. */
    @Test
    void weReadApaches() throws IOException, ImageException {
        ReferenceTree reference = new ReferenceTree(OPTIONS);
        TreeVersion version = growOrdinary(21, reference).seal();
        org.apache.zookeeper.server.DataTree apaches = new org.apache.zookeeper.server.DataTree();
        Map<Long, Integer> sessions = new HashMap<>();
        SerializeUtils.deserializeSnapshot(
                apaches,
                BinaryInputArchive.getArchive(
                        new ByteArrayInputStream(PortableImages.write(version))),
                sessions);
        byte[] image = apaches(apaches, sessions);
        for (int step : List.of(1, 50, image.length)) {
            TreeVersion read = PortableImages.whole(image, version.zxid(), OPTIONS, step);

            SameTree.assertSame(reference, read);
        }
    }

    /** As Apache's leader has it: the image holds transactions that come again behind it. */
    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38})
    void anImageThatIsAheadOfItsZxidIsBroughtIntoLineByWhatFollows(long seed)
            throws ImageException {
        ReferenceTree reference = new ReferenceTree(OPTIONS);
        OrdinaryTxns txns = new OrdinaryTxns(new Random(seed), reference);
        DataTree tree = new DataTree(OPTIONS);
        for (int i = 0; i < 300; i++) {
            txns.next(tree);
        }
        long zxid = tree.head().zxid();
        List<LoggedTxn> later = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            later.add(txns.next(tree));
        }
        byte[] image = PortableImages.write(tree.seal());

        DataTree learner = new DataTree(PortableImages.whole(image, zxid, OPTIONS, 999), OPTIONS);
        assertEquals(zxid, learner.head().zxid());
        for (LoggedTxn txn : later) {
            learner.apply(txn.header(), txn.txn());
        }

        SameTree.assertSame(reference, learner.seal());
    }

    @Test
    void everyCutIsWaitedFor() throws ImageException {
        byte[] image = PortableImages.write(grow(5, 100, new ReferenceTree(OPTIONS)).seal());
        for (int length = 0; length < image.length; length++) {
            assertNull(PortableImages.read(Arrays.copyOf(image, length), 1, OPTIONS, 64));
        }
    }

    @Test
    void whatFollowsTheImageIsLeftAlone() throws ImageException {
        byte[] image = PortableImages.write(new DataTree(OPTIONS).seal());
        byte[] longer = Arrays.copyOf(image, image.length + 10);
        PortableImageReader reader = new PortableImageReader(0, OPTIONS);

        assertEquals(image.length, reader.read(new UnsafeBuffer(longer), 0, longer.length));
        assertNotNull(reader.complete());
    }

    @Test
    void aDamagedImageCostsNoMoreThanItsBytes() {
        byte[] image = PortableImages.write(grow(2, 300, new ReferenceTree(OPTIONS)).seal());
        SplittableRandom random = new SplittableRandom(3);
        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] damaged = Fuzz.damaged(image, random);
            boolean isRefused =
                    Fuzz.isRefusedWithin(
                            COST_IN_ANY_CASE,
                            COST_PER_BYTE,
                            damaged,
                            ImageException.class,
                            () -> PortableImages.read(damaged, 1, OPTIONS, damaged.length));
            refused += isRefused ? 1 : 0;
        }
        assertTrue(refused > 100, refused + " refused");
    }

    @Test
    void nodesThatFitNoTreeAreRefused() {
        assertRefused("a first node that is not the root", "/a");
        assertRefused("a node before its parent", "", "/a/b");
        assertRefused("a node before its parent", "", "/a", "/ab/c");
        assertRefused("a node before its parent", "", "/a", "/b", "/a/c");
        assertRefused("a node that comes twice", "", "/a", "/a", "/b");
        assertRefused("a node without a name", "", "/a/");
        assertRefused("a node without a name", "", "a/b/", "/b");
        assertRefused("a node without a name", "", "");
    }

    private static void assertRefused(String why, String... paths) {
        ByteBuffer image = ByteBuffer.allocate(1000).putInt(0).putInt(0);
        for (String path : paths) {
            image.putInt(path.length())
                    .put(path.getBytes(StandardCharsets.UTF_8))
                    .putInt(-1)
                    .putLong(-1);
            image.put(new byte[60]);
        }
        image.putInt(1).put((byte) '/');
        byte[] bytes = Arrays.copyOf(image.array(), image.position());
        ImageException refused =
                assertThrows(
                        ImageException.class,
                        () -> PortableImages.read(bytes, 0, OPTIONS, bytes.length));
        assertTrue(refused.toString().contains(why), refused.toString());
    }

    @Test
    void anUnknownAclIsRefused() {
        ByteBuffer image = ByteBuffer.allocate(100).putInt(0).putInt(0);
        image.putInt(0).putInt(-1).putLong(7).put(new byte[60]);

        assertThrows(
                ImageException.class,
                () -> PortableImages.read(image.array(), 0, OPTIONS, image.position()));
    }

    @Test
    void aClaimCostsNoMoreThanTheBytesThatCame() throws ImageException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int much = (1 << 30) - 100;
        for (int[] numbers :
                List.of(
                        new int[] {Integer.MAX_VALUE, 0, 1},
                        new int[] {0, Integer.MAX_VALUE, 0, 7, 0},
                        new int[] {0, 0, much, 7},
                        new int[] {0, 0, 0, much})) {
            ByteBuffer claim = ByteBuffer.allocate(32);
            for (int number : numbers) {
                claim.putInt(number);
            }
            byte[] bytes = claim.array();
            PortableImages.read(bytes, 0, OPTIONS, bytes.length);
            long before = threads.getCurrentThreadAllocatedBytes();
            PortableImages.read(bytes, 0, OPTIONS, bytes.length);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            assertTrue(allocated < 1 << 16, allocated + " bytes allocated");
        }
    }

    private static DataTree grow(long seed, int steps, ReferenceTree reference) {
        RandomTxns txns = new RandomTxns(new Random(seed), reference);
        DataTree tree = new DataTree(OPTIONS);
        for (int step = 0; step < steps; step++) {
            TxnHeader header = txns.header();
            Txn txn = txns.txn();
            reference.apply(header, txn);
            tree.apply(header, txn);
        }
        return tree;
    }

    private static DataTree growOrdinary(long seed, ReferenceTree reference) {
        OrdinaryTxns txns = new OrdinaryTxns(new Random(seed), reference);
        DataTree tree = new DataTree(OPTIONS);
        for (int step = 0; step < 1500; step++) {
            txns.next(tree);
        }
        return tree;
    }

    private static byte[] apaches(
            org.apache.zookeeper.server.DataTree tree, Map<Long, Integer> sessions)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SerializeUtils.serializeSnapshot(tree, BinaryOutputArchive.getArchive(out), sessions);
        return out.toByteArray();
    }
}
