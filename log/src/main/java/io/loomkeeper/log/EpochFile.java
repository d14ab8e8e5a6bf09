package io.loomkeeper.log;

import io.loomkeeper.zab.EpochStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The file {@code epochs}: both epochs of this server, replaced as a whole and durably at each
 * change (rule D2).
 *
 * <pre>
 *   0  magic "LKEPOCHS"  8 bytes, format version int, accepted epoch int, current epoch int,
 *      crc int (CRC32C of the 20 bytes before); integers are little-endian
 * </pre>
 */
public final class EpochFile implements EpochStore {
    private static final String NAME = "epochs";
    private static final long MAGIC = 0x5348434f50454b4cL;
    private static final int VERSION = 1;
    private static final int CRC = 20;
    private static final int BYTES = 24;

    private final Path directory;
    private final Disk disk;
    private final RecordLayout checksum = new RecordLayout();
    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private int accepted;
    private int current;

    private EpochFile(Path directory, Disk disk) {
        this.directory = directory;
        this.disk = disk;
    }

    /**
     * Opens the file in {@code directory}, or makes it.
     *
     * @param mayBeNew whether the server holds no history, so that a missing file is no loss
     * @throws CorruptLogException when the file is damaged, or missing where it cannot be new (rule
     *     D2)
     */
    public static EpochFile open(Path directory, boolean mayBeNew) throws IOException {
        return open(directory, mayBeNew, new SystemDisk());
    }

    static EpochFile open(Path directory, boolean mayBeNew, Disk disk) throws IOException {
        EpochFile epochs = new EpochFile(directory, disk);
        if (Files.exists(epochs.path())) {
            epochs.load();
        } else if (mayBeNew) {
            epochs.store(0, 0);
        } else {
            throw new CorruptLogException(epochs.path(), 0, "missing, but there is a history");
        }
        return epochs;
    }

    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(NAME));
    }

    private Path path() {
        return directory.resolve(NAME);
    }

    private void load() throws IOException {
        byte[] found = Files.readAllBytes(path());
        if (found.length != BYTES) {
            throw new CorruptLogException(
                    path(),
                    Math.min(found.length, BYTES),
                    found.length + " bytes instead of " + BYTES);
        }
        bytes.clear().put(found).flip();
        if (bytes.getLong(0) != MAGIC || bytes.getInt(CRC) != crc()) {
            throw new CorruptLogException(path(), 0, "wrong magic or checksum");
        }
        if (bytes.getInt(8) != VERSION) {
            throw new CorruptLogException(path(), 8, "format version " + bytes.getInt(8));
        }
        accepted = bytes.getInt(12);
        current = bytes.getInt(16);
    }

    private void store(int newAccepted, int newCurrent) throws IOException {
        bytes.clear().putLong(MAGIC).putInt(VERSION).putInt(newAccepted).putInt(newCurrent);
        bytes.putInt(crc()).flip();
        new WholeFile(directory, disk).write(NAME, bytes);
        accepted = newAccepted;
        current = newCurrent;
    }

    private int crc() {
        return checksum.checksum(new UnsafeBuffer(bytes), 0, CRC);
    }

    @Override
    public int accepted() {
        return accepted;
    }

    @Override
    public int current() {
        return current;
    }

    @Override
    public void accept(int epoch) {
        assert epoch >= accepted : epoch + " after " + accepted;
        storeUnchecked(epoch, current);
    }

    @Override
    public void establish(int epoch) {
        assert epoch >= current && epoch <= accepted : epoch + " with " + current + ", " + accepted;
        storeUnchecked(accepted, epoch);
    }

    private void storeUnchecked(int newAccepted, int newCurrent) {
        try {
            store(newAccepted, newCurrent);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
