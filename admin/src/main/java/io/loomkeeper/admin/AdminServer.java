package io.loomkeeper.admin;

import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port for operators:
 *
 * <pre>
 *   {commandUrl}         the list of commands        {commandUrl}/{name}   runs one, answers in JSON
 *   /health/live         200 while the process is well
 *   /health/ready        200 while clients are served, 503 otherwise
 *   /metrics             all figures, in Prometheus's text format
 * </pre>
 *
 * or, opened by {@link #openMetrics}, the last of these alone.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int METRICS_IDLE_MS = 30_000;

    private final HttpPort port;

    /**
     * Where and how to listen.
     *
     * @param commandUrl begins with a slash
     * @param idleTimeoutMs after this a connection that says nothing is closed
     * @param encryption null for none
     */
    public record Options(
            InetSocketAddress address,
            String commandUrl,
            int idleTimeoutMs,
            @Nullable Encryption encryption) {}

    /** What is shown and done. Each port is called on the thread of a request. */
    public record Ports(
            List<Command> commands,
            BooleanSupplier isServing,
            Guard guard,
            Health health,
            Metrics metrics) {}

    /** How the server is. */
    public interface Health {
        /** Whether the threads that nothing can do without go on. May wait for them, a while. */
        boolean isLive();

        /** Whether clients are served. */
        boolean isReady();

        /** What this server is in its ensemble, or why it does not serve. */
        String text();
    }

    private AdminServer(HttpPort port) {
        this.port = port;
    }

    /**
     * Opens the port of the administration.
     *
     * @throws IOException when the port cannot be had
     */
    public static AdminServer open(Options options, Ports ports) throws IOException {
        HttpRouting.Builder routing = HttpRouting.builder();
        new CommandRoutes(options.commandUrl(), options.idleTimeoutMs(), ports).addTo(routing);
        new HealthRoutes(ports.health()).addTo(routing);
        new MetricsRoutes(ports.metrics().and(new JvmMetrics())).addTo(routing);
        HttpPort port =
                HttpPort.open(
                        options.address(), options.idleTimeoutMs(), routing, options.encryption());
        LOG.info(
                "Started AdminServer on address {}, port {} and command URL {}",
                options.address().getHostString(),
                port.address().getPort(),
                options.commandUrl());
        return new AdminServer(port);
    }

    /**
     * Opens a port that has the metrics alone.
     *
     * @param withJvm whether those of the JVM and of the process are among them
     * @throws IOException when the port cannot be had
     */
    public static AdminServer openMetrics(
            InetSocketAddress address, Metrics metrics, boolean withJvm) throws IOException {
        HttpRouting.Builder routing = HttpRouting.builder();
        new MetricsRoutes(withJvm ? metrics.and(new JvmMetrics()) : metrics).addTo(routing);
        HttpPort port = HttpPort.open(address, METRICS_IDLE_MS, routing, null);
        LOG.info(
                "Started /metrics HTTP endpoint at host: {}, port: {}, exportJvmInfo: {}",
                address.getHostString(),
                port.address().getPort(),
                withJvm);
        return new AdminServer(port);
    }

    /** Where it listens, with the port that was picked. */
    public InetSocketAddress address() {
        return port.address();
    }

    @Override
    public void close() {
        port.close();
    }
}
