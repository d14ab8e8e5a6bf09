package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;

import io.loomkeeper.net.ClientLimits.Handshakes;
import io.loomkeeper.server.Settings.Given;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything that can be set before the server starts, parsed once from a zoo.cfg and from system
 * properties (docs/configuration.md). Accessors are named after the keys, with the unit last.
 *
 * <p>A key that is not obeyed is named in {@link #warnings()}; a value that is not allowed is a
 * {@link ConfigException}. Every number has bounds here, so nothing downstream can overflow on one
 * (rule RD-2).
 *
 * @param tickTimeMs the length of a tick, from 1 to 107374182 so that 20 ticks fit an int
 * @param ensemble empty when this server stands alone
 * @param reconfigEnabled a reconfig request is answered with UNIMPLEMENTED instead of
 *     RECONFIGDISABLED
 * @param warnings one line each, to be logged once at the start
 */
record Config(
        int tickTimeMs,
        Client client,
        ClientTls clientTls,
        Storage storage,
        Tree tree,
        Limits limits,
        Security security,
        SaslConfig sasl,
        AdminConfig admin,
        Optional<EnsembleConfig> ensemble,
        boolean reconfigEnabled,
        List<String> warnings) {

    /**
     * The client port and what is spoken there.
     *
     * @param address where to listen; unspecified address: on all; port 0: a free one
     * @param listenBacklog connections waiting to be accepted; -1 and 0: as many as Java thinks
     *     right
     * @param sessionlessTimeoutMs after this a connection without a session is closed
     * @param fourLetterWords those that are answered
     */
    record Client(
            InetSocketAddress address,
            int listenBacklog,
            boolean tcpKeepAlive,
            int minSessionTimeoutMs,
            int maxSessionTimeoutMs,
            int sessionlessTimeoutMs,
            Set<String> fourLetterWords) {}

    /**
     * The transaction log and the snapshots.
     *
     * @param dataDir of snapshots
     * @param dataLogDir of the transaction log
     * @param autocreate whether missing directories are made
     * @param snapCount transactions between two snapshots
     * @param snapSizeLimitKb log size between two snapshots; 0 when it does not count
     * @param txnLogSizeLimitKb of one segment of the log; 0 when it does not count
     * @param forceSync false: acknowledge before the disk has it, for throw-away data only
     * @param fsyncWarningThresholdMs a force that takes longer is logged and counted
     * @param autopurge of old snapshots and segments
     */
    record Storage(
            Path dataDir,
            Path dataLogDir,
            boolean autocreate,
            int snapCount,
            long snapSizeLimitKb,
            long txnLogSizeLimitKb,
            boolean forceSync,
            long fsyncWarningThresholdMs,
            Autopurge autopurge) {}

    /**
     * Which snapshots are deleted, with the segments that no kept one needs, and when.
     *
     * @param snapRetainCount snapshots to keep, at least 3
     * @param intervalMs between two purges; 0: never purge
     */
    record Autopurge(int snapRetainCount, long intervalMs) {}

    /**
     * What the data tree does.
     *
     * @param digestEnabled transactions carry Apache's digest of the tree
     * @param extendedTypesEnabled nodes may have a time to live
     * @param enforceQuota hard quotas reject writes
     * @param containerCheckIntervalMs between two sweeps of empty containers and expired nodes
     * @param containerMaxPerMinute deletions of a sweep
     * @param containerMaxNeverUsedIntervalMs after this a container that never had a child may go;
     *     0: never
     */
    record Tree(
            boolean digestEnabled,
            boolean extendedTypesEnabled,
            boolean enforceQuota,
            int containerCheckIntervalMs,
            int containerMaxPerMinute,
            long containerMaxNeverUsedIntervalMs) {}

    /**
     * What one client, or all of them, may take.
     *
     * @param maxClientCnxns connections from one address; 0: any number
     * @param maxCnxns connections in all; 0: any number
     * @param globalOutstandingLimit requests under way before the server stops reading
     * @param juteMaxBufferBytes of one packet, length prefix excluded
     * @param juteMaxBufferExtraSizeBytes that a stored record may have beyond a packet
     * @param handshakes clients that may come in a time
     */
    record Limits(
            int maxClientCnxns,
            int maxCnxns,
            int globalOutstandingLimit,
            int juteMaxBufferBytes,
            int juteMaxBufferExtraSizeBytes,
            Handshakes handshakes) {}

    /**
     * Who may do what.
     *
     * @param skipAcl no ACL is checked
     * @param digestAuthEnabled the scheme digest exists
     * @param digestAlg the hash of scheme digest, a name for {@link MessageDigest}
     * @param superDigest {@code user:hash} of the one who may do everything
     * @param enforceAuthSchemes a connection needs an id of one of them before anything else;
     *     empty: no need
     * @param sessionSecretFile what session passwords are derived from; empty: at its usual place
     */
    record Security(
            boolean skipAcl,
            boolean digestAuthEnabled,
            String digestAlg,
            Optional<String> superDigest,
            Set<String> enforceAuthSchemes,
            Optional<Path> sessionSecretFile) {}

    private static final int TICK_TIME_MS_MAX = Integer.MAX_VALUE / 20;
    private static final long KB_MAX = Long.MAX_VALUE / 1024;
    private static final int KEEP_SNAPSHOTS = 3;

    /** A frame is at most an eighth of the request ring, and the ring at most 1 GiB. */
    private static final int FRAME_BYTES_MAX = 127 << 20;

    private static final String STANDALONE =
            """
            tickTime=2000
            dataDir=data
            clientPort=2181
            clientPortAddress=127.0.0.1
            """;

    /**
     * Parses a zoo.cfg.
     *
     * @param fileName for messages
     * @param text of the file, in the syntax of {@link java.util.Properties}; not closed
     * @param systemProperties of the whole JVM; the server's are picked out
     * @throws ConfigException when a value is not allowed or a needed one is missing
     */
    static Config parse(String fileName, Reader text, Map<String, String> systemProperties)
            throws IOException, ConfigException {
        return parse(new Settings(fileName, ConfigText.parse(fileName, text), systemProperties));
    }

    /** As {@link #parse(String, Reader, Map)}; the settings then know what was asked for. */
    static Config parse(Settings settings) throws ConfigException {
        Profile profile = Profile.of(settings);
        Config config = new Parser(settings).parse();
        profile.require(settings, config);
        return config;
    }

    /**
     * A server of its own without a file: 127.0.0.1:2181, data under {@code data}, ticks of 2 s.
     *
     * @throws ConfigException when a system property is wrong
     */
    static Config standalone(Map<String, String> systemProperties) throws ConfigException {
        try {
            String text = standaloneText(systemProperties);
            return parse("built-in", new StringReader(text), systemProperties);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What counts without a file, where nobody meant to leave anything open. */
    static String standaloneText(Map<String, String> systemProperties) {
        return systemProperties.containsKey(Settings.PREFIX + Profile.KEY)
                ? STANDALONE
                : STANDALONE + Profile.KEY + "=" + Profile.SECURE.word() + "\n";
    }

    /** Every key that is obeyed; the lines of members have one each and are not among them. */
    static Set<String> obeyedKeys() throws ConfigException {
        Settings settings =
                new Settings(
                        "built-in",
                        List.of(
                                new ConfigText.Entry("dataDir", "data", 1),
                                new ConfigText.Entry("clientPort", "0", 2)),
                        Map.of());
        parse(settings);
        return settings.asked();
    }

    /** One parse: reads every key once, in the order of the records above. */
    private record Parser(Settings settings) {
        Config parse() throws ConfigException {
            int tickTimeMs = settings.integer("tickTime", 3000, 1, TICK_TIME_MS_MAX);
            ServerLines lines = ServerLines.parse(settings);
            Storage storage = storage();
            Optional<EnsembleConfig> ensemble =
                    lines.isEnsemble()
                            ? Optional.of(
                                    EnsembleConfig.parse(
                                            settings, lines, tickTimeMs, storage.dataDir()))
                            : Optional.empty();
            ClientPortKeys ports = new ClientPortKeys(settings);
            ServerLine self = ensemble.map(EnsembleConfig::self).or(lines::only).orElse(null);
            Client client = client(tickTimeMs, ports.address(self));
            ClientTls clientTls = ports.tls(self);
            Tree tree = tree();
            Limits limits = limits();
            SaslConfig sasl = SaslConfig.parse(settings);
            Security security = security(clientTls.isOn(), sasl);
            AdminConfig admin = AdminConfig.parse(settings);
            boolean reconfigEnabled = settings.flag("reconfigEnabled", false);
            new UnsupportedKeys(lines.isEnsemble())
                    .warning(settings.unasked())
                    .ifPresent(settings::warn);
            return new Config(
                    tickTimeMs,
                    client,
                    clientTls,
                    storage,
                    tree,
                    limits,
                    security,
                    sasl,
                    admin,
                    ensemble,
                    reconfigEnabled,
                    List.copyOf(settings.warnings()));
        }

        private Client client(int tickTimeMs, InetSocketAddress address) throws ConfigException {
            int backlog = settings.integer("clientPortListenBacklog", -1, -1, Integer.MAX_VALUE);
            int min = sessionTimeoutMs("minSessionTimeout", 2 * tickTimeMs);
            int max = sessionTimeoutMs("maxSessionTimeout", 20 * tickTimeMs);
            if (min > max) {
                throw minAboveMax(min, max);
            }
            return new Client(
                    address,
                    backlog,
                    settings.flag("clientTcpKeepAlive", false),
                    min,
                    max,
                    settings.integer("nio.sessionlessCnxnTimeout", 10_000, 1, Integer.MAX_VALUE),
                    fourLetterWords());
        }

        private int sessionTimeoutMs(String key, int otherwise) throws ConfigException {
            Given given = settings.given(key);
            return given == null || given.value().equals("-1")
                    ? otherwise
                    : (int) settings.number(given, 1, Integer.MAX_VALUE);
        }

        private ConfigException minAboveMax(int min, int max) {
            Given given = settings.given("minSessionTimeout");
            if (given != null && !given.value().equals("-1")) {
                return settings.wrong(given, "at most maxSessionTimeout, which is " + max + " ms");
            }
            Given most = requireNonNull(settings.given("maxSessionTimeout"), "2 ticks, 20 ticks");
            return settings.wrong(most, "at least minSessionTimeout, which is " + min + " ms");
        }

        private Set<String> fourLetterWords() throws ConfigException {
            String key = "4lw.commands.whitelist";
            Set<String> whitelist = new TreeSet<>(Settings.commaList(settings.text(key, "srvr")));
            boolean readOnlyMode = settings.flag("readonlymode.enabled", false);
            Set<String> enabled = FourLetterWords.enabled(whitelist, readOnlyMode);
            whitelist.removeAll(enabled);
            whitelist.remove("*");
            if (!whitelist.isEmpty()) {
                settings.warn(key + ": there is no word " + String.join(", ", whitelist));
            }
            return enabled;
        }

        private Storage storage() throws ConfigException {
            Given dataDir = settings.given("dataDir");
            if (dataDir == null) {
                throw settings.missing("dataDir", "a directory");
            }
            Given dataLogDir = settings.given("dataLogDir");
            return new Storage(
                    path(dataDir),
                    path(dataLogDir == null ? dataDir : dataLogDir),
                    settings.flag("datadir.autocreate", true),
                    raised("snapCount", 100_000, 2),
                    sizeLimitKb("snapSizeLimitInKb", 4L << 20),
                    sizeLimitKb("txnLogSizeLimitInKb", 0),
                    forceSync(),
                    fsyncWarningThresholdMs(),
                    autopurge());
        }

        private Path path(Given given) throws ConfigException {
            if (given.value().isEmpty()) {
                throw settings.wrong(given, "a path");
            }
            try {
                return Path.of(given.value());
            } catch (InvalidPathException e) {
                throw settings.wrong(given, "a path");
            }
        }

        /** Apache raises these to their least value instead of refusing them, and says so. */
        private int raised(String key, int otherwise, int least) throws ConfigException {
            int value = settings.integer(key, otherwise, Integer.MIN_VALUE, Integer.MAX_VALUE);
            if (value < least) {
                settings.warn(key + "=" + value + " is too little; " + least + " is taken");
                return least;
            }
            return value;
        }

        private long sizeLimitKb(String key, long otherwise) throws ConfigException {
            return Math.max(0, settings.number(key, otherwise, -KB_MAX, KB_MAX));
        }

        private boolean forceSync() throws ConfigException {
            boolean force = settings.yesNo("forceSync", true);
            if (!force) {
                settings.warn("forceSync=no: a power failure loses acknowledged writes");
            }
            return force;
        }

        /** Apache reads this one with the prefix first, then without. */
        private long fsyncWarningThresholdMs() throws ConfigException {
            String key = "fsync.warningthresholdms";
            Given given = settings.given(key);
            if (given == null) {
                given = settings.bareProperty(key);
            }
            return given == null ? 1000 : settings.number(given, 0, Long.MAX_VALUE);
        }

        private Autopurge autopurge() throws ConfigException {
            int keep = raised("autopurge.snapRetainCount", KEEP_SNAPSHOTS, KEEP_SNAPSHOTS);
            Given interval = settings.given("autopurge.purgeInterval");
            return new Autopurge(
                    keep, interval == null ? Interval.HOUR_MS : Interval.parse(settings, interval));
        }

        private Tree tree() throws ConfigException {
            String container = "znode.container.";
            return new Tree(
                    settings.flag("digest.enabled", true),
                    settings.flag("extendedTypesEnabled", false),
                    settings.flag("enforceQuota", false),
                    settings.integer(container + "checkIntervalMs", 60_000, 1, Integer.MAX_VALUE),
                    settings.integer(container + "maxPerMinute", 10_000, 1, Integer.MAX_VALUE),
                    settings.number(container + "maxNeverUsedIntervalMs", 0, 0, Long.MAX_VALUE));
        }

        private Limits limits() throws ConfigException {
            int frame = settings.integer("jute.maxbuffer", 0xfffff, 256, FRAME_BYTES_MAX);
            return new Limits(
                    unlimited("maxClientCnxns", 60),
                    unlimited("maxCnxns", 0),
                    settings.integer("globalOutstandingLimit", 1000, 1, Integer.MAX_VALUE),
                    frame,
                    Math.max(
                            1024,
                            settings.integer(
                                    "jute.maxbuffer.extrasize", frame, 0, FRAME_BYTES_MAX)),
                    handshakes());
        }

        private Handshakes handshakes() throws ConfigException {
            String throttle = "connection_throttle_";
            return new Handshakes(
                    settings.integer(throttle + "tokens", 0, 0, Integer.MAX_VALUE),
                    settings.integer(throttle + "fill_time", 1, 1, Integer.MAX_VALUE),
                    settings.integer(throttle + "fill_count", 1, 1, Integer.MAX_VALUE));
        }

        private int unlimited(String key, int otherwise) throws ConfigException {
            return Math.max(0, settings.integer(key, otherwise, -1, Integer.MAX_VALUE));
        }

        private Security security(boolean hasX509, SaslConfig sasl) throws ConfigException {
            boolean skipAcl = settings.yesNo("skipACL", false);
            if (skipAcl) {
                settings.warn("skipACL=yes: everyone may do everything");
            }
            String digest = "DigestAuthenticationProvider.";
            boolean digestAuth = settings.flag(digest + "enabled", true);
            return new Security(
                    skipAcl,
                    digestAuth,
                    digestAlg(digest + "digestAlg"),
                    superDigest(digest + "superDigest"),
                    EnforcedSchemes.parse(
                            settings, schemes(digestAuth, hasX509, sasl), sasl.isRequired()),
                    sessionSecretFile());
        }

        private static Set<String> schemes(boolean digest, boolean x509, SaslConfig sasl) {
            Set<String> schemes = new TreeSet<>(Set.of("ip"));
            if (digest) {
                schemes.add("digest");
            }
            if (x509) {
                schemes.add("x509");
            }
            if (sasl.jaasFile().isPresent()) {
                schemes.add("sasl");
            }
            return schemes;
        }

        private Optional<Path> sessionSecretFile() throws ConfigException {
            Given given = settings.given("session.secretFile");
            return given == null ? Optional.empty() : Optional.of(path(given));
        }

        private String digestAlg(String key) throws ConfigException {
            Given given = settings.given(key);
            if (given == null) {
                return "SHA1";
            }
            try {
                return MessageDigest.getInstance(given.value()).getAlgorithm();
            } catch (NoSuchAlgorithmException e) {
                throw settings.wrong(given, "a message digest, such as SHA1 or SHA-256");
            }
        }

        private Optional<String> superDigest(String key) throws ConfigException {
            Given given = settings.given(key);
            if (given == null || given.value().isEmpty()) {
                return Optional.empty();
            }
            if (given.value().split(":", -1).length != 2) {
                throw settings.wrong(given, "user:hash, as addauth digest would compute it");
            }
            return Optional.of(given.value());
        }
    }
}
