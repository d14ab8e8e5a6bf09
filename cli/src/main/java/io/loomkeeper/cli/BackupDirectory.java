package io.loomkeeper.cli;

import io.loomkeeper.log.DataDirLock;
import io.loomkeeper.log.DurabilityListener;
import io.loomkeeper.log.History;
import io.loomkeeper.log.Inspection;
import io.loomkeeper.log.Inspection.Epochs;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.SnapshotReader;
import io.loomkeeper.log.TxnLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Backups of one server: data directories, {@code from-<zxid>}, each of which begins with a
 * snapshot and grows with every backup by what the server has on disk since. A new one begins where
 * the server's log no longer reaches back to the last, or is of another history. What holds for a
 * data directory holds for each: it can be verified, looked at, and a server starts on it.
 */
final class BackupDirectory {
    private static final Pattern NAME = Pattern.compile("from-[0-9a-f]{16}");
    private static final long POLL_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final int ATTEMPTS = 3;

    private final Path path;

    /**
     * What a backup did.
     *
     * @param from the state that was there before, or with which it begins
     * @param to what it holds now
     * @param isNew whether a directory was begun
     */
    record Done(Path directory, long from, long to, long transactions, boolean isNew) {}

    BackupDirectory(Path path) {
        this.path = path;
    }

    static boolean isBackup(Path path) throws IOException {
        return !new BackupDirectory(path).directories().isEmpty();
    }

    /** Oldest first. */
    private List<Path> directories() throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(e -> NAME.matcher(e.getFileName().toString()).matches())
                    .filter(e -> Home.of(e, null).isOurs())
                    .sorted()
                    .toList();
        }
    }

    /** Newest first; never empty. */
    List<OwnFiles> contents() throws IOException {
        List<OwnFiles> contents = new ArrayList<>();
        for (Path directory : directories().reversed()) {
            contents.add(new OwnFiles(Home.of(directory, null).directories()));
        }
        if (contents.isEmpty()) {
            throw new IOException(path + " holds no backup");
        }
        return contents;
    }

    OwnFiles newest() throws IOException {
        return contents().getFirst();
    }

    /**
     * Takes what {@code server}, running or not, has on disk and this has not.
     *
     * @throws IOException when it cannot be read, or written; what was backed up before is whole
     */
    Done update(OwnFiles server, Progress progress) throws IOException {
        Files.createDirectories(path);
        for (int attempt = 1; ; attempt++) {
            try {
                return tryUpdate(server, progress);
            } catch (NoSuchFileException e) {
                // the running server's retention was quicker; what it keeps is enough
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Done tryUpdate(OwnFiles server, Progress progress) throws IOException {
        History history = history(server);
        List<Path> before = directories();
        if (!before.isEmpty()) {
            Done done = goOn(before.getLast(), history, progress);
            if (done != null) {
                return done;
            }
        }
        Done done = begin(server, history, progress);
        Durably.copyIfMissing(
                server.directories().sessionSecret(),
                Home.of(done.directory(), null).directories().sessionSecret());
        return done;
    }

    private static History history(OwnFiles server) throws IOException {
        return server.files()
                .history()
                .orElseThrow(() -> new IOException(server.path() + " has no log of Loomkeeper's"));
    }

    private @Nullable Done goOn(Path directory, History history, Progress progress)
            throws IOException {
        OwnFiles backup = new OwnFiles(Home.of(directory, null).directories());
        long last = wholeHistory(backup).last();
        if (!isSameHistory(wholeHistory(backup), history, last)) {
            return null;
        }
        return new Done(
                directory, last, history.last(), append(backup, history, last, progress), false);
    }

    private static History wholeHistory(OwnFiles backup) throws IOException {
        return backup.files()
                .wholeHistory()
                .orElseThrow(() -> new IOException(backup.path() + " has no log"));
    }

    /**
     * The same last transaction, with its time and session, is the same history: nobody proposes
     * two with the same bytes. At the beginning of either there is none to compare.
     */
    private static boolean isSameHistory(History backup, History server, long last)
            throws IOException {
        if (last < server.first() || server.floor(last).orElse(-1) != last) {
            return false;
        }
        byte[] ours = recordAt(backup, last);
        byte[] theirs = recordAt(server, last);
        return ours == null || theirs == null || Arrays.equals(ours, theirs);
    }

    private static byte @Nullable [] recordAt(History history, long zxid) throws IOException {
        if (zxid <= history.first()) {
            return null;
        }
        byte[][] found = new byte[1][];
        history.read(
                zxid - 1,
                zxid,
                (_, txn, offset, length) -> {
                    found[0] = new byte[length];
                    txn.getBytes(offset, found[0]);
                });
        return found[0];
    }

    private Done begin(OwnFiles server, History history, Progress progress) throws IOException {
        long base = base(server, history);
        Path directory = path.resolve("from-%016x".formatted(base));
        if (Home.of(directory, null).isOurs()) {
            directory = path.resolve("from-%016x".formatted(history.last()));
            base = history.last();
        }
        Home home = Home.of(directory, null);
        new NewHome(home).refuseWhatIsThere();
        Files.createDirectories(directory);
        Inspection files = server.files();
        Epochs epochs = files.epochs().orElse(new Epochs(Zxid.epoch(base), Zxid.epoch(base)));
        if (files.snapshots().contains(base)) {
            copySnapshot(files, base, home, epochs, progress);
        } else {
            new NewHome(home).write(server.state(base).version(), epochs, progress);
        }
        Durably.force(path);
        OwnFiles backup = new OwnFiles(home.directories());
        long count = append(backup, history, base, progress);
        return new Done(directory, base, history.last(), count, true);
    }

    /** The newest snapshot that is sound and of this history, or the beginning of all. */
    private static long base(OwnFiles server, History history) throws IOException {
        for (long zxid : server.files().snapshots()) {
            if (zxid >= history.first()
                    && zxid <= history.last()
                    && history.floor(zxid).orElse(-1) == zxid) {
                server.files().verifySnapshot(zxid);
                return zxid;
            }
        }
        return history.first() == 0 ? 0 : history.last();
    }

    private static void copySnapshot(
            Inspection files, long zxid, Home home, Epochs epochs, Progress progress)
            throws IOException {
        try (SnapshotReader reader = files.snapshot(zxid)) {
            new NewHome(home)
                    .write(
                            zxid,
                            writer ->
                                    reader.readAll(
                                            (piece, offset, length) -> {
                                                try {
                                                    writer.write(piece, offset, length);
                                                } catch (IOException e) {
                                                    throw new UncheckedIOException(e);
                                                }
                                                progress.advance(length);
                                            }),
                            epochs);
        }
    }

    /** Appends what comes after {@code last}; all of it is on disk when this returns. */
    private static long append(OwnFiles backup, History history, long last, Progress progress)
            throws IOException {
        if (history.last() == last) {
            return 0;
        }
        Home home = Home.of(backup.path(), null);
        Appending appending = new Appending(progress);
        try (DataDirLock lock = DataDirLock.acquire(home.directories().snapshots());
                TxnLog log = TxnLog.open(home.directories().log(), LogOptions.defaults())) {
            assert lock != null;
            log.start(appending);
            history.read(
                    last,
                    history.last(),
                    (zxid, txn, offset, length) ->
                            appending.append(log, zxid, txn, offset, length));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        appending.requireNoFailure();
        return appending.count;
    }

    /** Feeds a log as fast as it takes. */
    private static final class Appending implements DurabilityListener {
        private final Progress progress;
        private volatile @Nullable Throwable failure;
        long count;

        Appending(Progress progress) {
            this.progress = progress;
        }

        void append(TxnLog log, long zxid, DirectBuffer txn, int offset, int length) {
            while (!log.append(zxid, txn, offset, length)) {
                try {
                    requireNoFailure();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                log.flush();
                LockSupport.parkNanos(POLL_NS);
            }
            count++;
            progress.advance(length);
        }

        @Override
        public void onDurable(long zxid) {}

        @Override
        public void onFailure(Throwable cause) {
            failure = cause;
        }

        void requireNoFailure() throws IOException {
            Throwable cause = failure;
            if (cause != null) {
                throw new IOException("the backup cannot be written: " + cause.getMessage(), cause);
            }
        }
    }
}
