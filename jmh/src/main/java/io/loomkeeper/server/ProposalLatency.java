package io.loomkeeper.server;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long one proposal takes while nothing else is under way, with its percentiles: from the
 * moment the request is put into the leader's ring until the thread that waits for the reply runs
 * again. Each server's pipeline and log sleep between two proposals, so waking them is in it; what
 * sockets cost is not.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ProposalLatency {
    /** Bytes of data in each setData. */
    @Param("100")
    public int valueBytes;

    private Proposer proposer;

    @Setup(Level.Trial)
    public void open(InProcessEnsemble ensemble) {
        proposer = new Proposer(ensemble, 1, valueBytes);
    }

    @Benchmark
    public void proposal() {
        proposer.proposeAndAwait();
    }
}
