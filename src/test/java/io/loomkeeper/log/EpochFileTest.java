package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** Rule D2: the power fails after each operation of the disk. */
    @Test
    void whatWasPromisedSurvivesALossOfPower() throws IOException {
        Path root = Files.createDirectory(dir.resolve("before"));
        AtomicInteger said = new AtomicInteger();
        PowerLossDisk disk = new PowerLossDisk(root, said::get);
        EpochFile epochs = EpochFile.open(root, true, disk);
        int opened = disk.moments().size();
        for (int epoch = 1; epoch <= 5; epoch++) {
            epochs.accept(epoch);
            said.set(inOrder(epochs));
            epochs.establish(epoch);
            said.set(inOrder(epochs));
        }
        List<PowerLossDisk.Moment> moments = disk.moments();
        for (int at = 0; at < moments.size(); at++) {
            boolean mayBeNew = at < opened - 1;
            for (int outcome = 0; outcome < 4; outcome++) {
                PowerLossDisk.Moment moment = moments.get(at);
                String what = "outcome " + outcome + " of " + moment.operation() + " " + at;
                Path left = Files.createTempDirectory(dir, "left");
                moment.leave(root, left, outcome == 0 ? null : new Random(at * 10L + outcome));
                EpochFile found = assertDoesNotThrow(() -> EpochFile.open(left, mayBeNew), what);
                assertTrue(inOrder(found) >= moment.acked(), what);
            }
        }
    }

    /** Rises with each promise, and with each establishment. */
    private static int inOrder(EpochFile epochs) {
        return epochs.accepted() * 10 + epochs.current();
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
