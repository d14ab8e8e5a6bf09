package io.loomkeeper.admin;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.webserver.ConnectionContext;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;

/**
 * A connection of the HTTP server as a socket that TLS can be layered over: what has been read from
 * it already to see how it begins is read again. Its time limits are those that the connection has.
 */
final class RelayedSocket extends Socket {
    private final ConnectionContext context;
    private volatile boolean closed;

    RelayedSocket(ConnectionContext context) {
        this.context = context;
    }

    @Override
    public InputStream getInputStream() {
        return new Received(context.dataReader());
    }

    @Override
    public OutputStream getOutputStream() {
        return new Sent(context);
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    /** Whoever opened the connection closes it. */
    @Override
    public void close() {
        closed = true;
    }

    @Override
    public void shutdownInput() {
        // the connection's end is behind TLS's own
    }

    @Override
    public void shutdownOutput() {
        // likewise
    }

    @Override
    public void setSoTimeout(int timeoutMs) {
        // the connection has its own
    }

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void setSoLinger(boolean on, int lingerS) {
        // nobody waits for what was not taken
    }

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        // it is on
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return context.remotePeer().address();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return context.localPeer().address();
    }

    @Override
    public InetAddress getInetAddress() {
        return ((InetSocketAddress) getRemoteSocketAddress()).getAddress();
    }

    @Override
    public int getPort() {
        return context.remotePeer().port();
    }

    @Override
    public InetAddress getLocalAddress() {
        return ((InetSocketAddress) getLocalSocketAddress()).getAddress();
    }

    @Override
    public int getLocalPort() {
        return context.localPeer().port();
    }

    /** What comes. */
    private static final class Received extends InputStream {
        private static final int END = -1;

        private final DataReader reader;

        Received(DataReader reader) {
            this.reader = reader;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) == END ? END : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (length == 0) {
                return 0;
            }
            try {
                reader.ensureAvailable();
            } catch (InsufficientDataAvailableException _) {
                return END;
            }
            int taken = Math.min(length, reader.available());
            return reader.readBuffer(taken).read(target, offset, taken);
        }

        @Override
        public int available() {
            return reader.available();
        }
    }

    /** What goes. */
    private static final class Sent extends OutputStream {
        private final ConnectionContext context;

        Sent(ConnectionContext context) {
            this.context = context;
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            context.dataWriter().writeNow(BufferData.create(source, offset, length));
        }
    }
}
