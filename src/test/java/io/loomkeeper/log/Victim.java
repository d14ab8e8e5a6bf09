package io.loomkeeper.log;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A process that recovers a log and then appends, snapshots and purges until it is killed. Prints
 * each zxid that became durable on a line of its own, at the moment it would be acknowledged.
 */
final class Victim {
    private static final int SNAPSHOT_EVERY = 3000;
    private static final int IN_FLIGHT_MAX = 64;

    private final SnapshotStore snapshots;
    private final TxnLog log;
    private final PrintStream out =
            new PrintStream(new BufferedOutputStream(System.out), false, StandardCharsets.US_ASCII);
    private final Thread appender = Thread.currentThread();
    private volatile long durable;

    private Victim(Path dir) throws IOException {
        snapshots = SnapshotStore.open(snapshotDir(dir));
        log = TxnLog.open(logDir(dir), options());
    }

    static LogOptions options() {
        return new LogOptions(1 << 14, 1 << 20, 1 << 20, 1 << 17, true, 1_000_000);
    }

    static Path logDir(Path dir) {
        return dir.resolve("log");
    }

    static Path snapshotDir(Path dir) {
        return dir.resolve("snapshots");
    }

    public static void main(String[] args) throws IOException {
        Path dir = Path.of(args[0]);
        try (DataDirLock _ = DataDirLock.acquire(dir)) {
            new Victim(dir).run();
        }
    }

    private void run() throws IOException {
        try (SnapshotReader snapshot = Recovery.snapshot(snapshots, log).orElse(null)) {
            log.replay(snapshot == null ? 0 : snapshot.zxid(), (_, _, _, _) -> {});
        }
        durable = log.lastAppended();
        log.start(new Printer());
        Retention retention = new Retention(snapshots, log, 2);
        Random random = new Random();
        while (true) {
            long zxid = log.lastAppended() + 1;
            append(zxid);
            if (zxid % SNAPSHOT_EVERY == 0) {
                awaitDurable(zxid);
                log.rollSegment();
                snapshot(zxid);
                retention.purge();
            } else if (random.nextInt(16) == 0) {
                awaitDurable(zxid - random.nextInt(IN_FLIGHT_MAX));
            }
        }
    }

    private void append(long zxid) {
        byte[] txn = Scene.payload(zxid);
        awaitDurable(zxid - IN_FLIGHT_MAX);
        while (!log.append(zxid, new UnsafeBuffer(txn), 0, txn.length)) {
            Thread.onSpinWait();
        }
        log.flush(zxid % 2 == 1);
    }

    private void awaitDurable(long zxid) {
        while (durable < zxid) {
            LockSupport.parkNanos(this, 1_000_000);
        }
    }

    private void snapshot(long zxid) throws IOException {
        try (SnapshotWriter writer = snapshots.begin(zxid)) {
            byte[] image = Scene.payload(zxid);
            writer.write(new UnsafeBuffer(image), 0, image.length);
            writer.commit();
        }
    }

    /** Acknowledges on standard output. */
    private final class Printer implements DurabilityListener {
        @Override
        public void onDurable(long zxid) {
            out.println(zxid);
            out.flush();
            durable = zxid;
            LockSupport.unpark(appender);
        }

        @Override
        public void onFailure(Throwable cause) {
            Runtime.getRuntime().halt(3);
        }
    }

    /** The zxid of the snapshot that a start takes, or 0. */
    static long snapshotZxid(Optional<SnapshotReader> snapshot) throws IOException {
        if (snapshot.isEmpty()) {
            return 0;
        }
        try (SnapshotReader reader = snapshot.get()) {
            return reader.zxid();
        }
    }
}
