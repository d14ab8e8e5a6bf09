package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of this server: files {@code snapshot.<zxid in hexadecimal>} in one directory. A
 * file under that name was complete and durable when it got the name. One snapshot is written at a
 * time.
 */
public final class SnapshotStore {
    private final Path directory;
    private final Disk disk;
    private final Set<Long> sound = ConcurrentHashMap.newKeySet();

    /** Made for the first snapshot, used for all. */
    private @Nullable ByteBuffer frame;

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

    /** Begins a snapshot of the state at exactly {@code zxid}. */
    public SnapshotWriter begin(long zxid) throws IOException {
        ByteBuffer buffer = frame;
        if (buffer == null) {
            buffer = newFrame();
            frame = buffer;
        }
        return new SnapshotWriter(directory, zxid, buffer, disk);
    }

    private static ByteBuffer newFrame() {
        return ByteBuffer.allocateDirect(
                SnapshotLayout.FRAME_HEADER_BYTES + SnapshotLayout.FRAME_BYTES_MAX);
    }

    /** The zxids of all snapshots, newest first, by their names alone. */
    public List<Long> zxids() throws IOException {
        List<Long> zxids = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                OptionalLong zxid = SnapshotLayout.zxid(entry);
                if (zxid.isPresent()) {
                    zxids.add(zxid.getAsLong());
                }
            }
        }
        zxids.sort((a, b) -> Long.compareUnsigned(b, a));
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
        return new SnapshotReader(SnapshotLayout.file(directory, zxid));
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

    /** Deletes the snapshots that are newer than {@code zxid}, newest first, durably. */
    void deleteAfter(long zxid) throws IOException {
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
