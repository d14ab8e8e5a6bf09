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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many proposals a second an ensemble agrees on, in one process: from the request in the
 * leader's ring through decoding, preparing, proposing, logging, the quorum's acks, committing and
 * publishing to the encoded reply. What sockets cost is not in it; {@code bin/bench} measures that.
 *
 * <p>One operation is one setData that was answered. {@code -t N}: so many threads propose.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ProposalThroughput {
    /** Requests that a thread keeps unanswered, from all its connections together. */
    @Param({"1", "64", "1024"})
    public int inFlight;

    /** Sessions of each thread, which take turns. */
    @Param("16")
    public int connections;

    /** Bytes of data in each setData. */
    @Param("100")
    public int valueBytes;

    private Proposer proposer;

    @Setup(Level.Trial)
    public void open(InProcessEnsemble ensemble) {
        proposer = new Proposer(ensemble, connections, valueBytes);
    }

    @Benchmark
    public void proposals() {
        proposer.propose(inFlight);
    }

    /** What is under way at the end of an iteration must not be of the next one. */
    @TearDown(Level.Iteration)
    public void settle() {
        proposer.awaitAll();
    }
}
