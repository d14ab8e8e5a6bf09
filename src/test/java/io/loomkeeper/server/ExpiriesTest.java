package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExpiriesTest {
    private static final int LINES_MAX = 20;

    private final LogLines lines = new LogLines(Expiries.class);

    @BeforeEach
    void listen() {
        lines.open();
    }

    @AfterEach
    void listenNoMore() {
        lines.close();
    }

    private static Sessions.Silence silence(long heardMs) {
        return new Sessions.Silence(4000, heardMs, null);
    }

    @Test
    void expirySaysWhenTheClientWasLastHeardOf() {
        new Expiries().onExpired(0xabc, silence(1000), 6000);

        LiveServer.await("a line", () -> lines.count() == 1);
        assertEquals(
                List.of(
                        "Expiring session 0xabc, timeout of 4000ms exceeded: last heard of 5000"
                                + " ms ago, no connection to this server"),
                lines.all());
    }

    @Test
    void pauseOfTheServerIsNamedWhenItFellIntoTheSilence() {
        Expiries expiries = new Expiries();
        expiries.onRun(1000);
        expiries.onRun(5900);

        expiries.onExpired(1, silence(1000), 6000);
        expiries.onExpired(2, silence(5950), 9950);

        LiveServer.await("two lines", () -> lines.count() == 2);
        String first = lines.all().stream().filter(l -> l.contains("0x1,")).findFirst().orElse("");
        String second = lines.all().stream().filter(l -> l.contains("0x2,")).findFirst().orElse("");
        assertTrue(
                first.endsWith("; this server stood still for 4900 ms meanwhile, until 100 ms ago"),
                first);
        assertTrue(second.endsWith("no connection to this server"), second);
    }

    @Test
    void ofManyAtOnceTheRestIsCounted() {
        Expiries expiries = new Expiries();
        for (int i = 0; i < 1000; i++) {
            expiries.onExpired(i, silence(0), 5000);
        }
        expiries.onRun(6100);

        LiveServer.await("lines", () -> lines.count() == LINES_MAX + 1);
        assertTrue(
                lines.all().contains("980 more sessions expired within a second"),
                () -> lines.all().toString());
    }

    @Test
    void diskThatIsNearlyFullIsSaidOnce(@TempDir Path directory) throws Exception {
        try (LogLines disk = new LogLines(DiskSpace.class)) {
            disk.open();
            Config config = LiveServer.config(directory);
            DiskSpace space = new DiskSpace(config.storage(), Long.MAX_VALUE);

            space.look("dataDir", directory);
            space.look("dataDir", directory);

            assertEquals(1, disk.count());
            assertTrue(disk.all().getFirst().startsWith("disk space is low"), disk.all()::toString);
        }
    }
}
