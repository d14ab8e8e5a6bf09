package io.loomkeeper.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All client connections of this server, of whatever acceptor, and what they share.
 *
 * <p>A connection is here from its acceptance until its reader has ended. It knows no clock: time
 * is the last {@link #onTick}.
 */
public final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private static final long QUIET_MS = 10_000;

    private final ClientLimits limits;
    private final ClientPorts ports;
    private final OutstandingRequests outstanding;
    private final HandshakeBucket handshakes;
    private final AtomicLong ids = new AtomicLong();
    private final ConcurrentMap<Long, ClientConnection> byId = new ConcurrentHashMap<>();
    private final ConcurrentMap<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

    /** Those whose handshake is not done yet. */
    private final Set<Arrival> arrivals = ConcurrentHashMap.newKeySet();

    /** Those that have no session, or are ending. */
    private final Set<ClientConnection> withDeadline = ConcurrentHashMap.newKeySet();

    private final ReentrantLock emptyLock = new ReentrantLock();
    private final Condition empty = emptyLock.newCondition();

    private volatile long nowMs;

    /** No refusal is logged before then. */
    private volatile long quietUntilMs = Long.MIN_VALUE;

    private volatile boolean closed;

    /**
     * @param nowMs the time from which the first deadlines count, on the clock of {@link #onTick}
     */
    public Connections(ClientLimits limits, ClientPorts ports, long nowMs) {
        this.limits = limits;
        this.ports = ports;
        this.nowMs = nowMs;
        outstanding = new OutstandingRequests(limits.outstandingMax());
        handshakes = new HandshakeBucket(limits.handshakes(), nowMs);
    }

    /** Lets time pass: closes what has been without a session, or ending, for too long. */
    public void onTick(long newNowMs) {
        nowMs = newNowMs;
        for (ClientConnection connection : withDeadline) {
            connection.onTick(newNowMs);
        }
        for (Arrival arrival : arrivals) {
            arrival.onTick(newNowMs);
        }
    }

    /** The connection of that {@link ClientLink#id}, null once it is gone. */
    public @Nullable ClientLink find(long id) {
        return byId.get(id);
    }

    /** Visits those that are here throughout, and perhaps some that come or go meanwhile. */
    public void forEach(Consumer<? super ClientLink> visitor) {
        byId.values().forEach(visitor);
    }

    public int count() {
        return byId.size();
    }

    /** Those whose handshake is not done yet; {@link #count} does not have them. */
    public int arriving() {
        return arrivals.size();
    }

    /** Those among them who have said that they want TLS. */
    long handshaking() {
        return arrivals.stream().filter(Arrival::hasBegun).count();
    }

    /** Requests in flight, of all connections. */
    public int outstanding() {
        return outstanding.count();
    }

    /** Closes all, and from now on each that is accepted. */
    public void closeAll() {
        closed = true;
        arrivals.forEach(Arrival::close);
        byId.values().forEach(ClientConnection::close);
    }

    /** Waits until there are no connections; false if there still are some after that time. */
    public boolean awaitEmpty(long timeoutMs) throws InterruptedException {
        long leftNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        emptyLock.lock();
        try {
            while (!isEmpty() && leftNs > 0) {
                leftNs = empty.awaitNanos(leftNs);
            }
            return isEmpty();
        } finally {
            emptyLock.unlock();
        }
    }

    private boolean isEmpty() {
        return byId.isEmpty() && arrivals.isEmpty();
    }

    ClientLimits limits() {
        return limits;
    }

    ClientPorts ports() {
        return ports;
    }

    OutstandingRequests outstandingRequests() {
        return outstanding;
    }

    long nowMs() {
        return nowMs;
    }

    /** Whether one more client may ask for a session now. */
    boolean admitsHandshake() {
        boolean admitted = handshakes.take(nowMs);
        if (admitted) {
            ports.meter().onAdmitted(handshakes.deficit());
        }
        return admitted;
    }

    /** Starts serving {@code channel}, or closes it when it is one too many. */
    void onAccepted(SocketChannel channel) throws IOException {
        InetSocketAddress remote = admitted(channel);
        if (remote != null) {
            serve(ClientStream.plain(channel, new FrameBuffer(), remote));
        }
    }

    /** As {@link #onAccepted(SocketChannel)}, once its handshake is done. */
    void onAccepted(SocketChannel channel, TlsDoor door) throws IOException {
        InetSocketAddress remote = admitted(channel);
        if (remote == null) {
            return;
        }
        if (door.handshakesMax() > 0 && arrivals.size() >= door.handshakesMax()) {
            ports.meter().onIncident(ClientMeter.Incident.HANDSHAKE_EXCEEDED);
            logRefused(remote, "there are " + arrivals.size() + " handshakes under way");
            release(remote.getAddress());
            channel.close();
            return;
        }
        Arrival arrival = new Arrival(channel, remote, door, this);
        arrivals.add(arrival);
        arrival.start();
        if (closed) {
            arrival.close();
        }
    }

    /** A handshake is done, or, when there is no stream, has failed. */
    void onArrived(Arrival arrival, @Nullable ClientStream ready) {
        if (ready == null) {
            release(arrival.remote().getAddress());
        } else {
            serve(ready);
        }
        arrivals.remove(arrival);
        signalIfEmpty();
    }

    private void serve(ClientStream stream) {
        if (!stream.isEncrypted()) {
            ports.meter().onPlain(stream.remote().getAddress().isLoopbackAddress());
        }
        start(new ClientConnection(ids.incrementAndGet(), stream, this));
    }

    /** Whose it is; null when it is one too many, and closed. */
    private @Nullable InetSocketAddress admitted(SocketChannel channel) throws IOException {
        if (!(channel.getRemoteAddress() instanceof InetSocketAddress remote)) {
            channel.close();
            return null;
        }
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        String tooMany = admit(remote.getAddress());
        if (tooMany != null) {
            onRefused(remote, tooMany);
            channel.close();
            return null;
        }
        return remote;
    }

    private void onRefused(InetSocketAddress remote, String tooMany) {
        ports.meter().onIncident(ClientMeter.Incident.REFUSED);
        logRefused(remote, tooMany);
    }

    /** Once in a while: those who come too often come very often. */
    void logRefused(InetSocketAddress remote, @Nullable String reason) {
        if (nowMs >= quietUntilMs) {
            quietUntilMs = nowMs + QUIET_MS;
            LOG.warn("{} refused: {}; the next ones are not logged", remote, reason);
        }
    }

    private void start(ClientConnection connection) {
        byId.put(connection.id(), connection);
        withDeadline.add(connection);
        connection.start();
        if (closed) {
            connection.close();
        }
    }

    /** Counts one more of {@code address}; else says which limit forbids it. */
    private @Nullable String admit(InetAddress address) {
        if (limits.connectionsMax() > 0
                && byId.size() + arrivals.size() >= limits.connectionsMax()) {
            return "there are maxCnxns=" + limits.connectionsMax() + " connections";
        }
        int ofAddress = perAddress.merge(address, 1, Integer::sum);
        if (limits.perAddressMax() > 0 && ofAddress > limits.perAddressMax()) {
            release(address);
            return "its address has maxClientCnxns=" + limits.perAddressMax() + " connections";
        }
        return null;
    }

    private void release(InetAddress address) {
        perAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }

    void onConnected(ClientConnection connection) {
        withDeadline.remove(connection);
    }

    void onEnding(ClientConnection connection) {
        withDeadline.add(connection);
        if (connection.isClosed()) {
            withDeadline.remove(connection);
        }
    }

    void onClosed(ClientConnection connection) {
        withDeadline.remove(connection);
        if (byId.remove(connection.id()) == null) {
            return;
        }
        release(connection.remote().getAddress());
        signalIfEmpty();
    }

    private void signalIfEmpty() {
        emptyLock.lock();
        try {
            if (isEmpty()) {
                empty.signalAll();
            }
        } finally {
            emptyLock.unlock();
        }
    }
}
