package io.loomkeeper.net;

import io.loomkeeper.tree.AuthId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * A client's connection that is ready for the protocol.
 *
 * @param channel the socket
 * @param bytes what is read and written: the socket itself, or TLS over it
 * @param received what came already
 * @param identities that the connection has from the start
 */
record ClientStream(
        SocketChannel channel,
        ByteChannel bytes,
        FrameBuffer received,
        InetSocketAddress remote,
        List<AuthId> identities) {

    static ClientStream plain(
            SocketChannel channel, FrameBuffer received, InetSocketAddress remote) {
        return new ClientStream(channel, channel, received, remote, List.of(addressOf(remote)));
    }

    boolean isEncrypted() {
        return bytes instanceof TlsChannel;
    }

    static AuthId addressOf(InetSocketAddress remote) {
        return new AuthId("ip", remote.getAddress().getHostAddress());
    }

    /** Tells the client that nothing more comes. */
    void endOutput() throws IOException {
        if (bytes instanceof TlsChannel tls) {
            tls.endOutput();
        } else {
            channel.shutdownOutput();
        }
    }
}
