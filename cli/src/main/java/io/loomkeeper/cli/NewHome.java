package io.loomkeeper.cli;

import io.loomkeeper.log.Directories;
import io.loomkeeper.log.DurabilityListener;
import io.loomkeeper.log.EpochFile;
import io.loomkeeper.log.Inspection.Epochs;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.SnapshotWriter;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A data directory in the making, that a server starts on: a snapshot, and a log that begins behind
 * it. It is made under another name and gets its own when all of it is on disk; interrupted before,
 * it is not there, and the next attempt begins anew.
 */
final class NewHome {
    private static final String TEMPORARY = "loomkeeper.new";

    private final Home target;

    /** Writes the image of a state. */
    @FunctionalInterface
    interface Image {
        void writeTo(SnapshotWriter writer) throws IOException;
    }

    NewHome(Home target) {
        this.target = target;
    }

    /**
     * Makes it hold {@code version} and nothing older.
     *
     * @throws IOException when a server's data is there already, or the disk fails
     */
    void write(TreeVersion version, Epochs epochs, Progress progress) throws IOException {
        write(
                version.zxid(),
                writer -> {
                    new SnapshotImage()
                            .write(
                                    version,
                                    (source, offset, length) -> {
                                        try {
                                            writer.write(source, offset, length);
                                        } catch (IOException e) {
                                            throw new UncheckedIOException(e);
                                        }
                                        progress.advance(length);
                                    });
                },
                epochs);
    }

    /** As {@link #write(TreeVersion, Epochs, Progress)}, with an image that is there already. */
    void write(long zxid, Image image, Epochs epochs) throws IOException {
        refuseWhatIsThere();
        Path home = target.dataDir().resolve(TEMPORARY);
        Path logHome = target.dataLogDir().resolve(TEMPORARY);
        Durably.deleteLeftover(home);
        Durably.deleteLeftover(logHome);
        Directories made = new Temporary(home, logHome).directories();
        Files.createDirectories(made.snapshots());
        Files.createDirectories(made.log());
        writeState(made, zxid, image);
        EpochFile file = EpochFile.open(made.epochs(), true);
        file.accept(epochs.accepted());
        file.establish(epochs.current());
        publish(made);
        Durably.deleteLeftover(home);
        Durably.deleteLeftover(logHome);
    }

    /** The same layout, one level down. */
    private record Temporary(Path home, Path logHome) {
        Directories directories() {
            return new Directories(home, logHome);
        }
    }

    void refuseWhatIsThere() throws IOException {
        Directories directories = target.directories();
        for (Path there : new Path[] {directories.home(), directories.logHome()}) {
            if (Files.exists(there)) {
                throw new IOException(
                        there + " is there already: move it away, nothing is written over");
            }
        }
    }

    private static void writeState(Directories made, long zxid, Image image) throws IOException {
        SnapshotStore snapshots = SnapshotStore.open(made.snapshots());
        try (SnapshotWriter writer = snapshots.beginReceived(zxid)) {
            image.writeTo(writer);
            writer.commit();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        CompletableFuture<Boolean> installed = new CompletableFuture<>();
        try (TxnLog log = TxnLog.open(made.log(), LogOptions.defaults())) {
            log.start(failing(installed));
            log.install(zxid, snapshots, installed::complete);
            if (!installed.join()) {
                throw new IOException("the state could not be put in the place of the history");
            }
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static DurabilityListener failing(CompletableFuture<?> waiting) {
        return new DurabilityListener() {
            @Override
            public void onDurable(long zxid) {}

            @Override
            public void onFailure(Throwable cause) {
                waiting.completeExceptionally(cause);
            }
        };
    }

    /**
     * The log first: should the process end between the two, a server refuses to start on a log
     * without its snapshot, and does not begin empty.
     */
    private void publish(Directories made) throws IOException {
        Directories directories = target.directories();
        if (!target.isOneDirectory()) {
            Durably.rename(made.logHome(), directories.logHome());
        }
        Durably.rename(made.home(), directories.home());
    }
}
