package io.loomkeeper.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening socket and the virtual thread that accepts connections on it.
 *
 * <p>An accept that fails (as a rule because the process has no file descriptor left) is tried
 * again after a pause that doubles up to {@value #PAUSE_MAX_MS} ms. Nothing but {@link #close} or
 * an Error, which the fatal port is told of, ends the thread.
 */
public final class Acceptor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final long PAUSE_MIN_MS = 10;
    private static final long PAUSE_MAX_MS = 1000;
    private static final long NS_PER_MS = 1_000_000;

    /** What is accepted from: a server socket, or something that fails at will. */
    interface Listener extends AutoCloseable {
        SocketChannel accept() throws IOException;

        boolean isOpen();

        @Override
        void close() throws IOException;
    }

    /** What becomes of a connection. */
    interface Receiver {
        /** Takes it over at once; what it throws costs that connection only. */
        void onAccepted(SocketChannel channel) throws IOException;
    }

    private final Listener listener;
    private final InetSocketAddress localAddress;
    private final Receiver receiver;
    private final Consumer<Throwable> fatal;
    private final Thread thread;

    Acceptor(Listener listener, InetSocketAddress localAddress, Connections connections) {
        this(listener, localAddress, connections::onAccepted, connections.ports().fatal());
    }

    private Acceptor(
            Listener listener,
            InetSocketAddress localAddress,
            Receiver receiver,
            Consumer<Throwable> fatal) {
        this.listener = listener;
        this.localAddress = localAddress;
        this.receiver = receiver;
        this.fatal = fatal;
        thread = Thread.ofVirtual().name("accept-" + localAddress.getPort()).unstarted(this::run);
    }

    /**
     * Binds and starts accepting clients.
     *
     * @param address port 0 picks a free one
     * @param backlog clientPortListenBacklog; 0 or less means the system's default
     * @param keepAlive clientTcpKeepAlive: the system looks after connections that say nothing
     */
    public static Acceptor open(
            InetSocketAddress address, int backlog, boolean keepAlive, Connections connections)
            throws IOException {
        Receiver receiver =
                accepted -> {
                    accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, keepAlive);
                    connections.onAccepted(accepted);
                };
        return open(address, backlog, receiver, connections.ports().fatal());
    }

    /** Binds and starts accepting clients that speak TLS; as {@link #open} otherwise. */
    public static Acceptor openTls(
            InetSocketAddress address,
            int backlog,
            boolean keepAlive,
            Connections connections,
            TlsDoor door)
            throws IOException {
        Receiver receiver =
                accepted -> {
                    accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, keepAlive);
                    connections.onAccepted(accepted, door);
                };
        return open(address, backlog, receiver, connections.ports().fatal());
    }

    /** Binds and starts accepting. */
    static Acceptor open(
            InetSocketAddress address, int backlog, Receiver receiver, Consumer<Throwable> fatal)
            throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, Math.max(0, backlog));
            Acceptor acceptor =
                    new Acceptor(
                            listenerOn(channel),
                            (InetSocketAddress) channel.getLocalAddress(),
                            receiver,
                            fatal);
            acceptor.start();
            return acceptor;
        } catch (BindException e) {
            channel.close();
            throw (IOException)
                    new BindException("cannot listen at " + address + ": " + e.getMessage())
                            .initCause(e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static Listener listenerOn(ServerSocketChannel channel) {
        return new Listener() {
            @Override
            public SocketChannel accept() throws IOException {
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
        };
    }

    void start() {
        thread.start();
    }

    /** With the port that was picked. */
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    /** Stops listening. Connections that were accepted live on. Idempotent. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            LOG.warn("{} does not close: {}", localAddress, e.toString());
        }
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            long pauseMs = PAUSE_MIN_MS;
            while (listener.isOpen()) {
                if (acceptOne(pauseMs)) {
                    pauseMs = PAUSE_MIN_MS;
                } else {
                    LockSupport.parkNanos(this, pauseMs * NS_PER_MS);
                    pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS);
                }
            }
        } catch (Error e) {
            fatal.accept(e);
        }
    }

    /** False when the next attempt had better wait. */
    private boolean acceptOne(long pauseMs) {
        SocketChannel channel;
        try {
            channel = listener.accept();
        } catch (ClosedChannelException _) {
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} cannot accept: {}; again in {} ms", localAddress, e.toString(), pauseMs);
            return false;
        }
        try {
            receiver.onAccepted(channel);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} lost a connection while accepting it: {}", localAddress, e.toString());
            closeQuietly(channel);
        }
        return true;
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("not closed: {}", e.toString());
        }
    }
}
