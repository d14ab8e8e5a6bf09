package io.loomkeeper.server;

import io.loomkeeper.net.PeerTls;
import io.loomkeeper.net.Tls;
import io.loomkeeper.net.TlsOptions;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TLS between servers, at the quorum and the election port.
 *
 * @param options empty: none
 * @param dials sslQuorum: servers are dialled with it
 * @param admitsPlain portUnification: who dials without it is heard too
 */
record LinkTls(Optional<TlsOptions> options, boolean dials, boolean admitsPlain) {
    static final LinkTls NONE = new LinkTls(Optional.empty(), false, false);

    static LinkTls parse(Settings settings) throws ConfigException {
        boolean sslQuorum = settings.flag("sslQuorum", false);
        boolean unified = settings.flag("portUnification", false);
        TlsOptions options =
                new TlsKeys(settings, "ssl.quorum.")
                        .parse(
                                sslQuorum || unified,
                                true,
                                settings.flag("sslQuorumReloadCertFiles", true));
        return new LinkTls(Optional.ofNullable(options), sslQuorum, unified);
    }

    /**
     * Reads the files.
     *
     * @throws IOException when they cannot be read
     */
    @Nullable PeerTls open() throws IOException {
        return options.isEmpty() ? null : new PeerTls(Tls.open(options.get()), dials, admitsPlain);
    }
}
