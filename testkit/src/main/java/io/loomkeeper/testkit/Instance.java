package io.loomkeeper.testkit;

import io.loomkeeper.server.EmbeddedServer;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One server that can be stopped and started again on its port and data. Any thread. */
final class Instance {
    private final String members;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private InstanceSpec spec;
    private @Nullable EmbeddedServer server;

    /**
     * @param members the lines of a cluster's servers; empty for a server of its own
     */
    Instance(InstanceSpec spec, String members) {
        this.spec = spec;
        this.members = members;
    }

    synchronized InstanceSpec spec() {
        return spec;
    }

    /** Starts it unless it runs. */
    synchronized void start() throws IOException {
        if (server == null) {
            Openings.ensure();
            Files.createDirectories(spec.dataDirectory());
            if (!members.isEmpty()) {
                Files.writeString(
                        spec.dataDirectory().resolve("myid"), Integer.toString(spec.serverId()));
            }
            EmbeddedServer started =
                    EmbeddedServer.start(
                            zooCfg(), (_, cause) -> failure.compareAndSet(null, cause));
            server = started;
            spec = spec.withPort(started.port());
        }
    }

    /**
     * Stops it in order, if it runs.
     *
     * @throws IOException when it had failed before
     */
    synchronized void stop() throws IOException {
        EmbeddedServer running = server;
        if (running != null) {
            server = null;
            running.close();
        }
        Throwable cause = failure.getAndSet(null);
        if (cause != null) {
            throw new IOException("the server failed", cause);
        }
    }

    /** Stops it, and its data goes if that was said. */
    synchronized void close() throws IOException {
        try {
            stop();
        } finally {
            if (spec.deletesDataDirectory() && Files.isDirectory(spec.dataDirectory())) {
                delete(spec.dataDirectory());
            }
        }
    }

    /** Empty while it does not serve. */
    synchronized String mode() {
        EmbeddedServer running = server;
        return running == null ? "" : running.mode();
    }

    private String zooCfg() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("dataDir", spec.dataDirectory().toString().replace("\\", "\\\\"));
        keys.put("clientPort", Integer.toString(Math.max(0, spec.port())));
        keys.put("clientPortAddress", "127.0.0.1");
        keys.put("tickTime", "2000");
        keys.put("initLimit", "10");
        keys.put("syncLimit", "5");
        keys.put("maxClientCnxns", "0");
        keys.put("4lw.commands.whitelist", "*");
        keys.put("admin.enableServer", "false");
        // throw-away data: no test waits for a disk
        keys.put("forceSync", "no");
        keys.putAll(spec.settings());
        StringBuilder text = new StringBuilder(members);
        keys.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString();
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path each, @Nullable IOException e)
                            throws IOException {
                        Files.deleteIfExists(each);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
