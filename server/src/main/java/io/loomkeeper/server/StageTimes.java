package io.loomkeeper.server;

import io.loomkeeper.admin.Metrics;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * How long requests spend in each stage of their way (docs/metrics.md). Whoever records waits for
 * nobody; whoever reads gathers what was recorded since somebody read last.
 */
final class StageTimes implements Metrics {
    private static final long NS_MAX = 60_000_000_000L;
    private static final int DIGITS = 2;
    private static final double NS_PER_S = 1e9;

    /** The stages, those of the pipeline's thread first. */
    enum Stage {
        RING,
        PREPARE,
        APPEND,
        QUORUM,
        APPLY,
        FORCE,
        REPLY
    }

    private final Single ring = new Single();
    private final Single prepare = new Single();
    private final Single append = new Single();
    private final Single quorum = new Single();
    private final Single apply = new Single();
    private final Single force = new Single();
    private final Shared reply = new Shared();

    /** From a frame's arrival until the pipeline takes it from the ring. */
    void onRing(long ns) {
        ring.record(ns);
    }

    /** Judging, and applying to the head. */
    void onPrepare(long ns) {
        prepare.record(ns);
    }

    /** Encoding, and handing to the journal and to the learners' links. */
    void onAppend(long ns) {
        append.record(ns);
    }

    /** From then on until a quorum has it on disk. */
    void onQuorum(long ns) {
        quorum.record(ns);
    }

    /** Events, replies and publication of a run of commits. */
    void onApply(long ns) {
        apply.record(ns);
    }

    /** A force of the log; the log's thread only. */
    void onForce(long ns) {
        force.record(ns);
    }

    /** Writing what is queued for a connection to its socket; any thread. */
    void onReply(long ns) {
        reply.record(ns);
    }

    @Override
    public void collect(Sink sink) {
        for (Stage stage : Stage.values()) {
            String name = stage.name().toLowerCase(Locale.ROOT);
            sink.histogram(
                    "loomkeeper_stage_seconds", List.of(new Label("stage", name)), times(stage));
        }
    }

    private Times times(Stage stage) {
        return switch (stage) {
            case RING -> ring.times();
            case PREPARE -> prepare.times();
            case APPEND -> append.times();
            case QUORUM -> quorum.times();
            case APPLY -> apply.times();
            case FORCE -> force.times();
            case REPLY -> reply.times();
        };
    }

    private static long recordable(long ns) {
        return Math.clamp(ns, 0, NS_MAX);
    }

    /** What was recorded before somebody asked; many may ask at once. */
    private static final class Total {
        private final Histogram all = new Histogram(NS_MAX, DIGITS);

        synchronized Times with(Supplier<Histogram> newer) {
            all.add(newer.get());
            return new Copy(all.copy());
        }
    }

    /** What one thread records. */
    private static final class Single {
        private final SingleWriterRecorder recorder = new SingleWriterRecorder(NS_MAX, DIGITS);
        private final Total total = new Total();

        void record(long ns) {
            recorder.recordValue(recordable(ns));
        }

        Times times() {
            return total.with(recorder::getIntervalHistogram);
        }
    }

    /** What many threads record. */
    private static final class Shared {
        private final Recorder recorder = new Recorder(NS_MAX, DIGITS);
        private final Total total = new Total();

        void record(long ns) {
            recorder.recordValue(recordable(ns));
        }

        Times times() {
            return total.with(recorder::getIntervalHistogram);
        }
    }

    /** What was recorded until somebody asked. */
    private record Copy(Histogram values) implements Times {
        @Override
        public double sumSeconds() {
            return values.getTotalCount() == 0
                    ? 0
                    : values.getMean() * values.getTotalCount() / NS_PER_S;
        }

        @Override
        public long countUpTo(double seconds) {
            double ns = seconds * NS_PER_S;
            return ns >= NS_MAX
                    ? values.getTotalCount()
                    : values.getCountBetweenValues(0, (long) ns);
        }
    }
}
