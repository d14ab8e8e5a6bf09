package io.loomkeeper.admin;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A port that speaks HTTP, a virtual thread for each connection. What comes is bounded:
 * connections, the length of a request, and how long a connection may say nothing.
 */
final class HttpPort implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 64;
    private static final int REQUEST_LINE_BYTES_MAX = 2048;
    private static final int HEADERS_BYTES_MAX = 8192;

    private final WebServer server;
    private final InetSocketAddress asked;

    private HttpPort(WebServer server, InetSocketAddress asked) {
        this.server = server;
        this.asked = asked;
    }

    /**
     * Listens.
     *
     * @param address port 0: a free one
     * @param idleMs after this a connection that says nothing is closed
     * @param encryption null for none
     * @throws IOException when the port cannot be had
     */
    static HttpPort open(
            InetSocketAddress address,
            int idleMs,
            HttpRouting.Builder routing,
            @Nullable Encryption encryption)
            throws IOException {
        Duration idle = Duration.ofMillis(idleMs);
        Http1Config http =
                Http1Config.builder()
                        .maxPrologueLength(REQUEST_LINE_BYTES_MAX)
                        .maxHeadersSize(HEADERS_BYTES_MAX)
                        .build();
        List<ServerConnectionSelector> selectors =
                encryption == null ? List.of() : List.of(new TlsSelector(encryption, idleMs, http));
        WebServer server =
                WebServer.builder()
                        .shutdownHook(false)
                        .bindAddress(address)
                        .maxTcpConnections(CONNECTIONS_MAX)
                        .idleConnectionTimeout(idle)
                        .idleConnectionPeriod(Duration.ofMillis(Math.max(1, idleMs / 2)))
                        .useNio(false)
                        .connectionOptions(new SilenceLimit(idleMs))
                        .shutdownGracePeriod(Duration.ofMillis(200))
                        .connectionSelectors(selectors)
                        .addProtocol(http)
                        .routing(routing)
                        .build();
        requireFree(address);
        server.start();
        if (!server.isRunning()) {
            throw new IOException(address + ": the port cannot be had");
        }
        return new HttpPort(server, address);
    }

    /** Helidon would say no more than that it did not start. */
    private static void requireFree(InetSocketAddress address) throws IOException {
        try (ServerSocketChannel probe = ServerSocketChannel.open()) {
            probe.bind(address);
        } catch (IOException e) {
            throw new IOException(address + ": " + e.getMessage(), e);
        }
    }

    /** With the port that was picked. */
    InetSocketAddress address() {
        return new InetSocketAddress(asked.getAddress(), server.port());
    }

    @Override
    public void close() {
        server.stop();
    }
}
