package io.loomkeeper.zab;

import io.loomkeeper.zab.Message.AckEpoch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The role of a server that has chosen its leader: follower or observer (protocol 15.2, 15.6,
 * 15.7).
 *
 * <p>What it receives it appends at once and applies when it is committed, but not before the
 * leader says that the epoch is established: a leader that fails earlier may have sent as committed
 * what never is.
 */
final class Learning implements Role {
    /** In the order in which they are passed. */
    private enum Phase {
        DIALLING,
        /** Has introduced itself, waits for the epoch. */
        DISCOVERY,
        /** Has promised the epoch, waits for the leader's decision how to synchronize. */
        DECISION,
        /** Receives the leader's history. */
        TRANSFER,
        /** Has received all of it, waits until it is durable. */
        HARDENING,
        /** Has acked the epoch, waits until a quorum has. */
        READY,
        SERVING
    }

    /** Other than 0x10000, which Apache's learners say: this one keeps what it has (SyncPlan). */
    static final int PROTOCOL_VERSION = 0x10001;

    private static final int DIALS_MAX = 8;
    private static final int DIAL_INTERVAL_MS = 100;

    private final Member member;
    private final long leader;
    private final long round;
    private final boolean isObserver;
    private final Inbox inbox = new Inbox();
    private final LeadersConfiguration configuration;

    /** What the leader has said to our service, behind commits that are not delivered yet. */
    private final LeadersReplies replies = new LeadersReplies();

    private Vote vote;
    private Phase phase = Phase.DIALLING;
    private long link = -1;
    private int dials;
    private long redialAtMs = Long.MAX_VALUE;
    private long startedMs;
    private long heardMs;
    private int epoch = -1;

    /** Whether the leader is of our kind, and takes signs of life while we are busy. */
    private boolean takesSigns;

    private long signAtMs;

    /** The journal was full when this came. */
    private @Nullable Entry stalled;

    /** The target of a truncation that is looked up on disk; -1: none. */
    private long sought = -1;

    /** The leader was asked for an image: what it sends otherwise is for nothing (T2). */
    private boolean wantsImage;

    /** Known to be committed as soon as the epoch is established. */
    private long commitPoint;

    /** The end of our history when the leader decided to go on from it. */
    private long keptUpTo;

    /** Where the leader's initial history ends. */
    private long initialEnd;

    private long ackedUpTo;
    private boolean isUpToDate;

    Learning(Member member, Vote vote, long round) {
        this.member = member;
        this.vote = vote;
        this.leader = vote.leader();
        this.round = round;
        this.isObserver = member.isObserver();
        this.configuration = new LeadersConfiguration(member, leader);
    }

    void begin() {
        startedMs = member.nowMs();
        heardMs = member.nowMs();
        dial();
    }

    private void dial() {
        dials++;
        redialAtMs = Long.MAX_VALUE;
        link = member.links().dial(leader);
    }

    @Override
    public void onLinkUp(long up) {
        if (up != link || phase != Phase.DIALLING) {
            return;
        }
        phase = Phase.DISCOVERY;
        heardMs = member.nowMs();
        Message.LearnerFacts facts =
                new Message.LearnerFacts(
                        member.sid(), PROTOCOL_VERSION, member.inForce().active().version());
        int accepted = member.acceptedEpoch();
        send(
                isObserver
                        ? new Message.ObserverInfo(accepted, facts)
                        : new Message.FollowerInfo(accepted, facts));
    }

    /**
     * Before the leader has said anything its port may not be open yet, and something on the way
     * may have accepted in its place. To look again at once would disturb the election that it is
     * about to win (L1).
     */
    @Override
    public void onLinkDown(long down) {
        if (down != link) {
            return;
        }
        link = -1;
        if (phase.compareTo(Phase.DISCOVERY) <= 0 && dials < DIALS_MAX) {
            phase = Phase.DIALLING;
            redialAtMs = member.nowMs() + DIAL_INTERVAL_MS;
        } else {
            abandon("the leader's link is down");
        }
    }

    @Override
    public void onTick() {
        if (isBusy()) {
            heardMs = member.nowMs(); // it is our disk that is slow
        } else if (member.nowMs() >= silenceEndsMs()) {
            abandon("the leader is silent");
        } else if (member.nowMs() >= redialAtMs) {
            dial();
        }
        maybeShowLife();
    }

    /**
     * Rule L4: until we have acked the epoch the leader hears nothing of us, however long the
     * history takes that it has sent. Apache's leader takes nothing but that ack.
     */
    private void maybeShowLife() {
        if (isSynchronizing() && member.nowMs() >= signAtMs) {
            signAtMs = member.nowMs() + member.timing().halfTickMs();
            send(new Message.Pong(member.history().durable(), List.of()));
        }
    }

    private boolean isSynchronizing() {
        return takesSigns && member.role() == this && phase.compareTo(Phase.READY) < 0;
    }

    private long silenceEndsMs() {
        return switch (phase) {
            case DIALLING -> startedMs + member.timing().connectMs();
            case DISCOVERY, DECISION, TRANSFER, HARDENING -> heardMs + member.timing().initMs();
            case READY, SERVING -> heardMs + member.timing().syncMs();
        };
    }

    @Override
    public long nextDeadlineMs() {
        long dueMs = Math.min(redialAtMs, silenceEndsMs());
        return isSynchronizing() ? Math.min(dueMs, signAtMs) : dueMs;
    }

    /** Whoever looks is told; a leader that looks again leads no more. */
    @Override
    public void onNotification(long from, Notification notification) {
        if (notification.state() != ServerState.LOOKING) {
            return;
        }
        if (from == leader && notification.round() > round) {
            abandon("the leader looks for another");
        } else {
            member.links().notify(from, notification());
        }
    }

    @Override
    public void onAccepted(long accepted) {
        member.links().close(accepted);
    }

    @Override
    public void onProgress(long moving) {
        if (moving == link) {
            heardMs = member.nowMs();
        }
    }

    @Override
    public void onMessage(long from, Message message) {
        if (from != link) {
            return;
        }
        heardMs = member.nowMs();
        if (isBusy()) {
            inbox.hold(message);
        } else {
            receive(message);
        }
    }

    /** Whether what the leader says has to wait. */
    private boolean isBusy() {
        return stalled != null || sought >= 0 || member.history().isChanging();
    }

    @Override
    public boolean ready() {
        Entry waiting = stalled;
        if (waiting != null && member.history().append(waiting)) {
            stalled = null;
            maybeDeliver();
            resume();
        }
        return stalled == null && !inbox.isFull();
    }

    private void resume() {
        while (!isBusy() && member.role() == this && !inbox.isEmpty()) {
            receive(inbox.take());
        }
    }

    private void receive(Message message) {
        if (wantsImage && !(message instanceof Message.Snap)) {
            return;
        }
        switch (message) {
            case Message.LeaderInfo info -> onLeaderInfo(info);
            case Message.Diff(long zxid) -> onDiff(zxid);
            case Message.Trunc(long zxid) -> onTrunc(zxid);
            case Message.Snap(long zxid, Image image) -> onSnap(zxid, image);
            case Message.Proposal(long zxid, var txn) -> onProposal(new Entry(zxid, txn));
            case Message.Commit(long zxid) -> onCommit(zxid);
            case Message.CommitAndActivate(long zxid, long designated) -> {
                onCommit(zxid);
                maybeActivate(zxid, designated);
            }
            case Message.Inform(long zxid, var txn) -> onInform(new Entry(zxid, txn));
            case Message.InformAndActivate(long zxid, long designated, var txn) -> {
                onInform(new Entry(zxid, txn));
                maybeActivate(zxid, designated);
            }
            case Message.NewLeader(long zxid, var config) -> onNewLeader(zxid, config);
            case Message.UpToDate() -> onUpToDate();
            case Message.Ping(long zxid) -> onPing(zxid);
            case Message.Revalidated _, Message.Sync _ -> onReply(message);
            case Message.FollowerInfo _,
                    Message.ObserverInfo _,
                    AckEpoch _,
                    Message.Ack _,
                    Message.Pong _,
                    Message.Forward _,
                    Message.Revalidate _ ->
                    abandon("the leader talks as a learner does");
        }
    }

    /** D2, S16, S17: promise the epoch durably, then say what we have. */
    private void onLeaderInfo(Message.LeaderInfo info) {
        int newEpoch = info.epoch();
        if (phase != Phase.DISCOVERY || newEpoch < member.acceptedEpoch()) {
            abandon("epoch " + newEpoch + ", promised " + member.acceptedEpoch());
            return;
        }
        boolean isPromised = newEpoch == member.epochs().accepted();
        if (!isPromised) {
            member.epochs().accept(newEpoch);
        }
        assert member.epochs().accepted() == newEpoch : "D2";
        epoch = newEpoch;
        takesSigns = info.protocolVersion() == PROTOCOL_VERSION;
        signAtMs = member.nowMs() + member.timing().halfTickMs();
        phase = Phase.DECISION;
        send(ackEpoch(isPromised));
    }

    /**
     * What is said is durable (D1). It does not count when the epoch was promised before, perhaps
     * to another (S15), or when more may have been acked than is here (E8).
     */
    private AckEpoch ackEpoch(boolean isPromised) {
        History history = member.history();
        assert history.isSettled() : "D1";
        if (member.takeImageWanted()) {
            return AckEpoch.FOR_IMAGE;
        }
        boolean counts = !isPromised && member.isTrusted();
        return new AckEpoch(history.last(), counts ? member.epochs().current() : -1);
    }

    private void onDiff(long zxid) {
        if (phase == Phase.DECISION) {
            beginTransfer(zxid);
        } else {
            abandon("a DIFF in " + phase);
        }
    }

    private void beginTransfer(long committed) {
        phase = Phase.TRANSFER;
        commitPoint = committed;
        keptUpTo = member.history().last();
    }

    /** Rules T1, T2: only what is not committed, only back to what is in our history. */
    private void onTrunc(long zxid) {
        History history = member.history();
        if (phase != Phase.DECISION || zxid > history.last() || zxid < member.committed()) {
            abandon("TRUNC to " + History.hex(zxid) + " of " + History.hex(history.last()));
        } else if (zxid >= history.base()) {
            truncateIf(zxid, history.greatestUpTo(zxid));
        } else {
            sought = zxid;
            member.journal().locate(link, zxid);
        }
    }

    @Override
    public void onLocated(long asked, long found) {
        if (asked != link || sought < 0) {
            return;
        }
        long target = sought;
        sought = -1;
        truncateIf(target, found);
        resume();
    }

    private void truncateIf(long target, long found) {
        if (found != target) {
            askForImage();
            return;
        }
        if (target < member.history().last()) {
            member.history().truncate(target);
        }
        beginTransfer(target);
    }

    /**
     * Rules T2, T3: our history cannot be cut there. A leader of our kind sends an image on this;
     * others close the link, and are asked again when we come back.
     */
    private void askForImage() {
        wantsImage = true;
        member.wantImage();
        send(AckEpoch.FOR_IMAGE);
    }

    private void onSnap(long zxid, Image image) {
        if (phase != Phase.DECISION) {
            abandon("a SNAP in " + phase);
            return;
        }
        wantsImage = false;
        member.takeImageWanted();
        member.history().install(zxid, image);
        beginTransfer(zxid);
    }

    /** Rule D3: what was cut or replaced is durable. */
    @Override
    public void onHistoryChanged() {
        resume();
    }

    /** Appended in any phase (S9), without a gap (S5). */
    private void onProposal(Entry entry) {
        if (phase.compareTo(Phase.TRANSFER) < 0 || !member.history().isNext(entry.zxid())) {
            abandon(
                    "%s after %s in %s"
                            .formatted(
                                    History.hex(entry.zxid()),
                                    History.hex(member.history().last()),
                                    phase));
        } else {
            if (!member.history().append(entry)) {
                stalled = entry;
            }
            configuration.onProposal(entry);
        }
    }

    private void maybeActivate(long zxid, long designated) {
        if (member.role() == this && !configuration.onCommitted(zxid, designated)) {
            member.links().close(link);
            member.turnTo(designated, "the configuration has changed");
        }
    }

    private void onInform(Entry entry) {
        onProposal(entry);
        if (member.role() == this) {
            commitPoint = Math.max(commitPoint, entry.zxid());
            maybeDeliver();
        }
    }

    /**
     * Normal in every phase, as in ZOOKEEPER-4394; what is committed was proposed on the same link
     * before.
     */
    private void onCommit(long zxid) {
        if (phase.compareTo(Phase.TRANSFER) < 0 || zxid > member.history().last()) {
            abandon("COMMIT of " + History.hex(zxid) + " in " + phase);
            return;
        }
        commitPoint = Math.max(commitPoint, zxid);
        maybeServe();
        maybeDeliver();
    }

    private void onNewLeader(long zxid, @Nullable String config) {
        if (phase != Phase.TRANSFER || zxid != Zxid.of(epoch, 0)) {
            abandon("NEWLEADER " + History.hex(zxid) + " in " + phase);
            return;
        }
        configuration.onNewLeader(config);
        phase = Phase.HARDENING;
        initialEnd = member.history().last();
        maybeAckNewLeader();
    }

    /** Rules D4, D5: the history is durable, then the epoch, then it is acked. */
    private void maybeAckNewLeader() {
        if (phase != Phase.HARDENING || member.history().durable() < initialEnd) {
            return;
        }
        if (member.epochs().current() < epoch) {
            member.epochs().establish(epoch);
        }
        assert member.epochs().current() == epoch && member.history().durable() >= initialEnd
                : "D5";
        member.trust();
        phase = Phase.READY;
        send(new Message.Ack(Zxid.of(epoch, 0)));
        ackedUpTo = Math.max(commitPoint, member.history().base());
        if (!isObserver && keptUpTo > commitPoint) {
            send(new Message.Ack(keptUpTo));
            ackedUpTo = keptUpTo;
        }
        sendAcks();
    }

    @Override
    public void onDurable(long zxid) {
        if (member.history().isChanging()) {
            return;
        }
        maybeAckNewLeader();
        sendAcks();
    }

    /** Rule D6: durable, after the epoch was acked, in order; one for each (protocol 15.7). */
    private void sendAcks() {
        History history = member.history();
        if (isObserver || phase.compareTo(Phase.READY) < 0 || history.durable() <= ackedUpTo) {
            return;
        }
        int end = history.indexAfter(history.durable());
        for (int i = history.indexAfter(ackedUpTo); i < end; i++) {
            send(new Message.Ack(history.entry(i).zxid()));
        }
        ackedUpTo = history.durable();
    }

    private void onUpToDate() {
        if (phase != Phase.READY || isUpToDate) {
            abandon("UPTODATE in " + phase);
            return;
        }
        isUpToDate = true;
        if (!configuration.onUpToDate(epoch, commitPoint)) {
            abandon("the configuration has changed");
            return;
        }
        send(new Message.Ack(Zxid.of(epoch, 0))); // protocol 15.2 step 11
        maybeServe();
        maybeDeliver();
    }

    /** Rule S13: not while recovery has applied more than is committed. E10: the epoch is told. */
    private void maybeServe() {
        if (!isUpToDate || phase != Phase.READY || commitPoint < member.history().delivered()) {
            return;
        }
        phase = Phase.SERVING;
        vote = new Vote(leader, vote.zxid(), epoch);
        member.history().deliver(deliverable());
        member.noteCommitted(deliverable());
        member.inForce().show();
        member.stateMachine().onFollowing(state(), leader, epoch);
    }

    private long deliverable() {
        return member.history().deliverable(commitPoint);
    }

    private void maybeDeliver() {
        if (phase != Phase.SERVING) {
            return;
        }
        if (deliverable() > member.history().delivered()) {
            member.history().deliver(deliverable());
            member.noteCommitted(deliverable());
        }
        replies.deliver(member.history().delivered(), member.stateMachine());
    }

    /** What was committed when the leader said it is delivered first (C4). */
    private void onReply(Message message) {
        if (phase == Phase.SERVING) {
            replies.add(commitPoint, message);
            maybeDeliver();
        }
    }

    /** Apache's leader takes nothing but the ack of the epoch before it is up to date. */
    private void onPing(long zxid) {
        if (phase == Phase.SERVING) {
            send(new Message.Pong(zxid, member.stateMachine().takeTouched()));
        }
    }

    @Override
    public void forward(Message message) {
        if (phase == Phase.SERVING) {
            send(message);
        }
    }

    private void send(Message message) {
        member.links().send(link, message);
    }

    private void abandon(String why) {
        if (link >= 0) {
            member.links().close(link);
        }
        member.becomeLooking(why);
    }

    @Override
    public Notification notification() {
        return member.notification(state(), vote, round);
    }

    @Override
    public ServerState state() {
        return isObserver ? ServerState.OBSERVING : ServerState.FOLLOWING;
    }

    @Override
    public String phase() {
        return phase.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public long leader() {
        return leader;
    }

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public boolean isServing() {
        return phase == Phase.SERVING;
    }

    @Override
    public long lastProposed() {
        return member.history().last();
    }

    @Override
    public long lastCommitted() {
        return member.committed();
    }
}
