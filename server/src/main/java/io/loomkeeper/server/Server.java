package io.loomkeeper.server;

import io.loomkeeper.admin.AdminServer;
import io.loomkeeper.admin.Command;
import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.DataDirLock;
import io.loomkeeper.log.EpochFile;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.net.ClientLimits;
import io.loomkeeper.net.ClientPorts;
import io.loomkeeper.net.Connections;
import io.loomkeeper.net.SaslConversation;
import io.loomkeeper.net.Tls;
import io.loomkeeper.net.TlsOptions;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.AuthSchemes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Reconfigurations;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.StateMachine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.agrona.concurrent.AgentRunner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server: builds the parts, recovers the state, starts the threads, and stops them
 * again. The wiring is here and nowhere else.
 */
final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final int STANDALONE_ID = 1;
    private static final long OUTBOX_BYTES_MAX = 16L << 20;
    private static final int STOP_WAIT_MS = 5_000;
    private static final long HAND_OVER_NS_MAX = 2_000_000_000;
    private static final long POLL_NS = 1_000_000;

    private final Config config;
    private final BiConsumer<String, Throwable> fatal;
    private final DataDirLock lock;
    private final TxnLog log;
    private final RequestRing ring = new RequestRing();
    private final TickClock clock = new TickClock();
    private final ServerMetrics metrics = new ServerMetrics();
    private final StageTimes stages = new StageTimes();
    private final Connections connections;
    private final @Nullable Memberships memberships;
    private final @Nullable Ensemble ensemble;

    /** The history of a server that stands alone. */
    private final @Nullable DurableHistory own;

    private final Pipeline pipeline;
    private final AgentRunner pipelineRunner;
    private final PublishedState published;
    private final LiveView view;
    private final FourLetterWords words;
    private final @Nullable AuditLog audit;
    private final DiskSpace disks;
    private final Admin admin;
    private final ClientDoors doors;

    /**
     * Recovers what is on disk and opens the client port.
     *
     * @param fatal told of what no server can go on from, with where it happened; does not return
     * @throws CorruptLogException when the data directory does not hold a state that can be trusted
     * @throws IOException when a directory or the port cannot be used
     */
    static Server start(
            Config config,
            Map<String, String> systemProperties,
            BiConsumer<String, Throwable> fatal)
            throws IOException {
        return start(config, "", systemProperties, fatal);
    }

    /**
     * As the other, for a server that has a configuration file.
     *
     * @param configurationText what stands there, for operators who ask
     */
    static Server start(
            Config config,
            String configurationText,
            Map<String, String> systemProperties,
            BiConsumer<String, Throwable> fatal)
            throws IOException {
        DataDirs.create(config.storage());
        DataDirLock lock = DataDirLock.acquire(DataDirs.snapshots(config.storage()));
        try {
            return new Server(config, configurationText, systemProperties, fatal, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private Server(
            Config config,
            String configurationText,
            Map<String, String> systemProperties,
            BiConsumer<String, Throwable> fatal,
            DataDirLock lock)
            throws IOException {
        this.config = config;
        this.fatal = fatal;
        this.lock = lock;
        TlsOptions tlsOptions = config.clientTls().options().orElse(null);
        Tls tls = tlsOptions == null ? null : Tls.open(tlsOptions);
        ClientSasl sasl = ClientSasl.open(config.sasl());
        Config.Storage storage = config.storage();
        SnapshotStore snapshots = SnapshotStore.open(DataDirs.snapshots(storage));
        this.log = TxnLog.open(DataDirs.log(storage), logOptions());
        this.memberships = config.ensemble().map(Memberships::new).orElse(null);
        StateLoader loader = new StateLoader(snapshots, log, treeOptions(), memberships);
        StateLoader.Recovered recovered = loader.recover(commitLogCount(), metrics);
        log.start(new DurabilityReports(ring, metrics, stages, storage, fatal));

        DataTree tree = recovered.tree();
        this.published = new PublishedState(tree.seal());
        AclRules aclRules = new AclRules(authOptions(config, sasl != null));
        Reads reads =
                new Reads(
                        aclRules, Math.max(OUTBOX_BYTES_MAX, config.limits().juteMaxBufferBytes()));
        Watches watches = new Watches(new SecureRandom().nextLong());
        Sessions sessions = new Sessions(config.tickTimeMs());
        DigestHistory digests = new DigestHistory();
        if (config.ensemble().isEmpty()) {
            sessions.recover(published.version(), clock.nowMs());
        }
        DurableHistory.Storage stored = new DurableHistory.Storage(log, snapshots, loader);
        EnsembleMeter members = memberships == null ? null : new EnsembleMeter(metrics, serverId());
        this.ensemble = ensemble(stored, recovered, members);
        this.own = ensemble == null ? new DurableHistory(stored, published, ring, fatal) : null;
        this.audit = config.admin().audits() ? auditLog(systemProperties) : null;
        SlowRequests slow = new SlowRequests(config.admin().slowRequestMs());
        ServerMeter meter = new ServerMeter(metrics, stages, slow, members, audit);
        Snapshotter snapshotter = snapshotter(snapshots, recovered);
        this.pipeline =
                new Pipeline(
                        new Pipeline.Parts(
                                tree,
                                new Preparer(
                                        tree,
                                        aclRules,
                                        preparerOptions(),
                                        metrics::onQuotaExceeded,
                                        reconfigurations()),
                                reads,
                                watches,
                                aclRules,
                                published,
                                sessions,
                                new SessionIds(
                                        serverId(), clock.wallMs(), SessionSecret.of(config)),
                                digests),
                        pipelineOptions(),
                        this::peer,
                        snapshotter,
                        meter);
        ClientLimits limits = clientLimits();
        this.connections =
                new Connections(
                        limits,
                        new ClientPorts(
                                ring,
                                () -> new PublishedReads(published.version(), reads),
                                this::answerWord,
                                authenticator(aclRules.schemes(), sasl),
                                new ClientCounts(metrics, stages, slow),
                                cause -> fatal.accept("a connection's thread", cause)),
                        clock.nowMs());
        this.view =
                new LiveView(
                        new LiveView.Sources(
                                config,
                                published,
                                connections,
                                sessions,
                                watches,
                                ring,
                                clock,
                                digests,
                                pipeline,
                                memberships,
                                ensemble));
        this.disks = new DiskSpace(storage, DiskSpace.LITTLE_BYTES);
        Sweeper sweeper = new Sweeper(config.tree(), published, pipeline);
        this.pipelineRunner =
                new AgentRunner(
                        ring.idleStrategy(() -> untilTickMs(pipeline)),
                        cause -> fatal.accept("the pipeline", cause),
                        null,
                        new PipelineAgent(
                                ring,
                                pipeline,
                                published,
                                clock,
                                List.of(
                                        (nowMs, _) -> connections.onTick(nowMs),
                                        sweeper,
                                        snapshotter,
                                        disks),
                                runEnd(),
                                meter));
        this.words =
                new FourLetterWords(config, metrics, view, Version.load().full(), systemProperties);
        GuardedCommands guarded =
                GuardedCommands.of(
                        config.admin(),
                        ensemble == null,
                        new GuardedCommands.Parts(
                                published,
                                ring,
                                snapshotter,
                                pipeline,
                                aclRules,
                                treeOptions(),
                                new Room(DataDirs.snapshots(storage)),
                                connections,
                                metrics));
        this.admin = openAdmin(snapshots, guarded, systemProperties, configurationText);
        if (ensemble != null) {
            ensemble.open();
        }
        AgentRunner.startOnThread(pipelineRunner);
        this.doors = ClientDoors.open(config, tls, connections);
        view.serving(true, doors.plainPort(), doors.securePort());
        if (audit != null) {
            audit.onStart();
        }
    }

    private Admin openAdmin(
            SnapshotStore snapshots,
            GuardedCommands guarded,
            Map<String, String> systemProperties,
            String configurationText)
            throws IOException {
        return Admin.open(
                config.admin(),
                adminPorts(snapshots, guarded, systemProperties, configurationText),
                () -> metrics.increment(ServerMetrics.Counter.INSECURE_ADMIN_COUNT),
                ensemble != null);
    }

    private AdminServer.Ports adminPorts(
            SnapshotStore snapshots,
            GuardedCommands guarded,
            Map<String, String> systemProperties,
            String text) {
        List<Command> commands = new ArrayList<>();
        commands.addAll(new ServerCommands(config, metrics, view, words, systemProperties).all());
        commands.addAll(new TreeCommands(view, snapshots).all());
        commands.addAll(new EnsembleCommands(view, view, text).all());
        commands.addAll(guarded.commands());
        return new AdminServer.Ports(
                commands,
                view::isServing,
                guarded.guard(),
                new ServerHealth(view),
                new MonitorMetrics(metrics, view, words.version()).and(stages).and(disks));
    }

    private static AuditLog auditLog(Map<String, String> systemProperties) {
        return new AuditLog(systemProperties.getOrDefault("user.name", "<NA>"));
    }

    private PipelineAgent.RunEnd runEnd() {
        return new PipelineAgent.RunEnd() {
            @Override
            public void sendMessages() {
                if (ensemble != null) {
                    ensemble.flush();
                }
            }

            @Override
            public void flushLog(boolean idle) {
                log.flush(idle);
            }
        };
    }

    /** How long the pipeline may sleep: what is due for agreement must not wait (L1). */
    private long untilTickMs(Pipeline pipeline) {
        long dueMs = pipeline.peer().nextDeadlineMs() - clock.nowMs();
        return Math.clamp(dueMs, 1, Sweeper.tickMs(config.tree()));
    }

    /** Null on a server that stands alone, which only sees to it that its epochs are there. */
    private @Nullable Ensemble ensemble(
            DurableHistory.Storage history,
            StateLoader.Recovered recovered,
            @Nullable EnsembleMeter meter)
            throws IOException {
        Config.Storage storage = config.storage();
        EnsembleConfig members = config.ensemble().orElse(null);
        if (members == null || memberships == null || meter == null) {
            EpochFile.open(DataDirs.epochs(storage), true);
            return null;
        }
        memberships.backUp();
        return new Ensemble(
                members,
                new Ensemble.Found(storage.dataDir(), DataDirs.epochs(storage), history, recovered),
                new Ensemble.Around(
                        published, ring, memberships, treeOptions(), txnBytesMax(), meter, fatal));
    }

    private Reconfigurations reconfigurations() {
        EnsembleConfig ensembleConfig = config.ensemble().orElse(null);
        return ensembleConfig == null || memberships == null
                ? Reconfigurations.none()
                : new ReconfigRules(
                        memberships,
                        new ReconfigRules.Standing() {
                            @Override
                            public boolean isReconfiguring() {
                                return pipeline.peer().isReconfiguring();
                            }

                            @Override
                            public boolean isQuorumSynced(Membership next) {
                                return pipeline.peer().isQuorumSynced(next);
                            }
                        },
                        ensembleConfig.changes().votersMin(),
                        ensembleConfig.links().multiAddress());
    }

    private Peer peer(StateMachine stateMachine) {
        if (ensemble != null) {
            return ensemble.peer(stateMachine);
        }
        DurableHistory alone = Objects.requireNonNull(own, "it has one or the other");
        return Peer.standalone(alone, stateMachine, published.version().zxid());
    }

    private int serverId() {
        return config.ensemble().map(members -> (int) members.sid()).orElse(STANDALONE_ID);
    }

    private int commitLogCount() {
        return config.ensemble().map(EnsembleConfig::commitLogCount).orElse(0);
    }

    private Snapshotter snapshotter(SnapshotStore snapshots, StateLoader.Recovered recovered) {
        DataTree tree = recovered.tree();
        return new Snapshotter(
                snapshots,
                log,
                config.storage(),
                metrics,
                recovered.replayed(),
                use -> ring.offerTask(() -> tree.dropUnusedAcls(use)));
    }

    StageTimes stages() {
        return stages;
    }

    /** The ports for operators. */
    Admin admin() {
        return admin;
    }

    /** Where clients are accepted, with the port that was picked. */
    InetSocketAddress address() {
        return doors.address();
    }

    /** Where TLS alone is spoken; -1: nowhere. */
    int securePort() {
        return doors.securePort();
    }

    /** As srvr has it; empty while there is no quorum. */
    String mode() {
        PublishedState.Standing standing = published.standing();
        return standing.serves() ? standing.mode() : "";
    }

    /** The state that clients see now. */
    TreeVersion version() {
        return published.version();
    }

    /**
     * Stops in order: another leader, nobody new, no connection, nothing more proposed, all of it
     * on disk. Sessions live on in the data.
     */
    void stop() {
        if (ensemble != null) {
            handOver();
            ensemble.leave();
        }
        view.serving(false, doors.plainPort(), doors.securePort());
        doors.close();
        connections.closeAll();
        try {
            connections.awaitEmpty(STOP_WAIT_MS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        admin.close();
        pipelineRunner.close();
        if (ensemble != null) {
            ensemble.close();
        }
        if (own != null) {
            own.close();
        }
        try {
            log.close();
            lock.close();
        } catch (IOException e) {
            fatal.accept("the transaction log", e);
        }
        if (audit != null) {
            audit.close();
        }
        LOG.info("stopped");
    }

    /**
     * A leader commits what it has proposed and resigns. It does not stand for election then, and
     * its links end, so that the others elect the next one at once.
     */
    private void handOver() {
        boolean asked =
                published.standing().mode().equals("leader") && ring.offerPeer(Peer::handOver, 0);
        long deadlineNs = System.nanoTime() + HAND_OVER_NS_MAX;
        while (asked && published.standing().serves() && System.nanoTime() < deadlineNs) {
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private LogOptions logOptions() {
        Config.Storage storage = config.storage();
        LogOptions options =
                LogOptions.defaults()
                        .withTxnBytesMax(txnBytesMax())
                        .withForceSync(storage.forceSync());
        return storage.txnLogSizeLimitKb() == 0
                ? options
                : options.withSegmentBytesMax(storage.txnLogSizeLimitKb() * 1024);
    }

    /** What a request can grow to as a transaction (RD-1). */
    private int txnBytesMax() {
        Config.Limits limits = config.limits();
        return limits.juteMaxBufferBytes() + limits.juteMaxBufferExtraSizeBytes();
    }

    private ClientPorts.Authenticator authenticator(
            AuthSchemes schemes, @Nullable ClientSasl sasl) {
        Set<String> enforced = config.security().enforceAuthSchemes();
        return new ClientPorts.Authenticator() {
            @Override
            public @Nullable List<AuthId> onAuth(Request.Auth packet, List<AuthId> identities) {
                return schemes.onAuth(packet, identities);
            }

            @Override
            public @Nullable List<AuthId> onCertificate(String subject, List<AuthId> identities) {
                return schemes.onProved(new AuthId(AuthSchemes.X509, subject), identities);
            }

            @Override
            public @Nullable SaslConversation startSasl() {
                return sasl == null ? null : sasl.start(schemes);
            }

            @Override
            public boolean admits(List<AuthId> identities) {
                return enforced.isEmpty()
                        || identities.stream().anyMatch(id -> enforced.contains(id.scheme()));
            }
        };
    }

    private TreeOptions treeOptions() {
        Config.Tree tree = config.tree();
        return new TreeOptions(tree.digestEnabled(), tree.extendedTypesEnabled(), false);
    }

    private static AuthOptions authOptions(Config config, boolean hasSasl) {
        Config.Security security = config.security();
        Set<String> providers = new HashSet<>(Set.of(AuthSchemes.IP));
        if (security.digestAuthEnabled()) {
            providers.add(AuthSchemes.DIGEST);
        }
        Set<AuthId> superUsers = new HashSet<>();
        boolean adminKnowsSubjects =
                config.admin()
                        .server()
                        .flatMap(AdminConfig.Commands::tls)
                        .filter(AdminConfig.Encrypted::asksForCertificates)
                        .isPresent();
        if (config.clientTls().isOn() || adminKnowsSubjects) {
            providers.add(AuthSchemes.X509);
            config.clientTls()
                    .superUser()
                    .ifPresent(subject -> superUsers.add(new AuthId(AuthSchemes.X509, subject)));
        }
        if (hasSasl) {
            providers.add(AuthSchemes.SASL);
            config.sasl()
                    .superUsers()
                    .forEach(user -> superUsers.add(new AuthId(AuthSchemes.SASL, user)));
        }
        return new AuthOptions(
                providers,
                security.digestAlg(),
                security.superDigest().orElse(null),
                security.skipAcl(),
                superUsers);
    }

    private Preparer.Options preparerOptions() {
        return new Preparer.Options(
                config.tree().enforceQuota(),
                config.reconfigEnabled(),
                txnBytesMax(),
                config.tree().containerMaxNeverUsedIntervalMs());
    }

    private Pipeline.Options pipelineOptions() {
        return new Pipeline.Options(
                config.client().minSessionTimeoutMs(),
                config.client().maxSessionTimeoutMs(),
                config.tree().digestEnabled(),
                config.ensemble().map(EnsembleConfig::leaderServes).orElse(true),
                config.ensemble().map(EnsembleConfig::strictSync).orElse(false));
    }

    /** The leader has the requests of all servers, so each takes its part (protocol 2.1). */
    private int outstandingMax(int limit) {
        int voters =
                config.ensemble().map(ensemble -> ensemble.members().voters().size()).orElse(1);
        return voters > 2 ? Math.max(1, limit / (voters - 1)) : limit;
    }

    private ClientLimits clientLimits() {
        Config.Limits limits = config.limits();
        return new ClientLimits(
                limits.juteMaxBufferBytes(),
                limits.maxClientCnxns(),
                limits.maxCnxns(),
                outstandingMax(limits.globalOutstandingLimit()),
                OUTBOX_BYTES_MAX,
                config.client().sessionlessTimeoutMs(),
                limits.handshakes());
    }

    private @Nullable String answerWord(String word, long argument) {
        int letters = ByteBuffer.wrap(word.getBytes(StandardCharsets.ISO_8859_1)).getInt();
        return FourLetterWords.isWord(letters) ? words.answer(letters, argument) : null;
    }
}
