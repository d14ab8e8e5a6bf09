package io.loomkeeper.cli;

import io.loomkeeper.log.Inspection;
import io.loomkeeper.log.SnapshotReader;
import io.loomkeeper.tree.TreeVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One snapshot's file, of either kind, wherever it lies: a state, and no transactions. */
record SnapshotFile(Path path) implements Source {
    private static final String OURS = "LKSNAPSH";

    /** By its first bytes, or for what is compressed by its name. */
    static boolean isSnapshot(Path file) throws IOException {
        return ApacheSnapshot.isSnapshot(file) || begins(file).equals(OURS);
    }

    private static String begins(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return new String(bytes.readNBytes(OURS.length()), StandardCharsets.ISO_8859_1);
        }
    }

    /** The first four bytes, big-endian; 0 when there are fewer. */
    static int magic(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            byte[] first = bytes.readNBytes(Integer.BYTES);
            return first.length < Integer.BYTES ? 0 : ByteBuffer.wrap(first).getInt();
        }
    }

    @Override
    public State state(long zxid) throws IOException {
        TreeVersion version = ApacheSnapshot.isSnapshot(path) ? apaches() : ours();
        if (version.zxid() > zxid) {
            throw new IOException(path + " is of 0x" + Long.toHexString(version.zxid()));
        }
        return new State(version, version.zxid(), 0, -1);
    }

    private TreeVersion apaches() throws IOException {
        return ApacheSnapshot.read(path);
    }

    private TreeVersion ours() throws IOException {
        try (SnapshotReader reader = Inspection.snapshotFile(path)) {
            reader.readAll((_, _, _) -> {});
        }
        try (SnapshotReader reader = Inspection.snapshotFile(path)) {
            return OwnFiles.load(reader);
        }
    }

    @Override
    public void transactions(long from, long to, TxnVisitor visitor) throws IOException {
        throw new IOException(path + " is a snapshot: it has no transactions");
    }
}
