package io.loomkeeper.cli;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.Inspection.Epochs;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.TreeVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A data directory of Apache's (protocol 13): the newest snapshot that can be read, and the logs
 * after it. The server that wrote it has ended.
 *
 * <p>Apache's snapshots are fuzzy, so the state is exact at the end, and at an older zxid that is
 * not within such a snapshot's making.
 */
final class ApacheFiles implements Source {
    static final String VERSION_2 = "version-2";

    private final Path snapshotDir;
    private final Path logDir;

    ApacheFiles(Home home) {
        this.snapshotDir = inner(home.dataDir());
        this.logDir = inner(home.dataLogDir());
    }

    private static Path inner(Path directory) {
        Path version2 = directory.resolve(VERSION_2);
        return Files.isDirectory(version2) ? version2 : directory;
    }

    /** Whether there is a snapshot or a log of Apache's. */
    static boolean isThere(Home home) throws IOException {
        ApacheFiles files = new ApacheFiles(home);
        return !files.snapshots().isEmpty() || !files.logs().isEmpty();
    }

    @Override
    public Path path() {
        return snapshotDir;
    }

    /** By the zxids in their names. */
    SortedMap<Long, Path> snapshots() throws IOException {
        return named(snapshotDir, ApacheSnapshot::zxid);
    }

    /** By the zxids in their names. */
    SortedMap<Long, Path> logs() throws IOException {
        return named(logDir, ApacheLog::zxid);
    }

    private static SortedMap<Long, Path> named(Path directory, Function<Path, OptionalLong> zxid)
            throws IOException {
        SortedMap<Long, Path> files = new TreeMap<>(Long::compareUnsigned);
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                entries.forEach(file -> zxid.apply(file).ifPresent(z -> files.put(z, file)));
            }
        }
        return files;
    }

    @Override
    public State state(long zxid) throws IOException {
        List<Path> newestFirst = new ArrayList<>(snapshots().headMap(after(zxid)).values());
        CorruptLogException damage = null;
        for (Path snapshot : newestFirst.reversed()) {
            try {
                return replayed(ApacheSnapshot.read(snapshot), zxid);
            } catch (CorruptLogException e) {
                if (!e.file().equals(snapshot)) {
                    throw e;
                }
                damage = damage == null ? e : damage;
            }
        }
        if (damage != null) {
            throw damage;
        }
        throw new IOException(
                snapshotDir
                        + " has no snapshot of 0x"
                        + Long.toHexString(zxid)
                        + " or before: its logs alone may not be all of it");
    }

    private static long after(long zxid) {
        return zxid == END ? END : zxid + 1;
    }

    private State replayed(TreeVersion snapshot, long zxid) throws IOException {
        long base = snapshot.zxid();
        Replay replay = new Replay(new DataTree(snapshot, OPTIONS));
        transactions(base, zxid, replay::apply);
        return State.of(replay, base);
    }

    @Override
    public void transactions(long from, long to, TxnVisitor visitor) throws IOException {
        SortedMap<Long, Path> logs = logs();
        SortedMap<Long, Path> earlier = logs.headMap(after(from));
        long first = earlier.isEmpty() ? 0 : earlier.lastKey();
        Following following = new Following(from, to, visitor);
        List<Path> files = new ArrayList<>(logs.tailMap(first).values());
        for (Path file : files) {
            following.file = file;
            ApacheLog end = ApacheLog.read(file, following);
            boolean isLast = file.equals(files.getLast());
            if (end.isTorn() && !isLast) {
                throw new CorruptLogException(
                        file, end.endOffset(), "is torn, and a later log goes on");
            }
        }
    }

    /** Sees to it that no transaction is missing between those that are there. */
    private static final class Following implements TxnVisitor {
        private final long to;
        private final TxnVisitor visitor;
        private long last;
        Path file = Path.of("");

        Following(long from, long to, TxnVisitor visitor) {
            this.last = from;
            this.to = to;
            this.visitor = visitor;
        }

        @Override
        public void onTxn(LoggedTxn txn) throws IOException {
            long zxid = txn.header().zxid();
            if (zxid <= last) {
                return;
            }
            boolean isSameEpoch = Zxid.epoch(zxid) == Zxid.epoch(last);
            boolean isFirstOfEpoch = (int) zxid == 1;
            if (isSameEpoch ? zxid != last + 1 : !isFirstOfEpoch) {
                throw new CorruptLogException(
                        file,
                        0,
                        "goes on with 0x%x after 0x%x: what was between is missing"
                                .formatted(zxid, last));
            }
            last = zxid;
            if (zxid <= to) {
                visitor.onTxn(txn);
            }
        }
    }

    /**
     * The epochs, those of the last transaction where a server alone has left none.
     *
     * @throws IOException when they do not belong to the state
     */
    Epochs epochs(long lastZxid) throws IOException {
        int epoch = Zxid.epoch(lastZxid);
        int accepted = epoch("acceptedEpoch", epoch);
        int current = epoch("currentEpoch", epoch);
        if (current < epoch || accepted < current) {
            throw new IOException(
                    "epochs that do not go together in %s: accepted %d, current %d, last transaction's %d"
                            .formatted(snapshotDir, accepted, current, epoch));
        }
        return new Epochs(accepted, current);
    }

    private int epoch(String name, int otherwise) throws IOException {
        Path file = snapshotDir.resolve(name);
        try {
            return Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException e) {
            return otherwise;
        } catch (NumberFormatException e) {
            throw new CorruptLogException(file, 0, "not a number");
        }
    }
}
