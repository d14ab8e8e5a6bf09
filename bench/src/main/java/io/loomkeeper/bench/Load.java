package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One load from its first connection to its last: {@link #open}, {@link #start}, {@link
 * #awaitWindowStart}, {@link #awaitWindowEnd}, {@link #finish}, {@link #close}.
 *
 * <p>Whoever runs it may read clocks and counters of the servers between these.
 */
final class Load implements AutoCloseable {
    private final LoadPlan plan;
    private final Stage stage;
    private final List<SocketChannel> channels;
    private final BooleanSupplier apart;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<Throwable> crashes = new ConcurrentLinkedQueue<>();
    private CountDownLatch running = new CountDownLatch(0);
    private Window window = new Window(0, 0, 0);
    private long cpuAtStartNs;
    private long cpuInWindowNs;

    private Load(LoadPlan plan, Stage stage, List<SocketChannel> channels, BooleanSupplier apart) {
        this.apart = apart;
        this.plan = plan;
        this.stage = stage;
        this.channels = channels;
    }

    /** Makes the nodes and opens all sessions. */
    static Load open(LoadPlan plan) throws IOException {
        return open(plan, () -> false);
    }

    /**
     * As {@link #open(LoadPlan)}.
     *
     * @param apart asked at each reply whether it belongs to {@link Outcome#apart} too; any thread
     */
    static Load open(LoadPlan plan, BooleanSupplier apart) throws IOException {
        Stage stage = Stage.prepare(plan);
        List<SocketChannel> channels = new ArrayList<>();
        try {
            int count = plan.workload() == Workload.SESSION ? 0 : plan.shape().connections();
            for (int i = 0; i < count; i++) {
                channels.add(Sessions.open(plan.serverOf(i), LoadPlan.SESSION_TIMEOUT_MS));
            }
            if (plan.workload() == Workload.WATCH) {
                channels.add(Sessions.open(plan.serverOf(0), LoadPlan.SESSION_TIMEOUT_MS));
            }
            return new Load(plan, stage, channels, apart);
        } catch (IOException e) {
            Sessions.close(channels);
            stage.close();
            throw e;
        }
    }

    void start() throws IOException {
        long now = System.nanoTime();
        window = Window.from(now, plan.warmupMs(), plan.timing());
        if (plan.workload() == Workload.SESSION) {
            workers.add(new SessionChurn(plan, window));
        } else if (plan.workload() == Workload.WATCH) {
            FanOut.Frame frames = FanOut.Frame.of(stage.firstNode(), stage.value());
            List<SocketChannel> watchers = channels.subList(0, channels.size() - 1);
            workers.add(new FanOut(channels.getLast(), watchers, window, frames));
        } else {
            addLoops(now);
        }
        running = new CountDownLatch(workers.size());
        for (Worker worker : workers) {
            threads.add(Thread.ofPlatform().name("load").start(() -> run(worker)));
        }
    }

    void awaitWindowStart() throws InterruptedException {
        awaitUntil(window.startNs());
        cpuAtStartNs = ProcessUse.own().cpuNs();
    }

    /** Returns early when all is done before the time. */
    void awaitWindowEnd() throws InterruptedException {
        awaitUntil(window.endNs());
        cpuInWindowNs = ProcessUse.own().cpuNs() - cpuAtStartNs;
    }

    /** Waits for the answers that are still due, or for the end of the grace. */
    Outcome finish() throws InterruptedException {
        long beforeNs = System.nanoTime();
        for (Thread thread : threads) {
            thread.join();
        }
        if (!crashes.isEmpty()) {
            throw new IllegalStateException("a thread of the load died", crashes.peek());
        }
        List<Tally> tallies = workers.stream().map(Worker::tally).toList();
        return Outcome.of(tallies, elapsedNs(tallies, beforeNs), cpuInWindowNs);
    }

    /** Closes the sessions and clears the nodes away. */
    @Override
    public void close() throws IOException {
        Sessions.close(channels);
        stage.close();
    }

    private void addLoops(long nowNs) throws IOException {
        List<Connection> connections = new ArrayList<>();
        boolean open = plan.shape().isOpen();
        for (int i = 0; i < channels.size(); i++) {
            connections.add(new Connection(channels.get(i), stage.sourceOf(i), inFlightMax(open)));
        }
        int loops = Math.min(plan.shape().threads(), connections.size());
        for (int i = 0; i < loops; i++) {
            workers.add(new LoadLoop(every(loops, i, connections), window, !open, apart));
        }
        if (open) {
            workers.add(new Pacer(connections, window, nowNs, plan.shape().ratePerSecond()));
        }
    }

    /** Open loop: as many as may fall due before the grace ends, within reason. */
    private int inFlightMax(boolean open) {
        if (!open) {
            return plan.shape().inFlight();
        }
        LoadPlan.Timing timing = plan.timing();
        long ms = (long) plan.warmupMs() + timing.windowMs() + timing.graceMs();
        long due = ms * plan.shape().ratePerSecond() / 1000 / channels.size() + 1;
        return Math.clamp(due, 1, 1 << 16);
    }

    private static List<Connection> every(int step, int first, List<Connection> connections) {
        List<Connection> chosen = new ArrayList<>();
        for (int i = first; i < connections.size(); i += step) {
            chosen.add(connections.get(i));
        }
        return chosen;
    }

    private void run(Worker worker) {
        try {
            worker.run();
        } catch (RuntimeException | Error e) {
            crashes.add(e);
        } finally {
            running.countDown();
        }
    }

    private long elapsedNs(List<Tally> tallies, long finishedNs) {
        long start = window.startNs();
        long lastReply = tallies.stream().mapToLong(Tally::lastReplyNs).reduce(start, Load::later);
        if (plan.shape().isOpen()) {
            return later(lastReply, window.endNs()) - start;
        }
        return Math.max(1, (window.endedBy(finishedNs) ? window.endNs() : lastReply) - start);
    }

    private static long later(long aNs, long bNs) {
        return aNs - bNs > 0 ? aNs : bNs;
    }

    private void awaitUntil(long timeNs) throws InterruptedException {
        long waitNs = timeNs - System.nanoTime();
        boolean ended = running.await(Math.max(0, waitNs), TimeUnit.NANOSECONDS);
        assert ended || timeNs - System.nanoTime() <= 0;
    }
}
