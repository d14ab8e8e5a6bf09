package io.loomkeeper.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken at one kind of port.
 *
 * @param keys this server's key, with its certificate and those that lead to whom others trust
 * @param trusted the certificates by which others are believed; null where nobody has to show one
 * @param reloads whether files that have changed are taken without a restart
 */
public record TlsOptions(
        Store keys, @Nullable Store trusted, Handshake handshake, Checks checks, boolean reloads) {

    /** Whether whoever connects has to show a certificate. */
    public enum ClientAuth {
        NONE,
        WANT,
        NEED
    }

    /**
     * A file of keys or certificates.
     *
     * @param type {@code PEM}, or what {@link java.security.KeyStore} calls it
     */
    public record Store(Path file, String type, Password password) {}

    /**
     * What opens a store. Never shown.
     *
     * @param text where no file is named
     * @param file that holds it, without the line's end
     */
    public record Password(String text, @Nullable Path file) {
        public static final Password NONE = new Password("", null);

        char[] read() throws IOException {
            return file == null
                    ? text.toCharArray()
                    : Files.readString(file, StandardCharsets.UTF_8).stripTrailing().toCharArray();
        }

        @Override
        public String toString() {
            return "***";
        }
    }

    /**
     * What is agreed upon.
     *
     * @param protocol a name for {@link javax.net.ssl.SSLContext}; empty: TLS 1.3 and 1.2
     * @param protocols those that are spoken; empty: those that follow from {@code protocol}
     * @param ciphersuites empty: the JDK's
     * @param detectionMs for whoever connects to send a first byte
     */
    public record Handshake(
            String protocol,
            List<String> protocols,
            List<String> ciphersuites,
            ClientAuth clientAuth,
            int detectionMs) {}

    /**
     * What is looked at beyond the signatures.
     *
     * @param serverName whether the certificate of a server that is dialled has the name by which
     *     it was
     * @param clientName whether the certificate of whoever connects has its address, or, of a
     *     member of the ensemble, one of the names that the configuration has for it
     * @param crl lists of revoked certificates are looked up
     * @param ocsp the certificate's issuer is asked whether it is revoked
     */
    public record Checks(boolean serverName, boolean clientName, boolean crl, boolean ocsp) {}
}
