package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EpochFileTest {
    @TempDir Path dir;

    private Path file() {
        return dir.resolve("epochs");
    }

    @Test
    void epochsAreRemembered() throws IOException {
        EpochFile epochs = EpochFile.open(dir, true);
        assertEquals(0, epochs.accepted());
        epochs.accept(7);
        epochs.establish(6);
        EpochFile again = EpochFile.open(dir, false);
        assertEquals(7, again.accepted());
        assertEquals(6, again.current());
    }

    @Test
    void aMissingFileIsRefusedWhereThereIsAHistory() {
        assertThrows(CorruptLogException.class, () -> EpochFile.open(dir, false));
    }

    @Test
    void aPromiseThatCannotBeForcedIsNotMade() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        EpochFile epochs = EpochFile.open(dir, true, disk);
        disk.forcesLeft.set(0);
        assertThrows(UncheckedIOException.class, () -> epochs.accept(3));
        assertEquals(0, epochs.accepted());
        assertEquals(0, EpochFile.open(dir, false).accepted());
    }

    @Test
    void eachBitAndEachLengthCounts() throws IOException {
        EpochFile.open(dir, true).accept(9);
        byte[] bytes = Files.readAllBytes(file());
        for (int i = 0; i < bytes.length * 8; i++) {
            byte[] damaged = bytes.clone();
            damaged[i / 8] ^= (byte) (1 << i % 8);
            Files.write(file(), damaged);
            assertThrows(CorruptLogException.class, () -> EpochFile.open(dir, false), "bit " + i);
        }
        for (int length = 0; length < bytes.length; length++) {
            Files.write(file(), Arrays.copyOf(bytes, length));
            assertThrows(CorruptLogException.class, () -> EpochFile.open(dir, false));
        }
    }
}
