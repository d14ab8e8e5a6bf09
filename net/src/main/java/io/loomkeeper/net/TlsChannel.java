package io.loomkeeper.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A TLS connection as a channel. One thread may read while another writes. Buffers are on the heap.
 */
final class TlsChannel implements ByteChannel {
    private final SocketChannel channel;
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;

    /**
     * @param socket over {@code channel}, after its handshake
     */
    TlsChannel(SocketChannel channel, SSLSocket socket) throws IOException {
        this.channel = channel;
        this.socket = socket;
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** The certificate that the other end has shown; null when it has shown none. */
    @Nullable X509Certificate peer() {
        try {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException _) {
            return null;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int at = target.arrayOffset() + target.position();
        int length = in.read(target.array(), at, target.remaining());
        if (length > 0) {
            target.position(target.position() + length);
        }
        return length;
    }

    /** Writes all of it. */
    @Override
    public int write(ByteBuffer source) throws IOException {
        int length = source.remaining();
        out.write(source.array(), source.arrayOffset() + source.position(), length);
        source.position(source.limit());
        return length;
    }

    /** Tells the other end that nothing more comes. */
    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Closes the connection under it, which no write that is stuck can keep from happening. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
