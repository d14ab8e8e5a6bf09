package io.loomkeeper.net;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.tree.Request;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AcceptorTest {
    private static final InetSocketAddress ANY =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private TinyServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TinyServer();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.stop();
    }

    /** Fails so many times, as a process does that has no file descriptor left. */
    private record FailingListener(ServerSocketChannel channel, AtomicInteger failuresLeft)
            implements Acceptor.Listener {
        @Override
        public SocketChannel accept() throws IOException {
            int left = failuresLeft.getAndDecrement();
            if (left > 3) {
                throw new IllegalStateException("broken on purpose");
            }
            if (left > 0) {
                throw new IOException("Too many open files");
            }
            return channel.accept();
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void failingAcceptIsTriedAgain() throws IOException, MalformedException {
        ServerSocketChannel channel = ServerSocketChannel.open().bind(ANY);
        InetSocketAddress address = (InetSocketAddress) channel.getLocalAddress();
        AtomicInteger failures = new AtomicInteger(5);
        try (Acceptor acceptor =
                        new Acceptor(
                                new FailingListener(channel, failures),
                                address,
                                server.connections);
                TestClient client = new TestClient(address)) {
            acceptor.start();
            client.connect();
            assertTrue(failures.get() <= 0);
        }
    }

    @Test
    void connectionsOutliveTheirAcceptor() throws IOException, MalformedException {
        try (TestClient client = server.client().connect()) {
            server.acceptor.close();
            server.acceptor.close();
            client.send(-2, new Request.Ping());
            assertEquals(-2, client.header().xid());
            assertThrows(IOException.class, () -> server.client().connect());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionsAreKeptAliveIfAskedFor(boolean keepAlive)
            throws IOException, MalformedException {
        try (Acceptor acceptor = Acceptor.open(ANY, 0, keepAlive, server.connections);
                TestClient client = new TestClient(acceptor.localAddress())) {
            client.connect();
            ClientConnection accepted =
                    requireNonNull((ClientConnection) server.connections.find(1));
            assertEquals(
                    keepAlive,
                    ((SocketChannel) accepted.bytes())
                            .getOption(StandardSocketOptions.SO_KEEPALIVE));
        }
    }

    @Test
    void portInUseIsRefused() {
        assertThrows(
                BindException.class,
                () -> Acceptor.open(server.acceptor.localAddress(), 0, false, server.connections));
    }

    @Test
    void connectionAcceptedWhileAllAreClosingIsClosed() throws IOException, InterruptedException {
        server.connections.closeAll();
        try (TestClient client = server.client()) {
            client.assertClosed();
        }
        assertTrue(server.connections.awaitEmpty(10_000));
    }
}
