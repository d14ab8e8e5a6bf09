package io.loomkeeper.tree;

import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code zookeeper_limits} or {@code zookeeper_stats} node says (protocol 9).
 *
 * <pre>
 *   count=3,bytes=20                                        soft limits, or what is used
 *   count=3,bytes=20=;byteHardLimit=40;countHardLimit=5     with hard limits; the stray = is so
 * </pre>
 *
 * <p>A number that is absent or cannot be read is -1: no limit. Keys that mean nothing here are
 * kept.
 */
final class QuotaText {
    static final String LIMITS = "zookeeper_limits";
    static final String STATS = "zookeeper_stats";
    static final String ROOT = "/zookeeper/quota";

    private static final String COUNT = "count";
    private static final String BYTES = "bytes";
    private static final String COUNT_HARD_LIMIT = "countHardLimit";
    private static final String BYTE_HARD_LIMIT = "byteHardLimit";

    private final NavigableMap<String, Long> numbers = new TreeMap<>();

    private QuotaText() {}

    static QuotaText of(long count, long bytes) {
        QuotaText text = new QuotaText();
        text.numbers.put(COUNT, count);
        text.numbers.put(BYTES, bytes);
        return text;
    }

    static QuotaText parse(@Nullable Bytes data) {
        QuotaText text = new QuotaText();
        if (data != null) {
            text.numbers.putAll(numbersIn(data.utf8()));
        }
        return text;
    }

    private static NavigableMap<String, Long> numbersIn(String text) {
        NavigableMap<String, Long> numbers = new TreeMap<>();
        int from = 0;
        for (int to = 0; to <= text.length(); to++) {
            if (to == text.length() || text.charAt(to) == ',' || text.charAt(to) == ';') {
                String pair = text.substring(from, to);
                if (!pair.isEmpty()) {
                    int equals = pair.indexOf('=');
                    String key = equals < 0 ? pair : pair.substring(0, equals);
                    numbers.put(key, number(equals < 0 ? "" : pair.substring(equals + 1)));
                }
                from = to + 1;
            }
        }
        return numbers;
    }

    /** The number before a further '=', if any. */
    private static long number(String text) {
        int end = text.indexOf('=');
        try {
            return Long.parseLong(end < 0 ? text : text.substring(0, end));
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    long count() {
        return numbers.getOrDefault(COUNT, -1L);
    }

    long bytes() {
        return numbers.getOrDefault(BYTES, -1L);
    }

    long countHardLimit() {
        return numbers.getOrDefault(COUNT_HARD_LIMIT, -1L);
    }

    long bytesHardLimit() {
        return numbers.getOrDefault(BYTE_HARD_LIMIT, -1L);
    }

    void add(long countMore, long bytesMore) {
        numbers.put(COUNT, count() + countMore);
        numbers.put(BYTES, bytes() + bytesMore);
    }

    Bytes toBytes() {
        StringBuilder text = new StringBuilder();
        text.append("count=").append(count()).append(",bytes=").append(bytes());
        boolean first = true;
        for (var number : numbers.entrySet()) {
            if (!number.getKey().equals(COUNT) && !number.getKey().equals(BYTES)) {
                text.append(first ? "=;" : ";");
                text.append(number.getKey()).append('=').append(number.getValue());
                first = false;
            }
        }
        return Bytes.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
