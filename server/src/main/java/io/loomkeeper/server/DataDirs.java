package io.loomkeeper.server;

import io.loomkeeper.log.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The configured directories, made and looked at before a server starts. */
final class DataDirs {
    private DataDirs() {}

    static Path snapshots(Config.Storage storage) {
        return of(storage).snapshots();
    }

    /** Where the epochs lie. */
    static Path epochs(Config.Storage storage) {
        return of(storage).epochs();
    }

    /** Where a server that was not given another file keeps what session passwords need. */
    static Path sessionSecret(Config.Storage storage) {
        return of(storage).sessionSecret();
    }

    static Path log(Config.Storage storage) {
        return of(storage).log();
    }

    private static Directories of(Config.Storage storage) {
        return new Directories(storage.dataDir(), storage.dataLogDir());
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
        createOurs(of(storage).home());
        createOurs(of(storage).logHome());
        Files.createDirectories(snapshots(storage));
        Files.createDirectories(log(storage));
    }

    /**
     * One line where a server of Apache's has left a state beside which ours is empty: it is not
     * read, and whoever meant it to be would miss it.
     */
    static Optional<String> foreign(Config.Storage storage) {
        Path apaches = storage.dataDir().resolve("version-2");
        String[] names = apaches.toFile().list((_, name) -> name.startsWith("snapshot."));
        boolean isForeign =
                names != null && names.length > 0 && !Files.isDirectory(snapshots(storage));
        return isForeign
                ? Optional.of(
                        apaches
                                + " holds a state of Apache ZooKeeper's, which is not read: the server"
                                + " begins empty. To take it over: bin/loomkeeper import")
                : Optional.empty();
    }

    /** What clients store is for nobody else on this machine. One that is there stays as it is. */
    private static void createOurs(Path ours) throws IOException {
        if (Files.isDirectory(ours)) {
            return;
        }
        Files.createDirectories(ours);
        if (ours.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static void requireDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(
                    directory + " is missing, and zookeeper.datadir.autocreate is false");
        }
    }
}
