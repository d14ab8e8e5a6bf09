package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.security.auth.kerberos.KerberosPrincipal;

/**
 * SASL towards clients.
 *
 * @param jaasFile with the section; empty: there is no SASL
 * @param section of the file
 * @param isSectionNeeded whether the section was asked for by name
 * @param fips no DIGEST-MD5
 * @param servesFailed allowSaslFailedClients: who fails goes on without an identity
 * @param isRequired sessionRequireClientSASLAuth
 * @param superUsers ids that may do everything
 * @param superPassword of the DIGEST-MD5 user {@code super}
 */
record SaslConfig(
        Optional<String> jaasFile,
        String section,
        boolean isSectionNeeded,
        boolean fips,
        boolean servesFailed,
        boolean isRequired,
        Names names,
        Set<String> superUsers,
        Optional<Secret> superPassword) {

    /** What must not be shown. */
    record Secret(String text) {
        @Override
        public String toString() {
            return Secrets.HIDDEN;
        }
    }

    /**
     * How Kerberos principals become ids.
     *
     * @param rules security.auth_to_local
     */
    record Names(String rules, boolean removesHost, boolean removesRealm) {
        /** Reads krb5.conf, where there is one, for the own realm. */
        KerberosNames open() {
            return new KerberosNames(rules, ownRealm(), removesHost, removesRealm);
        }

        /**
         * Looks whether they can be read.
         *
         * @throws IllegalArgumentException when the rules are none
         */
        private void check() {
            new KerberosNames(rules, "", removesHost, removesRealm);
        }

        private static String ownRealm() {
            try {
                return new KerberosPrincipal("nobody").getRealm();
            } catch (IllegalArgumentException _) {
                return "";
            }
        }
    }

    private static final Set<String> PROVIDERS =
            Set.of(
                    "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
                    "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
                    "org.apache.zookeeper.server.auth.DigestAuthenticationProvider",
                    "org.apache.zookeeper.server.auth.IPAuthenticationProvider");

    static final String JAAS_FILE = "java.security.auth.login.config";

    static SaslConfig parse(Settings settings) throws ConfigException {
        Given file = settings.bareProperty(JAAS_FILE);
        Given section = settings.given("sasl.serverconfig");
        Given rules = settings.given("security.auth_to_local");
        Names names =
                new Names(
                        rules == null ? "DEFAULT" : rules.value(),
                        settings.flag("kerberos.removeHostFromPrincipal", false),
                        settings.flag("kerberos.removeRealmFromPrincipal", false));
        try {
            names.check();
        } catch (IllegalArgumentException e) {
            if (rules != null) {
                throw settings.wrong(rules, "rules such as RULE:[2:$1] DEFAULT: " + e.getMessage());
            }
            throw e;
        }
        // they are always there when they can be of use
        settings.like("authProvider.", PROVIDERS::contains);
        Given superPassword = settings.given("SASLAuthenticationProvider.superPassword");
        return new SaslConfig(
                Optional.ofNullable(file).map(Given::value),
                section == null ? "Server" : section.value(),
                section != null,
                settings.flag("fips-mode", true),
                settings.flag("allowSaslFailedClients", false),
                settings.flag("sessionRequireClientSASLAuth", false),
                names,
                superUsers(settings),
                Optional.ofNullable(superPassword).map(Given::value).map(Secret::new));
    }

    /** {@code superUser}, and any {@code superUser.<something>}. */
    private static Set<String> superUsers(Settings settings) {
        Set<String> users = new TreeSet<>();
        String one = settings.text("superUser", "");
        if (!one.isEmpty()) {
            users.add(one);
        }
        for (Given given : settings.like("superUser.", value -> !value.isEmpty())) {
            users.add(given.value());
        }
        return users;
    }
}
