package io.loomkeeper.server;

import static io.loomkeeper.server.LiveServer.await;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.EpochFile;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data directory that a real server has left, damaged at one place: each byte changed, each file
 * cut at each length, emptied, or missing. What a start makes of it is compared as a whole, every
 * node, ACL, session and epoch. Legal are two outcomes:
 *
 * <ul>
 *   <li>the very state that was there, byte for byte;
 *   <li>a refusal that names a file and an offset in it.
 * </ul>
 *
 * <p>After a loss of power, when the note of how far the log is on disk may be behind, a third one:
 * the state after a shorter history, as long as it holds everything up to that note.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class DamagedDirectoryTest {
    private static final int NOTED_WRITES = 5;
    private static final int WRITES_BEHIND_THE_NOTE = 4;

    /** As far as any file of this directory has content; behind it space is reserved, zero. */
    private static final int CONTENT_BYTES_MAX = 256 << 10;

    private static final int EPOCH = 7;

    private final Logger logger = Logger.getLogger("io.loomkeeper");

    @TempDir Path dir;
    private Config.Storage storage;
    private Path damaged;
    private List<Target> targets;
    private String right;

    /** Legal after a loss of power: the states from the note to the end. */
    private final Set<String> behindTheNote = new HashSet<>();

    private byte[] olderExtent;

    /** A file, and the part of it that is not all zero behind it. */
    private static final class Target {
        private final Path path;
        private final byte[] content;
        private final long length;

        Target(Path path, byte[] content, long length) {
            this.path = path;
            this.content = content;
            this.length = length;
        }

        Path path() {
            return path;
        }

        byte[] content() {
            return content;
        }

        long length() {
            return length;
        }
    }

    @BeforeEach
    void leaveADirectory() throws Exception {
        logger.setLevel(Level.OFF);
        Path live = dir.resolve("live");
        try (LiveServer server = LiveServer.start(live, "snapCount=8")) {
            fill(server);
        }
        damaged = dir.resolve("damaged");
        try (LiveServer server = LiveServer.start(live)) {
            storage = LiveServer.config(damaged).storage();
            leave(server, live);
        }
        EpochFile epochs = EpochFile.open(DataDirs.snapshots(storage), true);
        epochs.accept(EPOCH);
        epochs.establish(EPOCH);
        targets = targets();
        assertEquals(right, outcome());
    }

    @AfterEach
    void letTheLoggerSpeak() {
        logger.setLevel(null);
    }

    /** Some of everything, and some snapshots. */
    private static void fill(LiveServer server) throws Exception {
        server.create("/app", new byte[0]);
        List<ACL> acl =
                Arrays.asList(
                        new ACL(31, Ids.ANYONE_ID_UNSAFE), new ACL(1, new Id("ip", "10.0.0.1")));
        server.client.create("/app/acl", null, acl, CreateMode.PERSISTENT);
        server.client.create("/box", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
        for (int i = 0; server.snapshots().size() < 2; i++) {
            assertTrue(i < 1_000, "no snapshots");
            server.client.create(
                    "/app/s-",
                    new byte[i % 3],
                    Ids.OPEN_ACL_UNSAFE,
                    CreateMode.PERSISTENT_SEQUENTIAL);
        }
        server.create("/gone", null);
        server.client.setData("/app", new byte[] {1, 2, 3}, -1);
        server.client.multi(
                List.of(
                        Op.create("/m", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                        Op.delete("/gone", -1)));
    }

    /** Goes on in a second run, and takes what is on disk while the server and a session live. */
    private void leave(LiveServer server, Path live) throws Exception {
        Path extent = DataDirs.log(server.config.storage()).resolve("durable");
        server.client.create("/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        for (int i = 0; i < NOTED_WRITES; i++) {
            server.create("/second-" + i, new byte[i]);
        }
        olderExtent = Files.readAllBytes(extent);
        behindTheNote.add(text(server.server.version()));
        for (int i = 0; i < WRITES_BEHIND_THE_NOTE; i++) {
            server.create("/behind-" + i, new byte[i]);
            behindTheNote.add(text(server.server.version()));
        }
        right = text(server.server.version());
        await("the snapshots", () -> noneIsBeingWritten(live));
        copy(live, damaged);
    }

    private static boolean noneIsBeingWritten(Path live) {
        try (Stream<Path> files = Files.walk(live)) {
            return files.noneMatch(file -> file.toString().endsWith(".tmp"));
        } catch (IOException e) {
            return false;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private List<Target> targets() throws IOException {
        List<Target> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(damaged)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                long length = Files.size(file);
                byte[] head = new byte[(int) Math.min(length, CONTENT_BYTES_MAX)];
                try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
                    opened.readFully(head);
                }
                int used = head.length;
                while (used > 0 && head[used - 1] == 0) {
                    used--;
                }
                int kept = Math.min(head.length, used + 16);
                found.add(new Target(file, Arrays.copyOf(head, kept), length));
            }
        }
        return found;
    }

    /** What a start makes of the directory, by the classes by which a server starts. */
    private String outcome() throws IOException {
        SnapshotStore snapshots = SnapshotStore.open(DataDirs.snapshots(storage));
        try (TxnLog log = TxnLog.open(DataDirs.log(storage), LogOptions.defaults())) {
            TreeVersion version =
                    RecoveredState.load(snapshots, log, TreeOptions.DEFAULT, new ServerMetrics())
                            .tree()
                            .seal();
            EpochFile epochs = EpochFile.open(DataDirs.snapshots(storage), log.isEmpty());
            assertEquals(EPOCH, epochs.accepted());
            assertEquals(EPOCH, epochs.current());
            return text(version);
        } catch (CorruptLogException e) {
            assertTrue(e.offset() >= 0 && e.file().startsWith(damaged), e.getMessage());
            return "refused";
        }
    }

    /** All that a state is: zxid, digest, sessions, nodes, ACLs. */
    private static String text(TreeVersion version) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new SnapshotImage()
                .write(
                        version,
                        (source, offset, length) -> {
                            byte[] piece = new byte[length];
                            source.getBytes(offset, piece);
                            bytes.writeBytes(piece);
                        });
        return version.zxid() + " " + Arrays.toString(bytes.toByteArray());
    }

    /** Looks at what is damaged now. */
    private final class Judge {
        private final Set<String> legal;
        int refused;
        int cases;

        Judge(Set<String> legal) {
            this.legal = legal;
        }

        void check(Target target, String damage) throws IOException {
            String outcome = outcome();
            cases++;
            if (outcome.equals("refused")) {
                refused++;
            } else {
                assertTrue(legal.contains(outcome), target.path() + ", " + damage);
            }
        }

        void flipEachByte(Target target) throws IOException {
            try (RandomAccessFile file = new RandomAccessFile(target.path().toFile(), "rw")) {
                for (int i = 0; i < target.content().length; i++) {
                    int bit = 1 << (cases & 7);
                    file.seek(i);
                    file.write(target.content()[i] ^ bit);
                    check(target, "byte " + i + " changed by " + bit);
                    file.seek(i);
                    file.write(target.content()[i]);
                }
            }
        }

        void cutAtEachLength(Target target) throws IOException {
            try (RandomAccessFile file = new RandomAccessFile(target.path().toFile(), "rw")) {
                for (int length = target.content().length - 1; length >= 0; length--) {
                    file.setLength(length);
                    check(target, "cut to " + length);
                }
                file.write(target.content());
                file.setLength(target.length());
            }
        }
    }

    private void checkNothingIsLeft() throws IOException {
        assertEquals(right, outcome(), "the test left damage behind");
    }

    @Test
    void eachChangedByteIsRefusedOrHarmless() throws IOException {
        Judge judge = new Judge(Set.of(right));
        for (Target target : targets) {
            judge.flipEachByte(target);
        }
        checkNothingIsLeft();
        assertTrue(judge.refused > 500, judge.refused + " refused of " + judge.cases);
    }

    @Test
    void eachCutFileIsRefusedOrHarmless() throws IOException {
        Judge judge = new Judge(Set.of(right));
        for (Target target : targets) {
            judge.cutAtEachLength(target);
        }
        checkNothingIsLeft();
        assertTrue(judge.refused > 500, judge.refused + " refused of " + judge.cases);
    }

    @Test
    void eachMissingOrEmptyFileIsRefusedOrHarmless() throws IOException {
        Judge judge = new Judge(Set.of(right));
        for (Target target : targets) {
            Path aside = dir.resolve("aside");
            Files.move(target.path(), aside);
            judge.check(target, "missing");
            Files.createFile(target.path());
            judge.check(target, "empty");
            Files.move(aside, target.path(), StandardCopyOption.REPLACE_EXISTING);
        }
        checkNothingIsLeft();
        assertTrue(judge.refused >= 4, judge.refused + " refused of " + judge.cases);
    }

    @Test
    void afterALossOfPowerWhatWasNotNotedMayBeLostFromTheEnd() throws IOException {
        Path extent = DataDirs.log(storage).resolve("durable");
        Path newest = newestSegment();
        byte[] noted = Files.readAllBytes(extent);
        assertNotEquals(Arrays.hashCode(noted), Arrays.hashCode(olderExtent));
        Files.write(extent, olderExtent);
        assertEquals(right, outcome());
        Judge judge = new Judge(behindTheNote);
        for (Target target : targets()) {
            if (target.path().equals(newest)) {
                judge.flipEachByte(target);
                judge.cutAtEachLength(target);
            } else if (target.path().equals(extent)) {
                judge.flipEachByte(target);
            }
        }
        Files.write(extent, noted);
        checkNothingIsLeft();
        assertTrue(judge.refused < judge.cases - 100, "nothing was cut and accepted");
    }

    private Path newestSegment() {
        Optional<Path> newest =
                targets.stream()
                        .map(Target::path)
                        .filter(path -> path.toString().endsWith(".cq4"))
                        .max((a, b) -> Long.compare(run(a), run(b)));
        return newest.orElseThrow();
    }

    private static long run(Path segment) {
        String directory = requireNonNull(segment.getParent()).getFileName().toString();
        return Long.parseLong(directory.substring("run-".length()));
    }
}
