package io.loomkeeper.server;

import io.loomkeeper.net.TlsOptions;
import io.loomkeeper.server.ClientTls.Spoken;
import io.loomkeeper.server.Settings.Given;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where clients come, and what is spoken there. */
record ClientPortKeys(Settings settings) {
    private static final int PORT_MAX = 65535;
    private static final String PORT = "a port from 0 to 65535";

    /**
     * The one address that a server needs: without TLS, if there is one, else that of the secure
     * port.
     *
     * @param self this server's line, which may have an address for clients
     */
    InetSocketAddress address(@Nullable ServerLine self) throws ConfigException {
        Given port = settings.given("clientPort");
        Given host = settings.given("clientPortAddress");
        ServerLine.ClientPart client = self == null ? null : self.client();
        if (self == null || client == null) {
            if (port == null) {
                return secureAddress().orElseThrow(() -> settings.missing("clientPort", PORT));
            }
            return resolve(host, port(port));
        }
        InetSocketAddress ofLine = clientOf(self, client);
        if (port == null) {
            if (host != null) {
                throw settings.missing("clientPort", PORT);
            }
            return ofLine;
        }
        InetSocketAddress address = resolve(host, port(port));
        if (!isSame(address, ofLine)) {
            throw settings.wrong(
                    self.given(), "the client address that clientPort has: " + address);
        }
        return address;
    }

    /**
     * What is spoken there, and at a secure port.
     *
     * @param self as for {@link #address}
     */
    ClientTls tls(@Nullable ServerLine self) throws ConfigException {
        Optional<InetSocketAddress> secure = secureAddress();
        boolean unified = settings.flag("client.portUnification", false);
        boolean alone =
                settings.given("clientPort") == null && (self == null || self.client() == null);
        TlsOptions options =
                new TlsKeys(settings, "ssl.")
                        .parse(
                                secure.isPresent() || unified,
                                false,
                                settings.flag("client.certReload", true));
        Given superUser = settings.given("X509AuthenticationProvider.superUser");
        return new ClientTls(
                alone ? Spoken.TLS : unified ? Spoken.EITHER : Spoken.PLAIN,
                alone ? Optional.empty() : secure,
                Optional.ofNullable(options),
                Math.max(
                        0,
                        settings.integer(
                                "netty.server.outstandingHandshake.limit",
                                -1,
                                -1,
                                Integer.MAX_VALUE)),
                Optional.ofNullable(superUser).map(Given::value).filter(name -> !name.isEmpty()));
    }

    private Optional<InetSocketAddress> secureAddress() throws ConfigException {
        Given port = settings.given("secureClientPort");
        Given host = settings.given("secureClientPortAddress");
        if (port == null) {
            if (host != null) {
                throw settings.missing("secureClientPort", PORT);
            }
            return Optional.empty();
        }
        return Optional.of(resolve(host, port(port)));
    }

    private int port(Given port) throws ConfigException {
        return (int) settings.number(port, 0, PORT_MAX);
    }

    private static boolean isSame(InetSocketAddress address, InetSocketAddress other) {
        boolean any = address.getAddress().isAnyLocalAddress();
        return any ? address.getPort() == other.getPort() : address.equals(other);
    }

    private InetSocketAddress clientOf(ServerLine self, ServerLine.ClientPart client)
            throws ConfigException {
        String host = client.host();
        return resolve(
                host == null ? null : new Given(self.given().name(), host, self.given().line()),
                client.port());
    }

    private InetSocketAddress resolve(@Nullable Given host, int port) throws ConfigException {
        if (host == null) {
            return new InetSocketAddress(port);
        }
        if (host.value().isEmpty()) {
            throw settings.wrong(host, "a host name or an address");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host.value()), port);
        } catch (UnknownHostException e) {
            throw settings.wrong(host, "a host name that resolves, or an address");
        }
    }
}
