package io.loomkeeper.server;

import io.loomkeeper.log.DurabilityListener;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.TxnLog;
import io.loomkeeper.net.PeerSink;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.EpochStore;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import io.loomkeeper.zab.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentRunner;
import org.jspecify.annotations.Nullable;

/**
 * One server without sockets, from its ring to the replies: the production pipeline on a thread of
 * its own, with the production log on its own thread, or with none.
 *
 * <p>Without a log each transaction is durable at the pipeline's next turn. No snapshots are taken.
 */
final class InProcessServer implements AutoCloseable {
    private static final int TICK_MS = 2_000;
    private static final int SESSION_TIMEOUT_MS = 40_000;
    private static final int TXN_BYTES_MAX = 1 << 20;

    private final RequestRing ring = new RequestRing();
    private final PublishedState published;
    private final AgentRunner runner;
    private final @Nullable TxnLog log;

    /** Makes a server's part in the agreement. */
    interface Agreement {
        Peer peer(long sid, Peer.Ports ports);
    }

    /**
     * A server that has nothing yet.
     *
     * @param logDir for its log, made if it is not there; null for none
     * @param agreement null for a server that stands alone
     * @param links to the others
     * @param failed told what ended one of its threads
     */
    InProcessServer(
            long sid,
            @Nullable Path logDir,
            @Nullable Agreement agreement,
            InProcessLinks links,
            Consumer<Throwable> failed)
            throws IOException {
        this.log = logDir == null ? null : openLog(logDir, failed);
        Journal journal = new FreshJournal(ring, log);
        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        this.published = new PublishedState(tree.seal());
        AclRules aclRules = new AclRules(AuthOptions.DEFAULT);
        Pipeline.Parts parts =
                new Pipeline.Parts(
                        tree,
                        new Preparer(
                                tree,
                                aclRules,
                                new Preparer.Options(false, false, TXN_BYTES_MAX, 0)),
                        new Reads(aclRules, Long.MAX_VALUE),
                        new Watches(sid),
                        aclRules,
                        published,
                        new Sessions(TICK_MS),
                        new SessionIds((int) sid, 1_000),
                        new DigestHistory());
        Pipeline pipeline =
                new Pipeline(
                        parts,
                        new Pipeline.Options(SESSION_TIMEOUT_MS, SESSION_TIMEOUT_MS, true),
                        stateMachine ->
                                agreement == null
                                        ? Peer.standalone(journal, stateMachine, 0)
                                        : agreement.peer(
                                                sid,
                                                new Peer.Ports(
                                                        journal,
                                                        new MemoryEpochs(),
                                                        stateMachine,
                                                        links)),
                        (_, _, _) -> {});
        this.runner =
                new AgentRunner(
                        ring.idleStrategy(() -> 1),
                        failed::accept,
                        null,
                        new PipelineAgent(
                                ring,
                                pipeline,
                                published,
                                new TickClock(),
                                List.of(),
                                runEnd(),
                                PipelineAgent.Spectator.NONE));
    }

    /** As a server's, but that messages need no flush here. */
    private PipelineAgent.RunEnd runEnd() {
        return new PipelineAgent.RunEnd() {
            @Override
            public void sendMessages() {}

            @Override
            public void flushLog(boolean idle) {
                if (log != null) {
                    log.flush(idle);
                }
            }
        };
    }

    private TxnLog openLog(Path directory, Consumer<Throwable> failed) throws IOException {
        TxnLog opened = TxnLog.open(Files.createDirectories(directory), LogOptions.defaults());
        opened.start(
                new DurabilityListener() {
                    @Override
                    public void onDurable(long zxid) {
                        ring.durable(zxid);
                    }

                    @Override
                    public void onFailure(Throwable cause) {
                        failed.accept(cause);
                    }
                });
        return opened;
    }

    void start() {
        AgentRunner.startOnThread(runner);
    }

    /** Where requests go in. */
    RequestRing ring() {
        return ring;
    }

    /** Where the other servers' messages go in. */
    PeerSink peers() {
        return new PeerMessages(ring, new EnsembleMeter(new ServerMetrics(), 0));
    }

    PublishedState.Standing standing() {
        return published.standing();
    }

    @Override
    public void close() throws IOException {
        runner.close();
        if (log != null) {
            log.close();
        }
    }

    /** A journal that begins with nothing and is never cut or replaced. */
    private static final class FreshJournal implements Journal {
        private final RequestRing ring;
        private final @Nullable TxnLog log;
        private long lastAppended;

        FreshJournal(RequestRing ring, @Nullable TxnLog log) {
            this.ring = ring;
            this.log = log;
        }

        @Override
        public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
            if (log != null && !log.append(zxid, txn, offset, length)) {
                return false;
            }
            lastAppended = zxid;
            if (log == null) {
                ring.durable(zxid);
            }
            return true;
        }

        @Override
        public long lastAppended() {
            return lastAppended;
        }

        @Override
        public void truncate(long zxid) {
            throw new UnsupportedOperationException("a leader changed");
        }

        @Override
        public void install(Image image) {
            throw new UnsupportedOperationException("a leader changed");
        }

        /** Whoever asks has nothing yet, and no more is in common. */
        @Override
        public void locate(long link, long zxid) {
            ring.report(pipeline -> pipeline.peer().onLocated(link, 0));
        }
    }

    /** Epochs that last as long as the process, which is all that they have to here. */
    private static final class MemoryEpochs implements EpochStore {
        private int accepted;
        private int current;

        @Override
        public int accepted() {
            return accepted;
        }

        @Override
        public int current() {
            return current;
        }

        @Override
        public void accept(int epoch) {
            accepted = epoch;
        }

        @Override
        public void establish(int epoch) {
            current = epoch;
        }
    }
}
