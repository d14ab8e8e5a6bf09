package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.net.ClientLimits.Handshakes;
import org.junit.jupiter.api.Test;

/** Facts about {@link HandshakeBucket}: protocol 2.4, 1. */
final class HandshakeBucketTest {
    private static int taken(HandshakeBucket bucket, long nowMs) {
        int taken = 0;
        while (taken < 1000 && bucket.take(nowMs)) {
            taken++;
        }
        return taken;
    }

    @Test
    void itIsFullAtTheStart() {
        assertEquals(5, taken(new HandshakeBucket(new Handshakes(5, 10, 2), 7), 7));
    }

    @Test
    void eachFillingAddsItsCountAndNothingComesBetween() {
        HandshakeBucket bucket = new HandshakeBucket(new Handshakes(5, 10, 2), 0);
        taken(bucket, 0);

        assertEquals(0, taken(bucket, 9));
        assertEquals(2, taken(bucket, 10));
        assertEquals(0, taken(bucket, 19));
        assertEquals(4, taken(bucket, 39));
    }

    @Test
    void deficitIsWhatItLacks() {
        HandshakeBucket bucket = new HandshakeBucket(new Handshakes(5, 10, 2), 0);
        assertEquals(0, bucket.deficit());
        taken(bucket, 0);
        assertEquals(5, bucket.deficit());
        bucket.take(20);
        assertEquals(2, bucket.deficit());
        assertEquals(0, new HandshakeBucket(Handshakes.UNBOUNDED, 0).deficit());
    }

    @Test
    void itNeverHoldsMoreThanItsTokens() {
        HandshakeBucket bucket = new HandshakeBucket(new Handshakes(5, 10, 2), 0);

        assertEquals(5, taken(bucket, Long.MAX_VALUE));
        assertEquals(0, taken(bucket, Long.MAX_VALUE));
    }

    @Test
    void withoutTokensThereIsNoBound() {
        assertEquals(1000, taken(new HandshakeBucket(Handshakes.UNBOUNDED, 0), 0));
    }
}
