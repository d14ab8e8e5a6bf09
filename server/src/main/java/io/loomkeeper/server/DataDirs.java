package io.loomkeeper.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where under the configured directories things lie: beside Apache's {@code version-2}, never in
 * it.
 */
final class DataDirs {
    private static final String OURS = "loomkeeper";

    private DataDirs() {}

    static Path snapshots(Config.Storage storage) {
        return storage.dataDir().resolve(OURS).resolve("snapshots");
    }

    /** Where the epochs lie. */
    static Path epochs(Config.Storage storage) {
        return storage.dataDir().resolve(OURS);
    }

    static Path log(Config.Storage storage) {
        return storage.dataLogDir().resolve(OURS).resolve("log");
    }

    /**
     * Makes them, or with {@code datadir.autocreate} off only what is ours in directories that
     * exist.
     */
    static void create(Config.Storage storage) throws IOException {
        if (!storage.autocreate()) {
            requireDirectory(storage.dataDir());
            requireDirectory(storage.dataLogDir());
        }
        Files.createDirectories(snapshots(storage));
        Files.createDirectories(log(storage));
    }

    private static void requireDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(
                    directory + " is missing, and zookeeper.datadir.autocreate is false");
        }
    }
}
