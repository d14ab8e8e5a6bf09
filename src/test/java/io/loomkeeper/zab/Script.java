package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One server whose others are played by the test, word by word: as Apache's servers speak. */
final class Script implements Journal, EpochStore, StateMachine, Links {
    static final long ME = 2;

    final Membership membership;
    final Configurations configurations;
    final List<Message> said = new ArrayList<>();
    final List<Long> closed = new ArrayList<>();
    final List<Notification> told = new ArrayList<>();
    final List<Long> delivered = new ArrayList<>();
    final List<Message> served = new ArrayList<>();
    final List<String> roles = new ArrayList<>();

    /** How many were delivered when the active configuration was shown last. */
    int deliveredWhenShown = -1;

    Peer peer;
    long nowMs = 1;
    private long last;
    private long applied;
    private long dialled = 100;
    private int accepted;
    private int current;

    record State(long zxid) implements Image {}

    /**
     * @param zxids its history
     */
    Script(int epoch, boolean admitsStrangers, long... zxids) {
        this(
                new Membership(
                        new Majority(new TreeSet<>(List.of(1L, 2L, 3L))),
                        new TreeSet<>(List.of(9L)),
                        0,
                        "version=0"),
                Configurations.fixed(),
                epoch,
                admitsStrangers,
                zxids);
    }

    /** One whose members may change. */
    Script(Membership membership, Roster roster) {
        this(membership, roster, 0);
    }

    /** One that was in that epoch already. */
    Script(Membership membership, Roster roster, int epoch) {
        this(membership, roster, epoch, true);
    }

    private Script(
            Membership membership,
            Configurations configurations,
            int epoch,
            boolean admitsStrangers,
            long... zxids) {
        this.membership = membership;
        this.configurations = configurations;
        List<Entry> recent = new ArrayList<>();
        for (long zxid : zxids) {
            recent.add(new Entry(zxid, bytes()));
            last = zxid;
        }
        accepted = epoch;
        current = epoch;
        applied = last;
        Peer.Settings settings =
                new Peer.Settings(
                        ME,
                        membership,
                        false,
                        new Peer.Timing(100, 10, 5),
                        100,
                        Peer.Settings.LAST_COUNTER,
                        admitsStrangers);
        peer =
                new Peer(
                        settings,
                        new Peer.Ports(this, this, this, this, configurations),
                        new Peer.Recovered(last, recent));
        tick(0);
    }

    static UnsafeBuffer bytes() {
        return new UnsafeBuffer(new byte[] {1, 2, 3});
    }

    static Message.Proposal proposal(long zxid) {
        return new Message.Proposal(zxid, bytes());
    }

    Script tick(long ms) {
        nowMs += ms;
        peer.onTick(nowMs);
        return this;
    }

    /** Server 1 votes for this one and everybody has spoken: it leads, server 1 is on link 1. */
    Script elected() {
        peer.onPeerReachable(3, false);
        Vote vote = told.getLast().vote();
        peer.onNotification(1, new Notification(ServerState.LOOKING, vote, 1, 2, null));
        assertTrue(peer.state() == ServerState.LEADING);
        return this;
    }

    /** Servers 1 and 3 have elected server 3. */
    Script following() {
        Vote vote = new Vote(3, Zxid.of(8, 99), 8);
        peer.onNotification(3, new Notification(ServerState.LEADING, vote, 1, 2, null));
        peer.onNotification(1, new Notification(ServerState.FOLLOWING, vote, 1, 2, null));
        assertTrue(peer.state() == ServerState.FOLLOWING);
        peer.onLinkUp(dialled);
        return this;
    }

    Script dialledBy(long link) {
        peer.onAccepted(link);
        return this;
    }

    /** A learner on a link, or the leader, says this. */
    Script hears(long link, Message... messages) {
        for (Message message : messages) {
            peer.onMessage(link, message);
        }
        return this;
    }

    Script hearsLeader(Message... messages) {
        return hears(dialled, messages);
    }

    static Message.FollowerInfo apacheFollower(long sid, int acceptedEpoch) {
        return new Message.FollowerInfo(acceptedEpoch, new Message.LearnerFacts(sid, 0x10000, 0));
    }

    Script force() {
        peer.onDurable(last);
        return this;
    }

    /** What was said since the last call. */
    List<Message> said() {
        List<Message> all = List.copyOf(said);
        said.clear();
        return all;
    }

    long propose() {
        long zxid = peer.nextZxid();
        assertTrue(peer.propose(bytes(), 0, 3));
        return zxid;
    }

    @Override
    public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
        assertTrue(zxid > last);
        last = zxid;
        return true;
    }

    @Override
    public long lastAppended() {
        return last;
    }

    @Override
    public void truncate(long zxid) {
        last = zxid;
    }

    void truncated() {
        applied = Math.min(applied, last);
        peer.onTruncated(last);
    }

    @Override
    public void install(Image image) {
        last = image.zxid();
    }

    void installed() {
        applied = last;
        peer.onInstalled(last);
    }

    @Override
    public void locate(long link, long zxid) {
        peer.onLocated(link, -1);
    }

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

    @Override
    public void notify(long sid, Notification notification) {
        told.add(notification);
    }

    @Override
    public long dial(long sid) {
        return ++dialled;
    }

    @Override
    public void send(long link, Message message) {
        said.add(message);
    }

    @Override
    public void sendHistory(long link, long afterZxid, long lastZxid) {
        throw new AssertionError("all is in memory");
    }

    @Override
    public void close(long link) {
        closed.add(link);
    }

    @Override
    public void onCommitted(long zxid) {
        applied = zxid;
        delivered.add(zxid);
    }

    @Override
    public void onDelivered(long zxid, DirectBuffer txn) {
        applied = zxid;
        delivered.add(zxid);
    }

    @Override
    public long lastApplied() {
        return applied;
    }

    @Override
    public Image image(List<Entry> tail) {
        return new State(tail.isEmpty() ? applied : tail.getLast().zxid());
    }

    @Override
    public void onLeading(int epoch) {
        roles.add("leading " + epoch);
    }

    @Override
    public void onFollowing(ServerState state, long leader, int epoch) {
        roles.add("following " + leader + " " + epoch);
    }

    @Override
    public void onLooking() {
        roles.add("looking");
    }

    @Override
    public void onLearnerMessage(long link, Message message) {
        served.add(message);
    }

    @Override
    public void onLearnerDown(long link) {}

    @Override
    public void onLeaderMessage(Message message) {
        served.add(message);
    }

    @Override
    public List<Message.Touched> takeTouched() {
        return List.of();
    }

    @Override
    public void onConfiguration(Membership active) {
        deliveredWhenShown = delivered.size();
    }
}
