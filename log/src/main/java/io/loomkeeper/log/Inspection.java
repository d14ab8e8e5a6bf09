package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A server's files, read and never written: beside the running server, after its end, or in a copy
 * that cannot be written to. Any thread.
 */
public final class Inspection {
    private static final int REST_BYTES = 1 << 16;

    private final Directories directories;
    private final SnapshotStore snapshots;

    /**
     * Both epochs of a server (rule D2).
     *
     * @param accepted the newest that it promised to follow
     * @param current the newest whose leader it followed
     */
    public record Epochs(int accepted, int current) {}

    public Inspection(Directories directories) {
        this.directories = directories;
        this.snapshots = SnapshotStore.openToRead(directories.snapshots());
    }

    /** Whether a server has ever been there. */
    public boolean isThere() {
        return Files.isDirectory(directories.snapshots()) || Files.isDirectory(directories.log());
    }

    /**
     * The history up to what is known to be on disk; it holds while a running server goes on.
     *
     * @return empty when the log was never begun
     * @throws CorruptLogException when what is there is not a history that can be trusted
     */
    public Optional<History> history() throws IOException {
        try (DurableExtent extent = DurableExtent.openToRead(directories.log())) {
            return extent == null
                    ? Optional.empty()
                    : Optional.of(History.upTo(directories.log(), extent.logId(), extent.place()));
        }
    }

    /**
     * The history as the next start of a server would find it, what lies behind the durable extent
     * included. No server runs on it.
     *
     * @return empty when the log was never begun
     * @throws CorruptLogException when the server would refuse to start
     */
    public Optional<History> wholeHistory() throws IOException {
        try (DurableExtent extent = DurableExtent.openToRead(directories.log())) {
            return extent == null
                    ? Optional.empty()
                    : Optional.of(new History(directories.log(), extent));
        }
    }

    /** The zxids of all snapshots that count, newest first, by their names alone. */
    public List<Long> snapshots() throws IOException {
        return Files.isDirectory(directories.snapshots()) ? snapshots.zxids() : List.of();
    }

    /**
     * Reads a snapshot from its first byte to its last.
     *
     * @throws CorruptLogException with the offset, when it is damaged
     */
    public void verifySnapshot(long zxid) throws IOException {
        snapshots.verify(zxid);
    }

    /** Opens a snapshot; what it hands out is checked on the way. */
    public SnapshotReader snapshot(long zxid) throws IOException {
        return snapshots.read(zxid);
    }

    /**
     * Opens a snapshot of ours that lies anywhere under its own name.
     *
     * @throws IOException when its name is none, or it does not begin as what it says
     */
    public static SnapshotReader snapshotFile(Path file) throws IOException {
        OptionalLong zxid = SnapshotLayout.zxid(file);
        if (zxid.isEmpty()) {
            throw new IOException(file + " is not called snapshot.<zxid>");
        }
        return new SnapshotReader(file, zxid.getAsLong());
    }

    /**
     * The epochs.
     *
     * @return empty when there is no such file
     * @throws CorruptLogException when it is damaged
     */
    public Optional<Epochs> epochs() throws IOException {
        if (!EpochFile.isIn(directories.epochs())) {
            return Optional.empty();
        }
        EpochFile file = EpochFile.open(directories.epochs(), false);
        return Optional.of(new Epochs(file.accepted(), file.current()));
    }

    /** The files of all segments, whether they are part of the history or not, oldest first. */
    public List<Path> segments() throws IOException {
        return Files.isDirectory(directories.log())
                ? SegmentFile.list(directories.log()).stream().map(SegmentFile::path).toList()
                : List.of();
    }

    /** Reads one of {@link #segments} from its first byte to its last. */
    public SegmentContent read(Path segment) throws IOException {
        SegmentFile file =
                SegmentFile.list(directories.log()).stream()
                        .filter(each -> each.path().equals(segment))
                        .findFirst()
                        .orElseThrow(() -> new IOException(segment + " is gone"));
        long first = 0;
        long last = 0;
        long transactions = 0;
        try (SegmentReader reader = new SegmentReader(segment)) {
            while (reader.next()) {
                if (reader.kind() != RecordLayout.SEGMENT) {
                    first = transactions == 0 ? reader.zxid() : first;
                    last = reader.zxid();
                    transactions++;
                }
            }
            boolean isEnded = reader.stopReason().equals(SegmentReader.END_OF_SEGMENT);
            long rest = reader.position() + (isEnded ? Integer.BYTES : 0);
            return new SegmentContent(
                    file.number(),
                    segment,
                    Files.size(segment),
                    reader.position(),
                    transactions,
                    first,
                    last,
                    reader.stopReason(),
                    isZero(segment, rest));
        }
    }

    private static boolean isZero(Path path, long from) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(REST_BYTES);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long at = from;
            for (int n = channel.read(bytes, at); n > 0; n = channel.read(bytes.clear(), at)) {
                at += n;
                bytes.flip();
                while (bytes.hasRemaining()) {
                    if (bytes.get() != 0) {
                        return false;
                    }
                }
            }
        }
        return true;
    }
}
