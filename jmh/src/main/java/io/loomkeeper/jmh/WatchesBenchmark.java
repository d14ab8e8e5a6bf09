package io.loomkeeper.jmh;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Change;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.Stat;
import io.loomkeeper.tree.Watches;
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

/** One change of a node's data, and the watches that it fires, beside 100,000 others. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class WatchesBenchmark {
    private static final String ONCE = "/bench/once";
    private static final String PERSISTENT = "/bench/persistent";
    private static final String NOBODY = "/bench/nobody";
    private static final int OTHERS = 100_000;
    private static final int PERSISTENT_MODE = 0;

    /** Connections that watch the node. */
    @Param({"1", "1000"})
    public int watchers;

    private final Watches watches = new Watches(42);
    private final Request.GetData read = new Request.GetData(ONCE, true);
    private final Response answer =
            new Response.Data(null, new Stat(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    private long told;

    /** Leaves the watches that stay. */
    @Setup
    public void fill() {
        for (int i = 0; i < watchers; i++) {
            watches.addWatch(i + 1, new Request.AddWatch(PERSISTENT, PERSISTENT_MODE));
        }
        for (int i = 0; i < OTHERS; i++) {
            watches.leave(i % 1000 + 1, new Request.GetData("/bench/other-" + i, true), answer);
        }
    }

    private void onEvent(long watcher, EventType type, String path, List<Acl> acl) {
        told += watcher + type.code() + path.length() + acl.size();
    }

    private long fired(String path) {
        watches.fire(new Change.DataChanged(path, Acl.OPEN), this::onEvent);
        return told;
    }

    /** Watches that stay when they have fired. */
    @Benchmark
    public long persistent() {
        return fired(PERSISTENT);
    }

    /** Watches that are left anew each time: leaving, firing and removing. */
    @Benchmark
    public long leaveAndFire() {
        for (int i = 0; i < watchers; i++) {
            watches.leave(i + 1, read, answer);
        }
        return fired(ONCE);
    }

    /** A node that nobody watches. */
    @Benchmark
    public long nobody() {
        return fired(NOBODY);
    }
}
