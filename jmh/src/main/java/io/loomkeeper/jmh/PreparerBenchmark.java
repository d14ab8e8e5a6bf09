package io.loomkeeper.jmh;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.util.ArrayList;
import java.util.List;
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
 * One request judged against the head of the tree and applied to it at once, as a leader does
 * before it proposes; a version is sealed after every {@link #batch}. What {@link
 * DataTreeBenchmark} takes for the same is the part of applying.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class PreparerBenchmark {
    private static final int VALUE_BYTES = 100;
    private static final int OPS_PER_MULTI = 10;
    private static final int TXN_BYTES_MAX = 1 << 20;
    private static final int SESSION_TIMEOUT_MS = 40_000;

    /** Requests between two versions that are sealed. */
    @Param({"1", "128"})
    public int batch;

    /** Of each of 1000 parents. */
    @Param("1000")
    public int children;

    private final Preparer.Caller caller = new Preparer.Caller(1, 1, List.of(AuthId.ANYONE), false);
    private FlatTree nodes;
    private Preparer preparer;
    private int next;

    @Setup
    public void fill() {
        nodes = new FlatTree(children, VALUE_BYTES);
        nodes.tree().seal();
        preparer =
                new Preparer(
                        nodes.tree(),
                        new AclRules(AuthOptions.DEFAULT),
                        new Preparer.Options(false, false, TXN_BYTES_MAX, 0));
        submitted(new Request.CreateSession(SESSION_TIMEOUT_MS));
        if (submitted(set(next)).response() instanceof Response.Failed(KeeperError error)) {
            throw new IllegalStateException("a write is refused: " + error);
        }
    }

    private Applied submitted(Request.Write request) {
        Applied applied = preparer.submit(request, caller, nodes.nextZxid(), FlatTree.TIME_MS);
        next++;
        if (next % batch == 0) {
            nodes.tree().seal();
        }
        return applied;
    }

    private Request.SetData set(int i) {
        return new Request.SetData(nodes.path(i), nodes.content(), -1);
    }

    @Benchmark
    public Applied setData() {
        return submitted(set(next));
    }

    /** Every other request deletes what the one before created. */
    @Benchmark
    public Applied createAndDelete() {
        String path = nodes.newPath(next >> 1);
        return submitted(
                (next & 1) == 0
                        ? new Request.Create(Op.CREATE, path, nodes.content(), Acl.OPEN, 0, -1)
                        : new Request.Delete(path, -1));
    }

    /** Ten setData in one. */
    @Benchmark
    public Applied multi() {
        List<Request.Write> ops = new ArrayList<>(OPS_PER_MULTI);
        for (int i = 0; i < OPS_PER_MULTI; i++) {
            ops.add(set(next + i));
        }
        return submitted(new Request.Multi(ops));
    }

    /** Refused: the version is another. */
    @Benchmark
    public Applied badVersion() {
        return submitted(new Request.SetData(nodes.path(next), nodes.content(), 1 << 30));
    }
}
