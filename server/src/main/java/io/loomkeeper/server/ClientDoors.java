package io.loomkeeper.server;

import io.loomkeeper.net.Acceptor;
import io.loomkeeper.net.Connections;
import io.loomkeeper.net.Tls;
import io.loomkeeper.net.TlsDoor;
import io.loomkeeper.server.ClientTls.Spoken;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports at which clients come: one, and perhaps a second one with TLS. */
final class ClientDoors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientDoors.class);

    private final Acceptor main;
    private final @Nullable Acceptor second;
    private final Spoken spoken;

    private ClientDoors(Acceptor main, @Nullable Acceptor second, Spoken spoken) {
        this.main = main;
        this.second = second;
        this.spoken = spoken;
    }

    /**
     * Listens.
     *
     * @param tls null when no port speaks it
     * @throws IOException when a port cannot be had
     */
    static ClientDoors open(Config config, @Nullable Tls tls, Connections connections)
            throws IOException {
        ClientTls wanted = config.clientTls();
        InetSocketAddress address = config.client().address();
        Acceptor main =
                tls == null || wanted.main() == Spoken.PLAIN
                        ? openPlain(address, config.client(), connections)
                        : openTls(
                                address,
                                config.client(),
                                connections,
                                door(wanted, tls, wanted.main() == Spoken.EITHER));
        try {
            Acceptor second =
                    tls == null || wanted.second().isEmpty()
                            ? null
                            : openTls(
                                    wanted.second().get(),
                                    config.client(),
                                    connections,
                                    door(wanted, tls, false));
            if (second != null) {
                LOG.info("TLS alone is spoken at {}", second.localAddress());
            }
            return new ClientDoors(main, second, wanted.main());
        } catch (IOException e) {
            main.close();
            throw e;
        }
    }

    private static TlsDoor door(ClientTls wanted, Tls tls, boolean admitsPlain) {
        return new TlsDoor(tls, admitsPlain, wanted.handshakesMax());
    }

    private static Acceptor openPlain(
            InetSocketAddress address, Config.Client client, Connections connections)
            throws IOException {
        return Acceptor.open(address, client.listenBacklog(), client.tcpKeepAlive(), connections);
    }

    private static Acceptor openTls(
            InetSocketAddress address, Config.Client client, Connections connections, TlsDoor door)
            throws IOException {
        return Acceptor.openTls(
                address, client.listenBacklog(), client.tcpKeepAlive(), connections, door);
    }

    /** The first port, as it was picked. */
    InetSocketAddress address() {
        return main.localAddress();
    }

    /** Where clients come without TLS; -1: nowhere. */
    int plainPort() {
        return spoken == Spoken.TLS ? -1 : address().getPort();
    }

    /** Where TLS alone is spoken; -1: nowhere. */
    int securePort() {
        if (spoken == Spoken.TLS) {
            return address().getPort();
        }
        return second == null ? -1 : second.localAddress().getPort();
    }

    /** Nobody new comes in. */
    @Override
    public void close() {
        main.close();
        if (second != null) {
            second.close();
        }
    }
}
