package io.loomkeeper.jmh;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AclUse;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import java.util.concurrent.TimeUnit;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A million znodes with 100 bytes each, written to memory as an image and loaded from it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class SnapshotImageBenchmark {
    private static final int PARENTS = 1000;
    private static final int CHILDREN = 1000;

    private final Bytes content = Bytes.of(new byte[100]);
    private final SnapshotImage image = new SnapshotImage();
    private final MutableDirectBuffer bytes = new ExpandableDirectByteBuffer(1 << 20);
    private final DataTree tree = new DataTree(TreeOptions.DEFAULT);
    private TreeVersion full = tree.seal();
    private int written;
    private int read;
    private long zxid;

    /** Fills the tree and the image. */
    @Setup
    public void fill() {
        create("/bench");
        for (int parent = 0; parent < PARENTS; parent++) {
            create("/bench/parent-" + parent);
            for (int child = 0; child < CHILDREN; child++) {
                create("/bench/parent-" + parent + "/node-" + child);
            }
        }
        full = tree.seal();
        write();
    }

    private void create(String path) {
        zxid++;
        tree.apply(
                new TxnHeader(1, 1, zxid, 1_800_000_000_000L + zxid / 10),
                new Txn.CreateTxn(Op.CREATE, path, content, Acl.OPEN, false, -1));
    }

    @Benchmark
    public AclUse write() {
        written = 0;
        return image.write(
                full,
                (source, offset, length) -> {
                    bytes.putBytes(written, source, offset, length);
                    written += length;
                });
    }

    @Benchmark
    public TreeVersion load() throws ImageException {
        read = 0;
        return image.load(this::next, TreeOptions.DEFAULT);
    }

    private int next(MutableDirectBuffer target, int offset, int length) {
        int step = Math.min(length, written - read);
        if (step == 0) {
            return -1;
        }
        target.putBytes(offset, bytes, read, step);
        read += step;
        return step;
    }
}
