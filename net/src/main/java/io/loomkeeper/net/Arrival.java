package io.loomkeeper.net;

import io.loomkeeper.net.ClientMeter.Incident;
import io.loomkeeper.net.TlsOptions.ClientAuth;
import io.loomkeeper.tree.AuthId;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client at a port with TLS, until its handshake is done: one virtual thread.
 *
 * <p>The first byte tells TLS from the protocol (protocol 18.1), and what is neither never reaches
 * the TLS of the JDK. Each of the two steps has its time, which {@link Connections} keeps: {@code
 * ssl.handshakeDetectionTimeoutMillis} for a first byte, and what a connection may be without a
 * session for the handshake. It has no more than a kilobyte before the first byte, and then what
 * the JDK allows a handshake: 32 KiB for a message, 8 certificates.
 */
final class Arrival implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);

    /** The first byte of a TLS record that holds a handshake; as a length it would be too large. */
    private static final int HANDSHAKE_RECORD = 0x16;

    private final SocketChannel channel;
    private final InetSocketAddress remote;
    private final TlsDoor door;
    private final Connections home;
    private volatile long deadlineMs;
    private volatile boolean begun;
    private volatile boolean closed;

    Arrival(SocketChannel channel, InetSocketAddress remote, TlsDoor door, Connections home) {
        this.channel = channel;
        this.remote = remote;
        this.door = door;
        this.home = home;
        deadlineMs = home.nowMs() + door.tls().options().handshake().detectionMs();
    }

    InetSocketAddress remote() {
        return remote;
    }

    /** Whether it has said that it wants TLS. */
    boolean hasBegun() {
        return begun;
    }

    void start() {
        Thread.ofVirtual().name("client-arrives").start(this);
    }

    /** Closes when the time for the present step is over. */
    void onTick(long nowMs) {
        if (nowMs >= deadlineMs && !closed) {
            LOG.debug("{} closed: no handshake for too long", remote);
            home.ports().meter().onIncident(Incident.SESSIONLESS);
            close();
        }
    }

    /** Another thread does it, as for every connection. */
    void close() {
        closed = true;
        PeerSockets.closeBeside(channel);
    }

    @Override
    public void run() {
        ClientStream ready = null;
        try {
            ready = ready();
        } catch (SSLException e) {
            onRefused(e);
        } catch (IOException e) {
            LOG.debug("{} closed: {}", remote, e.toString());
        } catch (RuntimeException e) {
            LOG.error("{} closed: its handshake failed", remote, e);
        } catch (Error e) {
            home.ports().fatal().accept(e);
        } finally {
            home.onArrived(this, ready);
            if (ready == null) {
                PeerSockets.close(channel);
            }
        }
    }

    private void onRefused(SSLException e) {
        if (!closed) {
            home.logRefused(remote, e.getMessage());
            home.ports().meter().onIncident(Incident.HANDSHAKE_FAILED);
        }
    }

    private ClientStream ready() throws IOException {
        FrameBuffer first = new FrameBuffer();
        if (!first.receive(channel)) {
            throw new EOFException("nothing came");
        }
        if (first.peekByte() == HANDSHAKE_RECORD) {
            return secured(first);
        }
        if (door.admitsPlain()) {
            return ClientStream.plain(channel, first, remote);
        }
        throw new IOException("it does not begin with TLS");
    }

    private ClientStream secured(FrameBuffer first) throws IOException {
        deadlineMs = home.nowMs() + home.limits().sessionlessMs();
        begun = true;
        SSLSocket socket = door.tls().accept(channel.socket(), first.takeAll());
        socket.startHandshake();
        TlsChannel tls = new TlsChannel(channel, socket);
        return new ClientStream(channel, tls, first, remote, identities(tls.peer()));
    }

    /** Protocol 8.4: whom a certificate shows; one that is refused ends the connection. */
    private List<AuthId> identities(@Nullable X509Certificate certificate) throws SSLException {
        TlsOptions options = door.tls().options();
        List<AuthId> known = List.of(ClientStream.addressOf(remote));
        if (certificate == null || options.handshake().clientAuth() == ClientAuth.NONE) {
            return known;
        }
        String subject = certificate.getSubjectX500Principal().getName();
        String address = remote.getAddress().getHostAddress();
        if (options.checks().clientName() && !CertificateNames.isOf(certificate, address)) {
            throw new SSLException("the certificate of " + subject + " is not for " + address);
        }
        List<AuthId> all = home.ports().authenticator().onCertificate(subject, known);
        if (all == null) {
            throw new SSLException("no certificate counts here");
        }
        return all;
    }
}
