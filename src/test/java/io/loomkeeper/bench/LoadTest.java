package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.bench.LoadPlan.Content;
import io.loomkeeper.bench.LoadPlan.Shape;
import io.loomkeeper.bench.LoadPlan.Timing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole loads against the null server. */
final class LoadTest {
    private static final int WINDOW_MS = 150;
    private static final int GRACE_MS = 30_000;
    private static final Content CONTENT = new Content(200, 50, 50, 3);

    private final Path directory;
    private final NullServer server;
    private final Thread thread;

    LoadTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        server =
                NullServer.listen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        DiskBatch.in(directory));
        thread = Thread.ofPlatform().start(server);
    }

    @AfterEach
    void stopNullServer() throws Exception {
        server.close();
        thread.join();
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void everyWorkloadIsAnswered(Workload workload) throws Exception {
        Outcome outcome = run(workload, new Shape(5, 4, 0, 2));

        assertTrue(outcome.isClean(), outcome.complaints());
        assertEquals("", outcome.complaints());
        assertTrue(outcome.latencies().getMinNonZeroValue() > 0);
        assertTrue(outcome.latencies().getMaxValue() <= Tally.LATENCY_NS_MAX);
    }

    @Test
    void everyNodeIsDeletedOnce() throws Exception {
        Outcome outcome = run(Workload.DELETE, Shape.closed(5, 64), GRACE_MS);

        assertTrue(outcome.isClean(), outcome.complaints());
        assertEquals(CONTENT.nodes(), outcome.ops());
        assertTrue(outcome.elapsedNs() < GRACE_MS * 1_000_000L, "ends before its window");
    }

    @Test
    void openLoopSendsWhatFellDueAndNoMore() throws Exception {
        Outcome outcome = run(Workload.SET_DATA, Shape.open(3, 2000));

        assertTrue(outcome.isClean(), outcome.complaints());
        assertEquals(2000 * WINDOW_MS / 1000, outcome.ops());
    }

    @Test
    void loadIsSpreadOverSeveralServers() throws Exception {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        NullServer second = NullServer.listen(loopback, null);
        Thread run = Thread.ofPlatform().start(second);
        try {
            LoadPlan plan =
                    plan(Workload.GET_DATA, Shape.closed(2, 1), WINDOW_MS)
                            .withServers(List.of(server.address(), second.address()));

            assertEquals(server.address(), plan.serverOf(0));
            assertEquals(second.address(), plan.serverOf(1));
            assertTrue(run(plan).isClean());
        } finally {
            second.close();
            run.join();
        }
    }

    @Test
    void serverThatIsNotThereIsNamed() throws Exception {
        InetSocketAddress nobody = ServerProcess.freeAddress();
        LoadPlan plan =
                plan(Workload.GET_DATA, Shape.closed(1, 1), WINDOW_MS).withServers(List.of(nobody));

        IOException e = assertThrows(IOException.class, () -> Load.open(plan));

        assertTrue(e.toString().contains(":" + nobody.getPort()), e.toString());
    }

    private Outcome run(Workload workload, Shape shape) throws Exception {
        return run(workload, shape, WINDOW_MS);
    }

    private Outcome run(Workload workload, Shape shape, int windowMs) throws Exception {
        return run(plan(workload, shape, windowMs));
    }

    private static Outcome run(LoadPlan plan) throws Exception {
        try (Load load = Load.open(plan)) {
            load.start();
            load.awaitWindowStart();
            load.awaitWindowEnd();
            return load.finish();
        }
    }

    private LoadPlan plan(Workload workload, Shape shape, int windowMs) throws IOException {
        Timing timing = new Timing(20, windowMs, GRACE_MS);
        return new LoadPlan(List.of(server.address()), workload, shape, CONTENT, timing);
    }
}
