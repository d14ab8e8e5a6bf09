package io.loomkeeper.server;

import io.loomkeeper.log.DurabilityListener;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries what the log's thread reports into the ring and the metrics. */
final class DurabilityReports implements DurabilityListener {
    private static final Logger LOG = LoggerFactory.getLogger(DurabilityReports.class);
    private static final long NS_PER_MS = 1_000_000;

    private final RequestRing ring;
    private final ServerMetrics metrics;
    private final StageTimes stages;
    private final Path logDir;
    private final long warningThresholdMs;
    private final BiConsumer<String, Throwable> fatal;

    DurabilityReports(
            RequestRing ring,
            ServerMetrics metrics,
            StageTimes stages,
            Config.Storage storage,
            BiConsumer<String, Throwable> fatal) {
        this.ring = ring;
        this.metrics = metrics;
        this.stages = stages;
        this.logDir = storage.dataLogDir();
        this.warningThresholdMs = storage.fsyncWarningThresholdMs();
        this.fatal = fatal;
    }

    @Override
    public void onDurable(long zxid) {
        ring.durable(zxid);
    }

    /** Takes the place of a report of the old history that nobody has read. */
    @Override
    public void onHistoryChanged(long zxid) {
        ring.durable(zxid);
    }

    /** Rule D9: the first storage error is the last thing that this process does. */
    @Override
    public void onFailure(Throwable cause) {
        fatal.accept("the transaction log in " + logDir, cause);
    }

    @Override
    public void onForced(long durationNs, int records, long bytes) {
        stages.onForce(durationNs);
        long tookMs = durationNs / NS_PER_MS;
        metrics.onFsync(tookMs, warningThresholdMs);
        if (tookMs > warningThresholdMs) {
            LOG.warn(
                    "fsync-ing the write ahead log took {}ms which will adversely affect operation latency."
                            + " {} records, {} bytes",
                    tookMs,
                    records,
                    bytes);
        }
    }
}
