package io.loomkeeper.jmh;

import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.TreeVersion;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * One transaction applied to, and one node read from, a tree of 1000 parents with {@link #children}
 * children each, a version sealed after every {@link #batch} transactions. The tree's digest is
 * kept, as a server does by default.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class DataTreeBenchmark {
    private static final int VALUE_BYTES = 100;

    /** Transactions between two versions that are sealed. */
    @Param({"1", "16", "256"})
    public int batch;

    /** Of each of 1000 parents. */
    @Param("1000")
    public int children;

    private FlatTree nodes;
    private TreeVersion full;
    private int next;

    @Setup
    public void fill() {
        nodes = new FlatTree(children, VALUE_BYTES);
        full = nodes.tree().seal();
    }

    private void sealBatch() {
        next++;
        if (next % batch == 0) {
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

    @Benchmark
    public @Nullable NodeView readNode() {
        next++;
        return full.node(nodes.path(next));
    }
}
