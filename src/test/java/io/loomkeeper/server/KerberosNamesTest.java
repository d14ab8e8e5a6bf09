package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.apache.zookeeper.server.auth.KerberosName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KerberosNamesTest {
    private static KerberosNames names(String rules) {
        return new KerberosNames(rules, "HERE", false, false);
    }

    @ParameterizedTest
    @CsvSource({
        "bob, bob",
        "service/host, service/host",
        "bob@HERE, bob@HERE",
        "service/host@HERE, service/host@HERE",
        "bob@THERE, ",
        "a/b/c@HERE, ",
        "a@b@HERE, ",
        "@, ",
    })
    void defaultRuleIsForTheOwnRealm(String principal, String id) {
        assertEquals(id, names("DEFAULT").idOf(principal));
    }

    @Test
    void hostAndRealmAreLeftOutIfAskedFor() {
        String principal = "service/host@HERE";

        assertEquals(
                "service@HERE", new KerberosNames("DEFAULT", "HERE", true, false).idOf(principal));
        assertEquals(
                "service/host", new KerberosNames("DEFAULT", "HERE", false, true).idOf(principal));
        assertEquals("service", new KerberosNames("DEFAULT", "HERE", true, true).idOf(principal));
    }

    @ParameterizedTest
    @CsvSource({
        "RULE:[1:$1], bob@ANY, bob",
        "RULE:[1:$1@$0](.*@ANY)s/@.*//, bob@ANY, bob",
        "RULE:[1:$1@$0](.*@ANY)s/@.*//, bob@OTHER, ",
        "'RULE:[1:$1](x.*) RULE:[1:$1]s/b/d/g', bob@ANY, dod",
        "RULE:[1:$1]s/b/d/, bob@ANY, dob",
        "RULE:[2:$1-$2](web-.*)s/-.*//, web/host@ANY, web",
        "RULE:[2:$1;$2], web/host@ANY, web;host",
        "RULE:[2:$1], bob@ANY, ",
        "RULE:[1:$1@$0], bob@ANY, ",
        "'RULE:[2:$1] DEFAULT', bob@HERE, bob",
    })
    void firstRuleThatFitsCounts(String rules, String principal, String id) {
        assertEquals(id, new KerberosNames(rules, "HERE", true, true).idOf(principal));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RULE", "RULE:[1:$1", "DEFAULT x", "RULE:[1:$1](()", "[1:$1]"})
    void whatIsNoRuleIsRefused(String rules) {
        assertThrows(IllegalArgumentException.class, () -> names(rules));
    }

    /** A principal of which no part is missing is taken apart as Apache's class does. */
    @ParameterizedTest
    @ValueSource(strings = {"bob", "bob@HERE", "service/host@HERE", "service/host"})
    void partsAreApaches(String principal) {
        KerberosName theirs = new KerberosName(principal);

        assertEquals(
                theirs.toString(),
                new KerberosNames("DEFAULT", "HERE", false, false).idOf(principal));
        assertNull(names("DEFAULT").idOf("bob@"));
    }
}
