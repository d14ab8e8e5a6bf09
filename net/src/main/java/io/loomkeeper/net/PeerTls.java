package io.loomkeeper.net;

/**
 * TLS between servers.
 *
 * @param dials sslQuorum: this server speaks it to those that it dials
 * @param admitsPlain portUnification, or no sslQuorum: who dials without it is heard
 */
public record PeerTls(Tls tls, boolean dials, boolean admitsPlain) {}
