package io.loomkeeper.admin;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;

/**
 * A port that speaks HTTP, a virtual thread for each connection. What comes is bounded:
 * connections, the length of a request, and how long a connection may say nothing.
 */
final class HttpPort implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 64;
    private static final int REQUEST_LINE_BYTES_MAX = 2048;
    private static final int HEADERS_BYTES_MAX = 8192;

    /** No command reads what a request carries beside its headers. */
    private static final int BODY_BYTES_MAX = 8192;

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
     * @throws IOException when the port cannot be had
     */
    static HttpPort open(InetSocketAddress address, int idleMs, HttpRouting.Builder routing)
            throws IOException {
        Duration idle = Duration.ofMillis(idleMs);
        WebServer server =
                WebServer.builder()
                        .shutdownHook(false)
                        .bindAddress(address)
                        .maxTcpConnections(CONNECTIONS_MAX)
                        .maxPayloadSize(BODY_BYTES_MAX)
                        .idleConnectionTimeout(idle)
                        .idleConnectionPeriod(Duration.ofMillis(Math.max(1, idleMs / 2)))
                        .useNio(false)
                        .connectionOptions(new SilenceLimit(idleMs))
                        .shutdownGracePeriod(Duration.ofMillis(200))
                        .addProtocol(
                                Http1Config.builder()
                                        .maxPrologueLength(REQUEST_LINE_BYTES_MAX)
                                        .maxHeadersSize(HEADERS_BYTES_MAX)
                                        .build())
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
