package io.loomkeeper.admin;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.TlsSocket;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLSocket;

/**
 * Tells by a connection's first byte whether TLS is spoken on it, and speaks it if so: 0x16 begins
 * a handshake and no request. What begins otherwise is served as it is, or closed.
 */
final class TlsSelector implements ServerConnectionSelector {
    private static final byte HANDSHAKE = 0x16;

    private final Encryption encryption;
    private final int handshakeMs;
    private final Http1ConnectionSelector http;

    /**
     * @param handshakeMs for the whole of it; twice as long at most
     */
    TlsSelector(Encryption encryption, int handshakeMs, Http1Config config) {
        this.encryption = encryption;
        this.handshakeMs = handshakeMs;
        this.http = Http1ConnectionSelector.builder().config(config).build();
    }

    @Override
    public int bytesToIdentifyConnection() {
        return 1;
    }

    /** All of them: nothing else may serve what must have TLS. */
    @Override
    public Support supports(BufferData data) {
        return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return Set.of();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        if (first(context.dataReader()) == HANDSHAKE) {
            return encrypted(context);
        }
        if (!encryption.admitsPlain()) {
            throw new CloseConnectionException("not TLS");
        }
        encryption.onPlain().run();
        return http.connection(context);
    }

    private static byte first(DataReader in) {
        try {
            in.ensureAvailable();
            return in.lookup();
        } catch (InsufficientDataAvailableException e) {
            throw new CloseConnectionException("nothing was said", e);
        }
    }

    private ServerConnection encrypted(ConnectionContext context) {
        try {
            SSLSocket socket = encryption.sockets().over(new RelayedSocket(context));
            shakeHands(socket);
            TlsSocket spoken =
                    TlsSocket.server(socket, context.socketId(), context.childSocketId());
            return new Closing(http.connection(new TlsContext(context, spoken)), socket);
        } catch (IOException e) {
            throw new CloseConnectionException("no TLS: " + e.getMessage(), e);
        }
    }

    private void shakeHands(SSLSocket socket) throws IOException {
        try (Patience _ = Patience.with(() -> 0, handshakeMs)) {
            socket.startHandshake();
        }
    }

    /** Says the end of TLS at the end of a connection. */
    private record Closing(ServerConnection inner, SSLSocket socket) implements ServerConnection {
        @Override
        public void handle(Limit limit) throws InterruptedException {
            try {
                inner.handle(limit);
            } finally {
                closeQuietly();
            }
        }

        private void closeQuietly() {
            try {
                socket.close();
            } catch (IOException _) {
                // whoever is gone need not be told
            }
        }

        @Override
        public Duration idleTime() {
            return inner.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            inner.close(interrupt);
        }
    }
}
