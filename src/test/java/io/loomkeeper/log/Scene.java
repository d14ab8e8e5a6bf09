package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One log in a directory, its transactions made up from their zxids so that each can be checked.
 */
final class Scene {
    static final LogOptions SMALL =
            new LogOptions(1 << 12, 1 << 20, 1 << 16, 1 << 16, true, 1_000_000);

    final Path dir;
    final LogOptions options;
    Disk disk = new SystemDisk();
    Acks acks = new Acks();

    Scene(Path dir) {
        this(dir, SMALL);
    }

    Scene(Path dir, LogOptions options) {
        this.dir = dir;
        this.options = options;
    }

    static byte[] payload(long zxid) {
        byte[] bytes = new byte[(int) (zxid * 7 % 61)];
        new Random(zxid).nextBytes(bytes);
        return bytes;
    }

    TxnLog open() throws IOException {
        return TxnLog.open(dir, options, disk);
    }

    TxnLog started() throws IOException {
        TxnLog log = open();
        acks = new Acks();
        log.start(acks);
        return log;
    }

    /** Appends all zxids of the range and waits until they are durable. */
    void append(TxnLog log, long first, long last) {
        for (long zxid = first; zxid <= last; zxid++) {
            appendOne(log, zxid);
        }
        acks.awaitDurable(last);
    }

    /** Appends one, and waits for room in the ring if there is none. */
    void appendOne(TxnLog log, long zxid) {
        UnsafeBuffer buffer = new UnsafeBuffer(payload(zxid));
        long deadlineNs = System.nanoTime() + 30_000_000_000L;
        while (!log.append(zxid, buffer, 0, buffer.capacity())) {
            assertEquals(List.of(), acks.failures());
            assertTrue(System.nanoTime() < deadlineNs, "no room for 30 s");
            Thread.onSpinWait();
        }
        log.flush();
    }

    /** What a start would recover after {@code afterZxid}; each payload is checked. */
    List<Long> recovered(long afterZxid) throws IOException {
        try (TxnLog log = open()) {
            return recovered(log, afterZxid);
        }
    }

    static List<Long> recovered(TxnLog log, long afterZxid) throws IOException {
        List<Long> zxids = new ArrayList<>();
        log.replay(
                afterZxid,
                (zxid, txn, offset, length) -> {
                    byte[] bytes = new byte[length];
                    txn.getBytes(offset, bytes);
                    assertArrayEquals(payload(zxid), bytes, "zxid " + zxid);
                    zxids.add(zxid);
                });
        return zxids;
    }

    /** Waits for the end of it; an IOException when the log fails meanwhile. */
    boolean truncate(TxnLog log, long zxid, SnapshotStore snapshots) throws IOException {
        Done done = new Done();
        log.truncate(zxid, snapshots, done);
        return done.await(this);
    }

    /** As {@link #truncate}. */
    boolean install(TxnLog log, long zxid, SnapshotStore snapshots) throws IOException {
        Done done = new Done();
        log.install(zxid, snapshots, done);
        return done.await(this);
    }

    /** The end of a change of the history. */
    private static final class Done implements Completion {
        private volatile @Nullable Boolean outcome;

        @Override
        public void onDone(boolean done) {
            assertNull(outcome, "told twice");
            outcome = done;
        }

        boolean await(Scene scene) throws IOException {
            long deadlineNs = System.nanoTime() + 30_000_000_000L;
            while (outcome == null) {
                if (!scene.acks.failures().isEmpty()) {
                    throw new IOException(scene.acks.failures().getFirst());
                }
                assertTrue(System.nanoTime() < deadlineNs, "no end of it for 30 s");
                Thread.onSpinWait();
            }
            return outcome;
        }
    }

    static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    /** The path of the segment file with the highest number. */
    Path newestSegment() throws IOException {
        return SegmentFile.list(dir).getLast().path();
    }
}
