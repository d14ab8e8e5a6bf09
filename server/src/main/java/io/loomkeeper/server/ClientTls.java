package io.loomkeeper.server;

import io.loomkeeper.net.TlsOptions;
import io.loomkeeper.net.TlsOptions.ClientAuth;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * TLS towards clients.
 *
 * @param main what is spoken at the address of {@link Config.Client}
 * @param second a further address, at which TLS alone is spoken
 * @param options empty when TLS is spoken nowhere
 * @param handshakesMax under way at a time; 0: any number
 * @param superUser the subject of the certificate whose owner may do everything
 */
record ClientTls(
        Spoken main,
        Optional<InetSocketAddress> second,
        Optional<TlsOptions> options,
        int handshakesMax,
        Optional<String> superUser) {

    enum Spoken {
        PLAIN,
        TLS,
        /** Whichever the client begins with. */
        EITHER
    }

    /** Whether a client that speaks TLS has to show a certificate. */
    boolean needsCertificates() {
        return options.filter(on -> on.handshake().clientAuth() == ClientAuth.NEED).isPresent();
    }

    boolean isOn() {
        return options.isPresent();
    }
}
