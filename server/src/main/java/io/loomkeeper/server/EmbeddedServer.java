package io.loomkeeper.server;

import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A server inside another program's process, for that program's tests. It takes the text of a
 * zoo.cfg, reads no system property and changes nothing of the process: no logging, no exit.
 */
public final class EmbeddedServer implements AutoCloseable {
    private final Server server;

    private EmbeddedServer(Server server) {
        this.server = server;
    }

    /**
     * Starts a server, which accepts clients when this returns; a member of an ensemble serves them
     * as soon as there is a quorum.
     *
     * @param zooCfg the text of the configuration, with {@code dataDir}
     * @param fatal told of what the server cannot go on from, such as a full disk
     * @throws IllegalArgumentException when no server starts with that configuration
     * @throws IOException when a directory or a port cannot be used
     */
    public static EmbeddedServer start(String zooCfg, BiConsumer<String, Throwable> fatal)
            throws IOException {
        try {
            Config config = Config.parse("zoo.cfg", new StringReader(zooCfg), Map.of());
            return new EmbeddedServer(Server.start(config, Map.of(), fatal));
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** The port that clients connect to. */
    public int port() {
        return server.address().getPort();
    }

    /** As srvr has it: standalone, leader, follower, observer; empty while nobody is served. */
    public String mode() {
        return server.mode();
    }

    /** Stops in order; sessions live on in the data. */
    @Override
    public void close() {
        server.stop();
    }
}
