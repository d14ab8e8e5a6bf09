package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.loomkeeper.Fuzz;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Images: the same tree comes back, the same tree gives the same bytes, other bytes are refused.
 */
final class SnapshotImageTest {
    private static final TreeOptions OPTIONS = new TreeOptions(true, true, false);
    private static final int[] FLIPS = {1, 2, 3, 4, 8, 16, 32, 64, 127, 128, 255};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatIsLoadedIsWhatWasWritten(long seed) throws ImageException {
        ReferenceTree reference = new ReferenceTree(OPTIONS);
        TreeVersion version = grow(seed, 1500, reference).seal();
        byte[] image = Images.write(version);

        TreeVersion whole = Images.load(image, OPTIONS);
        TreeVersion dripped = Images.load(image, OPTIONS, 1 + (int) seed);

        SameTree.assertSame(reference, whole);
        SameTree.assertSame(reference, dripped);
        assertArrayEquals(image, Images.write(whole));
    }

    /** One server never stops; another is restarted from images, is rewound, seals elsewhere. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void bytesDoNotDependOnTheHistory(long seed) throws ImageException {
        Random random = new Random(seed);
        ReferenceTree reference = new ReferenceTree(OPTIONS);
        RandomTxns txns = new RandomTxns(random, reference);
        DataTree steady = new DataTree(OPTIONS);
        DataTree restless = new DataTree(OPTIONS);
        for (int step = 0; step < 1500; step++) {
            TxnHeader header = txns.header();
            Txn txn = closesInOrder(txns.txn());
            reference.apply(header, txn);
            steady.apply(header, txn);
            if (step % 7 == 0) {
                TreeVersion before = restless.seal();
                restless.apply(header, new Txn.CreateSessionTxn(7));
                restless.apply(header, new Txn.SetAclTxn("/", strangeAcl(step), 9));
                restless.rewind(before);
            }
            restless.apply(header, txn);
            if (step % 100 == 0) {
                byte[] image = Images.write(restless.seal());
                restless = new DataTree(Images.load(image, OPTIONS), OPTIONS);
            }
        }
        assertArrayEquals(Images.write(steady.seal()), Images.write(restless.seal()));
    }

    private static List<Acl> strangeAcl(int step) {
        return List.of(new Acl(Acl.READ, new AuthId("digest", "nobody:" + step)));
    }

    private static Txn closesInOrder(Txn txn) {
        return txn instanceof Txn.CloseSessionTxn ? new Txn.CloseSessionTxn(null) : txn;
    }

    @Test
    void everyFlippedByteIsNoticed() {
        byte[] image = Images.write(grow(2, 120, new ReferenceTree(OPTIONS)).seal());
        for (int at = 0; at < image.length; at++) {
            for (int bits : FLIPS) {
                byte[] flipped = image.clone();
                flipped[at] ^= (byte) bits;

                assertThrows(ImageException.class, () -> Images.load(flipped, OPTIONS));
            }
        }
    }

    /** With the sum made right again, what is accepted is exactly what would be written. */
    @Test
    void aForgedImageIsRefusedOrMeansWhatItSays() {
        byte[] image = Images.write(grow(2, 120, new ReferenceTree(OPTIONS)).seal());
        int accepted = 0;
        for (int at = 0; at < image.length - Integer.BYTES; at++) {
            for (int bits : FLIPS) {
                byte[] forged = image.clone();
                forged[at] ^= (byte) bits;
                byte[] summed = Images.summed(forged);
                try {
                    assertArrayEquals(summed, Images.write(Images.load(summed, OPTIONS)));
                    accepted++;
                } catch (ImageException refused) {
                    assertTrue(refused.offset() <= image.length, refused.getMessage());
                }
            }
        }
        assertTrue(accepted > 0);
    }

    @Test
    void everyCutIsNoticed() {
        byte[] image = Images.write(grow(5, 100, new ReferenceTree(OPTIONS)).seal());
        for (int length = 0; length < image.length; length++) {
            byte[] cut = Arrays.copyOf(image, length);

            assertThrows(ImageException.class, () -> Images.load(cut, OPTIONS));
        }
    }

    @Test
    void aClaimCostsNoMoreThanTheBytesThatCame() {
        byte[] image = Images.write(new DataTree(OPTIONS).seal());
        int firstNode = 56;
        byte[] claim = Arrays.copyOf(image, firstNode + 20);
        for (int field = 0; field < 3; field++) {
            byte[] huge = {(byte) 0xf0, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7};
            System.arraycopy(huge, 0, claim, firstNode + field, huge.length);
            long before = allocatedBytes();

            assertThrows(ImageException.class, () -> Images.load(claim, OPTIONS));

            assertTrue(allocatedBytes() - before < 1 << 20);
        }
    }

    /** The sum is right, the rest is not: what a faulty server or a stranger may have written. */
    @Test
    void damagedImagesAreRefusedOrLoadedAndCostNoMoreThanTheirBytes() {
        SplittableRandom random = new SplittableRandom(11);
        byte[] image = Images.write(grow(4, 150, new ReferenceTree(OPTIONS)).seal());
        int refused = 0;
        for (int round = 0; round < 6_000; round++) {
            byte[] damaged = Fuzz.damaged(image, random);
            byte[] bytes = damaged.length < Integer.BYTES ? damaged : Images.summed(damaged);
            boolean isRefused =
                    Fuzz.isRefusedWithin(
                            1 << 20,
                            64,
                            bytes,
                            ImageException.class,
                            () -> Images.load(bytes, OPTIONS));
            refused += isRefused ? 1 : 0;
        }
        assertTrue(refused > 1_500, "refused " + refused);
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }

    /** One number for one ACL: else the same tree would have two images. */
    @Test
    void anAclGivenTwiceIsRefused() {
        DataTree tree = new DataTree(OPTIONS);
        for (String user : List.of("user:1", "user:2")) {
            List<Acl> acl = List.of(new Acl(Acl.ALL, new AuthId("digest", user)));
            String path = "/" + user.replace("user:", "n");
            tree.apply(
                    new TxnHeader(1, 1, 1, 1),
                    new Txn.CreateTxn(Op.CREATE, path, null, acl, false, -1));
        }
        byte[] image = Images.write(tree.seal());
        String text = new String(image, StandardCharsets.ISO_8859_1);
        image[text.indexOf("user:2") + 5] = '1';

        ImageException refused =
                assertThrows(
                        ImageException.class, () -> Images.load(Images.summed(image), OPTIONS));
        assertTrue(refused.toString().contains("an ACL given twice"), refused.toString());
    }

    @Test
    void dataLargerThanAStepComesBack() throws ImageException {
        byte[] large = new byte[1_000_000];
        new Random(1).nextBytes(large);
        DataTree tree = new DataTree(OPTIONS);
        tree.apply(
                new TxnHeader(1, 1, 1, 1),
                new Txn.CreateTxn(Op.CREATE, "/a", Bytes.of(large), Acl.OPEN, false, 1));

        TreeVersion loaded = Images.load(Images.write(tree.seal()), OPTIONS);

        NodeView node = loaded.node("/a");
        assertTrue(node != null);
        assertEquals(Bytes.of(large), node.data());
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
}
