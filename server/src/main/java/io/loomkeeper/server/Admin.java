package io.loomkeeper.server;

import io.loomkeeper.admin.AdminServer;
import io.loomkeeper.admin.Metrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports for operators, as far as they are configured. */
final class Admin implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Admin.class);

    private final @Nullable AdminServer commands;
    private final @Nullable AdminServer metrics;

    private Admin(@Nullable AdminServer commands, @Nullable AdminServer metrics) {
        this.commands = commands;
        this.metrics = metrics;
    }

    /**
     * Opens them.
     *
     * @param isMember whether this server belongs to an ensemble: then, as Apache's, it goes on
     *     without its admin port
     * @throws AdminPortException when it does not, and the admin port cannot be had
     * @throws IOException when the metrics' own port cannot be had
     */
    static Admin open(AdminConfig config, AdminServer.Ports ports, boolean isMember)
            throws IOException {
        AdminServer metrics = null;
        if (config.provider().isPresent()) {
            metrics = openProvider(config.provider().get(), ports.metrics());
        }
        try {
            AdminConfig.Commands server = config.server().orElse(null);
            return new Admin(server == null ? null : openCommands(server, ports), metrics);
        } catch (AdminPortException e) {
            if (!isMember) {
                if (metrics != null) {
                    metrics.close();
                }
                throw e;
            }
            LOG.warn("{}", e.getMessage());
            return new Admin(null, metrics);
        }
    }

    private static AdminServer openProvider(AdminConfig.Provider config, Metrics metrics)
            throws IOException {
        try {
            return AdminServer.openMetrics(config.address(), metrics, config.withJvm());
        } catch (IOException e) {
            throw new IOException("Cannot start /metrics server: " + e.getMessage(), e);
        }
    }

    private static AdminServer openCommands(AdminConfig.Commands config, AdminServer.Ports ports)
            throws AdminPortException {
        try {
            return AdminServer.open(
                    new AdminServer.Options(
                            config.address(), config.commandUrl(), config.idleTimeoutMs()),
                    ports);
        } catch (IOException e) {
            throw new AdminPortException(config, e);
        }
    }

    /** Where the admin server listens; null when there is none. */
    @Nullable InetSocketAddress address() {
        return commands == null ? null : commands.address();
    }

    /** Where the metrics' own port is; null when there is none. */
    @Nullable InetSocketAddress metricsAddress() {
        return metrics == null ? null : metrics.address();
    }

    @Override
    public void close() {
        if (commands != null) {
            commands.close();
        }
        if (metrics != null) {
            metrics.close();
        }
    }
}
