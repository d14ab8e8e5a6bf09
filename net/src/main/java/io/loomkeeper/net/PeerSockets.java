package io.loomkeeper.net;

import io.loomkeeper.net.wire.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How sockets between servers are listened on, opened, read and written. */
final class PeerSockets {
    private static final Logger LOG = LoggerFactory.getLogger(PeerSockets.class);
    private static final long BIND_PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    private PeerSockets() {}

    /** Connects to the first of {@code addresses} that answers; each has its own time. */
    static PeerSocket connect(List<HostPort> addresses, PeerOptions options) throws IOException {
        IOException last = new IOException("no address");
        for (HostPort address : addresses) {
            try {
                return connect(address, options);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private static PeerSocket connect(HostPort address, PeerOptions options) throws IOException {
        InetSocketAddress target = new InetSocketAddress(address.host(), address.port());
        if (target.isUnresolved()) {
            throw new UnknownHostException(address.host());
        }
        SocketChannel channel = SocketChannel.open();
        try {
            setUp(channel, options.sockets());
            int connectMs = options.timeouts().connectMs();
            channel.socket().connect(target, connectMs);
            PeerSocket socket = new PeerSocket(channel);
            socket.connect(options.tls(), address.host(), connectMs);
            return socket;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    static void setUp(SocketChannel channel, PeerOptions.Sockets sockets) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, sockets.noDelay());
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, sockets.keepAlive());
    }

    /** Listens on each of this server's own addresses. */
    static List<Acceptor> listen(
            List<HostPort> addresses,
            PeerOptions.Sockets sockets,
            Acceptor.Receiver receiver,
            Consumer<Throwable> fatal)
            throws IOException {
        List<Acceptor> acceptors = new ArrayList<>();
        try {
            for (HostPort address : addresses) {
                InetSocketAddress local =
                        sockets.listensOnAllIps()
                                ? new InetSocketAddress(address.port())
                                : new InetSocketAddress(address.host(), address.port());
                acceptors.add(bind(local, sockets.bindRetries(), receiver, fatal));
            }
            return acceptors;
        } catch (IOException e) {
            acceptors.forEach(Acceptor::close);
            throw e;
        }
    }

    private static Acceptor bind(
            InetSocketAddress local,
            int retries,
            Acceptor.Receiver receiver,
            Consumer<Throwable> fatal)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return Acceptor.open(local, 0, receiver, fatal);
            } catch (IOException e) {
                if (attempt > retries && retries > 0) {
                    throw new IOException("cannot listen on " + local + ": " + e.getMessage(), e);
                }
                LOG.warn("cannot listen on {}: {}; again in a second", local, e.toString());
                LockSupport.parkNanos(BIND_PAUSE_NS);
            }
        }
    }

    /** Closes it on another thread, because that is a system call or several. */
    static void closeBeside(SocketChannel channel) {
        Thread.ofVirtual().name("close").start(() -> close(channel));
    }

    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("not closed: {}", e.toString());
        }
    }
}
