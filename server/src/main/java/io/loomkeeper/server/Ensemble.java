package io.loomkeeper.server;

import io.loomkeeper.log.EpochFile;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.net.HistorySource;
import io.loomkeeper.net.PeerLinks;
import io.loomkeeper.net.PeerOptions;
import io.loomkeeper.net.PeerPorts;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.StateMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What makes a server the member of an ensemble: its epochs, its history, and the links to the
 * others.
 */
final class Ensemble implements AutoCloseable {
    private final EnsembleConfig config;
    private final EpochFile epochs;
    private final DurableHistory history;
    private final PeerLinks links;
    private final EnsembleMeter meter;
    private final Memberships memberships;
    private final Peer.Recovered recovered;

    /**
     * What the server found on disk.
     *
     * @param dataDir of the configuration
     * @param epochsDir where the epochs lie
     */
    record Found(
            Path dataDir,
            Path epochsDir,
            DurableHistory.Storage storage,
            StateLoader.Recovered recovered) {
        boolean isEmpty() {
            return recovered.tree().head().zxid() == 0 && storage.log().isEmpty();
        }

        private Peer.Recovered recovered(EnsembleConfig config) {
            boolean untrusted = isEmpty() && !config.mayBeEmpty(dataDir);
            long zxid = untrusted ? -1 : recovered.tree().head().zxid();
            return new Peer.Recovered(zxid, recovered.recent());
        }
    }

    /**
     * What a member shares with the rest of the server.
     *
     * @param meter told what goes on between the servers
     */
    record Around(
            PublishedState published,
            RequestRing ring,
            Memberships memberships,
            TreeOptions tree,
            int packetBytesMax,
            EnsembleMeter meter,
            BiConsumer<String, Throwable> fatal) {}

    /**
     * Opens the epochs; the ports are opened by {@link #open}.
     *
     * @throws IOException when the epochs cannot be read, or are missing where there is a history
     *     (D2)
     */
    Ensemble(EnsembleConfig config, Found found, Around around) throws IOException {
        this.config = config;
        this.recovered = found.recovered(config);
        this.epochs = EpochFile.open(found.epochsDir(), found.isEmpty());
        EnsembleConfig.forgetInitialize(found.dataDir());
        this.history =
                new DurableHistory(
                        found.storage(), around.published(), around.ring(), around.fatal());
        PeerPorts ports =
                new PeerPorts(
                        new PeerMessages(around.ring(), around.meter()),
                        source(found.storage().log()),
                        around.meter().links(),
                        cause -> around.fatal().accept("a link's thread", cause));
        this.memberships = around.memberships();
        this.meter = around.meter();
        this.links = new PeerLinks(options(around), ports, memberships.addresses());
        memberships.tell(links::members);
    }

    private static HistorySource source(TxnLog log) {
        return (afterZxid, lastZxid, visitor) -> {
            try {
                log.history()
                        .read(
                                afterZxid,
                                lastZxid,
                                (zxid, txn, offset, length) -> {
                                    try {
                                        visitor.onTxn(zxid, txn, offset, length);
                                    } catch (IOException e) {
                                        throw new UncheckedIOException(e);
                                    }
                                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        };
    }

    private PeerOptions options(Around around) throws IOException {
        EnsembleConfig.Links sockets = config.links();
        Peer.Timing timing = config.timing();
        return new PeerOptions(
                config.sid(),
                new PeerOptions.Timeouts(
                        sockets.connectTimeoutMs(),
                        sockets.handshakeTimeoutMs(),
                        timing.initLimit() * timing.tickTimeMs(),
                        timing.syncLimit() * timing.tickTimeMs()),
                new PeerOptions.Limits(
                        PeerOptions.Limits.DEFAULT.queueBytesMax(),
                        around.packetBytesMax(),
                        PeerOptions.Limits.DEFAULT.strangersMax()),
                new PeerOptions.Sockets(
                        sockets.listensOnAllIps(),
                        sockets.electionPortBindRetry(),
                        true,
                        sockets.keepsAlive(),
                        sockets.multiAddress()),
                around.tree(),
                sockets.tls().open(),
                PeerSasl.open(config.sasl()));
    }

    /** Makes this server's part in the agreement. */
    Peer peer(StateMachine stateMachine) {
        Peer.Settings settings =
                new Peer.Settings(
                        config.sid(),
                        memberships.active().membership(),
                        config.isObserver(),
                        config.timing(),
                        config.commitLogCount(),
                        Peer.Settings.LAST_COUNTER,
                        config.changes().isEnabled());
        Peer.Ports ports =
                new Peer.Ports(
                        new TimedJournal(history, meter),
                        epochs,
                        stateMachine,
                        new CountedLinks(links, meter),
                        memberships);
        return new Peer(settings, ports, recovered);
    }

    /**
     * Listens to the other servers.
     *
     * @throws IOException when a port cannot be had
     */
    void open() throws IOException {
        links.open();
    }

    /** Has what was said to the others leave: at the end of a run. Pipeline thread only. */
    void flush() {
        links.flush();
    }

    /** The links of learners. Any thread. */
    List<PeerLinks.LearnerLink> learners() {
        return links.learners();
    }

    /** Counts their packets from 0 again. Any thread. */
    void resetLearners() {
        links.resetLearners();
    }

    /** Nothing more is heard of the others, nor they of us. */
    void leave() {
        links.close();
    }

    /** As {@link #leave}, and nothing more is done with the history; when nobody asks for that. */
    @Override
    public void close() {
        links.close();
        history.close();
    }
}
