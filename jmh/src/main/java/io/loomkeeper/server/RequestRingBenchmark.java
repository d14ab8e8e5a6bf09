package io.loomkeeper.server;

import io.loomkeeper.net.ClientLink;
import io.loomkeeper.zab.Peer;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Control;

/**
 * One frame handed from a connection's thread to the pipeline's, through the ring.
 *
 * <p>{@code offerAndDrain} puts 64 in and takes them out on one thread: the price of copying, per
 * frame. {@code handOver} has a thread at each end, neither of which ever sleeps: {@code offer}
 * counts what went in, {@code drain} the runs that took something out.
 */
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class RequestRingBenchmark {
    private static final int RUN = 64;

    /** Bytes of each frame. */
    @Param({"100", "1024"})
    public int frameBytes;

    private final RequestRing ring = new RequestRing();
    private final Taken taken = new Taken();
    private final ClientLink from = new InProcessClient(1, ring, new InProcessClient.Mailbox());
    private DirectBuffer frame;

    @Setup
    public void fill() {
        frame = new UnsafeBuffer(new byte[frameBytes]);
    }

    @Benchmark
    @Group("offerAndDrain")
    @OperationsPerInvocation(RUN)
    public int offerAndDrain() {
        for (int i = 0; i < RUN; i++) {
            ring.offer(from, i, frame, 0, frameBytes);
        }
        return ring.drain(taken, RUN);
    }

    @Benchmark
    @Group("handOver")
    @GroupThreads(1)
    public void offer(Control control) {
        while (!ring.offer(from, 1, frame, 0, frameBytes) && !control.stopMeasurement) {
            Thread.onSpinWait();
        }
    }

    @Benchmark
    @Group("handOver")
    @GroupThreads(1)
    public int drain(Control control) {
        int count = ring.drain(taken, RUN);
        while (count == 0 && !control.stopMeasurement) {
            Thread.onSpinWait();
            count = ring.drain(taken, RUN);
        }
        return count;
    }

    /** Looks at each frame, so that it has to be there. */
    private static final class Taken implements RequestRing.Receiver {
        private long sum;

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public void onConnect(ClientLink client, DirectBuffer frame, int offset, int length) {
            throw new AssertionError("nobody connects");
        }

        @Override
        public void onFrame(
                long connectionId, long receivedNs, DirectBuffer frame, int offset, int length) {
            sum += connectionId + receivedNs + frame.getByte(offset + length - 1);
        }

        @Override
        public void onClosed(long connectionId) {
            throw new AssertionError("nobody leaves: " + sum);
        }

        @Override
        public void onTask(Runnable task) {
            task.run();
        }

        @Override
        public void onPeer(Consumer<Peer> message) {
            throw new AssertionError("there is no peer");
        }
    }
}
