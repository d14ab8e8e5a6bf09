package io.loomkeeper.cli;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.Directories;
import io.loomkeeper.log.History;
import io.loomkeeper.log.Inspection;
import io.loomkeeper.log.RefusedTxnException;
import io.loomkeeper.log.SnapshotReader;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** A data directory of ours: its snapshots, and its log as far as that is known to be on disk. */
final class OwnFiles implements Source {
    private final Directories directories;
    private final Inspection files;

    OwnFiles(Directories directories) {
        this.directories = directories;
        this.files = new Inspection(directories);
    }

    @Override
    public Path path() {
        return directories.dataDir();
    }

    Directories directories() {
        return directories;
    }

    Inspection files() {
        return files;
    }

    /** The last zxid that is known to be on disk. */
    long last() throws IOException {
        Optional<History> history = files.history();
        return history.isPresent() ? history.get().last() : newestSnapshot();
    }

    /** The oldest zxid after which every state can be had. */
    long first() throws IOException {
        Optional<History> history = files.history();
        long first = history.isPresent() ? history.get().first() : 0;
        return files.snapshots().stream()
                .filter(snapshot -> snapshot >= first)
                .min(Long::compare)
                .filter(oldest -> first > 0 || history.isEmpty())
                .orElse(first);
    }

    private long newestSnapshot() throws IOException {
        return files.snapshots().stream().findFirst().orElse(0L);
    }

    @Override
    public State state(long zxid) throws IOException {
        History history = files.history().orElse(null);
        long first = history == null ? 0 : history.first();
        CorruptLogException damage = null;
        for (long snapshot : files.snapshots()) {
            if (snapshot <= zxid && snapshot >= first) {
                try {
                    files.verifySnapshot(snapshot);
                } catch (CorruptLogException e) {
                    damage = damage == null ? e : damage;
                    continue;
                }
                try (SnapshotReader reader = files.snapshot(snapshot)) {
                    return replayed(new DataTree(load(reader), OPTIONS), history, zxid);
                }
            }
        }
        if (first == 0 && history != null) {
            return replayed(new DataTree(OPTIONS), history, zxid);
        }
        if (damage != null) {
            throw damage;
        }
        throw new IOException(path() + " does not reach back to zxid 0x" + Long.toHexString(zxid));
    }

    private static State replayed(DataTree tree, @Nullable History history, long zxid)
            throws IOException {
        long base = tree.head().zxid();
        Replay replay = new Replay(tree);
        if (history != null && history.last() > base) {
            read(history, base, zxid, replay::apply);
        }
        return State.of(replay, base);
    }

    @Override
    public void transactions(long from, long to, TxnVisitor visitor) throws IOException {
        History history = files.history().orElse(null);
        if (history != null) {
            read(history, Math.max(from, history.first()), to, visitor);
        }
    }

    static void read(History history, long from, long to, TxnVisitor visitor) throws IOException {
        try {
            history.read(
                    from,
                    to,
                    (zxid, record, offset, length) ->
                            visit(visitor, decoded(zxid, record, offset, length)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void visit(TxnVisitor visitor, LoggedTxn txn) {
        try {
            visitor.onTxn(txn);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LoggedTxn decoded(long zxid, DirectBuffer record, int offset, int length) {
        try {
            return TxnCodec.decode(zxid, record, offset, length);
        } catch (TxnFormatException e) {
            throw new RefusedTxnException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The tree that a snapshot holds.
     *
     * @throws CorruptLogException when it holds none
     */
    static TreeVersion load(SnapshotReader reader) throws IOException {
        try {
            return new SnapshotImage()
                    .load(
                            (target, offset, length) -> {
                                try {
                                    return reader.read(target, offset, length);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            },
                            OPTIONS);
        } catch (ImageException e) {
            throw new CorruptLogException(
                    reader.path(), reader.fileOffset(e.offset()), String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
