package io.loomkeeper.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnHeader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StreamCorruptedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Adler32;
import java.util.zip.GZIPOutputStream;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

/** Files in Apache's formats with each byte changed and at each length. */
final class ApacheFilesDamageTest {
    private static final int SEAL_BYTES = 13;
    private static final int DIGEST_BYTES = 20;

    private final Path directory;

    ApacheFilesDamageTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private static LoggedTxn create(long zxid) {
        Txn.CreateTxn txn =
                new Txn.CreateTxn(
                        Op.CREATE2,
                        "/node" + zxid,
                        Bytes.utf8("text " + zxid),
                        List.of(new Acl(31, Acl.OPEN.getFirst().who()), Acl.READ_ONLY.getFirst()),
                        zxid % 2 == 0,
                        (int) zxid);
        return new LoggedTxn(new TxnHeader(7, 1, zxid, 99), txn, null);
    }

    private static TreeVersion tree() {
        DataTree tree = new DataTree(Source.OPTIONS);
        tree.apply(new TxnHeader(7, 0, 1, 98), new Txn.CreateSessionTxn(5000));
        for (long zxid = 2; zxid < 5; zxid++) {
            LoggedTxn logged = create(zxid);
            tree.apply(logged.header(), logged.txn());
        }
        return tree.seal();
    }

    private static byte[] snapshot() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintWriter nobody = new PrintWriter(OutputStream.nullOutputStream(), false, UTF_8);
        ApacheSnapshot.write(tree(), bytes, new Progress(nobody, false, "", 0));
        return bytes.toByteArray();
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    /** What was streamed by a server has whatever name somebody gave it. */
    @Test
    void snapshotOfAnotherNameHasItsZxidWithin() throws IOException {
        TreeVersion read = ApacheSnapshot.read(file("yesterday", snapshot()));

        assertEquals(4, read.zxid());
        assertEquals(tree().digest(), read.digest());
    }

    @Test
    void whatGoesOnBehindItsEndIsNoSnapshot() throws IOException {
        Path longer = file("snapshot.4", Arrays.copyOf(snapshot(), snapshot().length + 1));

        assertThrows(IOException.class, () -> ApacheSnapshot.read(longer));
    }

    @Test
    void snapshotIsReadAsItWasWritten() throws IOException {
        TreeVersion read = ApacheSnapshot.read(file("snapshot.4", snapshot()));

        assertEquals(tree().digest(), read.digest());
        assertEquals(4, read.zxid());
        assertEquals(5000, read.sessionTimeoutMs(7));
        assertEquals(tree().ephemeralsOf(7), read.ephemeralsOf(7));
    }

    @Test
    void compressedSnapshotIsReadToo() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gz = new GZIPOutputStream(bytes)) {
            gz.write(snapshot());
        }
        byte[] whole = bytes.toByteArray();

        assertEquals(tree().digest(), ApacheSnapshot.read(file("snapshot.4.gz", whole)).digest());
        Path cut = file("snapshot.5.gz", Arrays.copyOf(whole, whole.length / 2));
        assertThrows(IOException.class, () -> ApacheSnapshot.read(cut));
    }

    @Test
    void snapshotCompressedWithSnappyIsReadToo() throws IOException {
        byte[] whole = snappy(snapshot());

        TreeVersion read = ApacheSnapshot.read(file("snapshot.4.snappy", whole));
        assertEquals(tree().digest(), read.digest());
        for (int length = 0; length < whole.length; length++) {
            Path cut = file("snapshot.5.snappy", Arrays.copyOf(whole, length));
            assertThrows(IOException.class, () -> ApacheSnapshot.read(cut), "length " + length);
        }
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 0x55;
            Path file = file("snapshot.6.snappy", changed);
            boolean isVersion = i >= 8 && i < 12;
            try {
                assertEquals(tree().digest(), ApacheSnapshot.read(file).digest());
                assertTrue(isVersion || isSame(changed, snapshot()), "byte " + i);
            } catch (CorruptLogException e) {
                assertTrue(file.equals(e.file()), e.toString());
            }
        }
    }

    /** A changed way to pack the same bytes is no damage. */
    private static boolean isSame(byte[] packed, byte[] bytes) throws IOException {
        try (InputStream in = new SnappyStream(new ByteArrayInputStream(packed))) {
            return Arrays.equals(bytes, in.readAllBytes());
        }
    }

    private static byte[] snappy(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (SnappyOutputStream out = new SnappyOutputStream(packed, 1 << 10)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void snappyIsUnpackedToWhatItWas() throws IOException {
        Random random = new Random(7);
        for (int length : new int[] {0, 1, 59, 60, 61, 255, 256, 257, 5000, 70_000, 300_000}) {
            for (int values : new int[] {1, 2, 30, 256}) {
                byte[] bytes = new byte[length];
                for (int i = 0; i < length; i++) {
                    boolean repeats = i > 100 && random.nextInt(50) > 0;
                    bytes[i] = repeats ? bytes[i - 97] : (byte) random.nextInt(values);
                }
                assertArrayEquals(bytes, SnappyBlock.unpacked(Snappy.compress(bytes)));
                assertTrue(isSame(snappy(bytes), bytes), length + " bytes");
            }
        }
        byte[] twice = {1, 2, 3, 4, 5};
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(snappy(twice));
        both.write(snappy(twice));
        assertTrue(isSame(both.toByteArray(), new byte[] {1, 2, 3, 4, 5, 1, 2, 3, 4, 5}));
    }

    @Test
    void snappyThatAnnouncesMoreThanThereIsGetsNoRoom() {
        byte[] twoGiga = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7, 0, 0};
        assertThrows(StreamCorruptedException.class, () -> SnappyBlock.unpacked(twoGiga));
    }

    @Test
    void everyChangedByteOfASnapshotIsNoticed() throws IOException {
        byte[] bytes = snapshot();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 0x11;
            Path file = file("snapshot.4", changed);
            assertThrows(IOException.class, () -> ApacheSnapshot.read(file), "byte " + i);
        }
    }

    /** Older servers end behind the first seal, or behind the second. */
    @Test
    void everyCutOfASnapshotIsNoticedButBehindASeal() throws IOException {
        byte[] bytes = snapshot();
        int second = bytes.length - Long.BYTES - SEAL_BYTES;
        int first = second - DIGEST_BYTES - SEAL_BYTES;
        for (int length = 0; length < bytes.length; length++) {
            Path file = file("snapshot.4", Arrays.copyOf(bytes, length));
            if (length == first || length == second) {
                assertEquals(tree().digest(), ApacheSnapshot.read(file).digest());
            } else {
                assertThrows(
                        IOException.class, () -> ApacheSnapshot.read(file), "length " + length);
            }
        }
    }

    private static byte[] log() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(ApacheLog.MAGIC);
        out.writeInt(2);
        out.writeLong(0);
        for (long zxid = 2; zxid < 5; zxid++) {
            ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
            LoggedTxn logged = create(zxid);
            int length = TxnCodec.encode(logged.header(), logged.txn(), null, buffer, 0);
            Adler32 sum = new Adler32();
            sum.update(buffer.byteArray(), 0, length);
            out.writeLong(sum.getValue());
            out.writeInt(length);
            out.write(buffer.byteArray(), 0, length);
            out.writeByte('B');
        }
        out.write(new byte[100]);
        return bytes.toByteArray();
    }

    @Test
    void logIsReadAsItWasWritten() throws IOException {
        List<LoggedTxn> read = new ArrayList<>();
        ApacheLog end = ApacheLog.read(file("log.2", log()), read::add);

        assertEquals(List.of(create(2), create(3), create(4)), read);
        assertEquals(log().length - 100, end.endOffset());
        assertTrue(!end.isTorn());
    }

    @Test
    void noChangedTransactionOfALogIsHandedOut() throws IOException {
        byte[] bytes = log();
        for (int i = 0; i < bytes.length - 100; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 0x11;
            assertNothingElseIsRead(file("log.2", changed), "byte " + i);
        }
        for (int length = 0; length < bytes.length; length++) {
            assertNothingElseIsRead(
                    file("log.2", Arrays.copyOf(bytes, length)), "length " + length);
        }
    }

    private static void assertNothingElseIsRead(Path file, String damage) {
        List<LoggedTxn> read = new ArrayList<>();
        try {
            ApacheLog.read(file, read::add);
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains(file.toString()), e.toString());
        }
        List<LoggedTxn> all = List.of(create(2), create(3), create(4));
        assertEquals(all.subList(0, read.size()), read, damage);
    }
}
