package io.loomkeeper.jmh;

import io.loomkeeper.log.DurabilityListener;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.TxnLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One transaction appended to the log, while the log's thread writes and forces what was appended
 * before. When that is behind by the whole ring between them, appending waits for it: in the long
 * run this is the time that the disk takes for a transaction among many.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class TxnLogBenchmark {
    private static final long FULL_NS = TimeUnit.MICROSECONDS.toNanos(20);

    /** Bytes of the serialised transaction. */
    @Param({"200", "1124"})
    public int txnBytes;

    /** Whether batches are forced to the disk, as {@code forceSync} of zoo.cfg says. */
    @Param({"true", "false"})
    public boolean forceSync;

    /** Where the log lies; empty: the system's folder for such. */
    @Param("")
    public String directory = "";

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private DirectBuffer txn;
    private Path logDir;
    private TxnLog log;
    private long zxid;

    @Setup(Level.Trial)
    public void open() throws IOException {
        LogManager.getLogManager().reset();
        txn = new UnsafeBuffer(new byte[txnBytes]);
        logDir =
                directory.isEmpty()
                        ? Files.createTempDirectory("log")
                        : Files.createTempDirectory(
                                Files.createDirectories(Path.of(directory)), "log");
        log = TxnLog.open(logDir, LogOptions.defaults().withForceSync(forceSync));
        log.start(
                new DurabilityListener() {
                    @Override
                    public void onDurable(long durable) {}

                    @Override
                    public void onFailure(Throwable cause) {
                        failure.set(cause);
                    }
                });
    }

    @Benchmark
    public long append() {
        zxid++;
        while (!log.append(zxid, txn, 0, txnBytes)) {
            if (failure.get() != null) {
                throw new IllegalStateException("the log has failed", failure.get());
            }
            LockSupport.parkNanos(FULL_NS);
        }
        return zxid;
    }

    /** Closes the log and removes it. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        log.close();
        try (Stream<Path> paths = Files.walk(logDir)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
