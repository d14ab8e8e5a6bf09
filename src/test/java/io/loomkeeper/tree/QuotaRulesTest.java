package io.loomkeeper.tree;

import static io.loomkeeper.tree.Writing.creation;
import static io.loomkeeper.tree.Writing.multi;
import static io.loomkeeper.tree.Writing.setData;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Facts about {@link QuotaRules} and what {@link Preparer} makes of them: protocol 9. */
final class QuotaRulesTest {
    private static final Preparer.Options ENFORCING = new Preparer.Options(true, false, 1 << 20, 0);

    private final Writing writing = new Writing(TreeOptions.DEFAULT, ENFORCING);

    private static QuotaText text(String text) {
        return QuotaText.parse(Bytes.utf8(text));
    }

    /** What a client does to put {@code path} under quota. */
    private void quota(String path, String limits) {
        StringBuilder at = new StringBuilder("/zookeeper/quota");
        for (String name : path.substring(1).split("/", -1)) {
            at.append('/').append(name);
            if (!writing.tree.head().exists(at.toString())) {
                writing.done(creation(at.toString()));
            }
        }
        writing.done(creation(at + "/zookeeper_limits", Bytes.utf8(limits)));
        writing.done(creation(at + "/zookeeper_stats", Bytes.utf8("count=0,bytes=0")));
    }

    private String usage(String path) {
        Bytes data = writing.node("/zookeeper/quota" + path + "/zookeeper_stats").data();
        return data == null ? "" : data.utf8();
    }

    @Test
    void hardLimitsRefuseWhatWouldPassThemAndSoftOnesNothing() {
        QuotaText hard = text("count=1,bytes=1=;byteHardLimit=10;countHardLimit=3");
        assertFalse(QuotaRules.isExceeded(hard, QuotaText.of(2, 5), 1, 5));
        assertTrue(QuotaRules.isExceeded(hard, QuotaText.of(3, 0), 1, 0));
        assertTrue(QuotaRules.isExceeded(hard, QuotaText.of(0, 5), 1, 6));
        QuotaText soft = text("count=1,bytes=1");
        assertFalse(QuotaRules.isExceeded(soft, QuotaText.of(9, 9), 1, 9));
    }

    @Test
    void useIsCountedAnewWhateverTheStatsNodesSay() {
        writing.done(creation("/q", Bytes.utf8("12")));
        quota("/q", "count=9,bytes=-1");
        quota("/gone/deep", "count=9,bytes=-1");
        writing.done(creation("/q/a", Bytes.utf8("345")));
        assertEquals("count=2,bytes=5", usage("/q"));
        writing.done(setData("/zookeeper/quota/q/zookeeper_stats", "count=7,bytes=1"));
        TreeVersion wrong = writing.tree.seal();

        TreeVersion counted = DataTree.recounted(wrong);
        writing.tree.replace(counted);

        assertEquals("count=2,bytes=5", usage("/q"));
        assertEquals("count=0,bytes=0", usage("/gone/deep"));
        assertEquals(wrong.digest(), counted.digest());
        assertEquals(wrong.zxid(), counted.zxid());
        writing.done(creation("/q/b", Bytes.utf8("6")));
        assertEquals("count=3,bytes=6", usage("/q"));
    }

    @Test
    void refusalsAreToldByTheirPath() {
        writing.done(creation("/q"));
        quota("/q", "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=1");
        List<String> refusals = new ArrayList<>();
        Preparer listened =
                new Preparer(
                        writing.tree,
                        writing.rules,
                        ENFORCING,
                        refusals::add,
                        Reconfigurations.none());
        Preparer.Caller caller = Writing.caller(Writing.ADDRESS);

        listened.submit(creation("/q/a"), caller, ++writing.zxid, 1);
        listened.submit(multi(creation("/ok"), creation("/q/m")), caller, ++writing.zxid, 1);
        listened.submit(creation("/q/b"), caller, ++writing.zxid, 1);
        listened.submit(setData("/q", "too much data"), caller, ++writing.zxid, 1);

        assertEquals(List.of("/q/a", "/q/m", "/q/b", "/q"), refusals);
    }

    @Test
    void aFigureThatAnOperationLeavesAloneIsNotMeasured() {
        QuotaText hard = text("count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3");
        assertFalse(QuotaRules.isExceeded(hard, QuotaText.of(9, 10), 0, 0));
        assertFalse(QuotaRules.isExceeded(hard, QuotaText.of(2, 99), 1, 0));
        assertTrue(QuotaRules.isExceeded(hard, QuotaText.of(2, 99), 0, -1), "still over");
    }

    @Test
    void createAndSetDataAreRefusedBeyondTheHardLimit() {
        writing.done(creation("/q"));
        quota("/q", "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3");
        assertEquals("count=1,bytes=0", usage("/q"));
        writing.done(creation("/q/a", Bytes.utf8("12345")));
        writing.refused(KeeperError.QUOTA_EXCEEDED, creation("/q/b", Bytes.utf8("123456")));
        writing.done(creation("/q/b"));
        writing.refused(KeeperError.QUOTA_EXCEEDED, creation("/q/c"));
        writing.refused(KeeperError.QUOTA_EXCEEDED, creation("/q/a/c"));
        writing.refused(KeeperError.QUOTA_EXCEEDED, setData("/q/b", "123456"));
        writing.done(setData("/q/b", "12345"));
        assertEquals("count=3,bytes=10", usage("/q"));
        writing.done(setData("/q/a", ""));
        writing.done(new Request.Delete("/q/b", -1));
        writing.done(creation("/q/c"));
        writing.done(creation("/free"));
    }

    @Test
    void quotaIsCheckedAfterPermissionAndBeforeVersion() {
        writing.done(creation("/q"));
        quota("/q", "count=-1,bytes=-1=;byteHardLimit=1;countHardLimit=1");
        writing.refused(
                KeeperError.QUOTA_EXCEEDED, new Request.SetData("/q", Bytes.utf8("123"), 77));
        writing.refused(KeeperError.NODE_EXISTS, creation("/q"));
    }

    @Test
    void withoutEnforcementNothingIsRefused() {
        Writing lax = new Writing();
        lax.done(creation("/q"));
        lax.done(creation("/zookeeper/quota/q"));
        lax.done(
                creation(
                        "/zookeeper/quota/q/zookeeper_limits",
                        Bytes.utf8("count=1,bytes=1=;byteHardLimit=1;countHardLimit=1")));
        lax.done(creation("/zookeeper/quota/q/zookeeper_stats", Bytes.utf8("")));
        lax.done(creation("/q/a", Bytes.utf8("12345")));
    }

    @Test
    void onlyTheNearestQuotaDecides() {
        writing.done(creation("/q"));
        writing.done(creation("/q/r"));
        quota("/q", "count=-1,bytes=-1=;countHardLimit=2");
        quota("/q/r", "count=-1,bytes=-1=;countHardLimit=5");
        writing.done(creation("/q/r/a"));
        writing.done(creation("/q/r/b"));
        writing.refused(KeeperError.QUOTA_EXCEEDED, creation("/q/x"));
    }

    @Test
    void aBurstInOneMultiCannotOvershoot() {
        writing.done(creation("/q"));
        quota("/q", "count=-1,bytes=-1=;countHardLimit=3");
        assertEquals(
                new Response.FailedMulti(3, 2, KeeperError.QUOTA_EXCEEDED),
                writing.submit(multi(creation("/q/a"), creation("/q/b"), creation("/q/c"))));
        assertEquals("count=1,bytes=0", usage("/q"));
    }

    @Test
    void aQuotaWithoutStatisticsOrWithNonsenseRefusesNothing() {
        writing.done(creation("/q"));
        writing.done(creation("/zookeeper/quota/q"));
        writing.done(
                creation(
                        "/zookeeper/quota/q/zookeeper_limits",
                        Bytes.utf8("count=1,bytes=1=;countHardLimit=0")));
        writing.done(creation("/q/a"));
        writing.done(creation("/r"));
        quota("/r", "no;such=limit,,==");
        writing.done(creation("/r/a"));
    }
}
