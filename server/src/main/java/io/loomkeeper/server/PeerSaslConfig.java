package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;

/**
 * SASL between servers: the keys {@code quorum.auth.}.
 *
 * @param isOn quorum.auth.enableSasl
 * @param isGiven learnerRequireSasl: this server proves itself to those that it dials
 * @param isNeeded serverRequireSasl: who dials has to
 * @param learnerSection of jaas.conf, for the side that dials
 * @param serverSection for the side that is dialled
 * @param servicePrincipal of the server that is dialled; {@code _HOST} in it is its host
 * @param jaasFile empty when there is none
 * @param fips no DIGEST-MD5
 */
record PeerSaslConfig(
        boolean isOn,
        boolean isGiven,
        boolean isNeeded,
        String learnerSection,
        String serverSection,
        String servicePrincipal,
        String jaasFile,
        boolean fips) {

    static PeerSaslConfig parse(Settings settings) throws ConfigException {
        String prefix = "quorum.auth.";
        boolean isOn = settings.flag(prefix + "enableSasl", false);
        boolean isGiven = settings.flag(prefix + "learnerRequireSasl", false);
        boolean isNeeded = settings.flag(prefix + "serverRequireSasl", false);
        Given needed = settings.given(prefix + "serverRequireSasl");
        if (isOn && isNeeded && !isGiven && needed != null) {
            throw settings.wrong(needed, "false, unless " + prefix + "learnerRequireSasl is true");
        }
        Given jaas = settings.bareProperty(SaslConfig.JAAS_FILE);
        if (isOn && jaas == null) {
            throw settings.missing(
                    prefix + "enableSasl", "false, unless -D" + SaslConfig.JAAS_FILE + " is set");
        }
        return new PeerSaslConfig(
                isOn,
                isGiven,
                isNeeded,
                settings.text(prefix + "learner.saslLoginContext", "QuorumLearner"),
                settings.text(prefix + "server.saslLoginContext", "QuorumServer"),
                settings.text(prefix + "kerberos.servicePrincipal", "zkquorum/localhost"),
                jaas == null ? "" : jaas.value(),
                settings.flag("fips-mode", true));
    }
}
