package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import java.util.Set;
import java.util.TreeSet;

/**
 * The authentication schemes of which a connection must hold one before any other request (protocol
 * 8.6). Only schemes that exist here can be asked for; with any other no client could do anything.
 */
final class EnforcedSchemes {
    private EnforcedSchemes() {}

    /**
     * @param known the schemes that exist
     * @param saslRequired sessionRequireClientSASLAuth
     */
    static Set<String> parse(Settings settings, Set<String> known, boolean saslRequired)
            throws ConfigException {
        Set<String> enforced = new TreeSet<>(parse(settings, known));
        if (saslRequired) {
            enforced.add("sasl");
        }
        return enforced;
    }

    private static Set<String> parse(Settings settings, Set<String> known) throws ConfigException {
        boolean enabled = settings.flag("enforce.auth.enabled", false);
        Given schemes = settings.given("enforce.auth.schemes");
        if (!enabled) {
            return Set.of();
        }
        String allowed = "some of " + new TreeSet<>(known) + ", separated by commas";
        if (schemes == null) {
            throw settings.missing("enforce.auth.schemes", allowed);
        }
        Set<String> asked = Set.copyOf(Settings.commaList(schemes.value()));
        if (asked.isEmpty() || !known.containsAll(asked)) {
            throw settings.wrong(schemes, allowed);
        }
        return asked;
    }
}
