package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small data directory, damaged in every way at one place: each byte changed, each file cut at
 * each length, each file missing. Recovery gives the exact state or refuses with a file and an
 * offset; it never gives another history (K8, K9, F6).
 */
final class DamageTest {
    private static final int LAST = 130;
    private static final String RIGHT = "20: [21, 22, 123, 124, 125, 126, 127, 128, 129, 130]";

    /** A file, and the part of it that is not all zero behind it. */
    private static final class Target {
        private final Path path;
        private final byte[] content;
        private final int usedBytes;

        Target(Path path, byte[] content, int usedBytes) {
            this.path = path;
            this.content = content;
            this.usedBytes = usedBytes;
        }

        Path path() {
            return path;
        }

        byte[] content() {
            return content;
        }

        int usedBytes() {
            return usedBytes;
        }
    }

    @TempDir Path dir;
    private Scene scene;
    private Path snapshotDir;
    private List<Target> targets;

    /** What each file held at earlier moments. */
    private final Map<Path, List<byte[]>> olderVersions = new HashMap<>();

    @BeforeEach
    void makeDataDirectory() throws IOException {
        scene = new Scene(Files.createDirectory(dir.resolve("log")));
        snapshotDir = Files.createDirectory(dir.resolve("snapshots"));
        SnapshotStore snapshots = SnapshotStore.open(snapshotDir);
        TxnLog log = scene.started();
        keepVersions();
        append(log, 1, 7);
        assertTrue(log.rollSegment());
        keepVersions();
        snapshot(snapshots, 7);
        append(log, 8, 15);
        log.crash();
        log = scene.started();
        append(log, 16, 20);
        snapshot(snapshots, 20);
        append(log, 21, 25);
        log.close();
        keepVersions();
        log = scene.started();
        append(log, 26, 29);
        scene.truncate(log, 22, snapshots);
        keepVersions();
        scene.acks = new Acks();
        log.crash();
        log = scene.started();
        append(log, 123, LAST);
        log.crash();
        targets = targets();
        assertEquals(RIGHT, outcome());
    }

    private void append(TxnLog log, long first, long last) throws IOException {
        for (long zxid = first; zxid <= last; zxid++) {
            scene.append(log, zxid, zxid);
            keepVersions();
        }
    }

    private void keepVersions() throws IOException {
        for (Target target : targets()) {
            olderVersions
                    .computeIfAbsent(target.path(), _ -> new ArrayList<>())
                    .add(target.content());
        }
    }

    private static void snapshot(SnapshotStore snapshots, long zxid) throws IOException {
        try (SnapshotWriter writer = snapshots.begin(zxid)) {
            writer.write(new UnsafeBuffer(Scene.payload(zxid)), 0, Scene.payload(zxid).length);
            writer.commit();
        }
    }

    private List<Target> targets() throws IOException {
        List<Target> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                byte[] content = Files.readAllBytes(file);
                int used = content.length;
                while (used > 0 && content[used - 1] == 0) {
                    used--;
                }
                found.add(new Target(file, content, Math.min(content.length, used + 64)));
            }
        }
        return found;
    }

    /**
     * What recovery says: the exact state whatever the snapshot, "refused", or something that it
     * must not.
     */
    private String outcome() throws IOException {
        try (TxnLog log = scene.open()) {
            SnapshotStore snapshots = SnapshotStore.open(snapshotDir);
            Optional<SnapshotReader> snapshot = Recovery.snapshot(snapshots, log);
            try (SnapshotReader reader = snapshot.orElse(null)) {
                long from = reader == null ? 0 : reader.zxid();
                return from + ": " + Scene.recovered(log, from);
            }
        } catch (CorruptLogException e) {
            assertTrue(e.offset() >= 0 && e.getMessage() != null, "no offset");
            return "refused";
        }
    }

    /** The right history behind whatever snapshot, or a refusal. */
    private static boolean isExact(String outcome) {
        List<Long> behindNone = new ArrayList<>(Scene.range(1, 22));
        behindNone.addAll(Scene.range(123, LAST));
        String behindFirst = "7: " + behindNone.subList(7, behindNone.size());
        return List.of("refused", RIGHT, behindFirst, "0: " + behindNone).contains(outcome);
    }

    @Test
    void eachChangedBitOfOurRecordsIsRefusedOrHarmless() throws IOException {
        int refused = 0;
        for (Target target : targets) {
            for (int i = firstRecord(target.path()); i < target.usedBytes(); i++) {
                for (int bit = 0; bit < 8; bit++) {
                    refused += checkChanged(target, i, 1 << bit);
                }
            }
        }
        assertEquals(RIGHT, outcome(), "the test left damage behind");
        assertTrue(refused > 3000, refused + " refused");
    }

    @Test
    void eachChangedByteOfAnyFileIsRefusedOrHarmless() throws IOException {
        int cases = 0;
        for (Target target : targets) {
            for (int i = 0; i < target.usedBytes(); i++) {
                checkChanged(target, i, 1 << cases % 8);
                cases++;
            }
        }
        assertEquals(RIGHT, outcome(), "the test left damage behind");
        assertTrue(cases > 4000, cases + " cases");
    }

    /**
     * Where the records of a segment begin, behind Chronicle's header; the end of any other file.
     */
    private static int firstRecord(Path path) throws IOException {
        if (!path.toString().endsWith(".cq4")) {
            return Integer.MAX_VALUE;
        }
        try (SegmentReader reader = new SegmentReader(path)) {
            assertTrue(reader.next(), reader.stopReason());
            return (int) reader.recordStart() - Integer.BYTES;
        }
    }

    /**
     * @return 1 when recovery refused
     */
    private int checkChanged(Target target, int at, int bits) throws IOException {
        try (FileChannel channel = FileChannel.open(target.path(), StandardOpenOption.WRITE)) {
            byte right = target.content()[at];
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (right ^ bits)}), at);
            int refused = check(target, "byte " + at + " changed by " + bits);
            channel.write(ByteBuffer.wrap(new byte[] {right}), at);
            return refused;
        }
    }

    /**
     * @return 1 when recovery refused
     */
    private int check(Target target, String damage) throws IOException {
        String outcome = outcome();
        if (!isExact(outcome)) {
            fail(target.path() + ", " + damage + ": " + outcome);
        }
        return outcome.equals("refused") ? 1 : 0;
    }

    @Test
    void eachCutFileIsRefusedOrHarmless() throws IOException {
        int refused = 0;
        for (Target target : targets) {
            for (int length = 0; length < target.usedBytes(); length++) {
                try (FileChannel channel =
                        FileChannel.open(target.path(), StandardOpenOption.WRITE)) {
                    channel.truncate(length);
                    refused += check(target, "cut to " + length);
                    int used = target.usedBytes() - length;
                    channel.write(ByteBuffer.wrap(target.content(), length, used), length);
                    channel.write(ByteBuffer.allocate(1), target.content().length - 1);
                }
            }
        }
        assertEquals(RIGHT, outcome(), "the test left damage behind");
        assertTrue(refused > 500, refused + " refused");
    }

    @Test
    void eachMissingFileIsRefusedOrHarmless() throws IOException {
        int refused = 0;
        for (Target target : targets) {
            Files.delete(target.path());
            refused += check(target, "missing");
            Files.write(target.path(), target.content());
        }
        assertTrue(refused >= 3, refused + " refused");
    }

    @Test
    void eachOlderVersionOfAFileIsRefusedOrHarmless() throws IOException {
        int versions = 0;
        for (Target target : targets) {
            for (byte[] older : olderVersions.getOrDefault(target.path(), List.of())) {
                Files.write(target.path(), older);
                check(target, "as it was before, version " + versions);
                versions++;
            }
            Files.write(target.path(), target.content());
        }
        assertEquals(RIGHT, outcome(), "the test left damage behind");
        assertTrue(versions > 100, versions + " versions");
    }

    @Test
    void eachZeroedSectorIsRefusedOrHarmless() throws IOException {
        for (Target target : targets) {
            for (int start = 0; start < target.usedBytes(); start += 64) {
                byte[] damaged = target.content().clone();
                Arrays.fill(damaged, start, Math.min(damaged.length, start + 512), (byte) 0);
                Files.write(target.path(), damaged);
                check(target, "512 bytes zeroed at " + start);
            }
            Files.write(target.path(), target.content());
        }
    }
}
