package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.tree.Bytes;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SessionIdsTest {
    /** protocol 20.1, observed on Apache ZooKeeper 3.9.5. */
    @ParameterizedTest
    @CsvSource({
        "1, 054cc74a37327db215e702e20c73f005",
        "100000000000000, f22acd4a97e69d6d20a49bb638eadb38",
        "1000017e5b30000, 0ff34e74f028665405da873db99af628",
        "2000017e5d90002, 8719f057f610eb62e9685768c878b597"
    })
    void passwordIsTheOneThatApacheDerives(String id, String password) {
        assertEquals(
                password,
                HexFormat.of()
                        .formatHex(new SessionIds(1, 0).password(Long.parseUnsignedLong(id, 16))));
    }

    @Test
    void idsCarryTheServerAndRise() {
        SessionIds ids = new SessionIds(1, 1_700_000_000_000L);
        long first = ids.next();

        assertEquals(1, first >>> 56);
        assertEquals(first + 1, ids.next());
    }

    @Test
    void anIdIsNeverTheContainersOwner() {
        assertNotEquals(Long.MIN_VALUE, new SessionIds(128, 0).next());
    }

    @Test
    void withASecretThePasswordIsNotTheOneThatApacheDerives() {
        SessionIds ids = new SessionIds(1, 1_700_000_000_000L, Bytes.utf8("a secret"));
        long id = ids.next();

        assertEquals(1, id >>> 56);
        assertEquals(id + 1, ids.next());
        assertEquals(SessionIds.PASSWORD_BYTES, ids.password(id).length);
        assertTrue(ids.isPassword(id, Bytes.of(ids.password(id))));
        assertFalse(ids.isPassword(id, Bytes.of(SessionIds.apachesPassword(id))));
        assertFalse(ids.isPassword(id + 1, Bytes.of(ids.password(id))));
        assertFalse(ids.isPassword(id, null));
        assertFalse(ids.isPassword(id, Bytes.EMPTY));
    }

    @Test
    void serversWithOneSecretKnowEachOthersPasswords() {
        SessionIds one = new SessionIds(1, 1_700_000_000_000L, Bytes.utf8("a secret"));
        SessionIds two = new SessionIds(2, 1_800_000_000_000L, Bytes.utf8("a secret"));
        SessionIds other = new SessionIds(2, 1_800_000_000_000L, Bytes.utf8("another"));
        SessionIds none = new SessionIds(2, 1_800_000_000_000L);
        long id = one.next();
        Bytes password = Bytes.of(one.password(id));

        assertTrue(two.isPassword(id, password));
        assertFalse(other.isPassword(id, password));
        assertFalse(none.isPassword(id, password));
        assertFalse(none.isPassword(id, Bytes.of(SessionIds.apachesPassword(id))));
    }

    @Test
    void sessionsOfServersWithoutASecretGoOnWithOne() {
        SessionIds before = new SessionIds(1, 1_700_000_000_000L);
        SessionIds after = new SessionIds(1, 1_700_000_000_000L, Bytes.utf8("a secret"));
        long id = before.next();

        assertTrue(after.isPassword(id, Bytes.of(before.password(id))));
    }
}
