package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of this server: files {@code snapshot.<zxid in hexadecimal>} in one directory. A
 * file under that name was complete and durable when it got the name. One snapshot is written at a
 * time, and beside it one that is received: {@code received.<zxid>}, until the log begins behind
 * it.
 */
public final class SnapshotStore {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);

    private final Path directory;
    private final Disk disk;
    private final Set<Long> sound = ConcurrentHashMap.newKeySet();

    /** Held by whoever changes which snapshots there are. */
    private final ReentrantLock lock = new ReentrantLock();

    /** Made for the first snapshot, used for all. */
    private @Nullable ByteBuffer frame;

    private @Nullable SnapshotWriter newest;

    private SnapshotStore(Path directory, Disk disk) {
        this.directory = directory;
        this.disk = disk;
    }

    /**
     * Opens the store in {@code directory}, which exists, and removes what a crash left half
     * written.
     */
    public static SnapshotStore open(Path directory) throws IOException {
        return open(directory, new SystemDisk());
    }

    static SnapshotStore open(Path directory, Disk disk) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (SnapshotLayout.isTemporary(entry)) {
                    Files.delete(entry);
                }
            }
        }
        return new SnapshotStore(directory, disk);
    }

    /** A store that nobody writes through this: what a crash left half written stays as it is. */
    static SnapshotStore openToRead(Path directory) {
        return new SnapshotStore(directory, new SystemDisk());
    }

    /** Begins a snapshot of this server's own state at exactly {@code zxid}. */
    public SnapshotWriter begin(long zxid) throws IOException {
        ByteBuffer buffer = frame;
        if (buffer == null) {
            buffer = newFrame();
            frame = buffer;
        }
        SnapshotWriter writer =
                new SnapshotWriter(this, SnapshotLayout.file(directory, zxid), zxid, buffer);
        lock.lock();
        try {
            newest = writer;
        } finally {
            lock.unlock();
        }
        return writer;
    }

    /**
     * Begins the copy of a snapshot that comes from elsewhere. Committed, it is complete and
     * durable, and counts for nothing until {@link TxnLog#install} puts it in the place of what is
     * there. Beside {@link #begin}, on any thread; one at a time.
     */
    public SnapshotWriter beginReceived(long zxid) throws IOException {
        Path file = SnapshotLayout.receivedFile(directory, zxid);
        return new SnapshotWriter(this, file, zxid, newFrame());
    }

    private static ByteBuffer newFrame() {
        return ByteBuffer.allocateDirect(
                SnapshotLayout.FRAME_HEADER_BYTES + SnapshotLayout.FRAME_BYTES_MAX);
    }

    /** The zxids of all snapshots that count, newest first, by their names alone. */
    public List<Long> zxids() throws IOException {
        List<Long> zxids = zxids(SnapshotLayout::zxid);
        zxids.sort((a, b) -> Long.compareUnsigned(b, a));
        return zxids;
    }

    /** When that snapshot was completed, in ms since 1970; empty when it is gone. */
    public OptionalLong writtenMs(long zxid) throws IOException {
        try {
            Path file = SnapshotLayout.file(directory, zxid);
            return OptionalLong.of(Files.getLastModifiedTime(file).toMillis());
        } catch (NoSuchFileException _) {
            return OptionalLong.empty();
        }
    }

    private List<Long> zxids(Function<Path, OptionalLong> inName) throws IOException {
        List<Long> zxids = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                inName.apply(entry).ifPresent(zxids::add);
            }
        }
        return zxids;
    }

    /**
     * Reads a snapshot from its first byte to its last.
     *
     * @throws CorruptLogException with the offset, when it is damaged
     */
    public void verify(long zxid) throws IOException {
        try (SnapshotReader reader = read(zxid)) {
            reader.readAll((_, _, _) -> {});
        }
    }

    /**
     * Opens a snapshot; {@link #verify} it first when what is loaded cannot be thrown away again.
     */
    public SnapshotReader read(long zxid) throws IOException {
        return new SnapshotReader(SnapshotLayout.file(directory, zxid), zxid);
    }

    /** Whether a snapshot is sound; reads it once, and remembers. */
    boolean isSound(long zxid) throws IOException {
        if (sound.contains(zxid)) {
            return true;
        }
        try {
            verify(zxid);
            return sound.add(zxid);
        } catch (CorruptLogException e) {
            return false;
        }
    }

    Path directory() {
        return directory;
    }

    Disk disk() {
        return disk;
    }

    WholeFile files() {
        return new WholeFile(directory, disk);
    }

    ReentrantLock lock() {
        return lock;
    }

    /** Whether a received snapshot of {@code zxid} is complete and sound; reads it. */
    boolean isReceived(long zxid) throws IOException {
        Path file = SnapshotLayout.receivedFile(directory, zxid);
        if (!Files.exists(file)) {
            return false;
        }
        try (SnapshotReader reader = new SnapshotReader(file, zxid)) {
            reader.readAll((_, _, _) -> {});
            return true;
        } catch (CorruptLogException e) {
            LOG.warn("a received snapshot is damaged: {}", e.getMessage());
            return false;
        }
    }

    /**
     * Finishes what a crash has interrupted: a received snapshot behind which the log begins
     * counts, any other goes.
     *
     * @param origin of the log; 0 for none
     * @throws CorruptLogException when the received snapshot is damaged and there is no other
     */
    void settleReceived(long origin) throws IOException {
        List<Long> received = zxids(SnapshotLayout::receivedZxid);
        if (received.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            if (origin != 0 && received.contains(origin)) {
                settleOrigin(origin);
            }
            for (long zxid : zxids(SnapshotLayout::receivedZxid)) {
                Files.delete(SnapshotLayout.receivedFile(directory, zxid));
            }
        } finally {
            lock.unlock();
        }
    }

    private void settleOrigin(long origin) throws IOException {
        if (isReceived(origin)) {
            adoptReceived(origin);
        } else if (!Files.exists(SnapshotLayout.file(directory, origin))) {
            throw new CorruptLogException(
                    SnapshotLayout.receivedFile(directory, origin),
                    0,
                    "damaged, and the log begins behind it");
        }
    }

    /**
     * The received snapshot of {@code zxid} counts, and no newer one does; durable when this
     * returns, and after a crash before that {@link #settleReceived} does it again.
     */
    void adoptReceived(long zxid) throws IOException {
        deleteAfter(zxid);
        sound.remove(zxid);
        files().put(
                        SnapshotLayout.receivedFile(directory, zxid),
                        SnapshotLayout.file(directory, zxid));
    }

    /**
     * Deletes the snapshots that are newer than {@code zxid}, newest first, durably; one that is
     * being written will not be.
     */
    void deleteAfter(long zxid) throws IOException {
        if (newest != null && Long.compareUnsigned(newest.zxid(), zxid) > 0) {
            newest.supersede();
        }
        delete(zxids().stream().filter(newer -> Long.compareUnsigned(newer, zxid) > 0).toList());
    }

    /** Deletes snapshots in the given order, durably. */
    int delete(List<Long> zxids) throws IOException {
        for (long zxid : zxids) {
            Files.delete(SnapshotLayout.file(directory, zxid));
            sound.remove(zxid);
        }
        if (!zxids.isEmpty()) {
            disk.forceDirectory(directory);
        }
        return zxids.size();
    }
}
