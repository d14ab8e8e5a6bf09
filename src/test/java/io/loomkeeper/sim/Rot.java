package io.loomkeeper.sim;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.DrivenFiles;
import io.loomkeeper.log.SnapshotWriter;
import io.loomkeeper.tree.SnapshotImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Damage at rest: what a disk holds while its server is down is written into files by production's
 * code, a bit of one is flipped or a sector lost, and production's recovery says what is left: the
 * exact history, one that has lost what was never forced, or nothing, with a reason (D2, D10, S21).
 */
final class Rot {
    private static final int SECTOR_BYTES = 512;

    /** What recovery leaves. */
    record Outcome(Logged end, SimDisk.Snapshot from) {}

    private final Simulation world;
    private final SimServer server;
    private final SimDisk disk;
    private final Chance chance;

    Rot(Simulation world, SimServer server, Chance chance) {
        this.world = world;
        this.server = server;
        this.disk = server.disk();
        this.chance = chance;
    }

    /**
     * Damages one place.
     *
     * @return what is recovered from it; null when it is refused
     */
    @Nullable Outcome strike() {
        try {
            Path directory = Files.createTempDirectory("loomkeeper-sim");
            try (DrivenFiles files = new DrivenFiles(directory, disk.floor().zxid)) {
                write(files);
                damage(files);
                return recover(files);
            } finally {
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // before

    private void write(DrivenFiles files) throws IOException {
        files.epochs(disk.accepted(), disk.current());
        for (SimDisk.Snapshot snapshot : disk.snapshots()) {
            if (snapshot.last().zxid != 0) {
                try (SnapshotWriter writer = files.beginSnapshot(snapshot.last().zxid)) {
                    DirectBuffer image = imageOf(snapshot);
                    writer.write(image, 0, image.capacity());
                    writer.commit();
                }
            }
        }
        files.roll();
        for (Logged entry : log()) {
            files.append(entry.zxid, entry.txn);
            if (entry.index <= disk.noted().index) {
                files.noteDurable();
            }
            if (isSnapshot(entry) && entry.index <= disk.noted().index) {
                files.roll();
            }
        }
        files.end();
    }

    /** All of the log, oldest first. */
    private Iterable<Logged> log() {
        ArrayDeque<Logged> entries = new ArrayDeque<>();
        for (Logged e = disk.durable(); e.index > disk.floor().index; e = e.before()) {
            entries.addFirst(e);
        }
        return entries;
    }

    private boolean isSnapshot(Logged entry) {
        return disk.snapshots().stream().anyMatch(snapshot -> snapshot.last() == entry);
    }

    private static DirectBuffer imageOf(SimDisk.Snapshot snapshot) {
        ExpandableArrayBuffer bytes = new ExpandableArrayBuffer();
        int[] length = new int[1];
        new SnapshotImage()
                .write(
                        snapshot.version(),
                        (source, offset, count) -> {
                            bytes.putBytes(length[0], source, offset, count);
                            length[0] += count;
                        });
        return new UnsafeBuffer(bytes, 0, length[0]);
    }

    // damage

    private void damage(DrivenFiles files) throws IOException {
        Path file = anyFile(files);
        boolean isNewest = file.equals(files.segmentFile(files.segments()));
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            ByteBuffer content = ByteBuffer.allocate((int) size);
            while (content.hasRemaining() && channel.read(content, content.position()) > 0) {}
            int used = usedBytes(content);
            boolean atTail = isNewest && hasTail() && chance.hits(0.7);
            long from = atTail ? files.durableBytes() : 0;
            int at = (int) chance.between(Math.min(from, used - 1L), used - 1L);
            if (chance.hits(0.5)) {
                flip(channel, content, at);
            } else {
                lose(channel, at - at % SECTOR_BYTES, size);
            }
            world.trace.mix(at);
        }
    }

    /** Something that was never forced, and may be a torn tail. */
    private boolean hasTail() {
        return disk.durable() != disk.noted();
    }

    private Path anyFile(DrivenFiles files) {
        List<SimDisk.Snapshot> snapshots = disk.snapshots();
        long kind = chance.between(0, 99);
        if (hasTail() && chance.hits(0.7)) {
            return files.segmentFile(files.segments());
        } else if (kind < 10) {
            return files.epochsFile();
        } else if (kind < 20) {
            return files.durableFile();
        }
        SimDisk.Snapshot any =
                chance.hits(0.7)
                        ? disk.newestSnapshot()
                        : snapshots.get(chance.below(snapshots.size()));
        if (kind < 50 && any.last().zxid != 0) {
            return files.snapshotFile(any.last().zxid);
        }
        long segments = files.segments();
        return files.segmentFile(chance.hits(0.7) ? segments : chance.between(1, segments));
    }

    private static int usedBytes(ByteBuffer content) {
        int used = content.capacity();
        while (used > 1 && content.get(used - 1) == 0) {
            used--;
        }
        return used;
    }

    private void flip(FileChannel channel, ByteBuffer content, int at) throws IOException {
        byte flipped = (byte) (content.get(at) ^ 1 << chance.below(Byte.SIZE));
        channel.write(ByteBuffer.wrap(new byte[] {flipped}), at);
    }

    private static void lose(FileChannel channel, int from, long size) throws IOException {
        int length = (int) Math.min(SECTOR_BYTES, size - from);
        channel.write(ByteBuffer.wrap(new byte[length]), from);
    }

    // after

    private @Nullable Outcome recover(DrivenFiles files) throws IOException {
        Found found = new Found();
        try {
            files.recover(found);
        } catch (CorruptLogException refused) {
            world.trace.say(() -> server + " does not start: " + refused.reason());
            return null;
        }
        return found.outcome();
    }

    private static void check(boolean holds, String rule, SimServer server, Object what) {
        if (!holds) {
            throw new Violation(rule, server + " with a damaged disk: " + what);
        }
    }

    /** What recovery hands out, held against what was on the disk. */
    private final class Found implements DrivenFiles.Recovered {
        private final ExpandableArrayBuffer image = new ExpandableArrayBuffer();
        private int imageBytes;
        private SimDisk.@Nullable Snapshot from;
        private @Nullable Logged end;

        @Override
        public void onSnapshot(long zxid, DirectBuffer content, int offset, int length) {
            from = snapshotOf(zxid);
            image.putBytes(imageBytes, content, offset, length);
            imageBytes += length;
        }

        private SimDisk.Snapshot snapshotOf(long zxid) {
            for (SimDisk.Snapshot snapshot : disk.snapshots()) {
                if (snapshot.last().zxid == zxid) {
                    return snapshot;
                }
            }
            throw new Violation("S21", server + " goes on from no snapshot of its own: " + zxid);
        }

        private SimDisk.Snapshot from() {
            SimDisk.Snapshot known = from;
            if (known == null) {
                known = snapshotOf(0);
                from = known;
            }
            return known;
        }

        @Override
        public void onTransaction(long zxid, DirectBuffer txn, int offset, int length) {
            Logged before = end == null ? from().last() : end;
            Logged entry = disk.durable().upTo(zxid);
            boolean isNext = entry.zxid == zxid && entry.previous == before;
            check(isNext, "S5", server, "recovers " + Words.hex(zxid) + " behind " + before);
            DirectBuffer recovered = new UnsafeBuffer(txn, offset, length);
            check(entry.txn.equals(recovered), "D10", server, "recovers another " + entry);
            end = entry;
        }

        @Override
        public void onEpochs(int accepted, int current) {
            boolean isSame = accepted == disk.accepted() && current == disk.current();
            check(isSame, "D2", server, "recovers epochs " + accepted + ", " + current);
        }

        Outcome outcome() {
            SimDisk.Snapshot base = from();
            if (base.last().zxid != 0) {
                DirectBuffer found = new UnsafeBuffer(image, 0, imageBytes);
                check(imageOf(base).equals(found), "S21", server, "loads another state");
            }
            Logged last = end == null ? base.last() : end;
            check(
                    last.index >= disk.noted().index,
                    "D10",
                    server,
                    "recovers up to " + last + ", had forced " + disk.noted());
            return new Outcome(last, base);
        }
    }
}
