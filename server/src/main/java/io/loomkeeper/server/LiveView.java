package io.loomkeeper.server;

import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.ConnectionStats;
import io.loomkeeper.net.Connections;
import io.loomkeeper.net.PeerLinks;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The running server as reports see it: what is published is read where the caller stands; what
 * only the pipeline knows, the pipeline copies out in a task of its own.
 */
final class LiveView implements ServerView, EnsembleView {
    private static final long TASK_WAIT_MS = 10_000;
    private static final long NS_PER_MS = 1_000_000;

    /** What the view looks at. */
    record Sources(
            Config config,
            PublishedState published,
            Connections connections,
            Sessions sessions,
            Watches watches,
            RequestRing ring,
            TickClock clock,
            DigestHistory digests,
            Pipeline pipeline,
            @Nullable Memberships memberships,
            @Nullable Ensemble ensemble) {}

    private final Sources sources;
    private final long startedMs;
    private volatile int clientPort;
    private volatile int secureClientPort;
    private volatile boolean serving;

    LiveView(Sources sources) {
        this.sources = sources;
        this.startedMs = sources.clock().nowMs();
    }

    void serving(boolean now, int plainPort, int securePort) {
        clientPort = plainPort;
        secureClientPort = securePort;
        serving = now;
    }

    /** Runs {@code question} on the pipeline thread and waits for its answer. */
    private <T> T ask(Supplier<T> question) {
        FutureTask<T> task = new FutureTask<>(question::get);
        try {
            if (!sources.ring().offerTask(task)) {
                throw new IllegalStateException("the request ring is full");
            }
            return task.get(TASK_WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the pipeline gave no answer", e);
        }
    }

    @Override
    public boolean isServing() {
        return serving && sources.published().standing().serves();
    }

    @Override
    public String mode() {
        return sources.published().standing().mode();
    }

    @Override
    public Optional<Leadership> leadership() {
        PublishedState.Standing standing = sources.published().standing();
        if (!standing.mode().equals("leader")) {
            return Optional.empty();
        }
        Peer.Following following = probe().following();
        return Optional.of(
                new Leadership(
                        following.learners(),
                        following.syncedFollowers(),
                        following.syncedObservers(),
                        following.pendingSyncs(),
                        sources.clock().nowMs() - standing.sinceMs(),
                        sources.pipeline().proposalSizes()));
    }

    @Override
    public OptionalLong observedServer() {
        return mode().equals("observer") ? OptionalLong.of(probe().leader()) : OptionalLong.empty();
    }

    @Override
    public Peer.Probe probe() {
        return ask(sources.pipeline().peer()::probe);
    }

    @Override
    public List<PeerLinks.LearnerLink> learnerLinks() {
        Ensemble ensemble = sources.ensemble();
        return ensemble == null ? List.of() : ensemble.learners();
    }

    @Override
    public void resetLearnerLinks() {
        Ensemble ensemble = sources.ensemble();
        if (ensemble != null) {
            ensemble.resetLearners();
        }
    }

    @Override
    public Optional<Members> members() {
        return Optional.ofNullable(sources.memberships()).map(Memberships::active);
    }

    @Override
    public int quorumSize() {
        Memberships memberships = sources.memberships();
        return memberships == null ? 0 : memberships.active().voters().size();
    }

    @Override
    public String configuration() {
        Memberships memberships = sources.memberships();
        return memberships == null ? "" : memberships.active().text();
    }

    @Override
    public int clientPort() {
        return clientPort;
    }

    @Override
    public int secureClientPort() {
        return secureClientPort;
    }

    @Override
    public long serverId() {
        return sources.config().ensemble().map(EnsembleConfig::sid).orElse(0L);
    }

    @Override
    public long uptimeMs() {
        return sources.clock().nowMs() - startedMs;
    }

    @Override
    public long lastZxid() {
        return sources.published().version().zxid();
    }

    @Override
    public long outstandingRequests() {
        return sources.connections().outstanding();
    }

    @Override
    public int outstandingHandshakes() {
        return sources.connections().arriving();
    }

    @Override
    public int connectionCount() {
        return sources.connections().count();
    }

    @Override
    public int sessionCount() {
        return sources.published().version().sessionCount();
    }

    @Override
    public long nodeCount() {
        return sources.published().version().nodeCount();
    }

    @Override
    public long ephemeralsCount() {
        return sources.published().version().ephemeralCount();
    }

    @Override
    public long approximateDataSizeBytes() {
        return sources.published().version().dataBytes();
    }

    @Override
    public long watchCount() {
        return ask(sources.watches()::count);
    }

    @Override
    public Path dataDir() {
        return sources.config().storage().dataDir();
    }

    @Override
    public Path dataLogDir() {
        return sources.config().storage().dataLogDir();
    }

    @Override
    public long dataDirSizeBytes() {
        return sizeOf(DataDirs.snapshots(sources.config().storage()));
    }

    @Override
    public long logDirSizeBytes() {
        return sizeOf(DataDirs.log(sources.config().storage()));
    }

    /** Files may go while they are counted. */
    private static long sizeOf(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).mapToLong(LiveView::length).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException _) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void eachConnection(Consumer<Connection> visitor) {
        sources.connections().forEach(link -> visitor.accept(new LinkView(link)));
    }

    @Override
    public void eachSession(SessionVisitor visitor) {
        long toWallMs = sources.clock().wallMs() - sources.clock().nowMs();
        List<long[]> copied =
                ask(
                        () -> {
                            List<long[]> pairs = new ArrayList<>();
                            sources.sessions()
                                    .expiry()
                                    .forEachSession(
                                            (id, deadlineMs) ->
                                                    pairs.add(new long[] {id, deadlineMs}));
                            return pairs;
                        });
        copied.forEach(pair -> visitor.onSession(pair[0], pair[1] + toWallMs));
    }

    @Override
    public void eachEphemeral(PathVisitor visitor) {
        TreeVersion version = sources.published().version();
        version.forEachEphemeralOwner(
                (sessionId, _) ->
                        version.ephemeralsOf(sessionId)
                                .forEach(path -> visitor.onPath(sessionId, path)));
    }

    @Override
    public void eachQuota(TreeVersion.QuotaVisitor visitor) {
        sources.published().version().forEachQuota(visitor);
    }

    @Override
    public WatchSummary watchSummary() {
        Watches.Summary summary = ask(sources.watches()::summary);
        return new WatchSummary(summary.connections(), summary.paths(), summary.watches());
    }

    private record WatchedPath(long sessionId, String path) {}

    @Override
    public void eachWatch(PathVisitor visitor) {
        List<WatchedPath> copied =
                ask(
                        () -> {
                            List<WatchedPath> pairs = new ArrayList<>();
                            sources.watches()
                                    .forEachByPath(
                                            (path, watcher) ->
                                                    pairs.add(
                                                            new WatchedPath(
                                                                    sessionOf(watcher), path)));
                            return pairs;
                        });
        copied.forEach(pair -> visitor.onPath(pair.sessionId(), pair.path()));
    }

    private long sessionOf(long watcher) {
        ClientLink link = sources.connections().find(watcher);
        return link == null ? 0 : link.sessionId();
    }

    @Override
    public void eachDigest(DigestVisitor visitor) {
        sources.digests().forEach(visitor::onDigest);
    }

    @Override
    public long digestMismatches() {
        return sources.digests().mismatches();
    }

    @Override
    public void resetConnectionStats() {
        sources.connections().forEach(ClientLink::resetStats);
    }

    /** One connection's figures, taken at one moment. */
    private static final class LinkView implements Connection {
        private final ClientLink link;
        private final ConnectionStats stats;

        LinkView(ClientLink link) {
            this.link = link;
            this.stats = link.stats();
        }

        @Override
        public InetSocketAddress remoteAddress() {
            return link.remote();
        }

        @Override
        public boolean isEncrypted() {
            return link.isEncrypted();
        }

        @Override
        public int interestOps() {
            return 1;
        }

        @Override
        public long queued() {
            return stats.queued();
        }

        @Override
        public long packetsReceived() {
            return stats.received();
        }

        @Override
        public long packetsSent() {
            return stats.sent();
        }

        @Override
        public long sessionId() {
            return link.sessionId();
        }

        @Override
        public int sessionTimeoutMs() {
            return stats.timeoutMs();
        }

        @Override
        public long establishedMs() {
            return stats.establishedMs();
        }

        @Override
        public int lastOp() {
            Op op = stats.lastOp();
            return op == null ? FourLetterWords.NO_OP : op.code();
        }

        @Override
        public long lastCxid() {
            return stats.lastCxid();
        }

        @Override
        public long lastZxid() {
            return stats.lastZxid();
        }

        @Override
        public long lastResponseTimeMs() {
            return stats.lastReplyNs() / NS_PER_MS;
        }

        @Override
        public long lastLatencyMs() {
            return stats.latency().lastNs() / NS_PER_MS;
        }

        @Override
        public long minLatencyMs() {
            return stats.latency().minNs() / NS_PER_MS;
        }

        @Override
        public long avgLatencyMs() {
            return (long) stats.latency().averageNs() / NS_PER_MS;
        }

        @Override
        public long maxLatencyMs() {
            return stats.latency().maxNs() / NS_PER_MS;
        }
    }
}
