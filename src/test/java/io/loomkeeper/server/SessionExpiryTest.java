package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SessionExpiryTest {
    private static final long TICK_MS = 100;

    private final SessionExpiry expiry = new SessionExpiry(TICK_MS);
    private final List<Long> due = new ArrayList<>();

    @Test
    void sessionIsDueAtTheTickBehindItsTimeout() {
        expiry.touch(1, 1_010, 250);

        expiry.expire(1_299, due::add);
        assertEquals(List.of(), due);
        expiry.expire(1_300, due::add);
        assertEquals(List.of(1L), due);
        assertFalse(expiry.tracks(1));
    }

    @Test
    void touchMovesTheDeadline() {
        expiry.touch(1, 1_000, 250);
        expiry.touch(1, 1_200, 250);

        expiry.expire(1_499, due::add);
        assertEquals(List.of(), due);
        expiry.expire(1_500, due::add);
        assertEquals(List.of(1L), due);
    }

    @Test
    void anOlderTouchDoesNotBringTheDeadlineForward() {
        expiry.touch(1, 1_200, 250);
        expiry.touch(1, 1_000, 250);

        expiry.expire(1_400, due::add);
        assertEquals(List.of(), due);
    }

    @Test
    void forgottenSessionIsNeverDue() {
        expiry.touch(1, 1_000, 250);
        expiry.forget(1);

        expiry.expire(10_000, due::add);
        assertEquals(List.of(), due);
        assertEquals(0, expiry.count());
    }

    @Test
    void everySessionIsDueBetweenItsTimeoutAndOneTickMore() {
        Random random = new Random(7);
        Map<Long, Long> heardUntil = new HashMap<>();
        long nowMs = 5_000;
        for (int step = 0; step < 20_000; step++) {
            nowMs += random.nextInt(40);
            long session = random.nextInt(50);
            if (random.nextInt(4) > 0) {
                long timeoutMs = 200L + random.nextInt(2_000);
                expiry.touch(session, nowMs, timeoutMs);
                heardUntil.merge(session, nowMs + timeoutMs, Math::max);
            }
            due.clear();
            expiry.expire(nowMs, due::add);
            for (long expired : due) {
                long end = heardUntil.remove(expired);
                assertTrue(nowMs >= end, "early: " + (end - nowMs));
            }
            for (long end : heardUntil.values()) {
                assertTrue(nowMs < end + TICK_MS, "late: " + (nowMs - end));
            }
        }
    }
}
