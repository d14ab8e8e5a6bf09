package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stacks laid on each other, and the pictures and lists that come of them. */
final class StackFoldTest {
    private final StackFold fold = new StackFold();

    @Test
    void weightsAddUpAlongThePath() {
        fold.add(List.of("thread a", "A.run", "B.work"), 3);
        fold.add(List.of("thread a", "A.run"), 1);
        fold.add(List.of("thread b", "B.work"), 2);

        assertEquals(6, fold.root().weight());
        assertEquals(
                List.of("thread a;A.run 1", "thread a;A.run;B.work 3", "thread b;B.work 2"),
                fold.lines());
        assertEquals(
                List.of(new StackFold.Hot("B.work", 5, 5), new StackFold.Hot("A.run", 1, 4)),
                fold.hottest(5));
        assertEquals(1, fold.hottest(1).size());
    }

    @Test
    void methodThatCallsItselfCountsOnce() {
        fold.add(List.of("t", "A.run", "A.run", "A.run"), 4);

        assertEquals(List.of(new StackFold.Hot("A.run", 4, 4)), fold.hottest(5));
    }

    @Test
    void graphIsOnePageThatNeedsNothingElse() {
        fold.add(List.of("t", "A.<init>"), 4);

        String page = FlameGraph.of("A", "b", fold, "samples");

        assertTrue(page.contains("A.&lt;init&gt; (100.00 %)"), page);
        assertFalse(Pattern.compile("(src|href)=|url\\(|@import|https?:").matcher(page).find());
    }

    @Test
    void recordingTellsWhereItAllocates(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("a.jfr");
        Instant from = Instant.now();
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ObjectAllocationSample").with("throttle", "1000/s");
            recording.start();
            allocate();
            recording.stop();
            recording.dump(file);
        }

        FlightRecording seen = FlightRecording.read(file, from, Instant.now().plusSeconds(1));

        assertTrue(
                seen.allocation().hottest(50).stream()
                        .anyMatch(hot -> hot.name().equals("StackFoldTest.allocate")),
                () -> seen.allocation().lines().toString());
        assertTrue(seen.types().hottest(50).stream().anyMatch(hot -> hot.name().equals("[J")));
        assertEquals(0, FlightRecording.read(file, from, from).allocation().root().weight());
    }

    /** Larger than a thread's own allocation buffer, so that it is seen. */
    private static void allocate() {
        for (int i = 0; i < 100; i++) {
            assertEquals(1 << 18, new long[1 << 18].length);
        }
    }
}
