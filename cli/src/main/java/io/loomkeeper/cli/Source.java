package io.loomkeeper.cli;

import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.TreeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that hold a state, and perhaps the transactions that led there. Read, never written. */
sealed interface Source permits OwnFiles, ApacheFiles, SnapshotFile {
    /** Stands for the end, wherever that is. */
    long END = Long.MAX_VALUE;

    /**
     * What a tree read by these programs knows: digests, and TTL nodes by their owner, whatever the
     * server that wrote them was told.
     */
    TreeOptions OPTIONS = new TreeOptions(true, true, false);

    /** Receives transactions in their order. */
    @FunctionalInterface
    interface TxnVisitor {
        void onTxn(LoggedTxn txn) throws IOException;
    }

    /** Where they lie, for messages. */
    Path path();

    /**
     * The state right after {@code zxid}, or after the last transaction before it.
     *
     * @param zxid or {@link #END}
     * @throws IOException when the files do not hold it, or are damaged; says where
     */
    State state(long zxid) throws IOException;

    /** Visits the transactions after {@code from} up to and with {@code to}. */
    void transactions(long from, long to, TxnVisitor visitor) throws IOException;

    /**
     * What is at {@code path}: a data directory of either kind, a zoo.cfg that names one, a backup,
     * or a snapshot's file.
     *
     * @throws IOException when it is none of these
     */
    static Source at(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return SnapshotFile.isSnapshot(path) ? new SnapshotFile(path) : at(Home.of(path));
        }
        if (BackupDirectory.isBackup(path)) {
            return new BackupDirectory(path).newest();
        }
        return at(Home.of(path));
    }

    private static Source at(Home home) throws IOException {
        if (home.isOurs()) {
            return new OwnFiles(home.directories());
        }
        if (ApacheFiles.isThere(home)) {
            return new ApacheFiles(home);
        }
        throw new IOException(
                home.dataDir() + " holds no data: neither loomkeeper/ nor Apache's version-2/");
    }
}
