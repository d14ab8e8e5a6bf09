package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InspectionTest {
    private final Directories directories;
    private final Inspection inspection;

    InspectionTest(@TempDir Path dir) throws IOException {
        directories = new Directories(dir, dir);
        inspection = new Inspection(directories);
    }

    private Scene scene() throws IOException {
        Files.createDirectories(directories.log());
        Files.createDirectories(directories.snapshots());
        return new Scene(directories.log());
    }

    private static List<Long> zxids(History history) throws IOException {
        List<Long> zxids = new ArrayList<>();
        history.read(history.first(), history.last(), (zxid, _, _, _) -> zxids.add(zxid));
        return zxids;
    }

    @Test
    void whereNothingIsNothingIsFound() throws IOException {
        assertFalse(inspection.isThere());
        assertEquals(Optional.empty(), inspection.history());
        assertEquals(Optional.empty(), inspection.epochs());
        assertEquals(List.of(), inspection.snapshots());
        assertEquals(List.of(), inspection.segments());
    }

    @Test
    void runningLogIsReadAsFarAsItIsDurable() throws IOException {
        Scene scene = scene();
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 300);
            History first = inspection.history().orElseThrow();
            scene.append(log, 301, 600);

            assertEquals(Scene.range(1, 300), zxids(first));
            assertEquals(Scene.range(1, 600), zxids(inspection.history().orElseThrow()));
        }
        assertEquals(Scene.range(1, 600), zxids(inspection.wholeHistory().orElseThrow()));
    }

    @Test
    void readingChangesNothing() throws IOException {
        Scene scene = scene();
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
        }
        EpochFile.open(directories.epochs(), true).accept(3);
        Path leftover =
                Files.writeString(directories.snapshots().resolve("snapshot.7.tmp"), "half");
        Map<Path, String> before = files();

        zxids(inspection.wholeHistory().orElseThrow());
        zxids(inspection.history().orElseThrow());
        inspection.segments().forEach(this::read);
        assertEquals(List.of(), inspection.snapshots());
        assertEquals(new Inspection.Epochs(3, 0), inspection.epochs().orElseThrow());

        assertTrue(Files.exists(leftover));
        assertEquals(before, files());
    }

    private SegmentContent read(Path segment) {
        try {
            return inspection.read(segment);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Map<Path, String> files() throws IOException {
        Map<Path, String> found = new HashMap<>();
        try (Stream<Path> files = Files.walk(directories.home())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(file, Files.getLastModifiedTime(file) + " " + Files.size(file));
            }
        }
        return found;
    }

    @Test
    void segmentSaysWhatItHoldsAndHowItEnds() throws IOException {
        Scene scene = scene();
        try (TxnLog log = scene.started()) {
            scene.append(log, 1, 10);
        }
        Path segment = inspection.segments().getFirst();
        SegmentContent whole = inspection.read(segment);

        assertEquals(10, whole.transactions());
        assertEquals(1, whole.firstZxid());
        assertEquals(10, whole.lastZxid());
        assertTrue(whole.restIsZero(), whole::toString);

        byte[] bytes = Files.readAllBytes(segment);
        bytes[(int) whole.soundBytes() - 4] ^= 1;
        Files.write(segment, bytes);
        SegmentContent damaged = inspection.read(segment);

        assertEquals(9, damaged.transactions());
        assertEquals("record with a wrong checksum or length", damaged.endsWith());
        assertFalse(damaged.restIsZero());
        assertThrows(CorruptLogException.class, inspection::wholeHistory);
    }
}
