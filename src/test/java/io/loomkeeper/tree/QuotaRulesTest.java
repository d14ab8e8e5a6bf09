package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.tree.QuotaRules.Quota;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Facts about {@link QuotaRules}: WIRE.md 9. */
final class QuotaRulesTest {

    private static Quota parse(String text) {
        return QuotaRules.parse(Bytes.utf8(text));
    }

    private static String print(Quota quota) {
        return QuotaRules.print(quota).utf8();
    }

    @Test
    void softLimitsArePrintedWithoutTheStrayEquals() {
        assertEquals("count=5,bytes=-1", print(parse("count=5,bytes=-1")));
        assertEquals("count=3,bytes=17", print(Quota.ofUsage(3, 17)));
    }

    @Test
    void point19StrayEqualsStandsBeforeTheFirstSemicolon() {
        String text = "count=5,bytes=7=;byteHardLimit=100;countHardLimit=10";
        Quota limits = parse(text);
        assertEquals(5, limits.count());
        assertEquals(7, limits.bytes());
        assertEquals(10, limits.countHardLimit());
        assertEquals(100, limits.bytesHardLimit());
        assertEquals(text, print(limits));
    }

    @Test
    void furtherKeysAreKeptInTheOrderOfTheirNames() {
        assertEquals("count=1,bytes=2=;aa=4;zz=3", print(parse("zz=3;bytes=2;;,aa=4,count=1")));
    }

    @Test
    void whatIsMissingOrNoNumberIsMinusOne() {
        for (String text :
                new String[] {"", ",", "=", "count", "count=", "count==4", "count=x", ";;=5;"}) {
            Quota quota = parse(text);
            assertEquals(-1, quota.count(), text);
            assertEquals(-1, quota.bytes(), text);
            assertEquals(-1, quota.countHardLimit(), text);
            assertEquals(-1, quota.bytesHardLimit(), text);
        }
        assertEquals(-1, QuotaRules.parse(null).count());
        assertEquals(4, parse("count=4=5").count());
    }

    @Test
    void randomTextIsReadWithoutHarmAndPrintsToAFixpoint() {
        Random random = new Random(9);
        String alphabet = "=,;-0123456789count bytes";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String printed = print(parse(text.toString()));
            assertEquals(printed, print(parse(printed)), text::toString);
        }
    }

    @Test
    void quotaNodesNameThePathTheyStandFor() {
        assertEquals("/zookeeper/quota/a/b/zookeeper_limits", QuotaRules.limitsPath("/a/b"));
        assertEquals("/zookeeper/quota/a/b/zookeeper_stats", QuotaRules.statsPath("/a/b"));
        assertEquals("/a/b", QuotaRules.pathLimitedBy(QuotaRules.limitsPath("/a/b")));
        assertEquals("/a/b", QuotaRules.pathCountedBy(QuotaRules.statsPath("/a/b")));
        for (String path :
                new String[] {
                    "/",
                    "/a/zookeeper_limits",
                    "/zookeeper/quota",
                    "/zookeeper/quota/zookeeper_limits",
                    "/zookeeper/quota/a",
                    "/zookeeper/quota/a/zookeeper_stats",
                    "/zookeeper/quotas/a/zookeeper_limits",
                    "/zookeeper/quota/azookeeper_limits",
                }) {
            assertNull(QuotaRules.pathLimitedBy(path), path);
        }
    }

    @Test
    void hardLimitsRefuseWhatWouldPassThemAndSoftOnesNothing() {
        Quota hard = parse("count=1,bytes=1=;byteHardLimit=10;countHardLimit=3");
        assertFalse(QuotaRules.isExceeded(hard, Quota.ofUsage(2, 5), 1, 5));
        assertTrue(QuotaRules.isExceeded(hard, Quota.ofUsage(3, 0), 1, 0));
        assertTrue(QuotaRules.isExceeded(hard, Quota.ofUsage(0, 5), 1, 6));
        Quota soft = parse("count=1,bytes=1");
        assertFalse(QuotaRules.isExceeded(soft, Quota.ofUsage(9, 9), 1, 9));
    }

    @Test
    void aFigureThatAnOperationLeavesAloneIsNotMeasured() {
        Quota hard = parse("count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3");
        assertFalse(QuotaRules.isExceeded(hard, Quota.ofUsage(9, 10), 0, 0));
        assertFalse(QuotaRules.isExceeded(hard, Quota.ofUsage(2, 99), 1, 0));
        assertTrue(QuotaRules.isExceeded(hard, Quota.ofUsage(2, 99), 0, -1), "still over");
    }

    @Test
    void usageMovesWithEachOperation() {
        assertEquals("count=4,bytes=12", print(parse("count=3,bytes=17").plus(1, -5)));
    }
}
