package io.loomkeeper.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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

    /** Every quota of a version, in no order. */
    static void forEach(TreeVersion version, TreeVersion.QuotaVisitor visitor) {
        Deque<String> left = new ArrayDeque<>(List.of(""));
        while (!left.isEmpty()) {
            String path = left.removeLast();
            NodeView node = version.node(QuotaText.ROOT + path);
            if (node != null) {
                node.children()
                        .forEach(
                                (array, offset, length) ->
                                        left.add(
                                                path
                                                        + '/'
                                                        + new String(
                                                                array, offset, length, UTF_8)));
                visit(version, path, visitor);
            }
        }
    }

    private static void visit(TreeVersion version, String path, TreeVersion.QuotaVisitor visitor) {
        NodeView limits = quotaNode(version, path, QuotaText.LIMITS);
        NodeView usage = quotaNode(version, path, QuotaText.STATS);
        if (limits == null || usage == null) {
            return;
        }
        QuotaText limit = QuotaText.parse(limits.data());
        QuotaText used = QuotaText.parse(usage.data());
        visitor.onQuota(
                path,
                limit.countHardLimit() > -1 ? limit.countHardLimit() : limit.count(),
                limit.bytesHardLimit() > -1 ? limit.bytesHardLimit() : limit.bytes(),
                used.count(),
                used.bytes());
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
