package io.loomkeeper.jmh;

import io.loomkeeper.tree.AclUse;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.SnapshotImage;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import java.util.concurrent.TimeUnit;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole tree, by default of a million znodes with 100 bytes each, written to memory as the image
 * that a snapshot holds, and loaded from it. The disk is not in it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class SnapshotImageBenchmark {
    /** Of each of 1000 parents. */
    @Param("1000")
    public int children;

    /** Bytes of each node's data. */
    @Param("100")
    public int valueBytes;

    private final SnapshotImage image = new SnapshotImage();
    private final MutableDirectBuffer bytes = new ExpandableDirectByteBuffer(1 << 20);
    private TreeVersion full;
    private int written;
    private int read;

    /** Fills the tree and the image. */
    @Setup
    public void fill() {
        full = new FlatTree(children, valueBytes).tree().seal();
        write();
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
