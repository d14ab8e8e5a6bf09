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

    static Set<String> parse(Settings settings, boolean digestAuth) throws ConfigException {
        boolean sasl = settings.flag("sessionRequireClientSASLAuth", false);
        Given saslSwitch = settings.given("sessionRequireClientSASLAuth");
        if (sasl && saslSwitch != null) {
            throw settings.wrong(saslSwitch, "false, because there is no SASL yet");
        }
        boolean enabled = settings.flag("enforce.auth.enabled", false);
        Given schemes = settings.given("enforce.auth.schemes");
        if (!enabled) {
            return Set.of();
        }
        Set<String> known = digestAuth ? Set.of("digest", "ip") : Set.of("ip");
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
