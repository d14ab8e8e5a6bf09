package io.loomkeeper.admin;

import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLSocket;

/**
 * TLS at a port.
 *
 * @param sockets make what speaks it
 * @param admitsPlain whether who begins without it is served as well
 * @param onPlain told of each that is
 */
public record Encryption(Sockets sockets, boolean admitsPlain, Runnable onPlain) {

    /** Makes the server's side of TLS. Any thread may call. */
    public interface Sockets {
        /**
         * Over a connection that nothing was read from. The handshake is still to come.
         *
         * @throws IOException when it cannot be had
         */
        SSLSocket over(Socket connected) throws IOException;
    }
}
