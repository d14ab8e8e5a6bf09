package io.loomkeeper.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long a state from outside may be: it is built beside the one that is served, and written
 * beside it, and neither a full heap nor a full disk is survived.
 *
 * @param directory of the snapshots
 */
record Room(Path directory) {
    /** What small nodes may take in memory for each byte that was sent, with what is garbage. */
    private static final int HEAP_FACTOR = 3;

    private static final int DISK_FACTOR = 2;

    /** For the log, meanwhile. */
    private static final long DISK_SPARE_BYTES = 64 << 20;

    /** In bytes, as of now; 0 or less: nothing fits. */
    long bytes() throws IOException {
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
        long disk = Files.getFileStore(directory).getUsableSpace() - DISK_SPARE_BYTES;
        return Math.min(heap / HEAP_FACTOR, disk / DISK_FACTOR);
    }
}
