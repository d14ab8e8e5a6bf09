package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Facts about {@link AuthSchemes} and {@link IpBlock}: protocol 8.4 and 8.5. */
final class AuthSchemesTest {
    private static final AuthId ADDRESS = AuthSchemes.ofAddress("127.0.0.1");
    private static final List<AuthId> FRESH = List.of(ADDRESS);
    private static final AuthOptions ALL_PROVIDERS =
            new AuthOptions(Set.of("ip", "digest", "sasl", "x509"), "SHA1", null, false);

    private final AuthSchemes schemes = new AuthSchemes(ALL_PROVIDERS);

    private static Request.Auth auth(@Nullable String scheme, @Nullable String text) {
        return new Request.Auth(0, scheme, text == null ? null : Bytes.utf8(text));
    }

    @Test
    void digestIdIsUserAndHashOfUserAndPassword() {
        assertEquals(
                "user1:+owfoSBn/am19roBPzR1/MfCblE=", AuthSchemes.digestId("SHA1", "user1:12345"));
        assertEquals(
                "super:xQJmxLMiHGwaqBvst5y6rkB6HQs=", AuthSchemes.digestId("SHA1", "super:admin"));
    }

    @Test
    void digestAlgorithmIsConfigured() {
        AuthOptions options = new AuthOptions(Set.of("digest"), "SHA-256", null, false);
        List<AuthId> ids = new AuthSchemes(options).onAuth(auth("digest", "a:b"), FRESH);
        assertNotNull(ids);
        assertEquals(
                List.of(ADDRESS, new AuthId("digest", AuthSchemes.digestId("SHA-256", "a:b"))),
                ids);
        AuthOptions unknown = new AuthOptions(Set.of("digest"), "MD-99", null, false);
        assertThrows(IllegalArgumentException.class, () -> new AuthSchemes(unknown));
    }

    @Test
    void digestAuthAddsAnIdentityOnce() {
        List<AuthId> once = schemes.onAuth(auth("digest", "user1:12345"), FRESH);
        assertNotNull(once);
        assertEquals(
                List.of(ADDRESS, new AuthId("digest", "user1:+owfoSBn/am19roBPzR1/MfCblE=")), once);
        assertEquals(once, schemes.onAuth(auth("digest", "user1:12345"), once));
        List<AuthId> twice = schemes.onAuth(auth("digest", "user2:x"), once);
        assertNotNull(twice);
        assertEquals(3, twice.size());
    }

    @Test
    void superDigestAddsTheSuperUser() {
        String superDigest = AuthSchemes.digestId("SHA1", "super:admin");
        AuthSchemes withSuper =
                new AuthSchemes(new AuthOptions(Set.of("digest"), "SHA1", superDigest, false));
        assertEquals(
                List.of(ADDRESS, new AuthId("super", ""), new AuthId("digest", superDigest)),
                withSuper.onAuth(auth("digest", "super:admin"), FRESH));
        List<AuthId> guessed = withSuper.onAuth(auth("digest", "super:guess"), FRESH);
        assertNotNull(guessed);
        assertFalse(guessed.contains(new AuthId("super", "")));
    }

    @Test
    void unknownSchemesAndThoseProvedElsewhereFail() {
        for (String scheme :
                new String[] {"world", "auth", "super", "sasl", "x509", "nosuch", ""}) {
            assertNull(schemes.onAuth(auth(scheme, "x:y"), FRESH), scheme);
        }
        assertNull(schemes.onAuth(auth(null, "x:y"), FRESH));
        assertNull(schemes.onAuth(auth("digest", null), FRESH));
    }

    @Test
    void ipAuthSucceedsAndAddsNothing() {
        assertSame(FRESH, schemes.onAuth(auth("ip", ""), FRESH));
    }

    @Test
    void disabledDigestIsNoProvider() {
        AuthSchemes without = new AuthSchemes(new AuthOptions(Set.of("ip"), "SHA1", null, false));
        assertNull(without.onAuth(auth("digest", "a:b"), FRESH));
        assertFalse(without.isValidId("digest", "a:b"));
        assertFalse(without.matches("digest", "a:b", "a:b"));
        assertFalse(without.isAuthenticated("digest"));
    }

    @Test
    void aConnectionGathersABoundedNumberOfIdentities() {
        List<AuthId> ids = FRESH;
        int accepted = 0;
        for (int i = 0; i < 1000; i++) {
            List<AuthId> more = schemes.onAuth(auth("digest", "user" + i + ":p"), ids);
            if (more != null) {
                ids = more;
                accepted++;
            }
        }
        assertEquals(255, accepted);
        assertEquals(256, ids.size());
    }

    @Test
    void onlySchemesThatProveSomethingAreAuthenticated() {
        assertTrue(schemes.isAuthenticated("digest"));
        assertTrue(schemes.isAuthenticated("sasl"));
        assertTrue(schemes.isAuthenticated("x509"));
        assertFalse(schemes.isAuthenticated("ip"), "POINTS 18: ip never counts");
        assertFalse(schemes.isAuthenticated("super"));
        assertFalse(schemes.isAuthenticated("world"));
    }

    @Test
    void digestIdsHaveTwoParts() {
        for (String id : new String[] {"a:b", ":b", "a:b:", "a:b:::", "a b:c="}) {
            assertTrue(schemes.isValidId("digest", id), id);
        }
        for (String id : new String[] {"", "a", "a:", ":", "::", "a:b:c", "::b", "a::b"}) {
            assertFalse(schemes.isValidId("digest", id), id);
        }
    }

    @Test
    void saslIdsAreKerberosNames() {
        for (String id :
                new String[] {"", "joe", "joe/host", "joe@R", "joe/host@R", "/h@", "a/b/c"}) {
            assertTrue(schemes.isValidId("sasl", id), id);
        }
        for (String id : new String[] {"a@b@c", "a/b/c@R", "a@R/b", "a/b@R/c"}) {
            assertFalse(schemes.isValidId("sasl", id), id);
        }
    }

    @Test
    void x509IdsAreDistinguishedNames() {
        assertTrue(schemes.isValidId("x509", "CN=joe,O=house"));
        assertTrue(schemes.isValidId("x509", ""));
        assertFalse(schemes.isValidId("x509", "joe"));
    }

    @Test
    void schemesWithoutProviderHaveNoValidIds() {
        AuthSchemes plain = new AuthSchemes(AuthOptions.DEFAULT);
        assertTrue(plain.isValidId("ip", "1.2.3.4"));
        assertTrue(plain.isValidId("digest", "a:b"));
        for (String scheme : new String[] {"sasl", "x509", "world", "auth", "super", "nosuch"}) {
            assertFalse(plain.isValidId(scheme, "anyone"), scheme);
        }
    }

    @Test
    void saslSuperMatchesEveryone() {
        assertTrue(schemes.matches("sasl", "joe", "joe"));
        assertFalse(schemes.matches("sasl", "joe", "ann"));
        assertTrue(schemes.matches("sasl", "super", "ann"));
        assertFalse(schemes.matches("x509", "super", "CN=ann"));
    }

    @Test
    void whoAmIShowsNoHash() {
        assertEquals("user1", schemes.shownUser(new AuthId("digest", "user1:+owfo=")));
        assertEquals("10.0.0.1", schemes.shownUser(new AuthId("ip", "10.0.0.1")));
        assertEquals("", schemes.shownUser(new AuthId("super", "")));
        assertEquals("joe@R", schemes.shownUser(new AuthId("sasl", "joe@R")));
    }

    // addresses

    @Test
    void ipBlocksOfBothFamiliesAreRead() {
        for (String block :
                new String[] {
                    "1.2.3.4",
                    "0.0.0.0/0",
                    "255.255.255.255/32",
                    "10.0.0.0/8",
                    "::",
                    "::1",
                    "1::",
                    "1:2:3:4:5:6:7:8",
                    "fd00::/8",
                    "FE80::1:2/128",
                    "1::3:4:5:6:7:8",
                    "::/0"
                }) {
            assertTrue(schemes.isValidId("ip", block), block);
        }
        for (String block :
                new String[] {
                    "",
                    "1",
                    "1.2.3",
                    "1.2.3.4.5",
                    "256.1.1.1",
                    "1.2.3.-4",
                    "1.2.3.+4",
                    "1.2.3.4/",
                    "1.2.3.4/33",
                    "1.2.3.4/-1",
                    "1.2.3.4/8/8",
                    "a.b.c.d",
                    ".1.2.3",
                    "1..2.3",
                    ":",
                    ":::",
                    "1:::2",
                    "1::2::3",
                    "1:2:3:4:5:6:7",
                    "1:2:3:4:5:6:7:8:9",
                    "1:2:3:4::5:6:7:8",
                    "::12345",
                    "::g",
                    "::1/129",
                    "::ffff:1.2.3.4",
                    "1:",
                    ":1",
                    "1.2.3.4 ",
                    "\u0661.2.3.4"
                }) {
            assertFalse(schemes.isValidId("ip", block), block);
        }
    }

    @Test
    void ipMatchesByLeadingBits() {
        assertTrue(schemes.matches("ip", "10.1.2.3", "10.1.2.3"));
        assertTrue(schemes.matches("ip", "10.1.2.3", "10.1.0.0/16"));
        assertTrue(schemes.matches("ip", "10.1.2.3", "10.1.99.99/16"));
        assertFalse(schemes.matches("ip", "10.2.2.3", "10.1.0.0/16"));
        assertTrue(schemes.matches("ip", "200.1.2.3", "10.1.0.0/0"));
        assertTrue(schemes.matches("ip", "0:0:0:0:0:0:0:1", "::1"));
        assertTrue(schemes.matches("ip", "fd12:0:0:0:0:0:0:1", "fd00::/8"));
        assertFalse(schemes.matches("ip", "fe80:0:0:0:0:0:0:1", "fd00::/8"));
        assertTrue(schemes.matches("ip", "fe80:0:0:0:0:0:0:1%eth0", "fe80::/10"));
        assertTrue(schemes.matches("ip", "1:2:3:4:5:6:7:9", "1:2:3:4:5:6:7:8/127"));
        assertFalse(schemes.matches("ip", "1:2:3:4:5:6:7:a", "1:2:3:4:5:6:7:8/127"));
        assertTrue(schemes.matches("ip", "1:2:3:4:5:6:7:a", "1:2:3:4:5:6:7:8/126"));
    }

    @Test
    void familiesNeverMatchEachOther() {
        assertFalse(schemes.matches("ip", "1.2.3.4", "::/0"));
        assertFalse(schemes.matches("ip", "::1", "0.0.0.0/0"));
        assertFalse(schemes.matches("ip", "not an address", "0.0.0.0/0"));
        assertFalse(schemes.matches("ip", "1.2.3.4", "not a block"));
    }

    @Test
    void ipMatchEqualsABitByBitComparison() {
        Random random = new Random(8_4);
        for (int i = 0; i < 20_000; i++) {
            int bytes = random.nextBoolean() ? 4 : 16;
            byte[] block = new byte[bytes];
            random.nextBytes(block);
            byte[] address = block.clone();
            int flipped = random.nextInt(8 * bytes);
            address[flipped / 8] ^= (byte) (0x80 >> (flipped % 8));
            int bits = random.nextInt(8 * bytes + 1);
            assertEquals(
                    flipped >= bits,
                    schemes.matches("ip", text(address), text(block) + "/" + bits),
                    () -> text(address) + " in " + text(block) + "/" + bits);
        }
    }

    private static String text(byte[] address) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < address.length; i += address.length == 4 ? 1 : 2) {
            int value = address[i] & 0xff;
            parts.add(
                    address.length == 4
                            ? Integer.toString(value)
                            : Integer.toHexString((value << 8) | (address[i + 1] & 0xff)));
        }
        return String.join(address.length == 4 ? "." : ":", parts);
    }
}
