package io.loomkeeper.server;

import io.loomkeeper.zab.Majority;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The servers that a benchmark of proposals drives: each with its ring, pipeline thread and log
 * thread, in one process. There are no sockets: requests are put into the leader's ring, servers
 * hand their messages to each other's rings, and replies are encoded and dropped.
 */
@State(Scope.Benchmark)
public class InProcessEnsemble {
    private static final long READY_NS_MAX = TimeUnit.SECONDS.toNanos(60);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Peer.Timing TIMING = new Peer.Timing(2_000, 10, 5);

    /** How many servers agree on each proposal; 1 stands alone, without election. */
    @Param({"1", "3", "5"})
    public int servers;

    /**
     * {@code real}: every server forces each batch to its disk before it counts. {@code null}: no
     * log; whatever is appended is durable at the pipeline's next turn.
     */
    @Param({"null", "real"})
    public String disk = "";

    /** Where the logs lie that {@link #disk} asks for; empty: the system's folder for such. */
    @Param("")
    public String directory = "";

    private final List<InProcessServer> running = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong lastId = new AtomicLong();
    private @Nullable Path logs;

    /** Starts the servers and waits until one of them leads and all others follow. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        LogManager.getLogManager().reset();
        if (disk.equals("real")) {
            logs =
                    directory.isEmpty()
                            ? Files.createTempDirectory("proposals")
                            : Files.createTempDirectory(
                                    Files.createDirectories(Path.of(directory)), "proposals");
        } else if (!disk.equals("null")) {
            throw new IllegalArgumentException("disk is null or real, not " + disk);
        }
        InProcessLinks.Network network = new InProcessLinks.Network();
        for (long sid = 1; sid <= servers; sid++) {
            InProcessServer server =
                    new InProcessServer(
                            sid,
                            logs == null ? null : logs.resolve(Long.toString(sid)),
                            servers == 1 ? null : this::member,
                            new InProcessLinks(sid, network),
                            this::onFailure);
            network.add(sid, server.peers());
            running.add(server);
        }
        running.forEach(InProcessServer::start);
        awaitReady();
    }

    private Peer member(long sid, Peer.Ports ports) {
        SortedSet<Long> voters = new TreeSet<>();
        for (long voter = 1; voter <= servers; voter++) {
            voters.add(voter);
        }
        Membership membership =
                new Membership(new Majority(voters), new TreeSet<>(), 0, "version=0");
        return new Peer(
                new Peer.Settings(sid, membership, false, TIMING),
                ports,
                new Peer.Recovered(0, List.of()));
    }

    private void onFailure(Throwable cause) {
        failure.compareAndSet(null, cause);
    }

    private void awaitReady() {
        long deadlineNs = System.nanoTime() + READY_NS_MAX;
        while (!running.stream().allMatch(server -> server.standing().serves())) {
            check();
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new IllegalStateException("no leader within a minute");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** The ring of the server that leads, or stands alone. */
    RequestRing leader() {
        return running.stream()
                .filter(server -> !server.standing().mode().equals("follower"))
                .findFirst()
                .orElseThrow()
                .ring();
    }

    /** A number that nobody was given before. */
    long nextId() {
        return lastId.incrementAndGet();
    }

    /** Throws when a server has failed. */
    void check() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("a server has failed", cause);
        }
    }

    /** Stops the servers and removes what they wrote. */
    @TearDown(Level.Trial)
    public void stop() throws IOException {
        for (InProcessServer server : running) {
            server.close();
        }
        if (logs != null) {
            try (Stream<Path> paths = Files.walk(logs)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
