package io.loomkeeper.net;

/**
 * A client port at which TLS is spoken.
 *
 * @param admitsPlain client.portUnification: whoever does not begin with TLS is served without
 * @param handshakesMax netty.server.outstandingHandshake.limit: connections, of all such ports
 *     together, that are not ready yet; one more is refused; 0 is no bound
 */
public record TlsDoor(Tls tls, boolean admitsPlain, int handshakesMax) {}
