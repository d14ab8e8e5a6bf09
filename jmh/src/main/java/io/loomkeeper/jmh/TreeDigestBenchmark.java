package io.loomkeeper.jmh;

import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.TreeOptions;
import java.util.concurrent.TimeUnit;
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
 * What the tree's digest costs: the same transactions applied to a tree that keeps one and to a
 * tree that does not, a version sealed after every 128. The difference is the digest.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class TreeDigestBenchmark {
    private static final int BATCH = 128;

    /** As {@code digest.enabled} of zoo.cfg. */
    @Param({"true", "false"})
    public boolean digest;

    /** Bytes of each node's data, all of which the digest covers. */
    @Param({"100", "1024"})
    public int valueBytes;

    /** Of each of 1000 parents. */
    @Param("100")
    public int children;

    private FlatTree nodes;
    private int next;

    @Setup
    public void fill() {
        TreeOptions options = digest ? TreeOptions.DEFAULT : new TreeOptions(false, false, false);
        nodes = new FlatTree(children, valueBytes, options);
        nodes.tree().seal();
    }

    private void sealBatch() {
        next++;
        if (next % BATCH == 0) {
            nodes.tree().seal();
        }
    }

    @Benchmark
    public Applied setData() {
        Applied applied = nodes.setData(next);
        sealBatch();
        return applied;
    }

    /** Every other transaction deletes what the one before created. */
    @Benchmark
    public Applied createAndDelete() {
        Applied applied = nodes.createOrDelete(next);
        sealBatch();
        return applied;
    }
}
