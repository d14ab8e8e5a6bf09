package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.DurabilityListener;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.SnapshotWriter;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnDigest;
import io.loomkeeper.tree.TxnHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sound on disk and still no state of this tree is refused with its place. */
final class StateLoaderTest {
    @TempDir Path dir;
    private Path logDir;
    private Path snapshotDir;
    private final DataTree tree = new DataTree(TreeOptions.DEFAULT);
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();

    @BeforeEach
    void makeDirectories() throws IOException {
        logDir = Files.createDirectory(dir.resolve("log"));
        snapshotDir = Files.createDirectory(dir.resolve("snapshots"));
    }

    private StateLoader.Recovered recover() throws IOException {
        try (TxnLog log = TxnLog.open(logDir, LogOptions.defaults())) {
            SnapshotStore snapshots = SnapshotStore.open(snapshotDir);
            return new StateLoader(snapshots, log, TreeOptions.DEFAULT, null)
                    .recover(0, new ServerMetrics());
        }
    }

    /** Logs the creation of a node, with a digest that is off by so much. */
    private void logCreate(TxnLog log, long zxid, long digestError) {
        TxnHeader header = new TxnHeader(0, 0, zxid, 1_000);
        Txn txn = new Txn.CreateTxn(Op.CREATE, "/n" + zxid, null, Acl.OPEN, false, (int) zxid);
        tree.apply(header, txn);
        TxnDigest digest = new TxnDigest(TxnDigest.VERSION, tree.head().digest() + digestError);
        assertTrue(
                log.append(zxid, buffer, 0, TxnCodec.encode(header, txn, digest, buffer, 0)),
                "no room");
    }

    private TxnLog started() throws IOException {
        TxnLog log = TxnLog.open(logDir, LogOptions.defaults());
        log.start(
                new DurabilityListener() {
                    @Override
                    public void onDurable(long zxid) {}

                    @Override
                    public void onFailure(Throwable cause) {
                        throw new AssertionError(cause);
                    }
                });
        return log;
    }

    @Test
    void whatWasLoggedIsThere() throws IOException {
        try (TxnLog log = started()) {
            logCreate(log, 1, 0);
            logCreate(log, 2, 0);
        }
        StateLoader.Recovered recovered = recover();
        assertEquals(2, recovered.replayed());
        assertEquals(tree.head().digest(), recovered.tree().head().digest());
    }

    @Test
    void aTransactionThatLeadsToAnotherTreeIsRefused() throws IOException {
        try (TxnLog log = started()) {
            logCreate(log, 1, 0);
            logCreate(log, 2, 1);
        }
        CorruptLogException refused = assertThrows(CorruptLogException.class, this::recover);
        assertTrue(refused.file().startsWith(logDir), refused.getMessage());
        assertTrue(refused.offset() > 0, refused.getMessage());
        assertTrue(refused.reason().contains("0x2 leads to another tree"), refused.reason());
    }

    /** A digest is of the whole tree: one that agrees speaks for all before it. */
    @Test
    void aDigestThatIsContradictedByALaterOneIsPassedOver() throws IOException {
        try (TxnLog log = started()) {
            logCreate(log, 1, 0);
            logCreate(log, 2, 1);
            logCreate(log, 3, 0);
        }
        assertEquals(tree.head().digest(), recover().tree().head().digest());
    }

    @Test
    void theFirstOfSeveralThatLeadToAnotherTreeIsRefused() throws IOException {
        try (TxnLog log = started()) {
            logCreate(log, 1, 1);
            logCreate(log, 2, 0);
            logCreate(log, 3, 1);
            logCreate(log, 4, 1);
        }
        CorruptLogException refused = assertThrows(CorruptLogException.class, this::recover);
        assertTrue(refused.reason().contains("0x3 leads to another tree"), refused.reason());
    }

    @Test
    void whatIsNoTransactionIsRefused() throws IOException {
        try (TxnLog log = started()) {
            buffer.setMemory(0, 100, (byte) 0x55);
            assertTrue(log.append(1, buffer, 0, 100));
        }
        CorruptLogException refused = assertThrows(CorruptLogException.class, this::recover);
        assertTrue(refused.file().startsWith(logDir), refused.getMessage());
    }

    @Test
    void aSoundSnapshotOfWhatIsNoTreeIsRefused() throws IOException {
        try (TxnLog log = started()) {
            logCreate(log, 1, 0);
        }
        try (SnapshotWriter writer = SnapshotStore.open(snapshotDir).begin(1)) {
            writer.write(new UnsafeBuffer(new byte[3_000_000]), 0, 3_000_000);
            writer.commit();
        }
        CorruptLogException refused = assertThrows(CorruptLogException.class, this::recover);
        assertEquals(snapshotDir.resolve("snapshot.1"), refused.file());
        assertTrue(refused.offset() >= 36, refused.getMessage());
    }
}
