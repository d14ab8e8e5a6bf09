package io.loomkeeper.zab;

import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/** This server as its roles see it: what outlives a role, and the one place where roles change. */
final class Member {
    private final Peer.Settings settings;
    private final Peer.Ports ports;
    private final History history;
    private final InForce inForce;
    private final TreeSet<Long> unreachable = new TreeSet<>();
    private Role role;
    private long nowMs = Long.MIN_VALUE;

    /** The round of the newest election here. It never falls (E4). */
    private long round;

    /** The newest epoch that anybody is known to have promised. */
    private int newestEpoch;

    /** Whether the history can be believed to be all that this server ever acked (E8). */
    private boolean isTrusted;

    /** The history could not be cut where a leader wanted: the next one is asked for an image. */
    private boolean isImageWanted;

    /** The last transaction that this process knows to be committed. */
    private long committed;

    /** Until then this server takes no part in elections: it has handed over its leadership. */
    private long abstainsUntilMs = Long.MIN_VALUE;

    private String reason = "";

    Member(Peer.Settings settings, Peer.Ports ports, Peer.Recovered recovered) {
        this.settings = settings;
        this.ports = ports;
        this.history =
                new History(
                        ports.journal(),
                        ports.stateMachine(),
                        settings.commitLogCount(),
                        recovered);
        this.inForce = new InForce(ports, settings.sid(), settings.membership());
        this.isTrusted = recovered.lastZxid() >= 0;
        this.newestEpoch = acceptedEpoch();
        this.role = new Looking(this);
    }

    private Member(Peer.Settings settings, Peer.Ports ports, Alone role, long recovered) {
        this.settings = settings;
        this.ports = ports;
        this.history =
                new History(
                        ports.journal(),
                        ports.stateMachine(),
                        0,
                        new Peer.Recovered(recovered, List.of()));
        this.inForce = new InForce(ports, settings.sid(), settings.membership());
        this.isTrusted = true;
        this.role = role;
    }

    /** A server that needs no others: it has no links, and its epochs never change. */
    static Member alone(Journal journal, StateMachine stateMachine, long recovered) {
        Majority self = new Majority(new TreeSet<>(List.of(0L)));
        Peer.Settings settings =
                new Peer.Settings(
                        0,
                        new Membership(self, Collections.emptySortedSet(), 0, ""),
                        false,
                        new Peer.Timing(1, 1, 1));
        Peer.Ports ports = new Peer.Ports(journal, new NoEpochs(), stateMachine, new NoLinks());
        return new Member(settings, ports, new Alone(journal, stateMachine, recovered), recovered);
    }

    Peer.Settings settings() {
        return settings;
    }

    Peer.Timing timing() {
        return settings.timing();
    }

    InForce inForce() {
        return inForce;
    }

    /** Of every configuration in force. */
    Quorum quorum() {
        return inForce.quorum();
    }

    /** The active configuration as text, for others. */
    String configText() {
        return inForce.active().text();
    }

    /** What this server tells others of itself (protocol 16.3). */
    Notification notification(ServerState state, Vote vote, long electionRound) {
        Membership next = inForce.next();
        return new Notification(
                state,
                vote,
                electionRound,
                Notification.VERSION,
                configText(),
                next == null ? null : next.text());
    }

    boolean isObserver() {
        return inForce.isDynamic()
                ? inForce.active().observers().contains(sid())
                : settings.isObserver();
    }

    /** Of any configuration in force: who observes and is to vote has to help that to come (L1). */
    boolean isVoter() {
        return inForce.isVoter(sid());
    }

    long sid() {
        return settings.sid();
    }

    Links links() {
        return ports.links();
    }

    EpochStore epochs() {
        return ports.epochs();
    }

    StateMachine stateMachine() {
        return ports.stateMachine();
    }

    Journal journal() {
        return ports.journal();
    }

    History history() {
        return history;
    }

    Role role() {
        return role;
    }

    long nowMs() {
        return nowMs;
    }

    long round() {
        return round;
    }

    /** Rule E4. */
    void adoptRound(long newer) {
        assert newer >= round : "E4: round " + newer + " after " + round;
        round = newer;
    }

    boolean isTrusted() {
        return isTrusted;
    }

    void trust() {
        isTrusted = true;
    }

    void wantImage() {
        isImageWanted = true;
    }

    /** Whether an image is to be asked for; once. */
    boolean takeImageWanted() {
        boolean was = isImageWanted;
        isImageWanted = false;
        return was;
    }

    /**
     * Whoever hands over is about to stop, and would be elected again at once: its history is as
     * long as any. If it does not stop, it takes part when the others have had time to decide, a
     * tick and the last wait of an election (L1).
     */
    void abstain() {
        abstainsUntilMs = nowMs + timing().tickTimeMs() + timing().finalizeWaitMs();
    }

    long abstainsUntilMs() {
        return abstainsUntilMs;
    }

    long committed() {
        return committed;
    }

    void noteCommitted(long zxid) {
        committed = Math.max(committed, zxid);
    }

    /** Whether nothing can come from this server now. */
    boolean isUnreachable(long sid) {
        return unreachable.contains(sid);
    }

    /**
     * The newest epoch promised here. A history that was written alone, or before its epochs were
     * kept, may have gone further than the promises.
     */
    int acceptedEpoch() {
        return Math.max(ports.epochs().accepted(), Zxid.epoch(history.last()));
    }

    int newestEpoch() {
        return Math.max(newestEpoch, acceptedEpoch());
    }

    void heardOfEpoch(int epoch) {
        newestEpoch = Math.max(newestEpoch, epoch);
    }

    /** What this server votes with: durable, all of it (D1, E1). */
    Vote candidacy() {
        assert history.isSettled() : "D1";
        return isVoter()
                ? new Vote(sid(), isTrusted ? history.last() : -1, ports.epochs().current())
                : Vote.NONE;
    }

    void onTick(long newNowMs) {
        assert newNowMs >= nowMs : "time goes back";
        nowMs = newNowMs;
        role.onTick();
    }

    long nextDeadlineMs() {
        return role.nextDeadlineMs();
    }

    /** Rule E2: votes of others than voters are answered, and do not count (protocol 16.4). */
    void onNotification(long from, Notification notification) {
        if (from == sid()) {
            return;
        }
        if (role.state() == ServerState.LOOKING) {
            maybeAdopt(notification);
        }
        if (inForce.isVoter(from)) {
            role.onNotification(from, notification);
        } else if (notification.state() == ServerState.LOOKING) {
            links().notify(from, role.notification());
        }
    }

    /** Somebody goes by a newer configuration: it was committed there (protocol 16.4). */
    private void maybeAdopt(Notification notification) {
        Membership theirs =
                configText().equals(notification.config())
                        ? null
                        : inForce.read(notification.config());
        if (theirs != null && inForce.activate(theirs) != null) {
            becomeLooking("there is a newer configuration");
        }
    }

    void onPeerReachable(long sid, boolean isReachable) {
        if (isReachable ? unreachable.remove(sid) : unreachable.add(sid)) {
            role.onPeerReachable(sid, isReachable);
        }
    }

    void onDurable(long zxid) {
        if (!(role instanceof Alone)) {
            history.onDurable(zxid);
        }
        role.onDurable(zxid);
        history.trim();
    }

    void onTruncated(long zxid) {
        history.onTruncated(zxid);
        role.onHistoryChanged();
    }

    void onInstalled(long zxid) {
        if (!(role instanceof Alone)) {
            history.onInstalled(zxid);
        }
        role.onHistoryChanged();
    }

    /** Whatever this server was, it serves nobody now (S13). */
    void becomeLooking(String why) {
        reason = why;
        role = new Looking(this);
        ports.stateMachine().onLooking();
    }

    /**
     * A reconfiguration says who leads next: no election is needed (protocol 17.5). Whether it can
     * lead shows as with any other.
     */
    void turnTo(long designated, String why) {
        reason = why;
        role = new Looking(this, new Vote(designated, history.last(), ports.epochs().current()));
        ports.stateMachine().onLooking();
    }

    /**
     * @param early links that others have opened already, because they knew first
     */
    void becomeLeading(Vote vote, long electedInRound, EarlyLinks early) {
        Leading leading = new Leading(this, vote, electedInRound);
        role = leading;
        leading.begin(early);
    }

    void becomeLearning(Vote vote, long electedInRound) {
        Learning learning = new Learning(this, vote, electedInRound);
        role = learning;
        learning.begin();
    }

    Peer.Probe probe() {
        Notification told = role.notification();
        return new Peer.Probe(
                role.state(),
                role.phase(),
                reason,
                ports.epochs().accepted(),
                ports.epochs().current(),
                role.epoch(),
                role.leader(),
                told.vote(),
                told.round(),
                history.last(),
                history.durable(),
                role.lastCommitted(),
                ports.stateMachine().lastApplied(),
                role.isServing(),
                role.acked(),
                role.following());
    }

    /** The links of a server that has no others. */
    private static final class NoLinks implements Links {
        @Override
        public void notify(long sid, Notification notification) {}

        @Override
        public long dial(long sid) {
            throw new IllegalStateException("there is nobody");
        }

        @Override
        public void send(long link, Message message) {}

        @Override
        public void sendHistory(long link, long afterZxid, long lastZxid) {}

        @Override
        public void close(long link) {}
    }

    /** The epochs of a server that has no elections. */
    private static final class NoEpochs implements EpochStore {
        @Override
        public int accepted() {
            return 0;
        }

        @Override
        public int current() {
            return 0;
        }

        @Override
        public void accept(int epoch) {
            throw new IllegalStateException("there is nobody");
        }

        @Override
        public void establish(int epoch) {
            throw new IllegalStateException("there is nobody");
        }
    }
}
