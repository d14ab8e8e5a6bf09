package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import io.loomkeeper.zab.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The ensemble that this server is a member of.
 *
 * @param sid this server's id, from the file {@code myid}
 * @param members at the start, this server included
 * @param timing in ticks and ms; what the agreement goes by
 * @param commitLogCount committed transactions that a leader keeps in memory for learners
 * @param links what connections between servers go by
 * @param leaderServes whether a leader takes clients
 * @param strictSync whether a leader answers a sync only when a quorum has shown that it still
 *     leads (C4)
 * @param admitsEmpty whether an empty data directory is taken for a new server's, without the file
 *     {@code initialize} (E8)
 * @param changes of the members
 * @param sasl between servers
 */
record EnsembleConfig(
        long sid,
        Members members,
        Peer.Timing timing,
        int commitLogCount,
        Links links,
        boolean leaderServes,
        boolean strictSync,
        boolean admitsEmpty,
        Changes changes,
        PeerSaslConfig sasl) {
    /**
     * Whether and how the members may change.
     *
     * @param files where that is kept; null when the server was started without a zoo.cfg
     * @param isInline whether the members stand in zoo.cfg itself
     * @param votersMin that an ensemble keeps
     * @param seen what was proposed before this process began, if it is known
     */
    record Changes(
            boolean isEnabled,
            @Nullable ConfigFiles files,
            boolean isInline,
            int votersMin,
            @Nullable Members seen) {}

    private static final String INITIALIZE = "initialize";

    /** Session ids have room for eight bits of it; 255 is the mark of TTL nodes (protocol 2.5). */
    private static final int SID_MAX = 254;

    /**
     * Sockets between servers.
     *
     * @param listensOnAllIps at all addresses, not only at those of this server's line
     * @param electionPortBindRetry attempts to bind; 0: for ever
     * @param connectTimeoutMs of the election port
     * @param handshakeTimeoutMs of the election port
     * @param keepsAlive whether the system probes silent connections
     * @param multiAddress whether members may have several addresses
     * @param tls that is spoken on them
     */
    record Links(
            boolean listensOnAllIps,
            int electionPortBindRetry,
            int connectTimeoutMs,
            int handshakeTimeoutMs,
            boolean keepsAlive,
            boolean multiAddress,
            LinkTls tls) {}

    ServerLine self() {
        ServerLine self = members.lines().get(sid);
        assert self != null : sid;
        return self;
    }

    boolean isObserver() {
        return self().isObserver();
    }

    /** Whether an empty data directory may be that of a server that never had anything. */
    boolean mayBeEmpty(Path dataDir) {
        return admitsEmpty || Files.exists(dataDir.resolve(INITIALIZE));
    }

    /** Removes the mark: from now on an empty directory is one that lost its contents. */
    static void forgetInitialize(Path dataDir) throws IOException {
        Files.deleteIfExists(dataDir.resolve(INITIALIZE));
    }

    /**
     * Reads what concerns an ensemble.
     *
     * @param dataDir where {@code myid} lies
     */
    static EnsembleConfig parse(Settings settings, ServerLines lines, int tickTimeMs, Path dataDir)
            throws ConfigException {
        int most = Integer.MAX_VALUE / tickTimeMs;
        int initLimit = required(settings, "initLimit", most);
        int syncLimit = required(settings, "syncLimit", most);
        Peer.Timing timing =
                new Peer.Timing(
                        tickTimeMs,
                        initLimit,
                        syncLimit,
                        settings.integer("connectToLearnerMasterLimit", 0, 0, most),
                        settings.integer(
                                "fastleader.minNotificationInterval", 200, 1, Integer.MAX_VALUE),
                        settings.integer(
                                "fastleader.maxNotificationInterval", 60_000, 1, Integer.MAX_VALUE),
                        FINALIZE_WAIT_MS);
        settings.integer("electionAlg", 3, 3, 3);
        ServerLine self = self(lines.members().lines(), dataDir);
        checkPeerType(settings, self);
        return new EnsembleConfig(
                self.sid(),
                lines.members(),
                timing,
                settings.integer("commitLogCount", 500, 1, 1_000_000),
                links(settings, syncLimit * tickTimeMs),
                settings.yesNo("leaderServes", true),
                settings.flag("strictSync", false),
                settings.flag("db.autocreate", true),
                changes(settings),
                PeerSaslConfig.parse(settings));
    }

    private static Changes changes(Settings settings) throws ConfigException {
        boolean isEnabled = settings.flag("reconfigEnabled", false);
        Path zooCfg = Path.of(settings.file());
        ConfigFiles files = Files.isRegularFile(zooCfg) ? new ConfigFiles(zooCfg) : null;
        boolean isInline = settings.given("dynamicConfigFile") == null;
        Members seen = files == null || isInline || !isEnabled ? null : ServerLines.seen(files);
        return new Changes(
                isEnabled, files, isInline, settings.flag("standaloneEnabled", true) ? 2 : 1, seen);
    }

    /** As Apache waits for a better vote. */
    private static final int FINALIZE_WAIT_MS = 200;

    private static Links links(Settings settings, int syncMs) throws ConfigException {
        int handshakeMs = settings.integer("quorumCnxnTimeoutMs", -1, -1, Integer.MAX_VALUE);
        return new Links(
                settings.flag("quorumListenOnAllIPs", false),
                settings.integer("electionPortBindRetry", 3, 0, Integer.MAX_VALUE),
                settings.integer("cnxTimeout", 5_000, 1, Integer.MAX_VALUE),
                handshakeMs < 1 ? syncMs : handshakeMs,
                settings.flag("tcpKeepAlive", false),
                settings.flag("multiAddress.enabled", false),
                LinkTls.parse(settings));
    }

    private static int required(Settings settings, String key, int most) throws ConfigException {
        Given given = settings.given(key);
        if (given == null) {
            throw settings.missing(key, "a number of ticks: an ensemble needs it");
        }
        return (int) settings.number(given, 1, most);
    }

    private static ServerLine self(SortedMap<Long, ServerLine> members, Path dataDir)
            throws ConfigException {
        Path file = dataDir.resolve("myid");
        String found = "";
        try {
            found = Files.readString(file, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new ConfigException(
                    file.toString(),
                    0,
                    "myid",
                    "",
                    "a file with this server's id in its first line");
        }
        ServerLine self =
                ServerLine.isId(found.strip()) ? members.get(Long.parseLong(found.strip())) : null;
        if (self == null || self.sid() < 0 || self.sid() > SID_MAX) {
            throw new ConfigException(
                    file.toString(),
                    1,
                    "myid",
                    found,
                    "one of the ids of the server lines, "
                            + members.keySet()
                            + ", from 0 to "
                            + SID_MAX);
        }
        return self;
    }

    /** The line decides; a key that says otherwise is named. */
    private static void checkPeerType(Settings settings, ServerLine self) throws ConfigException {
        Given given = settings.given("peerType");
        if (given == null) {
            return;
        }
        String type = given.value().toLowerCase(Locale.ROOT);
        if (!type.equals("participant") && !type.equals("observer")) {
            throw settings.wrong(given, "participant or observer");
        }
        if (type.equals("observer") != self.isObserver()) {
            settings.warn(
                    "peerType="
                            + given.value()
                            + " is without effect: "
                            + self.given().name()
                            + " says otherwise");
        }
    }
}
