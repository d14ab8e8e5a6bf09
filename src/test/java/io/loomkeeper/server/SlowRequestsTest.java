package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.Asked;
import io.loomkeeper.tree.Op;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SlowRequestsTest {
    private static final int LINES_MAX = 20;

    private final LogLines lines = new LogLines(SlowRequests.class);

    @BeforeEach
    void listen() {
        lines.open();
    }

    @AfterEach
    void listenNoMore() {
        lines.close();
    }

    private static void slow(SlowRequests requests, int times) {
        for (int i = 0; i < times; i++) {
            requests.onSlow(
                    new Asked(Op.GET_DATA, 1, 1), 0xabcL, "/a", 1_500_000_000L, ", somewhere");
        }
    }

    @Test
    void slowRequestIsSaidWithItsSessionAndPath() {
        slow(new SlowRequests(1000), 1);

        LiveServer.await("a line", () -> lines.count() > 0);
        assertEquals(
                List.of("slow request: GET_DATA of session 0xabc at /a took 1500 ms, somewhere"),
                lines.all());
    }

    @Test
    void linesAreBoundedInTime() {
        SlowRequests requests = new SlowRequests(1000);

        slow(requests, 10 * LINES_MAX);

        LiveServer.await("lines", () -> lines.count() >= LINES_MAX);
        // two windows when one ended meanwhile
        assertTrue(lines.count() <= 2 * LINES_MAX, lines.all()::toString);
    }

    @Test
    void nothingIsSlowWithoutAThreshold() {
        assertEquals(Long.MAX_VALUE, new SlowRequests(0).thresholdNs());
        assertEquals(Long.MAX_VALUE, new SlowRequests(Long.MAX_VALUE).thresholdNs());
        assertEquals(2_000_000, new SlowRequests(2).thresholdNs());
    }

    @Test
    void writesAndReadsAreFoundToBeSlowOnTheirWay(@TempDir Path directory) throws Exception {
        try (LiveServer live = LiveServer.start(directory, "request.warningthresholdms=1")) {
            LiveServer.await(
                    "a write that took more than a millisecond",
                    () -> {
                        writeAndRead(live);
                        return lines.all().stream()
                                .anyMatch(line -> line.contains("SET_DATA") && line.contains("/a"));
                    });
        }
    }

    private static void writeAndRead(LiveServer live) {
        try {
            if (live.client.exists("/a", false) == null) {
                live.create("/a", new byte[0]);
            }
            for (int i = 0; i < 50; i++) {
                live.client.setData("/a", new byte[900_000], -1);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
