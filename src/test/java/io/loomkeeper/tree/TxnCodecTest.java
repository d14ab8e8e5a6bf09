package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.loomkeeper.Fuzz;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Transactions as bytes: Apache's own, all of ours there and back, and what is no transaction. */
final class TxnCodecTest {
    /** An exception has a stack trace; a string of one letter has five bytes and is two objects. */
    private static final int COST_IN_ANY_CASE = 8_000;

    private static final int COST_PER_BYTE = 64;
    private static final TxnHeader HEADER = new TxnHeader(7, 8, 9, 10);

    /** The first log entry of a fresh 3.9.5 (protocol 20.4). */
    @Test
    void readsAndWritesASessionAsApacheLogsIt() throws TxnFormatException {
        String golden =
                "01000012eb110000 00000000 0000000000000001 000001a1fc117026 fffffff6"
                        + " 00002710 00000002 0000000051c6d660";
        assertGolden(
                golden,
                new LoggedTxn(
                        new TxnHeader(0x01000012eb110000L, 0, 1, 0x1a1fc117026L),
                        new Txn.CreateSessionTxn(10_000),
                        new TxnDigest(2, 0x51c6d660L)));
    }

    /** A proposal of a fresh ensemble (protocol 20.7). */
    @Test
    void readsAndWritesASessionAsApacheProposesIt() throws TxnFormatException {
        String golden =
                "02000015f36d0000 00000000 0000000100000001 000001a1fc147bf8 fffffff6"
                        + " 00002710 00000002 0000000051c6d660";
        assertGolden(
                golden,
                new LoggedTxn(
                        new TxnHeader(0x02000015f36d0000L, 0, 0x100000001L, 0x1a1fc147bf8L),
                        new Txn.CreateSessionTxn(10_000),
                        new TxnDigest(2, 0x51c6d660L)));
    }

    private static void assertGolden(String hex, LoggedTxn logged) throws TxnFormatException {
        byte[] golden = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertEquals(logged, decode(golden));
        assertEquals(HexFormat.of().formatHex(golden), HexFormat.of().formatHex(encode(logged)));
    }

    @Test
    void whatWasWrittenIsRead() throws TxnFormatException {
        Random random = new Random(1);
        ReferenceTree reference = new ReferenceTree(TreeOptions.DEFAULT);
        RandomTxns txns = new RandomTxns(random, reference);
        for (int i = 0; i < 5000; i++) {
            TxnHeader header = txns.header();
            Txn txn = txns.txn();
            reference.apply(header, txn);
            boolean bare = txn instanceof Txn.CloseSessionTxn(var paths) && paths == null;
            TxnDigest digest =
                    random.nextBoolean() || bare ? null : new TxnDigest(2, random.nextLong());
            LoggedTxn logged = new LoggedTxn(header, txn, digest);

            assertEquals(logged, decode(encode(logged)));
        }
    }

    @Test
    void aSessionEndsWithoutAListInOldLogs() throws TxnFormatException {
        LoggedTxn bare = new LoggedTxn(HEADER, new Txn.CloseSessionTxn(null), null);
        assertEquals(bare, decode(encode(bare)));

        LoggedTxn digested =
                new LoggedTxn(HEADER, new Txn.CloseSessionTxn(null), new TxnDigest(2, 77));
        assertArrayEquals(encode(bare), encode(digested), "a digest would read as two paths");
        byte[] foreign = Arrays.copyOf(encode(bare), 32 + 12);
        ByteBuffer.wrap(foreign, 32, 12).putInt(2).putLong(77);
        assertEquals(digested, decode(foreign));

        LoggedTxn empty = new LoggedTxn(HEADER, new Txn.CloseSessionTxn(List.of()), null);
        assertEquals(empty, decode(encode(empty)));
    }

    @Test
    void aCreateWithoutParentCversionCountsFromNow() throws TxnFormatException {
        Txn.CreateTxn create = new Txn.CreateTxn(Op.CREATE, "/a", null, Acl.OPEN, true, 5);
        byte[] whole = encode(new LoggedTxn(HEADER, create, null));
        byte[] ancient = Arrays.copyOf(whole, whole.length - Integer.BYTES);

        Txn.CreateTxn expected = new Txn.CreateTxn(Op.CREATE, "/a", null, Acl.OPEN, true, -1);
        assertEquals(new LoggedTxn(HEADER, expected, null), decode(ancient));
    }

    @Test
    void bytesBehindTheDigestAreIgnored() throws TxnFormatException {
        LoggedTxn logged =
                new LoggedTxn(HEADER, new Txn.DeleteTxn("/a", true), new TxnDigest(2, 3));
        byte[] longer = Arrays.copyOf(encode(logged), encode(logged).length + 5);

        assertEquals(logged, decode(longer));
    }

    /** A shorter one is refused, or lacks just its digest, or is an ancient create. */
    @Test
    void cutOffTransactionsNeverReadAsOthers() {
        Random random = new Random(3);
        RandomTxns txns = new RandomTxns(random, new ReferenceTree(TreeOptions.DEFAULT));
        for (int i = 0; i < 300; i++) {
            LoggedTxn logged = new LoggedTxn(txns.header(), txns.txn(), null);
            if (logged.txn() instanceof Txn.CreateTxn
                    || logged.txn() instanceof Txn.CloseSessionTxn) {
                continue;
            }
            byte[] bytes = encode(logged);
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);

                assertThrows(TxnFormatException.class, () -> decode(cut));
            }
        }
    }

    @Test
    void garbageIsRefusedAndCostsNothing() {
        Random random = new Random(4);
        RandomTxns txns = new RandomTxns(random, new ReferenceTree(TreeOptions.DEFAULT));
        int refused = 0;
        long before = allocatedBytes();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = encode(new LoggedTxn(txns.header(), txns.txn(), null));
            int at = random.nextInt(bytes.length);
            bytes[at] = (byte) random.nextInt();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                decode(bytes);
            } catch (TxnFormatException e) {
                refused++;
            }
        }
        assertTrue(refused > 1000, "refused " + refused);
        assertTrue((allocatedBytes() - before) / 20_000 < 20_000);
    }

    @Test
    void damagedTransactionsCostNoMoreThanTheirBytes() {
        SplittableRandom random = new SplittableRandom(5);
        RandomTxns txns = new RandomTxns(new Random(5), new ReferenceTree(TreeOptions.DEFAULT));
        int refused = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] sound = encode(new LoggedTxn(txns.header(), txns.txn(), new TxnDigest(2, i)));
            byte[] bytes = Fuzz.damaged(sound, random);
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            boolean isRefused =
                    Fuzz.isRefusedWithin(
                            COST_IN_ANY_CASE,
                            COST_PER_BYTE,
                            bytes,
                            TxnFormatException.class,
                            () -> TxnCodec.decode(buffer, 0, bytes.length));
            refused += isRefused ? 1 : 0;
        }
        assertTrue(refused > 10_000, "refused " + refused);
    }

    @Test
    void typesThatAreNoTransactionAreRefused() {
        for (int type : List.of(0, 3, 4, 6, 8, 9, 10, 11, 12, 17, 22, 100, 107, 1000, -12)) {
            byte[] bytes =
                    HexFormat.of()
                            .parseHex(
                                    "00".repeat(28)
                                            + HexFormat.of().toHexDigits(type)
                                            + "00".repeat(40));

            assertThrows(TxnFormatException.class, () -> decode(bytes), "type " + type);
        }
    }

    /** A multi holds no sessions, no setACL and no multi. */
    @Test
    void typesThatAMultiCannotHoldAreRefused() {
        for (int type : List.of(14, -10, -11, 7, 16)) {
            String sub = HexFormat.of().toHexDigits(type) + "00000004" + "00000000";
            String multi = "00".repeat(28) + "0000000e" + "00000001" + sub;
            byte[] bytes = HexFormat.of().parseHex(multi);

            assertThrows(TxnFormatException.class, () -> decode(bytes), "type " + type);
        }
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }

    static byte[] encode(LoggedTxn logged) {
        return encode(logged.header(), logged.txn(), logged.digest());
    }

    private static byte[] encode(TxnHeader header, Txn txn, @Nullable TxnDigest digest) {
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(16);
        int offset = 5;
        int length = TxnCodec.encode(header, txn, digest, buffer, offset);
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    static LoggedTxn decode(byte[] bytes) throws TxnFormatException {
        byte[] shifted = new byte[bytes.length + 6];
        System.arraycopy(bytes, 0, shifted, 3, bytes.length);
        return TxnCodec.decode(new UnsafeBuffer(shifted), 3, bytes.length);
    }
}
