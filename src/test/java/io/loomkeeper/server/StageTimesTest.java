package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.admin.Metrics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StageTimesTest {
    /** The stages by their name. */
    private static Map<String, Metrics.Times> stages(Metrics source) {
        Map<String, Metrics.Times> stages = new HashMap<>();
        source.collect(
                new Metrics.Sink() {
                    @Override
                    public void gauge(String name, List<Metrics.Label> labels, double value) {}

                    @Override
                    public void counter(String name, List<Metrics.Label> labels, double value) {}

                    @Override
                    public void summary(
                            String name, List<Metrics.Label> labels, Metrics.Distribution values) {}

                    @Override
                    public void histogram(
                            String name, List<Metrics.Label> labels, Metrics.Times values) {
                        stages.put(labels.getFirst().value(), values);
                    }
                });
        return stages;
    }

    private static Metrics.Times stage(Metrics source, String name) {
        return requireNonNull(stages(source).get(name), name);
    }

    @Test
    void whatWasRecordedIsCountedBelowItsBound() {
        StageTimes times = new StageTimes();
        times.onForce(1_000_000);
        times.onForce(3_000_000);
        times.onForce(500_000_000_000L);
        times.onForce(-5);

        Metrics.Times force = stage(times, "force");
        assertEquals(1, force.countUpTo(0.0005));
        assertEquals(2, force.countUpTo(0.0011));
        assertEquals(3, force.countUpTo(0.01));
        assertEquals(4, force.countUpTo(Double.POSITIVE_INFINITY));
        assertEquals(60.004, force.sumSeconds(), 0.5);
    }

    @Test
    void whoLooksTwiceSeesItTwice() {
        StageTimes times = new StageTimes();
        times.onReply(1000);
        assertEquals(1, stage(times, "reply").countUpTo(1));
        times.onReply(1000);
        assertEquals(2, stage(times, "reply").countUpTo(1));
    }

    @Test
    void aWritePassesEveryStage(@TempDir Path directory) throws Exception {
        try (LiveServer live = LiveServer.start(directory)) {
            live.create("/a", new byte[3]);

            Map<String, Metrics.Times> stages = stages(live.server.stages());

            assertEquals(7, stages.size());
            stages.forEach(
                    (name, times) ->
                            assertTrue(times.countUpTo(Double.POSITIVE_INFINITY) > 0, name));
        }
    }
}
