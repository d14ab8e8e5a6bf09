package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/**
 * What the hard limits of quotas refuse (protocol 9); the text of quota nodes is {@link QuotaText}.
 */
final class QuotaRules {
    private QuotaRules() {}

    /**
     * Whether an operation on {@code path} breaks a hard limit. The nearest quota above decides
     * alone; soft limits refuse nothing; what an operation leaves as it is, is not measured.
     *
     * @param countDelta nodes that it adds
     * @param bytesDelta data bytes that it adds, or takes away
     */
    static boolean isExceeded(TreeVersion head, String path, long countDelta, long bytesDelta) {
        String prefix = head.quotaPrefix(path);
        if (prefix == null) {
            return false;
        }
        NodeView limits = quotaNode(head, prefix, QuotaText.LIMITS);
        NodeView usage = quotaNode(head, prefix, QuotaText.STATS);
        return limits != null
                && usage != null
                && isExceeded(
                        QuotaText.parse(limits.data()),
                        QuotaText.parse(usage.data()),
                        countDelta,
                        bytesDelta);
    }

    private static @Nullable NodeView quotaNode(TreeVersion head, String prefix, String name) {
        return head.node(QuotaText.ROOT + prefix + '/' + name);
    }

    static boolean isExceeded(QuotaText limits, QuotaText usage, long countDelta, long bytesDelta) {
        return isOver(limits.countHardLimit(), usage.count(), countDelta)
                || isOver(limits.bytesHardLimit(), usage.bytes(), bytesDelta);
    }

    private static boolean isOver(long limit, long used, long delta) {
        return limit > -1 && delta != 0 && used + delta > limit;
    }
}
