package io.loomkeeper.zab;

import java.util.List;
import java.util.SortedMap;
import org.agrona.DirectBuffer;

/**
 * One server's part in the agreement: election, discovery, synchronization and broadcast.
 *
 * <p>It is a function of its state and of what it is told: it reads no clock, owns no thread and
 * waits for nothing. One thread calls it. What it wants done it asks of its {@link Ports}, from
 * inside these calls.
 *
 * <pre>
 *   Looking  -> Leading    this server was elected
 *   Looking  -> Learning   another one was; this one follows, or observes
 *   Leading  -> Looking    no quorum hears it, or its epoch is used up
 *   Learning -> Looking    the leader is gone, silent, or breaks the protocol
 *   Alone                  for ever: the ensemble of one that needs no election
 * </pre>
 */
public final class Peer {
    private final Member member;

    /**
     * A server of an ensemble. It begins to look for a leader at the first {@link #onTick}.
     *
     * @param recovered what the journal and the state machine hold
     */
    public Peer(Settings settings, Ports ports, Recovered recovered) {
        this.member = new Member(settings, ports, recovered);
    }

    private Peer(Member member) {
        this.member = member;
    }

    /**
     * An ensemble of one, without epochs and elections: it leads at once, and its own durable
     * journal is a quorum (D6: one server is not special).
     *
     * @param recovered the last zxid of the history: durable, and committed because the only voter
     *     holds it
     */
    public static Peer standalone(Journal journal, StateMachine stateMachine, long recovered) {
        return new Peer(Member.alone(journal, stateMachine, recovered));
    }

    /**
     * What a server is told once.
     *
     * @param sid its id
     * @param membership that is active at the start
     * @param isObserver at the start; never votes
     * @param commitLogCount committed transactions that are kept in memory for learners
     * @param lastCounter of an epoch, unsigned; a leader that has used it hands over
     * @param admitsStrangers whether a leader takes learners that are not in the membership: they
     *     get everything and count for nothing
     */
    public record Settings(
            long sid,
            Membership membership,
            boolean isObserver,
            Timing timing,
            int commitLogCount,
            int lastCounter,
            boolean admitsStrangers) {
        public Settings(long sid, Membership membership, boolean isObserver, Timing timing) {
            this(sid, membership, isObserver, timing, 500, LAST_COUNTER, false);
        }

        /**
         * What an epoch has, less some: a transaction is validated with the zxid after the last.
         */
        public static final int LAST_COUNTER = 0xffff_fff0;
    }

    /**
     * How long things may take.
     *
     * @param initLimit ticks until a learner is connected and synchronized
     * @param syncLimit ticks that the other end of a synchronized link may be silent
     * @param connectToLearnerMasterLimit ticks for dialling the leader; 0: initLimit
     * @param minNotificationIntervalMs until a vote is repeated; doubled each time up to the
     *     maximum
     * @param finalizeWaitMs that a decided election waits for a better vote
     */
    public record Timing(
            int tickTimeMs,
            int initLimit,
            int syncLimit,
            int connectToLearnerMasterLimit,
            int minNotificationIntervalMs,
            int maxNotificationIntervalMs,
            int finalizeWaitMs) {
        public Timing(int tickTimeMs, int initLimit, int syncLimit) {
            this(tickTimeMs, initLimit, syncLimit, 0, 200, 60_000, 200);
        }

        long halfTickMs() {
            return Math.max(1, tickTimeMs / 2);
        }

        long initMs() {
            return (long) initLimit * tickTimeMs;
        }

        long syncMs() {
            return (long) syncLimit * tickTimeMs;
        }

        long connectMs() {
            return connectToLearnerMasterLimit > 0
                    ? (long) connectToLearnerMasterLimit * tickTimeMs
                    : initMs();
        }
    }

    /** What leads from the core to the world. */
    public record Ports(
            Journal journal,
            EpochStore epochs,
            StateMachine stateMachine,
            Links links,
            Configurations configurations) {
        /** Of a server whose ensemble keeps its members. */
        public Ports(Journal journal, EpochStore epochs, StateMachine stateMachine, Links links) {
            this(journal, epochs, stateMachine, links, Configurations.fixed());
        }
    }

    /**
     * What was found on disk at the start: journal and state machine hold it, all of it applied.
     *
     * @param lastZxid durable; -1 when the directory was empty where it should not be: such a
     *     server votes for nobody until it is synchronized (E8)
     * @param recent the newest transactions up to {@code lastZxid}, without a gap; may be empty
     */
    public record Recovered(long lastZxid, List<Entry> recent) {}

    /**
     * What can be seen from outside, for checks and for the operator.
     *
     * @param phase of the role, in words
     * @param reason why the last leadership or following ended; empty at first
     * @param epoch of the leader that is followed or that this server is; -1 when none is fixed
     * @param leader -1 when there is none
     * @param isServing whether clients may be served
     * @param acked on a leader, what counts: for each voter that has acked the epoch, itself
     *     included, the zxid up to which it is durable there
     */
    public record Probe(
            ServerState state,
            String phase,
            String reason,
            int acceptedEpoch,
            int currentEpoch,
            int epoch,
            long leader,
            Vote vote,
            long round,
            long lastAppended,
            long lastDurable,
            long lastCommitted,
            long lastApplied,
            boolean isServing,
            SortedMap<Long, Long> acked,
            Following following) {}

    /**
     * How many follow a leader; none elsewhere.
     *
     * @param learners that are connected, whatever they have
     * @param syncedFollowers voters that serve, without the leader
     * @param pendingSyncs of theirs, which wait for a commit
     */
    public record Following(
            int learners, int syncedFollowers, int syncedObservers, int pendingSyncs) {
        static final Following NONE = new Following(0, 0, 0, 0);
    }

    /**
     * Time passes. The only source of time: whatever else comes in happened now.
     *
     * @param nowMs monotonic
     */
    public void onTick(long nowMs) {
        member.onTick(nowMs);
    }

    /** When {@link #onTick} next has something to do; never is {@link Long#MAX_VALUE}. */
    public long nextDeadlineMs() {
        return member.nextDeadlineMs();
    }

    /** A server has told us its vote. */
    public void onNotification(long from, Notification notification) {
        member.onNotification(from, notification);
    }

    /**
     * The election link to a server is up, or it is refused or broke. This may shorten an election,
     * safety never depends on it.
     */
    public void onPeerReachable(long sid, boolean isReachable) {
        member.onPeerReachable(sid, isReachable);
    }

    /** Somebody has dialled our quorum port. */
    public void onAccepted(long link) {
        member.role().onAccepted(link);
    }

    /** A link that we dialled stands. */
    public void onLinkUp(long link) {
        member.role().onLinkUp(link);
    }

    /** A link that we dialled or accepted is gone, or could not be made. */
    public void onLinkDown(long link) {
        member.role().onLinkDown(link);
    }

    /** The other end of a link says this. */
    public void onMessage(long link, Message message) {
        member.role().onMessage(link, message);
    }

    /**
     * Bytes of a large message are moving on a link, in either direction: whoever is at its other
     * end is alive (L4). Never needed for small ones.
     */
    public void onProgress(long link) {
        member.role().onProgress(link);
    }

    /** Everything up to {@code zxid} is durable in our journal (D6, D11). */
    public void onDurable(long zxid) {
        member.onDurable(zxid);
    }

    /** {@link Journal#truncate} is durable. */
    public void onTruncated(long zxid) {
        member.onTruncated(zxid);
    }

    /** {@link Journal#install} is durable, and is the state. */
    public void onInstalled(long zxid) {
        member.onInstalled(zxid);
    }

    /**
     * Puts another state in the place of the history, of a server that stands alone and has
     * committed all that it proposed (D3). {@link #onInstalled} follows; until then nothing is
     * proposed.
     *
     * @param image of a greater zxid than any before
     */
    public void replace(Image image) {
        member.role().replace(image);
    }

    /**
     * {@link Journal#locate} has an answer.
     *
     * @param zxid the greatest of our history up to the one asked for; -1: it does not reach back
     */
    public void onLocated(long link, long zxid) {
        member.role().onLocated(link, zxid);
    }

    /**
     * False while the journal was full or is being changed: then nothing may come in but ticks and
     * what the journal reports.
     */
    public boolean ready() {
        return member.role().ready();
    }

    /** The zxid that the next proposal will carry; leading only. */
    public long nextZxid() {
        return Zxid.next(lastProposed());
    }

    /**
     * Proposes the transaction that carries {@link #nextZxid()}; leading only.
     *
     * @return false when nothing was proposed: the journal is full, or the epoch is used up and
     *     this leader is about to resign, after which {@link StateMachine#onLooking} comes; try
     *     again later
     */
    public boolean propose(DirectBuffer txn, int offset, int length) {
        return member.role().propose(txn, offset, length);
    }

    /** Whether {@link #propose} may be called. */
    public boolean isLeading() {
        return member.role().isServing() && state() == ServerState.LEADING;
    }

    public ServerState state() {
        return member.role().state();
    }

    /** The server that leads, as far as this one knows; -1 while it is looking. */
    public long leader() {
        return member.role().leader();
    }

    /** Of the leader that is followed or that this server is; -1 when none is fixed. */
    public int epoch() {
        return member.role().epoch();
    }

    /** On a leader, its last proposal; else the last transaction of the history. */
    public long lastProposed() {
        return member.role().lastProposed();
    }

    /** The last transaction known to be committed. */
    public long lastCommitted() {
        return member.role().lastCommitted();
    }

    /** On a learner that serves: tells the leader this. Dropped on others. */
    public void forward(Message message) {
        member.role().forward(message);
    }

    /** On a leader: tells a learner this. Dropped on others, and when the learner is gone. */
    public void answer(long link, Message message) {
        member.role().answer(link, message);
    }

    /**
     * On a leader: a Sync goes to that learner as soon as everything proposed so far is committed.
     *
     * @param atLeast a zxid that has to be committed as well, though the journal may have had no
     *     room for it yet; 0 for none
     */
    public void sync(long link, long atLeast) {
        member.role().sync(link, atLeast);
    }

    /** Whether a configuration was proposed that is neither active yet nor given up. */
    public boolean isReconfiguring() {
        return member.inForce().next() != null;
    }

    /** On a leader: whether a quorum of these follows it and has its history (protocol 17.4). */
    public boolean isQuorumSynced(Membership membership) {
        return member.role().isQuorumSynced(membership);
    }

    /**
     * On a leader: proposes nothing more, and resigns as soon as all that it has proposed is
     * committed; {@link StateMachine#onLooking} tells. For a planned stop: it may be elected again
     * if it does not stop then.
     */
    public void handOver() {
        member.role().handOver();
    }

    /**
     * On a leader: it will propose nothing more, and resigns as soon as a quorum has acked what is
     * outstanding; acks must still come in, though {@link #propose} refuses.
     */
    public boolean isEnding() {
        return member.role().isEnding();
    }

    public Probe probe() {
        return member.probe();
    }
}
