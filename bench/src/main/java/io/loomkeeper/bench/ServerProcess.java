package io.loomkeeper.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A server that was started here, as a process of its own, and answers clients. */
final class ServerProcess implements Contender, AutoCloseable {
    private static final long READY_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int STOP_TIMEOUT_S = 10;
    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final int LOG_LINES_SHOWN = 15;

    private final String name;
    private final Process process;
    private final InetSocketAddress address;
    private final Path log;

    private ServerProcess(String name, Process process, InetSocketAddress address, Path log) {
        this.name = name;
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /**
     * How to start one.
     *
     * @param environment added to this process's own
     * @param directory the working directory; what the server prints goes to a file there
     */
    record Command(
            String name, List<String> words, Map<String, String> environment, Path directory) {}

    /** A loopback address at which nobody listens now. */
    static InetSocketAddress freeAddress() throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try (ServerSocket probe = new ServerSocket(0, 1, loopback)) {
            return new InetSocketAddress(loopback, probe.getLocalPort());
        }
    }

    /** Returns at once; see {@link #awaitReady}. */
    static ServerProcess start(Command command, InetSocketAddress address) throws IOException {
        File log = command.directory().resolve("server.out").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command.words())
                        .directory(command.directory().toFile())
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().putAll(command.environment());
        return new ServerProcess(command.name(), builder.start(), address, log.toPath());
    }

    @Override
    public String name() {
        return name;
    }

    InetSocketAddress address() {
        return address;
    }

    @Override
    public ProcessUse use() {
        return ProcessUse.of(process.toHandle());
    }

    long pid() {
        return process.pid();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns at once. */
    void kill() {
        process.destroyForcibly();
    }

    /** SIGTERM; returns at once. */
    void terminate() {
        process.destroy();
    }

    /** Returns when a session can be opened; an exception quotes the server's last words. */
    void awaitReady() throws IOException {
        long deadlineNs = System.nanoTime() + READY_TIMEOUT_NS;
        while (process.isAlive() && System.nanoTime() - deadlineNs < 0) {
            try {
                SocketChannel channel = Sessions.open(address, SESSION_TIMEOUT_MS);
                Sessions.close(List.of(channel));
                return;
            } catch (IOException _) {
                LockSupport.parkNanos(RETRY_NS);
            }
        }
        throw new IOException(name + " did not become ready; its last words:\n" + lastWords());
    }

    @Override
    public List<InetSocketAddress> addresses() {
        return List.of(address);
    }

    /** The end of what the server printed. */
    @Override
    public String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            int first = Math.max(0, lines.size() - LOG_LINES_SHOWN);
            return String.join("\n", lines.subList(first, lines.size()));
        } catch (IOException e) {
            return "(what it printed cannot be read: " + e.getMessage() + ")";
        }
    }

    /** Stops it: politely, then by force. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
