package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SnapshotPaceTest {
    private static final long START_NS = Long.MAX_VALUE - 50;

    private static long at(long afterNs) {
        return START_NS + afterNs;
    }

    private final SnapshotPace pace = new SnapshotPace(1000, 64_000, bound -> bound / 2);

    @Test
    void transactionsMakeItDue() {
        pace.onLogged(749, 10);
        assertFalse(pace.isDue(START_NS));
        pace.onLogged(1, 10);
        assertTrue(pace.isDue(START_NS));
        pace.onBegun();
        assertFalse(pace.isDue(START_NS));
    }

    @Test
    void bytesMakeItDue() {
        pace.onLogged(1, 47_999);
        assertFalse(pace.isDue(START_NS));
        pace.onLogged(1, 1);
        assertTrue(pace.isDue(START_NS));
    }

    @Test
    void noLimitOfBytesIsNone() {
        SnapshotPace endless = new SnapshotPace(1000, 0, bound -> bound / 2);
        endless.onLogged(1, Long.MAX_VALUE / 2);
        assertFalse(endless.isDue(START_NS));
    }

    /** The clock may pass the greatest long meanwhile. */
    @Test
    void afterOneThatTookLongTheNextWaitsThreeTimesAsLong() {
        pace.onLogged(1000, 0);
        pace.onBegun();
        pace.onLogged(1000, 0);
        pace.onEnded(START_NS, at(100));
        assertFalse(pace.isDue(at(101)));
        assertFalse(pace.isDue(at(399)));
        assertTrue(pace.isDue(at(400)));
    }
}
