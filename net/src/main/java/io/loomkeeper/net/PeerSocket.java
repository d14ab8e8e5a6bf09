package io.loomkeeper.net;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A connection between two servers: a socket, or TLS over it (ADR 11). Until it is known which, one
 * thread has it; then one reads and another may write.
 */
final class PeerSocket {
    private static final long NS_PER_MS = 1_000_000;
    private static final int WRITE_BYTES_MAX = 128 << 10;

    /**
     * The first byte of a TLS record that holds a handshake; no packet of a server has it first.
     */
    private static final int HANDSHAKE_RECORD = 0x16;

    private final SocketChannel channel;
    private Socket socket;
    private InputStream in;
    private WritableByteChannel out;
    private @Nullable Tls tls;
    private @Nullable X509Certificate shown;
    private String host = "";

    /** Null where what is sent is not what the socket gets, or where there is none. */
    private volatile @Nullable PromptSend prompt;

    /**
     * @param channel connected
     */
    PeerSocket(SocketChannel channel) throws IOException {
        this.channel = channel;
        socket = channel.socket();
        in = socket.getInputStream();
        out = channel;
        prompt = PromptSend.of(channel);
    }

    /** For what the socket takes at once; null where that is not to be had. */
    @Nullable PromptSend prompt() {
        return prompt;
    }

    /** Whoever dialled speaks TLS, if that is how servers speak here; nothing is read otherwise. */
    void accept(@Nullable PeerTls security, int timeoutMs) throws IOException {
        if (security == null) {
            return;
        }
        int detectionMs = security.tls().options().handshake().detectionMs();
        byte[] first = new byte[1];
        if (read(first, Math.min(detectionMs, timeoutMs)) < 0) {
            throw new EOFException("nothing came");
        }
        InputStream received = new ByteArrayInputStream(first);
        if (first[0] == HANDSHAKE_RECORD) {
            handshake(security.tls(), security.tls().accept(socket, received), timeoutMs);
        } else if (security.admitsPlain()) {
            unread(first);
        } else {
            throw new IOException("it does not begin with TLS");
        }
    }

    /**
     * Speaks TLS to the server that was dialled by this name, if that is how servers speak here.
     */
    void connect(@Nullable PeerTls security, String host, int timeoutMs) throws IOException {
        this.host = host;
        if (security != null && security.dials()) {
            handshake(security.tls(), security.tls().connect(socket, host), timeoutMs);
        }
    }

    /** By which name it was dialled; empty on one that was accepted. */
    String host() {
        return host;
    }

    /** The other end's address, as {@code /host:port}. */
    String remote() {
        return String.valueOf(channel.socket().getRemoteSocketAddress());
    }

    private void handshake(Tls with, SSLSocket secure, int timeoutMs) throws IOException {
        secure.setSoTimeout(timeoutMs);
        secure.startHandshake();
        TlsChannel over = new TlsChannel(channel, secure);
        socket = secure;
        in = secure.getInputStream();
        out = over;
        prompt = null;
        tls = with;
        shown = over.peer();
    }

    /**
     * The other end says that it is the server of these names: its certificate must be that of one
     * of them. So a certificate of another server, though it is believed, does not make it this
     * one.
     *
     * @param hosts as the configuration has them
     * @throws IOException when it is not
     */
    void requireNameOf(List<String> hosts) throws IOException {
        X509Certificate certificate = shown;
        Tls spoken = tls;
        if (spoken == null || certificate == null || !spoken.options().checks().clientName()) {
            return;
        }
        for (String host : hosts) {
            if (CertificateNames.isOf(certificate, host)) {
                return;
            }
        }
        throw new SSLException(
                "the certificate of "
                        + certificate.getSubjectX500Principal().getName()
                        + " is for none of "
                        + hosts);
    }

    /**
     * Waits for bytes.
     *
     * @return how many, -1 at the end of the stream
     * @throws SocketTimeoutException after so many ms without any
     */
    int read(byte[] target, long timeoutMs) throws IOException {
        socket.setSoTimeout(Math.clamp(timeoutMs, 1, Integer.MAX_VALUE));
        return in.read(target);
    }

    /**
     * Waits for so many bytes.
     *
     * @param endNs on the clock of {@link System#nanoTime}
     * @throws IOException when they have not come by then
     */
    byte[] readFully(int length, long endNs) throws IOException {
        byte[] all = new byte[length];
        int have = 0;
        while (have < length) {
            long leftNs = endNs - System.nanoTime();
            if (leftNs <= 0) {
                throw new SocketTimeoutException(have + " of " + length + " bytes came in time");
            }
            socket.setSoTimeout(Math.clamp(leftNs / NS_PER_MS, 1, Integer.MAX_VALUE));
            int read = in.read(all, have, length - have);
            if (read < 0) {
                throw new EOFException();
            }
            have += read;
        }
        return all;
    }

    /** These are to be read again, before what has not been read yet. */
    void unread(byte[] bytes) {
        in = new SequenceInputStream(new ByteArrayInputStream(bytes), in);
    }

    /** Writes all of it; blocks for as long as the other end does not read. */
    void write(ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(Math.min(end, bytes.position() + WRITE_BYTES_MAX));
            out.write(bytes);
        }
    }

    /** On another thread, because that is a system call or several. */
    void closeBeside() {
        endPromptSends();
        PeerSockets.closeBeside(channel);
    }

    private void endPromptSends() {
        PromptSend open = prompt;
        if (open != null) {
            open.close();
        }
    }

    /** Never waits for what TLS has still to write. */
    void close() {
        endPromptSends();
        PeerSockets.close(channel);
    }
}
