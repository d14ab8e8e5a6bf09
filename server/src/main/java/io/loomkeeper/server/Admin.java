package io.loomkeeper.server;

import io.loomkeeper.admin.AdminServer;
import io.loomkeeper.admin.Encryption;
import io.loomkeeper.admin.Metrics;
import io.loomkeeper.net.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports for operators, as far as they are configured. The admin server opens beside the rest:
 * to load what it consists of takes as long as everything else of a start together, and clients do
 * not wait for it.
 */
final class Admin implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Admin.class);

    private final CompletableFuture<Optional<AdminServer>> commands;
    private final @Nullable AdminServer metrics;

    private Admin(
            CompletableFuture<Optional<AdminServer>> commands, @Nullable AdminServer metrics) {
        this.commands = commands;
        this.metrics = metrics;
    }

    /**
     * Opens them.
     *
     * @param onPlain told of each connection to the admin port that might have had TLS and has not
     * @param isMember whether this server belongs to an ensemble: then, as Apache's, it goes on
     *     without its admin port
     * @throws AdminPortException when it does not, and the admin port cannot be had
     * @throws IOException when the metrics' own port, or a key for TLS, cannot be had
     */
    static Admin open(
            AdminConfig config, AdminServer.Ports ports, Runnable onPlain, boolean isMember)
            throws IOException {
        AdminConfig.Commands server = config.server().orElse(null);
        if (server != null && !isFree(server, isMember)) {
            server = null;
        }
        Encryption encryption = server == null ? null : encryption(server, onPlain);
        AdminServer metrics = null;
        if (config.provider().isPresent()) {
            metrics = openProvider(config.provider().get(), ports.metrics());
        }
        return new Admin(
                server == null
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : openBeside(server, encryption, ports),
                metrics);
    }

    /** Whether the port can be had; false for a member that goes on without it. */
    private static boolean isFree(AdminConfig.Commands config, boolean isMember)
            throws AdminPortException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(config.address());
            return true;
        } catch (IOException e) {
            AdminPortException taken = new AdminPortException(config, e);
            if (!isMember) {
                throw taken;
            }
            LOG.warn("{}", taken.getMessage());
            return false;
        }
    }

    private static @Nullable Encryption encryption(AdminConfig.Commands config, Runnable onPlain)
            throws IOException {
        AdminConfig.Encrypted asked = config.tls().orElse(null);
        if (asked == null) {
            return null;
        }
        Tls tls = Tls.open(asked.options());
        return new Encryption(
                connected -> tls.accept(connected, InputStream.nullInputStream()),
                asked.admitsPlain(),
                onPlain);
    }

    private static CompletableFuture<Optional<AdminServer>> openBeside(
            AdminConfig.Commands config, @Nullable Encryption encryption, AdminServer.Ports ports) {
        CompletableFuture<Optional<AdminServer>> opened = new CompletableFuture<>();
        Thread.ofPlatform()
                .name("admin-start")
                .daemon()
                .start(() -> opened.complete(openCommands(config, encryption, ports)));
        return opened;
    }

    private static Optional<AdminServer> openCommands(
            AdminConfig.Commands config, @Nullable Encryption encryption, AdminServer.Ports ports) {
        try {
            return Optional.of(
                    AdminServer.open(
                            new AdminServer.Options(
                                    config.address(),
                                    config.commandUrl(),
                                    config.idleTimeoutMs(),
                                    encryption),
                            ports));
        } catch (IOException e) {
            LOG.warn("{}", new AdminPortException(config, e).getMessage());
        } catch (RuntimeException e) {
            LOG.error("the admin server does not start", e);
        }
        return Optional.empty();
    }

    private static AdminServer openProvider(AdminConfig.Provider config, Metrics metrics)
            throws IOException {
        try {
            return AdminServer.openMetrics(config.address(), metrics, config.withJvm());
        } catch (IOException e) {
            throw new IOException("Cannot start /metrics server: " + e.getMessage(), e);
        }
    }

    /** Where the admin server listens, once it does; null when there is none. */
    @Nullable InetSocketAddress address() {
        return commands.join().map(AdminServer::address).orElse(null);
    }

    /** Where the metrics' own port is; null when there is none. */
    @Nullable InetSocketAddress metricsAddress() {
        return metrics == null ? null : metrics.address();
    }

    @Override
    public void close() {
        commands.join().ifPresent(AdminServer::close);
        if (metrics != null) {
            metrics.close();
        }
    }
}
