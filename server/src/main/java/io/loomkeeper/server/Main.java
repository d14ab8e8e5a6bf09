package io.loomkeeper.server;

import io.loomkeeper.log.CorruptLogException;
import java.io.IOException;
import java.io.StringReader;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code bin/server [zoo.cfg]}: one server in the foreground, until it is told to stop; {@code
 * bin/server --check [zoo.cfg]}: what it would start with, and what speaks against it.
 */
public final class Main {
    static {
        // before anything is logged, unless the user chose another
        String choice = "java.util.logging.manager";
        if (System.getProperty(choice) == null) {
            System.setProperty(choice, LastingLogs.class.getName());
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private static final String CHECK = "--check";
    private static final String USAGE = "usage: bin/server [--check] [zoo.cfg] | --version";
    private static final String AFTER_A_DISK_ERROR =
            "; nothing that was acknowledged is lost. When the disk is well, start it again";

    private Main() {}

    /**
     * Starts a server; returns when it accepts clients. The process lives until the server stops.
     */
    public static void main(String[] args) {
        if (System.getProperty("java.util.logging.config.file") == null) {
            LogFormat.install();
        }
        requireAssertions();
        if (args.length == 1 && args[0].equals("--version")) {
            IO.println("Loomkeeper, version " + Version.load().full());
            return;
        }
        Map<String, String> properties = properties();
        if (args.length > 0 && args[0].equals(CHECK)) {
            check(args, properties);
        }
        if (args.length > 1) {
            exit(ExitCode.BAD_INVOCATION, USAGE);
        }
        try {
            if (args.length == 0) {
                start(Config.standalone(properties), "", properties);
            } else {
                String text = Files.readString(Path.of(args[0]), StandardCharsets.UTF_8);
                start(Config.parse(args[0], new StringReader(text), properties), text, properties);
            }
        } catch (ConfigException e) {
            exit(ExitCode.BAD_INVOCATION, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            exit(ExitCode.BAD_INVOCATION, "cannot read the configuration: " + e);
        }
    }

    /** Ends the process: 0 when a server could start with that. */
    private static void check(String[] args, Map<String, String> properties) {
        if (args.length > 2) {
            exit(ExitCode.BAD_INVOCATION, USAGE);
        }
        try {
            ConfigCheck.Report report =
                    args.length == 1
                            ? ConfigCheck.ofBuiltIn(properties)
                            : ConfigCheck.of(Path.of(args[1]), properties);
            report.lines().forEach(IO::println);
            System.exit((report.isSound() ? ExitCode.DONE : ExitCode.BAD_INVOCATION).number());
        } catch (IOException e) {
            exit(ExitCode.BAD_INVOCATION, "cannot read the configuration: " + e);
        }
    }

    private static void start(Config config, String text, Map<String, String> properties) {
        config.warnings().forEach(LOG::warn);
        Profile.warning(config).ifPresent(LOG::warn);
        DataDirs.foreign(config.storage()).ifPresent(LOG::warn);
        try {
            Server server = Server.start(config, text, properties, Main::failStop);
            LastingLogs.last();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
            IO.println(
                    "Loomkeeper "
                            + Version.load().release()
                            + " ready at "
                            + text(server.address()));
            SoftHeapLimit.keep();
        } catch (CorruptLogException e) {
            LOG.error("the data directory is damaged; nothing was changed", e);
            exit(ExitCode.DATA_DIR, String.valueOf(e.getMessage()));
        } catch (AdminPortException e) {
            exit(ExitCode.ADMIN_PORT, "cannot start: " + e.getMessage());
        } catch (BindException e) {
            exit(ExitCode.UNEXPECTED, "cannot start: " + e.getMessage());
        } catch (FileSystemException e) {
            exit(ExitCode.DATA_DIR, "cannot start: " + e);
        } catch (IOException e) {
            exit(ExitCode.DATA_DIR, "cannot start: " + e.getMessage());
        }
    }

    private static void stop(Server server) {
        server.stop();
        LastingLogs.end();
    }

    private static void requireAssertions() {
        if (!Main.class.desiredAssertionStatus()) {
            exit(
                    ExitCode.BAD_INVOCATION,
                    "assertions are off; start the JVM with -ea (config/jvm.options)");
        }
    }

    private static String text(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String shown =
                host instanceof Inet6Address
                        ? "[" + host.getHostAddress() + "]"
                        : host.getHostAddress();
        return (host.isAnyLocalAddress() ? "*" : shown) + ":" + address.getPort();
    }

    private static Map<String, String> properties() {
        Properties all = System.getProperties();
        Map<String, String> copy = new HashMap<>();
        for (String name : all.stringPropertyNames()) {
            copy.put(name, all.getProperty(name));
        }
        return copy;
    }

    /** A thread that nothing can do without has failed: the process ends at once, as in a crash. */
    private static void failStop(String where, Throwable cause) {
        try {
            LOG.error(
                    "{} failed: {}. The server stops without acknowledging anything more{}",
                    where,
                    cause.getMessage(),
                    cause instanceof IOException ? AFTER_A_DISK_ERROR : "",
                    cause);
        } finally {
            Runtime.getRuntime().halt(ExitCode.UNEXPECTED.number());
        }
    }

    private static void exit(ExitCode code, String message) {
        System.err.println(message);
        System.exit(code.number());
    }
}
