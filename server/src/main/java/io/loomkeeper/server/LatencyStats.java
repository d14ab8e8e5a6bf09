package io.loomkeeper.server;

import io.loomkeeper.admin.Metrics;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Count, sum, least, greatest and percentiles of whole numbers, most often milliseconds. Any thread
 * records without waiting for another; a reader sees each number as of some recent moment, not all
 * of them as of one.
 *
 * <p>Values up to 63 are counted apart, greater ones in buckets 32 to a doubling, so a percentile
 * above 63 is at most 3 % too low. Values from 2<sup>30</sup> up, which is 12 days of milliseconds,
 * share the last bucket.
 */
final class LatencyStats implements Metrics.Distribution {
    private static final int EXACT = 64;
    private static final int PER_DOUBLING = 32;
    private static final int DOUBLINGS = 24;
    private static final int BUCKETS = EXACT + DOUBLINGS * PER_DOUBLING;

    private final LongAdder count = new LongAdder();
    private final LongAdder sum = new LongAdder();
    private final LongAccumulator least = new LongAccumulator(Math::min, Long.MAX_VALUE);
    private final LongAccumulator greatest = new LongAccumulator(Math::max, Long.MIN_VALUE);
    private final boolean isDetailed;

    /** Each made when its first value comes: most stay empty. */
    private final AtomicReferenceArray<@Nullable LongAdder> buckets =
            new AtomicReferenceArray<>(BUCKETS);

    private LatencyStats(boolean isDetailed) {
        this.isDetailed = isDetailed;
    }

    /** Of which the median is all that is wanted. */
    static LatencyStats basic() {
        return new LatencyStats(false);
    }

    /** Of which the percentiles of the greatest values are wanted too. */
    static LatencyStats withPercentiles() {
        return new LatencyStats(true);
    }

    /** Takes one value in; a negative one, which a clock set back can cause, is left out. */
    void record(long value) {
        record(value, 1);
    }

    /** Takes one value in so many times, as {@link #record(long)}. */
    void record(long value, long times) {
        if (value < 0) {
            return;
        }
        count.add(times);
        sum.add(value * times);
        least.accumulate(value);
        greatest.accumulate(value);
        counter(bucket(value)).add(times);
    }

    private LongAdder counter(int bucket) {
        LongAdder counter = buckets.get(bucket);
        if (counter != null) {
            return counter;
        }
        LongAdder made = new LongAdder();
        LongAdder other = buckets.compareAndExchange(bucket, null, made);
        return other == null ? made : other;
    }

    private long countIn(int bucket) {
        LongAdder counter = buckets.get(bucket);
        return counter == null ? 0 : counter.sum();
    }

    @Override
    public long count() {
        return count.sum();
    }

    @Override
    public long sum() {
        return sum.sum();
    }

    /** The least value; 0 when there was none. */
    @Override
    public long min() {
        long value = least.get();
        return value == Long.MAX_VALUE ? 0 : value;
    }

    /** The greatest value; 0 when there was none. */
    @Override
    public long max() {
        long value = greatest.get();
        return value == Long.MIN_VALUE ? 0 : value;
    }

    /**
     * Rounded half up to four decimals, as Apache's server prints it; 0 when there was no value.
     */
    @Override
    public double average() {
        long values = count.sum();
        if (values == 0) {
            return 0;
        }
        double average = sum.sum() / (double) values;
        return new BigDecimal(average).setScale(4, RoundingMode.HALF_UP).doubleValue();
    }

    @Override
    public boolean isDetailed() {
        return isDetailed;
    }

    /**
     * The value that this share of all values does not exceed.
     *
     * @param share above 0, up to 1
     * @return 0 when there was no value
     */
    @Override
    public long percentile(double share) {
        assert share > 0 && share <= 1 : share;
        long values = 0;
        for (int i = 0; i < BUCKETS; i++) {
            values += countIn(i);
        }
        long rest = (long) Math.ceil(share * values);
        for (int i = 0; i < BUCKETS && rest > 0; i++) {
            rest -= countIn(i);
            if (rest <= 0) {
                return leastOf(i);
            }
        }
        return 0;
    }

    private static int bucket(long value) {
        if (value < EXACT) {
            return (int) value;
        }
        int doublings = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - 6;
        int within = (int) (value >>> (doublings + 1)) - PER_DOUBLING; // 5 bits under the highest
        return Math.min(EXACT + doublings * PER_DOUBLING + within, BUCKETS - 1);
    }

    private static long leastOf(int bucket) {
        if (bucket < EXACT) {
            return bucket;
        }
        int doublings = (bucket - EXACT) / PER_DOUBLING;
        int within = PER_DOUBLING + (bucket - EXACT) % PER_DOUBLING;
        return (long) within << (doublings + 1);
    }

    /** Forgets everything. A value recorded meanwhile may be half forgotten. */
    void reset() {
        count.reset();
        sum.reset();
        least.reset();
        greatest.reset();
        for (int i = 0; i < BUCKETS; i++) {
            LongAdder counter = buckets.get(i);
            if (counter != null) {
                counter.reset();
            }
        }
    }
}
