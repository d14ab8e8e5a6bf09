package io.loomkeeper.tree;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The text of quota nodes, where they lie, and what a hard limit refuses (WIRE.md 9).
 *
 * <pre>
 * limits, soft only    count=5,bytes=-1
 * limits with hard     count=5,bytes=-1=;byteHardLimit=100;countHardLimit=10
 * statistics           count=3,bytes=17
 * </pre>
 *
 * <p>The {@code =} before the first {@code ;} is what makes parsers older than the hard limits stop
 * reading there.
 */
public final class QuotaRules {
    public static final String LIMITS = "zookeeper_limits";
    public static final String STATS = "zookeeper_stats";

    private static final String COUNT = "count";
    private static final String BYTES = "bytes";
    private static final String COUNT_HARD = "countHardLimit";
    private static final String BYTES_HARD = "byteHardLimit";

    private QuotaRules() {}

    /**
     * The content of a limits or statistics node; -1 is no limit, or unknown.
     *
     * @param more every further key, hard limits included, in the order in which they are written
     */
    public record Quota(long count, long bytes, SortedMap<String, Long> more) {

        /** What a recount writes. */
        public static Quota ofUsage(long count, long bytes) {
            return new Quota(count, bytes, new TreeMap<>());
        }

        /** The same node after an operation that added {@code countDelta} and so many bytes. */
        public Quota plus(long countDelta, long bytesDelta) {
            return new Quota(count + countDelta, bytes + bytesDelta, more);
        }

        /** The hard limit of nodes in the subtree, its top included; -1 is none. */
        public long countHardLimit() {
            return more.getOrDefault(COUNT_HARD, -1L);
        }

        /** The hard limit of data bytes in the subtree; -1 is none. */
        public long bytesHardLimit() {
            return more.getOrDefault(BYTES_HARD, -1L);
        }
    }

    /** {@code /zookeeper/quota<path>/zookeeper_limits}. */
    public static String limitsPath(String path) {
        return PathRules.QUOTA + path + '/' + LIMITS;
    }

    /** {@code /zookeeper/quota<path>/zookeeper_stats}. */
    public static String statsPath(String path) {
        return PathRules.QUOTA + path + '/' + STATS;
    }

    /**
     * The path that a limits node at {@code path} puts under quota, or null: the node is none, or
     * stands for the root, which has no quota.
     */
    public static @Nullable String pathLimitedBy(String path) {
        return quotaOf(path, LIMITS);
    }

    /** The path whose usage a statistics node at {@code path} holds, or null. */
    public static @Nullable String pathCountedBy(String path) {
        return quotaOf(path, STATS);
    }

    private static @Nullable String quotaOf(String path, String name) {
        int from = PathRules.QUOTA.length();
        int to = path.length() - name.length() - 1;
        return to > from
                        && path.charAt(from) == '/'
                        && path.charAt(to) == '/'
                        && path.startsWith(PathRules.QUOTA)
                        && path.endsWith(name)
                ? path.substring(from, to)
                : null;
    }

    /**
     * Reads a quota node. Clients write these nodes, so nothing is refused: a value that is missing
     * or is no number counts as -1.
     */
    public static Quota parse(@Nullable Bytes data) {
        long count = -1;
        long bytes = -1;
        SortedMap<String, Long> more = new TreeMap<>();
        String text = data == null ? "" : data.utf8();
        for (int start = 0; start < text.length(); ) {
            int end = pairEnd(text, start);
            int equals = text.indexOf('=', start);
            if (equals > start && equals < end) {
                String key = text.substring(start, equals);
                long value = value(text, equals + 1, end);
                switch (key) {
                    case COUNT -> count = value;
                    case BYTES -> bytes = value;
                    default -> more.put(key, value);
                }
            }
            start = end + 1;
        }
        return new Quota(count, bytes, more);
    }

    private static int pairEnd(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ',' || c == ';') {
                return i;
            }
        }
        return text.length();
    }

    /** The number that ends at a second {@code =} or at {@code end}. */
    private static long value(String text, int start, int end) {
        int equals = text.indexOf('=', start);
        String digits = text.substring(start, equals >= 0 && equals < end ? equals : end);
        if (digits.isEmpty()) {
            return -1;
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    /** The node's text, keys beyond count and bytes in the order of their names. */
    public static Bytes print(Quota quota) {
        StringBuilder text = new StringBuilder(48);
        text.append(COUNT).append('=').append(quota.count);
        text.append(',').append(BYTES).append('=').append(quota.bytes);
        if (!quota.more.isEmpty()) {
            text.append('=');
        }
        for (Map.Entry<String, Long> entry : quota.more.entrySet()) {
            text.append(';').append(entry.getKey()).append('=').append(entry.getValue());
        }
        return Bytes.utf8(text.toString());
    }

    /**
     * Whether an operation breaks a hard limit. Soft limits refuse nothing; an operation that adds
     * nothing to a figure is not measured by it.
     */
    public static boolean isExceeded(Quota limits, Quota usage, long countDelta, long bytesDelta) {
        return isOver(limits.countHardLimit(), usage.count, countDelta)
                || isOver(limits.bytesHardLimit(), usage.bytes, bytesDelta);
    }

    private static boolean isOver(long limit, long used, long delta) {
        return limit > -1 && delta != 0 && used + delta > limit;
    }
}
