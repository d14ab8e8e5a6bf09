package io.loomkeeper.zab;

import io.loomkeeper.zab.Learner.Phase;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** The role of a server that was elected (protocol 15.2 to 15.8). */
final class Leading implements Role {
    /** In the order in which they are passed. */
    private enum Stage {
        /** Takes over the links that were early. */
        TAKEOVER,
        /** Collects the epochs that a quorum has promised. */
        DISCOVERY,
        /** Collects a quorum's promises of its own epoch. */
        PROMISES,
        /** Gives a quorum its history. */
        SYNCHRONIZATION,
        /** Is established. */
        BROADCAST
    }

    private static final int DISCOVERY_TICKS_MAX = 2;
    private static final int DISCOVERY_WAITS_MAX = 10;

    private final Member member;
    private final long round;

    /** What this server was elected with; nobody it leads may have more (E1). */
    private final Vote own;

    private final Learners learners;

    /** Voters that have promised our epoch, and not before it was ours (S15). */
    private final TreeSet<Long> promises = new TreeSet<>();

    /** Voters that look again, in a later round. */
    private final TreeSet<Long> lost = new TreeSet<>();

    private Vote vote;
    private Stage stage = Stage.TAKEOVER;
    private long stageEndsMs;
    private long pingAtMs;
    private boolean isHalfTick;
    private int epoch = -1;
    private @Nullable Broadcast broadcast;
    private @Nullable Synchronizer synchronizer;

    Leading(Member member, Vote vote, long round) {
        this.member = member;
        this.vote = vote;
        this.round = round;
        this.own = member.candidacy();
        this.learners = new Learners(member);
    }

    void begin(EarlyLinks early) {
        long nowMs = member.nowMs();
        Peer.Timing timing = member.timing();
        long discoveryMs =
                Math.max(
                        (long) DISCOVERY_TICKS_MAX * timing.tickTimeMs(),
                        (long) DISCOVERY_WAITS_MAX * timing.finalizeWaitMs());
        stageEndsMs = nowMs + Math.min(timing.initMs(), discoveryMs);
        pingAtMs = nowMs + member.timing().halfTickMs();
        early.handTo(this);
        stage = Stage.DISCOVERY;
        maybeFixEpoch();
    }

    private boolean isEstablished() {
        return stage == Stage.BROADCAST;
    }

    private Broadcast broadcast() {
        return Objects.requireNonNull(broadcast);
    }

    // Who dials us

    @Override
    public void onAccepted(long link) {
        learners.add(link);
    }

    @Override
    public void onLinkDown(long link) {
        Learner learner = learners.on(link);
        if (learner != null) {
            learners.forget(learner);
            maybeGiveWay();
        }
    }

    /** They turn to the next leader, each as it hears of it (protocol 17.5). */
    private void maybeGiveWay() {
        if (isEstablished() && broadcast().hasSuccessor() && !hasQuorum()) {
            resign("a reconfiguration has named another leader");
        }
    }

    @Override
    public void onProgress(long link) {
        Learner learner = learners.on(link);
        if (learner != null) {
            learner.heardMs = member.nowMs();
        }
    }

    @Override
    public void onMessage(long link, Message message) {
        Learner learner = learners.on(link);
        if (learner == null) {
            return;
        }
        learner.heardMs = member.nowMs();
        switch (message) {
            case Message.FollowerInfo(int accepted, var facts) ->
                    onIntroduced(learner, accepted, facts, false);
            case Message.ObserverInfo(int accepted, var facts) ->
                    onIntroduced(learner, accepted, facts, true);
            case Message.AckEpoch ack -> onAckEpoch(learner, ack);
            case Message.Ack(long zxid) -> onAck(learner, zxid);
            case Message.Pong _, Message.Forward _, Message.Revalidate _ -> {
                if (learner.phase == Phase.SERVING) {
                    member.stateMachine().onLearnerMessage(link, message);
                }
            }
            case Message.LeaderInfo _,
                    Message.Diff _,
                    Message.Trunc _,
                    Message.Snap _,
                    Message.NewLeader _,
                    Message.UpToDate _,
                    Message.Proposal _,
                    Message.Commit _,
                    Message.CommitAndActivate _,
                    Message.Inform _,
                    Message.InformAndActivate _,
                    Message.Ping _,
                    Message.Revalidated _,
                    Message.Sync _ ->
                    learners.drop(learner);
        }
    }

    // Discovery: a new epoch, which a quorum promises

    private void onIntroduced(
            Learner learner, int accepted, Message.LearnerFacts facts, boolean isObserver) {
        if (learner.phase != Phase.CONNECTED || !isWelcome(accepted, facts)) {
            learners.drop(learner);
            return;
        }
        learners.dropOlder(facts.sid());
        boolean isMember = member.inForce().isMember(facts.sid());
        learner.sid = facts.sid();
        learner.isObserver = isObserver;
        learner.counts = countsFor(facts.sid(), isObserver);
        learner.isOurs = facts.protocolVersion() == Learning.PROTOCOL_VERSION;
        learner.enter(Phase.INTRODUCED, member.nowMs());
        lost.remove(facts.sid());
        if (isMember) {
            member.heardOfEpoch(accepted);
        }
        if (stage.compareTo(Stage.PROMISES) < 0) {
            maybeFixEpoch();
        } else if (accepted <= epoch) {
            sendLeaderInfo(learner);
        } else if (isMember) {
            resign("server " + facts.sid() + " has promised a later epoch"); // S17: it may not join
        } else {
            learners.drop(learner);
        }
    }

    /**
     * Rules S23, S24: who votes is said by the configurations that we know. Until the epoch stands,
     * whoever observes and is to vote promises and acks as a voter does: without it the
     * configuration that makes it one might never be completed (L1). Proposals it does not ack.
     */
    private boolean countsFor(long sid, boolean isObserver) {
        return member.inForce().isVoter(sid) && !(isObserver && isEstablished());
    }

    private boolean isWelcome(int accepted, Message.LearnerFacts facts) {
        return facts.sid() != member.sid()
                && (member.inForce().isMember(facts.sid()) || member.settings().admitsStrangers())
                && facts.configVersion() <= member.inForce().lastSeen().version()
                && accepted >= 0
                && accepted < Integer.MAX_VALUE;
    }

    /**
     * The epoch is above all that a quorum has promised; our own promise is the first (D2, S16).
     */
    private void maybeFixEpoch() {
        if (stage != Stage.DISCOVERY
                || !member.quorum().isQuorum(learners.votersFrom(Phase.INTRODUCED))) {
            return;
        }
        epoch = Math.addExact(member.newestEpoch(), 1);
        member.epochs().accept(epoch);
        promises.add(member.sid());
        enter(Stage.PROMISES);
        for (Learner learner : learners.in(Phase.INTRODUCED)) {
            sendLeaderInfo(learner);
        }
        maybeEndPromises();
    }

    private void enter(Stage next) {
        stage = next;
        stageEndsMs = member.nowMs() + member.timing().initMs();
    }

    private void sendLeaderInfo(Learner learner) {
        learner.enter(Phase.PROMISING, member.nowMs());
        member.links()
                .send(
                        learner.link,
                        learner.isOurs
                                ? new Message.LeaderInfo(epoch, Learning.PROTOCOL_VERSION)
                                : new Message.LeaderInfo(epoch));
    }

    private void onAckEpoch(Learner learner, Message.AckEpoch ack) {
        if (learner.phase == Phase.SYNCING && ack.equals(Message.AckEpoch.FOR_IMAGE)) {
            synchronizer().sendImage(learner); // T2: it could not be cut
        } else if (learner.phase != Phase.PROMISING) {
            learners.drop(learner);
        } else if (stage == Stage.PROMISES && isMoreRecent(ack)) {
            learners.drop(learner); // protocol 15.2 step 6: others may still be a quorum
        } else {
            onPromise(learner, ack);
        }
    }

    private boolean isMoreRecent(Message.AckEpoch ack) {
        return ack.currentEpoch() > own.peerEpoch()
                || (ack.currentEpoch() == own.peerEpoch() && ack.lastZxid() > own.zxid());
    }

    private void onPromise(Learner learner, Message.AckEpoch ack) {
        learner.lastZxid = ack.lastZxid();
        learner.enter(Phase.PROMISED, member.nowMs());
        if (learner.counts && ack.currentEpoch() != -1) {
            promises.add(learner.sid);
        }
        if (stage == Stage.PROMISES) {
            maybeEndPromises();
        } else {
            synchronize(learner);
        }
    }

    // Synchronization: our history becomes a quorum's

    /** S15: nobody else has a quorum's promises for this epoch. Our own history is durable (D5). */
    private void maybeEndPromises() {
        if (!member.quorum().isQuorum(promises)) {
            return;
        }
        assert member.history().isSettled() : "D5";
        assert member.epochs().accepted() == epoch && member.epochs().current() < epoch : "S16";
        member.epochs().establish(epoch);
        member.inForce().number(Zxid.of(epoch, 0));
        Broadcast begun = new Broadcast(member, learners, epoch);
        broadcast = begun;
        synchronizer = new Synchronizer(member, begun, epoch);
        enter(Stage.SYNCHRONIZATION);
        for (Learner learner : learners.in(Phase.PROMISED)) {
            synchronize(learner);
        }
        maybeEstablish();
    }

    private Synchronizer synchronizer() {
        return Objects.requireNonNull(synchronizer);
    }

    /** Rule S23: who comes during a reconfiguration waits until that is decided. */
    private void synchronize(Learner learner) {
        if (isEstablished() && member.inForce().next() != null) {
            return;
        }
        synchronizer().begin(learner);
        learners.updateAudience();
        assert learner.phase == Phase.LOCATING || learners.hears(learner) : "S9";
    }

    @Override
    public void onLocated(long link, long zxid) {
        Learner learner = learners.on(link);
        if (learner == null || learner.phase != Phase.LOCATING) {
            return;
        }
        if (isEstablished() && member.inForce().next() != null) {
            learners.drop(learner); // S23: it comes again
        } else {
            synchronizer().onLocated(learner, zxid);
            learners.updateAudience();
        }
    }

    private void onAck(Learner learner, long zxid) {
        if (!learner.isAtLeast(Phase.SYNCING) || zxid > broadcast().lastProposed()) {
            learners.drop(learner);
        } else if (zxid == Zxid.of(epoch, 0)) {
            onNewLeaderAcked(learner);
        } else if (Zxid.counter(zxid) != 0) {
            onProposalAcked(learner, zxid);
        }
    }

    /**
     * Some of Apache's learners ack proposals before the epoch: they count later (protocol 15.2).
     */
    private void onProposalAcked(Learner learner, long zxid) {
        learner.onAck(zxid);
        member.stateMachine().onAcked(learner.sid, zxid);
        if (isEstablished() && learner.counts && learner.isAtLeast(Phase.READY)) {
            advance();
        }
    }

    /** The second one says nothing new (protocol 15.2 step 11). */
    private void onNewLeaderAcked(Learner learner) {
        if (learner.phase != Phase.SYNCING) {
            return;
        }
        learner.onAck(learner.hardenedUpTo);
        learner.enter(Phase.READY, member.nowMs());
        if (isEstablished()) {
            sendUpToDate(learner);
            advance();
        } else {
            maybeEstablish();
        }
    }

    private void sendUpToDate(Learner learner) {
        learner.enter(Phase.SERVING, member.nowMs());
        learner.restartWatch(member.nowMs());
        member.links().send(learner.link, new Message.UpToDate());
    }

    /**
     * Our history is a quorum's: what was not committed in it is so now. It is delivered before
     * anything is proposed (S8), and from now on we say which epoch is established (E10).
     */
    private void maybeEstablish() {
        if (!hasQuorum()) {
            return;
        }
        History history = member.history();
        assert history.isSettled() && member.epochs().current() == epoch : "S18";
        assert member.quorum().isQuorum(promises) : "S15";
        stage = Stage.BROADCAST;
        vote = new Vote(member.sid(), vote.zxid(), epoch);
        history.deliver(history.last());
        member.noteCommitted(history.last());
        activateLastSeen();
        learners.recount();
        for (Learner learner : learners.in(Phase.READY)) {
            sendUpToDate(learner);
        }
        announce();
        member.inForce().show();
        member.stateMachine().onLeading(epoch);
    }

    /**
     * Rule S23: a quorum of it has all of our history, so it is decided, whoever began it. If it is
     * not ours to lead, the next leader goes on (protocol 17.5).
     */
    private void activateLastSeen() {
        InForce inForce = member.inForce();
        Membership seen = inForce.next();
        Membership before = seen == null ? null : inForce.activate(seen);
        if (before != null && !inForce.keeps(member.sid(), before)) {
            broadcast().end();
        }
    }

    /**
     * Rule L3: whoever still looks, and repeats its vote seldom by now, learns that it may join.
     */
    private void announce() {
        Notification notification = notification();
        for (Long sid : member.inForce().others()) {
            member.links().notify(sid, notification);
        }
    }

    private boolean hasQuorum() {
        return member.quorum().isQuorum(learners.votersFrom(Phase.READY));
    }

    // Broadcast

    @Override
    public boolean propose(DirectBuffer txn, int offset, int length) {
        assert isEstablished() : "S8";
        return broadcast().propose(txn, offset, length);
    }

    @Override
    public void onDurable(long zxid) {
        if (isEstablished()) {
            advance();
        }
    }

    private void advance() {
        if (broadcast().advance() && !broadcast().hasSuccessor()) {
            learners.in(Phase.PROMISED).forEach(this::synchronize);
        }
    }

    /** Whether so many have all of our history that they are a quorum of this one. */
    @Override
    public boolean isQuorumSynced(Membership membership) {
        TreeSet<Long> synced = new TreeSet<>();
        synced.add(member.sid());
        for (Learner learner : learners.in(Phase.SERVING)) {
            if (!learner.isObserver) {
                synced.add(learner.sid);
            }
        }
        return isEstablished() && membership.quorum().isQuorum(synced);
    }

    @Override
    public void answer(long link, Message message) {
        if (learners.on(link) != null) {
            member.links().send(link, message);
        }
    }

    @Override
    public void sync(long link, long atLeast) {
        if (isEstablished() && learners.on(link) != null) {
            broadcast().sync(link, atLeast);
        }
    }

    @Override
    public void handOver() {
        if (isEstablished()) {
            broadcast().end();
        } else {
            member.abstain();
            resign("asked to");
        }
    }

    @Override
    public boolean isEnding() {
        return isEstablished() && broadcast().isEnding();
    }

    // Time

    @Override
    public void onTick() {
        long nowMs = member.nowMs();
        if (!isEstablished() && nowMs >= stageEndsMs) {
            resign("no quorum in time for " + phase());
        } else if (isHandingOver()) {
            if (broadcast().isEnded()) {
                member.abstain();
            }
            resign("epoch " + epoch + " is used up, or was to end");
        } else if (nowMs >= pingAtMs) {
            pingAtMs = nowMs + member.timing().halfTickMs();
            onHalfTick();
        }
    }

    /** All that was proposed is committed, and the service was told; the next leader goes on. */
    private boolean isHandingOver() {
        return isEnding() && !broadcast().hasSuccessor() && broadcast().isDrained();
    }

    /** protocol 15.8: quorums are counted each tick, and at once when somebody is found silent. */
    private void onHalfTick() {
        boolean hasDropped = learners.dropSilent();
        isHalfTick = !isHalfTick;
        if (isEstablished() && (hasDropped || !isHalfTick) && !hasQuorum()) {
            resign("no quorum of followers"); // E6
            return;
        }
        Message ping = new Message.Ping(lastProposed());
        for (Learner learner : learners.audience()) {
            member.links().send(learner.link, ping);
        }
    }

    @Override
    public long nextDeadlineMs() {
        if (isHandingOver()) {
            return member.nowMs();
        }
        return isEstablished() ? pingAtMs : Math.min(stageEndsMs, pingAtMs);
    }

    /** Whoever looks is told. Without those who look again in a later round we may be too few. */
    @Override
    public void onNotification(long from, Notification notification) {
        if (notification.state() != ServerState.LOOKING) {
            return;
        }
        member.links().notify(from, notification());
        if (!isEstablished() && notification.round() > round && lost.add(from)) {
            TreeSet<Long> left = new TreeSet<>(member.quorum().voters());
            left.removeAll(lost);
            if (!member.quorum().isQuorum(left)) {
                resign("its voters look again");
            }
        }
    }

    private void resign(String why) {
        learners.closeAll();
        if (isEstablished() && broadcast().hasSuccessor()) {
            member.turnTo(broadcast().successor(), why);
        } else {
            member.becomeLooking(why);
        }
    }

    // What others see

    @Override
    public Notification notification() {
        return member.notification(ServerState.LEADING, vote, round);
    }

    @Override
    public ServerState state() {
        return ServerState.LEADING;
    }

    @Override
    public String phase() {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public long leader() {
        return member.sid();
    }

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public boolean isServing() {
        return isEstablished();
    }

    @Override
    public long lastProposed() {
        return isEstablished() ? broadcast().lastProposed() : member.history().last();
    }

    @Override
    public long lastCommitted() {
        return member.committed();
    }

    @Override
    public Peer.Following following() {
        return learners.following(isEstablished() ? broadcast().pendingSyncs() : 0);
    }

    @Override
    public SortedMap<Long, Long> acked() {
        SortedMap<Long, Long> acked = learners.acked();
        if (stage.compareTo(Stage.SYNCHRONIZATION) >= 0) {
            acked.put(member.sid(), member.history().durable());
        }
        return acked;
    }
}
