package io.loomkeeper.jmh;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
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
 * children each, at depth 3, a version sealed after every {@link #batch} transactions.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class DataTreeBenchmark {
    private static final int PARENTS = 1000;
    private static final int PATHS = 1 << 14;

    @Param({"1", "16", "256"})
    private int batch;

    @Param("1000")
    private int children;

    private final Bytes content = Bytes.of(new byte[100]);
    private final String[] paths = new String[PATHS];
    private final String[] newPaths = new String[PATHS];
    private DataTree tree = new DataTree(TreeOptions.DEFAULT);
    private TreeVersion full = tree.seal();
    private long zxid;
    private int next;

    /** Fills the tree. */
    @Setup
    public void fill() {
        tree = new DataTree(TreeOptions.DEFAULT);
        create("/bench");
        for (int parent = 0; parent < PARENTS; parent++) {
            create("/bench/parent-" + parent);
            for (int child = 0; child < children; child++) {
                create("/bench/parent-" + parent + "/node-" + child);
            }
        }
        for (int i = 0; i < PATHS; i++) {
            String parent = "/bench/parent-" + (i * 7919L) % PARENTS;
            paths[i] = parent + "/node-" + (i * 104_729L) % children;
            newPaths[i] = parent + "/new-" + i;
        }
        full = tree.seal();
    }

    private Applied create(String path) {
        return tree.apply(
                header(), new Txn.CreateTxn(Op.CREATE, path, content, Acl.OPEN, false, -1));
    }

    private TxnHeader header() {
        zxid++;
        return new TxnHeader(1, 1, zxid, 1_800_000_000_000L + zxid / 10);
    }

    private void sealBatch() {
        next++;
        if (next % batch == 0) {
            tree.seal();
        }
    }

    @Benchmark
    public Applied setData() {
        String path = paths[next % PATHS];
        Applied applied = tree.apply(header(), new Txn.SetDataTxn(path, content, next));
        sealBatch();
        return applied;
    }

    /** Every other transaction deletes what the one before created. */
    @Benchmark
    public Applied createAndDelete() {
        String path = newPaths[(next >> 1) % PATHS];
        Applied applied =
                (next & 1) == 0
                        ? create(path)
                        : tree.apply(header(), new Txn.DeleteTxn(path, false));
        sealBatch();
        return applied;
    }

    @Benchmark
    public @Nullable NodeView readNode() {
        next++;
        return full.node(paths[next % PATHS]);
    }
}
