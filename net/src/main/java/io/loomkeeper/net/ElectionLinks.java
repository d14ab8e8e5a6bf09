package io.loomkeeper.net;

import io.loomkeeper.net.wire.ElectionDecoder;
import io.loomkeeper.net.wire.ElectionHello;
import io.loomkeeper.net.wire.HostPort;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.zab.Notification;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All election links of this server, and the door at which others connect. */
final class ElectionLinks {
    private static final Logger LOG = LoggerFactory.getLogger(ElectionLinks.class);

    private static final int HELLO_READ_BYTES = 512;
    private static final long NS_PER_MS = 1_000_000;

    private final PeerOptions options;
    private final PeerPorts ports;
    private final LongFunction<@Nullable ServerAddress> addresses;
    private final Supplier<Set<String>> hosts;
    private final Strangers strangers;
    private final ConcurrentMap<Long, ElectionPeer> peers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * @param addresses of the members, by server id
     * @param hosts of all of them
     */
    ElectionLinks(
            PeerOptions options,
            PeerPorts ports,
            LongFunction<@Nullable ServerAddress> addresses,
            Supplier<Set<String>> hosts) {
        this.options = options;
        this.ports = ports;
        this.addresses = addresses;
        this.hosts = hosts;
        strangers = new Strangers(options.limits().strangersMax());
    }

    PeerOptions options() {
        return options;
    }

    PeerPorts ports() {
        return ports;
    }

    /** Puts something into the sink, waiting while it is full. */
    void offer(Predicate<PeerSink> message) {
        ports.offer(() -> closed, message);
    }

    /** Ignores what is for nobody that is known. */
    void notify(long sid, Notification notification) {
        if (isMember(sid) && !closed) {
            peer(sid).notify(notification);
        }
    }

    private boolean isMember(long sid) {
        return sid != options.sid() && addresses.apply(sid) != null;
    }

    private ElectionPeer peer(long sid) {
        return peers.computeIfAbsent(sid, key -> new ElectionPeer(key, this));
    }

    /** Closes the link to a server; it is dialled anew when there is something to tell it. */
    void forget(long sid) {
        ElectionPeer peer = peers.remove(sid);
        if (peer != null) {
            peer.close();
        }
    }

    List<HostPort> electionAddresses(long sid) {
        ServerAddress address = addresses.apply(sid);
        return address == null ? List.of() : address.election();
    }

    private List<String> hosts(long sid) {
        ServerAddress address = addresses.apply(sid);
        return address == null ? List.of() : address.hosts();
    }

    /** What this server says when it has connected. */
    ElectionHello hello() {
        List<HostPort> own = electionAddresses(options.sid());
        if (own.isEmpty()) {
            return new ElectionHello(ElectionHello.Form.BARE, options.sid(), own);
        }
        return options.sockets().multiAddress()
                ? new ElectionHello(ElectionHello.Form.ADDRESSES, options.sid(), own)
                : new ElectionHello(
                        ElectionHello.Form.ONE_ADDRESS, options.sid(), List.of(own.getFirst()));
    }

    void onAccepted(SocketChannel channel) throws IOException {
        PeerSockets.setUp(channel, options.sockets());
        PeerSocket socket = new PeerSocket(channel);
        Thread.ofVirtual().name("election-hello").start(() -> runHello(socket));
    }

    private void runHello(PeerSocket socket) {
        boolean isKept = false;
        Runnable closer = socket::closeBeside;
        strangers.add(closer);
        try {
            ElectionDecoder decoder = new ElectionDecoder();
            socket.accept(options.tls(), options.timeouts().helloMs());
            ElectionHello hello = receiveHello(socket, decoder);
            if (options.proof() != null) {
                PeerHandshake.judge(
                        options.proof(), hosts.get(), socket, options.timeouts().helloMs());
            }
            strangers.remove(closer);
            isKept = onHello(hello, socket, decoder);
        } catch (SSLException e) {
            LOG.info("refused at the election port: {}", e.getMessage());
        } catch (IOException | MalformedException e) {
            LOG.debug("dropped at the election port: {}", e.toString());
        } catch (RuntimeException e) {
            LOG.error("dropped at the election port", e);
        } catch (Error e) {
            ports.fatal().accept(e);
        } finally {
            strangers.remove(closer);
            if (!isKept) {
                socket.close();
            }
        }
    }

    private ElectionHello receiveHello(PeerSocket socket, ElectionDecoder decoder)
            throws IOException, MalformedException {
        // a proof, which is not of the decoder's language, may follow the hello
        byte[] bytes = new byte[options.proof() == null ? HELLO_READ_BYTES : 1];
        UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        long endNs = System.nanoTime() + options.timeouts().helloMs() * NS_PER_MS;
        ElectionHello hello = null;
        while (hello == null) {
            long leftMs = (endNs - System.nanoTime()) / NS_PER_MS;
            int length = leftMs <= 0 ? -1 : socket.read(bytes, leftMs);
            if (length < 0) {
                throw new EOFException("no hello");
            }
            decoder.receive(buffer, 0, length);
            hello = decoder.hello();
        }
        return hello;
    }

    /** Keeps the connection of a larger id, calls a smaller one; the rest get nothing. */
    private boolean onHello(ElectionHello hello, PeerSocket socket, ElectionDecoder decoder)
            throws IOException {
        long sid = hello.sid();
        if (closed || !isMember(sid)) {
            LOG.warn("refused at the election port: server {} is not in the configuration", sid);
            return false;
        }
        socket.requireNameOf(hosts(sid));
        ElectionPeer peer = peer(sid);
        if (sid < options.sid()) {
            peer.onCalled();
            return false;
        }
        peer.onLinked(socket, new ElectionLink(socket, peer, decoder));
        return true;
    }

    void closeAll() {
        closed = true;
        peers.values().forEach(ElectionPeer::close);
    }
}
