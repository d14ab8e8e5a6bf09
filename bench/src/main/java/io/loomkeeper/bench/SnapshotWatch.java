package io.loomkeeper.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Looks every few milliseconds whether a server writes a snapshot: one is being written while a
 * file {@code snapshot.*} grows or has a temporary name. Knows nothing else of the server.
 */
final class SnapshotWatch implements AutoCloseable {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final String PREFIX = "snapshot.";
    private static final String TEMPORARY = ".tmp";

    private final Path data;
    private final long lingerNs;
    private final Set<String> begun = new HashSet<>();
    private final Thread thread;
    private Map<Path, Long> sizes = new HashMap<>();
    private long writingNs;
    private long lastSeenNs;
    private volatile boolean writing;
    private volatile boolean closed;

    /**
     * @param data the server's directory
     * @param lingerMs for so long after the last sign of a snapshot it counts as being written
     */
    SnapshotWatch(Path data, int lingerMs) throws IOException {
        this.data = data;
        this.lingerNs = TimeUnit.MILLISECONDS.toNanos(lingerMs);
        this.sizes = sizes();
        this.thread = Thread.ofPlatform().name("snapshots").daemon().start(this::run);
    }

    /** Whether one is being written, or was until just now. */
    boolean isWriting() {
        return writing;
    }

    /** How many were begun; after {@link #close}. */
    int count() {
        return begun.size();
    }

    /** For how long {@link #isWriting} was true, all in all; after {@link #close}. */
    double seconds() {
        return writingNs / 1e9;
    }

    private void run() {
        long beforeNs = System.nanoTime();
        while (!closed) {
            look(beforeNs);
            beforeNs = System.nanoTime();
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private void look(long beforeNs) {
        long now = System.nanoTime();
        try {
            Map<Path, Long> found = sizes();
            found.forEach(
                    (file, size) -> {
                        String name = file.getFileName().toString();
                        if (name.endsWith(TEMPORARY) || !size.equals(sizes.get(file))) {
                            lastSeenNs = now;
                            begun.add(name.replace(TEMPORARY, ""));
                        }
                    });
            sizes = found;
        } catch (IOException | UncheckedIOException _) {
            // a file went away between being listed and being looked at: look again
        }
        writing = !begun.isEmpty() && now - lastSeenNs < lingerNs;
        if (writing) {
            writingNs += now - beforeNs;
        }
    }

    private Map<Path, Long> sizes() throws IOException {
        Map<Path, Long> found = new HashMap<>();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.getFileName().toString().startsWith(PREFIX)) {
                    found.put(file, Files.size(file));
                }
            }
        }
        return found;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
