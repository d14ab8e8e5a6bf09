package io.loomkeeper.server;

import io.loomkeeper.net.TlsOptions;
import io.loomkeeper.net.TlsOptions.ClientAuth;
import io.loomkeeper.server.Settings.Given;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * What operators may ask over HTTP, and where.
 *
 * @param server of commands, health and metrics; empty when it is switched off
 * @param provider the port that has the metrics alone; empty unless Apache's provider is named
 * @param slowRequestMs a request that takes longer is logged; 0: none is
 * @param audits whether every change is logged with who made it
 */
record AdminConfig(
        Optional<Commands> server,
        Optional<Provider> provider,
        long slowRequestMs,
        boolean audits) {
    private static final String DEFAULT_PROVIDER =
            "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider";
    private static final String PROMETHEUS_PROVIDER =
            "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";
    private static final int PORT_MAX = 65535;

    /**
     * The admin server.
     *
     * @param commandUrl begins with a slash
     * @param idleTimeoutMs after this a connection that says nothing is closed
     */
    record Commands(
            InetSocketAddress address,
            String commandUrl,
            int idleTimeoutMs,
            Snapshots snapshots,
            Optional<Encrypted> tls) {
        /** Whether who is served has shown a certificate that is believed. */
        boolean needsCertificates() {
            return tls.filter(on -> !on.admitsPlain() && on.asksForCertificates()).isPresent();
        }
    }

    /**
     * TLS at the admin server.
     *
     * @param admitsPlain whether plain HTTP is served as well
     */
    record Encrypted(TlsOptions options, boolean admitsPlain) {
        boolean asksForCertificates() {
            return options.handshake().clientAuth() == ClientAuth.NEED;
        }
    }

    /**
     * Snapshots that are asked for.
     *
     * @param areEnabled whether any is taken
     * @param areRestored whether one that is posted takes the place of the state
     * @param intervalMs in which there is at most one of each
     * @param countsAnyone whether a root that is open to everybody opens them as well
     */
    record Snapshots(
            boolean areEnabled, boolean areRestored, int intervalMs, boolean countsAnyone) {}

    /**
     * The metrics' own port.
     *
     * @param withJvm whether those of the JVM are among them
     */
    record Provider(InetSocketAddress address, boolean withJvm) {}

    static AdminConfig parse(Settings settings) throws ConfigException {
        boolean isEnabled = settings.flag("admin.enableServer", true);
        Commands commands =
                new Commands(
                        address(
                                settings,
                                "admin.serverAddress",
                                "127.0.0.1",
                                "admin.serverPort",
                                8080),
                        url(settings),
                        settings.integer("admin.idleTimeout", 30_000, 1, Integer.MAX_VALUE),
                        new Snapshots(
                                settings.flag("admin.snapshot.enabled", true),
                                settings.flag("admin.restore.enabled", true),
                                settings.integer(
                                        "admin.rateLimiterIntervalInMS",
                                        300_000,
                                        0,
                                        Integer.MAX_VALUE),
                                Profile.of(settings) == Profile.COMPAT),
                        isEnabled ? encrypted(settings) : Optional.empty());
        boolean isPrometheus = isPrometheus(settings);
        Provider provider =
                new Provider(
                        address(
                                settings,
                                "metricsProvider.httpHost",
                                "0.0.0.0",
                                "metricsProvider.httpPort",
                                7000),
                        settings.flag("metricsProvider.exportJvmInfo", true));
        return new AdminConfig(
                isEnabled ? Optional.of(commands) : Optional.empty(),
                isPrometheus ? Optional.of(provider) : Optional.empty(),
                settings.number("request.warningthresholdms", 1000, 0, Long.MAX_VALUE),
                settings.flag("audit.enable", false));
    }

    private static Optional<Encrypted> encrypted(Settings settings) throws ConfigException {
        boolean isForced = settings.flag("admin.forceHttps", false);
        boolean isUnified = settings.flag("admin.portUnification", false);
        boolean needsClients = settings.flag("admin.needClientAuth", false);
        if (!isForced && !isUnified) {
            return Optional.empty();
        }
        TlsOptions options =
                new TlsKeys(settings, "ssl.quorum.")
                        .parseForAdmin(
                                needsClients, settings.flag("sslQuorumReloadCertFiles", true));
        return Optional.of(new Encrypted(options, !isForced));
    }

    private static boolean isPrometheus(Settings settings) throws ConfigException {
        Given given = settings.given("metricsProvider.className");
        if (given == null || given.value().equals(DEFAULT_PROVIDER)) {
            return false;
        }
        if (given.value().equals(PROMETHEUS_PROVIDER)) {
            return true;
        }
        throw settings.wrong(given, DEFAULT_PROVIDER + " or " + PROMETHEUS_PROVIDER);
    }

    private static String url(Settings settings) throws ConfigException {
        Given given = settings.given("admin.commandURL");
        if (given == null) {
            return "/commands";
        }
        if (!given.value().matches("(/[A-Za-z0-9._~-]+)+")) {
            throw settings.wrong(given, "a path such as /commands");
        }
        return given.value();
    }

    private static InetSocketAddress address(
            Settings settings, String hostKey, String host, String portKey, int port)
            throws ConfigException {
        Given given = settings.given(hostKey);
        int number = settings.integer(portKey, port, 0, PORT_MAX);
        try {
            String name = given == null ? host : given.value();
            return new InetSocketAddress(InetAddress.getByName(name), number);
        } catch (UnknownHostException e) {
            assert given != null : host;
            throw settings.wrong(given, "a host that has an address here");
        }
    }
}
