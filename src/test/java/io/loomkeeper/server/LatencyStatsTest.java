package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LatencyStatsTest {
    private static LatencyStats of(long... values) {
        LatencyStats stats = LatencyStats.withPercentiles();
        for (long value : values) {
            stats.record(value);
        }
        return stats;
    }

    @Test
    void emptyIsZero() {
        LatencyStats stats = of();

        assertEquals(0, stats.count());
        assertEquals(0, stats.min());
        assertEquals(0, stats.max());
        assertEquals(0, stats.average());
        assertEquals(0, stats.percentile(0.99));
    }

    @Test
    void averageIsRoundedHalfUpToFourDecimals() {
        assertEquals(0.6667, of(1, 1, 0).average());
        assertEquals(0.3333, of(1, 0, 0).average());
        assertEquals(2.5, of(2, 3).average());
        assertEquals(0.0625, of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).average());
    }

    @Test
    void leastAndGreatestAreKept() {
        LatencyStats stats = of(7, 3, 9, 5);

        assertEquals(3, stats.min());
        assertEquals(9, stats.max());
        assertEquals(24, stats.sum());
        assertEquals(4, stats.count());
    }

    @Test
    void negativeValuesAreLeftOut() {
        assertEquals(0, of(-1).count());
    }

    @Test
    void resetForgets() {
        LatencyStats stats = of(7);

        stats.reset();

        assertEquals(0, stats.count());
        assertEquals(0, stats.min());
        assertEquals(0, stats.max());
        assertEquals(0, stats.percentile(1));
        stats.record(9);
        assertEquals(9, stats.min());
    }

    @ParameterizedTest
    @CsvSource({"0.5, 50", "0.95, 94", "0.99, 98", "1, 100"})
    void percentileIsTheStartOfItsBucket(double share, long value) {
        LatencyStats stats = LatencyStats.withPercentiles();
        for (int i = 1; i <= 100; i++) {
            stats.record(i);
        }

        assertEquals(value, stats.percentile(share));
    }

    @Test
    void percentileIsAtMostThreePercentTooLow() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            LatencyStats stats = LatencyStats.withPercentiles();
            long[] values = new long[1 + random.nextInt(50)];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextLong(1L << (1 + random.nextInt(30)));
                stats.record(values[i]);
            }
            Arrays.sort(values);
            for (double share : new double[] {0.001, 0.5, 0.95, 0.999, 1}) {
                long exact = values[(int) Math.ceil(share * values.length) - 1];
                long shown = stats.percentile(share);
                assertTrue(shown <= exact && shown >= exact * 0.97 - 1, shown + " of " + exact);
            }
        }
    }

    @Test
    void greatestValueOfAllHasABucket() {
        assertEquals(63L << 24, of(Long.MAX_VALUE).percentile(0.5));
    }

    @Test
    void threadsRecordTogether() throws InterruptedException {
        LatencyStats stats = LatencyStats.withPercentiles();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        for (int n = 0; n < 10_000; n++) {
                                            stats.record(n);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertEquals(40_000, stats.count());
        assertEquals(4 * 9_999L * 10_000 / 2, stats.sum());
        assertEquals(9_999, stats.max());
    }
}
