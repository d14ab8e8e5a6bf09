package io.loomkeeper.log;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Deletes what no recovery can need any more: snapshots older than the newest few that are sound,
 * and the segments that end before the oldest of these. A snapshot counts only when it was read to
 * its end (K1, K2); as long as there are not enough of them, nothing is deleted. One thread.
 */
public final class Retention {
    private final SnapshotStore snapshots;
    private final TxnLog log;
    private final int keep;

    /**
     * @param keep how many sound snapshots stay, at least 1
     */
    public Retention(SnapshotStore snapshots, TxnLog log, int keep) {
        if (keep < 1) {
            throw new IllegalArgumentException("keep=" + keep);
        }
        this.snapshots = snapshots;
        this.log = log;
        this.keep = keep;
    }

    /**
     * Deletes snapshots, then segments, oldest first.
     *
     * @return how many files were deleted
     */
    public int purge() throws IOException {
        snapshots.lock().lock();
        try {
            return purgeLocked();
        } finally {
            snapshots.lock().unlock();
        }
    }

    private int purgeLocked() throws IOException {
        List<Long> zxids = snapshots.zxids();
        int sound = 0;
        for (int i = 0; i < zxids.size(); i++) {
            sound += snapshots.isSound(zxids.get(i)) ? 1 : 0;
            if (sound == keep) {
                long oldestKept = zxids.get(i);
                int deleted = snapshots.delete(zxids.subList(i + 1, zxids.size()).reversed());
                return deleted + log.dropBefore(oldestKept);
            }
        }
        return 0;
    }

    /** Deletes segment files by their numbers, oldest first, and the runs that are empty then. */
    static int deleteSegments(Path logDir, LongPredicate unneeded, Disk disk) throws IOException {
        int deleted = 0;
        for (SegmentFile file : SegmentFile.list(logDir)) {
            if (unneeded.test(file.number())) {
                Files.delete(file.path());
                deleted++;
            }
        }
        for (long run : SegmentFile.runs(logDir)) {
            Path directory = SegmentFile.runDirectory(logDir, run);
            if (SegmentFile.isEmptyRun(directory)) {
                deleteDirectory(directory);
                deleted++;
            }
        }
        if (deleted > 0) {
            disk.forceDirectory(logDir);
        }
        return deleted;
    }

    private static void deleteDirectory(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
