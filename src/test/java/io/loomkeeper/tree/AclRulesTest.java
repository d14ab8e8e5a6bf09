package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Facts about {@link AclRules}: protocol 8.2, 8.3 and getACL of 3.2. */
final class AclRulesTest {
    private static final AuthId JOE = new AuthId("digest", "joe:hash");
    private static final AuthId ANN = new AuthId("digest", "ann:hash");
    private static final AuthId ADDRESS = AuthSchemes.ofAddress("10.1.2.3");
    private static final AuthId SUPER = new AuthId("super", "");

    private final AclRules rules = new AclRules(AuthOptions.DEFAULT);

    private static Acl entry(int perms, @Nullable String scheme, @Nullable String id) {
        return new Acl(perms, new AuthId(scheme, id));
    }

    // permits

    @Test
    void anyoneMayWhatTheWorldMay() {
        assertTrue(rules.permits(Acl.READ_ONLY, Acl.READ, List.of()));
        assertFalse(rules.permits(Acl.READ_ONLY, Acl.WRITE, List.of()));
        assertTrue(rules.permits(Acl.OPEN, Acl.ADMIN, List.of()));
    }

    @Test
    void anEmptyAclAllowsEverything() {
        assertTrue(rules.permits(List.of(), Acl.ALL, List.of()));
    }

    @Test
    void superPassesEveryCheck() {
        List<Acl> nothing = List.of(new Acl(0, JOE));
        assertFalse(rules.permits(nothing, Acl.READ, List.of(ADDRESS, JOE)));
        assertTrue(rules.permits(nothing, Acl.ALL, List.of(ADDRESS, SUPER)));
    }

    @Test
    void skipAclPassesEveryCheck() {
        AclRules skipping = new AclRules(new AuthOptions(Set.of("digest"), "SHA1", null, true));
        assertTrue(skipping.permits(List.of(new Acl(0, JOE)), Acl.ALL, List.of()));
    }

    @Test
    void anIdentityMatchesWithinItsOwnScheme() {
        List<Acl> acl = List.of(new Acl(Acl.READ, JOE), entry(Acl.WRITE, "ip", "10.1.0.0/16"));
        assertTrue(rules.permits(acl, Acl.READ, List.of(ADDRESS, JOE)));
        assertFalse(rules.permits(acl, Acl.READ, List.of(ADDRESS, ANN)));
        assertTrue(rules.permits(acl, Acl.WRITE, List.of(ADDRESS)));
        assertFalse(rules.permits(acl, Acl.WRITE, List.of(JOE)));
        assertFalse(rules.permits(acl, Acl.WRITE, List.of(new AuthId("digest", "10.1.0.0/16"))));
    }

    @Test
    void oneOfSeveralWantedBitsIsEnough() {
        List<Acl> admin = List.of(new Acl(Acl.ADMIN, JOE));
        assertTrue(rules.permits(admin, Acl.READ | Acl.ADMIN, List.of(JOE)));
        assertFalse(rules.permits(admin, Acl.READ, List.of(JOE)));
    }

    @Test
    void anEntryOfASchemeWithoutProviderMatchesNobody() {
        List<Acl> acl = List.of(entry(Acl.ALL, "sasl", "joe"), entry(Acl.ALL, null, null));
        assertFalse(rules.permits(acl, Acl.READ, List.of(new AuthId("sasl", "joe"))));
    }

    // fixUp

    @Test
    void noAclIsInvalid() {
        assertNull(rules.fixUp(List.of(), List.of(JOE)));
    }

    @Test
    void theOpenAclIsShared() {
        assertSame(Acl.OPEN, rules.fixUp(List.of(entry(Acl.ALL, "world", "anyone")), List.of()));
    }

    @Test
    void exactDuplicatesAreDroppedAndOrderKept() {
        Acl a = entry(1, "digest", "a:h");
        Acl b = entry(1, "digest", "b:h");
        Acl otherPerms = entry(2, "digest", "a:h");
        assertEquals(
                List.of(b, a, otherPerms), rules.fixUp(List.of(b, a, b, otherPerms, a), List.of()));
    }

    @Test
    void worldIsOnlyAnyone() {
        assertNull(rules.fixUp(List.of(entry(31, "world", "everyone")), List.of()));
        assertNull(rules.fixUp(List.of(entry(31, "world", null)), List.of()));
    }

    @Test
    void nullsAndUnknownSchemesAndBadIdsAreInvalid() {
        for (Acl bad :
                List.of(
                        entry(31, null, "x"),
                        entry(31, "digest", null),
                        entry(31, "digest", "nohash"),
                        entry(31, "ip", "300.1.1.1"),
                        entry(31, "sasl", "joe"),
                        entry(31, "x509", "CN=joe"),
                        entry(31, "super", ""),
                        entry(31, "nosuch", "x"),
                        entry(31, "", ""))) {
            assertNull(rules.fixUp(List.of(bad), List.of(JOE)), bad::toString);
            Acl good = entry(31, "world", "anyone");
            assertNull(rules.fixUp(List.of(good, bad), List.of(JOE)), bad::toString);
        }
    }

    @Test
    void saslAndX509IdsAreAcceptedWhenTheyHaveAProvider() {
        AclRules all = new AclRules(new AuthOptions(Set.of("sasl", "x509"), "SHA1", null, false));
        List<Acl> acl = List.of(entry(1, "sasl", "joe@R"), entry(1, "x509", "CN=joe"));
        assertEquals(acl, all.fixUp(acl, List.of()));
    }

    @Test
    void point18AuthExpandsToEveryProvedIdentityAndIpNeverCounts() {
        List<AuthId> ids = List.of(ADDRESS, JOE, SUPER, ANN);
        assertEquals(
                List.of(new Acl(5, JOE), new Acl(5, ANN), entry(1, "world", "anyone")),
                rules.fixUp(
                        List.of(entry(5, "auth", "ignored"), entry(1, "world", "anyone")), ids));
        assertEquals(
                List.of(new Acl(5, JOE)),
                rules.fixUp(List.of(entry(5, "auth", null)), List.of(JOE)));
        assertNull(rules.fixUp(List.of(entry(5, "auth", "")), List.of(ADDRESS)));
    }

    @Test
    void aShortRequestDoesNotBecomeALongAcl() {
        List<Acl> sent = new ArrayList<>();
        List<AuthId> ids = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sent.add(entry(i, "auth", ""));
            ids.add(new AuthId("digest", "user" + i + ":h"));
        }
        assertNull(rules.fixUp(sent, ids));
        List<Acl> few = rules.fixUp(sent.subList(0, 5), ids);
        assertNotNull(few);
        assertEquals(1000, few.size());
    }

    @Test
    void fiftyThousandEntriesAreFixedUp() {
        List<Acl> sent = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            sent.add(entry(i, "world", "anyone"));
        }
        assertEquals(sent, rules.fixUp(sent, List.of()));
    }

    // shown

    @Test
    void point18DigestHashesAreMaskedWithoutAdmin() {
        List<Acl> acl =
                List.of(
                        new Acl(Acl.READ | Acl.ADMIN, JOE),
                        new Acl(Acl.READ, ANN),
                        entry(Acl.READ, "ip", "10.0.0.0/8"));
        assertSame(acl, rules.shown(acl, List.of(JOE)));
        assertSame(acl, rules.shown(acl, List.of(SUPER)));
        assertEquals(
                List.of(
                        entry(Acl.READ | Acl.ADMIN, "digest", "joe:x"),
                        entry(Acl.READ, "digest", "ann:x"),
                        entry(Acl.READ, "ip", "10.0.0.0/8")),
                rules.shown(acl, List.of(ANN)));
    }
}
