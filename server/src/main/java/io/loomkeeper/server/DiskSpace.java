package io.loomkeeper.server;

import io.loomkeeper.admin.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a minute how much room there is on the disks, on a thread of its own, and says when it
 * is little and when it is enough again: a full disk ends the server.
 */
final class DiskSpace implements PipelineAgent.Ticked, Metrics {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
    private static final long INTERVAL_MS = 60_000;

    /** A segment of the log and what grows meanwhile, and some time to act. */
    static final long LITTLE_BYTES = 1L << 30;

    private final Map<String, Path> directories = new LinkedHashMap<>();
    private final Map<String, Boolean> isLow = new ConcurrentHashMap<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final long littleBytes;
    private long dueMs = Long.MIN_VALUE;

    DiskSpace(Config.Storage storage, long littleBytes) {
        this.littleBytes = littleBytes;
        directories.put("dataDir", storage.dataDir());
        directories.put("dataLogDir", storage.dataLogDir());
    }

    @Override
    public void onTick(long nowMs, long wallMs) {
        if (nowMs >= dueMs && looking.compareAndSet(false, true)) {
            dueMs = nowMs + INTERVAL_MS;
            Thread.ofVirtual().name("disk-space").start(this::look);
        }
    }

    private void look() {
        try {
            directories.forEach(this::look);
        } finally {
            looking.set(false);
        }
    }

    /** Says when it has become little, and when it no longer is. */
    void look(String name, Path directory) {
        long free = freeBytes(directory);
        boolean low = free >= 0 && free < littleBytes;
        Boolean before = isLow.put(name, low);
        if (low && !Boolean.TRUE.equals(before)) {
            LOG.warn(
                    "disk space is low: {} MiB left for {} in {}; a full disk ends this server",
                    free >> 20,
                    name,
                    directory);
        } else if (!low && Boolean.TRUE.equals(before)) {
            LOG.info("disk space is enough again: {} MiB for {}", free >> 20, name);
        }
    }

    /** -1 when nobody can say. */
    private static long freeBytes(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            return -1;
        }
    }

    @Override
    public void collect(Sink sink) {
        directories.forEach(
                (name, directory) ->
                        sink.gauge(
                                "loomkeeper_disk_free_bytes",
                                List.of(new Label("directory", name)),
                                freeBytes(directory)));
    }
}
