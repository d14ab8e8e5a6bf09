package io.loomkeeper.server;

import io.loomkeeper.net.TlsOptions;
import io.loomkeeper.net.TlsOptions.ClientAuth;
import io.loomkeeper.net.TlsOptions.Store;
import io.loomkeeper.server.Settings.Given;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of TLS that begin alike: {@code ssl.} towards clients, {@code ssl.quorum.} between
 * servers.
 */
record TlsKeys(Settings settings, String prefix) {
    private static final int DETECTION_MS = 5000;
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** By the end of a file's name. */
    private static final Map<String, String> TYPES =
            Map.of("jks", "JKS", "pem", "PEM", "p12", "PKCS12", "pfx", "PKCS12", "bcfks", "BCFKS");

    /**
     * Reads them all.
     *
     * @param isOn whether they count; if not, nothing but their form is looked at
     * @param verifiesClients the default of {@code clientHostnameVerification}
     * @param reloads whether files that have changed are taken
     * @return null when they do not count
     */
    @Nullable TlsOptions parse(boolean isOn, boolean verifiesClients, boolean reloads)
            throws ConfigException {
        return parse(isOn, verifiesClients, reloads, handshake());
    }

    /**
     * Reads those that count for the admin server: the keys between servers, but whether a
     * certificate is asked for is its own affair.
     *
     * @param needsClients whether whoever connects has to show one
     */
    TlsOptions parseForAdmin(boolean needsClients, boolean reloads) throws ConfigException {
        TlsOptions.Handshake given = handshake();
        TlsOptions.Handshake own =
                new TlsOptions.Handshake(
                        given.protocol(),
                        given.protocols(),
                        given.ciphersuites(),
                        needsClients ? ClientAuth.NEED : ClientAuth.NONE,
                        given.detectionMs());
        return Objects.requireNonNull(parse(true, false, reloads, own));
    }

    private @Nullable TlsOptions parse(
            boolean isOn, boolean verifiesClients, boolean reloads, TlsOptions.Handshake handshake)
            throws ConfigException {
        Store keys = store("keyStore.");
        Store trusted = store("trustStore.");
        boolean names = settings.flag(prefix + "hostnameVerification", true);
        TlsOptions.Checks checks =
                new TlsOptions.Checks(
                        names,
                        settings.flag(prefix + "clientHostnameVerification", verifiesClients)
                                && names,
                        settings.flag(prefix + "crl", false),
                        settings.flag(prefix + "ocsp", false));
        if (!isOn) {
            return null;
        }
        if (keys == null) {
            throw settings.missing(
                    prefix + "keyStore.location", "the file with this server's key, for TLS");
        }
        if (trusted == null && handshake.clientAuth() != ClientAuth.NONE) {
            throw settings.missing(
                    prefix + "trustStore.location",
                    "the file with the certificates that are believed, unless "
                            + prefix
                            + "clientAuth is none");
        }
        return new TlsOptions(keys, trusted, handshake, checks, reloads);
    }

    private @Nullable Store store(String which) throws ConfigException {
        Given location = settings.given(prefix + which + "location");
        Given type = settings.given(prefix + which + "type");
        Given password = settings.given(prefix + which + "password");
        Given passwordPath = settings.given(prefix + which + "passwordPath");
        if (location == null || location.value().isEmpty()) {
            return null;
        }
        return new Store(
                path(location),
                type == null || type.value().isEmpty() ? typeOf(location) : type(type),
                new TlsOptions.Password(
                        password == null ? "" : password.value(),
                        passwordPath == null || passwordPath.value().isEmpty()
                                ? null
                                : path(passwordPath)));
    }

    private Path path(Given given) throws ConfigException {
        try {
            return Path.of(given.value());
        } catch (InvalidPathException e) {
            throw settings.wrong(given, "a file");
        }
    }

    private String type(Given type) throws ConfigException {
        String name = type.value().toUpperCase(Locale.ROOT);
        if (!TYPES.containsValue(name)) {
            throw settings.wrong(type, "JKS, PEM, PKCS12 or BCFKS");
        }
        return name;
    }

    private String typeOf(Given location) throws ConfigException {
        String name = location.value().toLowerCase(Locale.ROOT);
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null) {
            throw settings.wrong(
                    location,
                    "a name that ends in .jks, .pem, .p12, .pfx or .bcfks, or "
                            + location.name().replace("location", "type")
                            + " as well");
        }
        return type;
    }

    private TlsOptions.Handshake handshake() throws ConfigException {
        Given protocol = settings.given(prefix + "protocol");
        Given protocols = settings.given(prefix + "enabledProtocols");
        return new TlsOptions.Handshake(
                protocol == null || protocol.value().equals("TLS")
                        ? ""
                        : known(protocol, List.of(protocol.value())).getFirst(),
                protocols == null
                        ? List.of()
                        : known(protocols, Settings.commaList(protocols.value())),
                Settings.commaList(settings.text(prefix + "ciphersuites", "")),
                clientAuth(),
                settings.integer(
                        prefix + "handshakeDetectionTimeoutMillis",
                        DETECTION_MS,
                        1,
                        Integer.MAX_VALUE));
    }

    private List<String> known(Given given, List<String> protocols) throws ConfigException {
        if (protocols.isEmpty() || !Set.copyOf(PROTOCOLS).containsAll(protocols)) {
            throw settings.wrong(given, "TLSv1.3 or TLSv1.2: older ones are not safe");
        }
        return protocols;
    }

    private ClientAuth clientAuth() throws ConfigException {
        Given given = settings.given(prefix + "clientAuth");
        if (given == null || given.value().isEmpty()) {
            return ClientAuth.NEED;
        }
        return switch (given.value().toLowerCase(Locale.ROOT)) {
            case "need" -> ClientAuth.NEED;
            case "want" -> ClientAuth.WANT;
            case "none" -> ClientAuth.NONE;
            default -> throw settings.wrong(given, "need, want or none");
        };
    }
}
