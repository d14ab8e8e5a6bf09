package io.loomkeeper.zab;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The role of a server that has no leader. It votes when everything that it has appended is durable
 * (D1), and not at once when it has handed its leadership over; it leaves the role when the {@link
 * Election} is decided.
 */
final class Looking implements Role {
    private final Member member;
    private final EarlyLinks early;

    /** The newest of each voter, until we vote ourselves. */
    private final TreeMap<Long, Notification> heard = new TreeMap<>();

    /** Whom a reconfiguration has named; null: that is for an election to say. */
    private final @Nullable Vote designated;

    private @Nullable Election election;

    Looking(Member member) {
        this(member, null);
    }

    Looking(Member member, @Nullable Vote designated) {
        this.member = member;
        this.early = new EarlyLinks(member.links());
        this.designated = designated;
    }

    @Override
    public void onTick() {
        if (election != null) {
            election.onTick();
            maybeConclude(election);
        } else if (member.nowMs() >= beginsAtMs()) {
            begin();
        }
    }

    /** What is not durable is not voted with (D1). */
    private long beginsAtMs() {
        return member.history().isSettled()
                ? Math.max(member.nowMs(), member.abstainsUntilMs())
                : Long.MAX_VALUE;
    }

    private void begin() {
        if (designated != null) {
            conclude(designated, member.round());
            return;
        }
        Election begun = new Election(member);
        election = begun;
        begun.begin();
        for (Map.Entry<Long, Notification> vote : heard.entrySet()) {
            if (begun.decided() == null) {
                begun.onNotification(vote.getKey(), vote.getValue());
            }
        }
        heard.clear();
        maybeConclude(begun);
    }

    private void maybeConclude(Election held) {
        Ballot decided = held.decided();
        if (decided != null) {
            conclude(decided.vote(), decided.round());
        }
    }

    private void conclude(Vote vote, long round) {
        if (vote.leader() == member.sid()) {
            member.becomeLeading(vote, round, early);
        } else {
            early.closeAll();
            member.becomeLearning(vote, round);
        }
    }

    @Override
    public long nextDeadlineMs() {
        return election == null ? beginsAtMs() : election.nextDeadlineMs();
    }

    @Override
    public void onNotification(long from, Notification notification) {
        if (election == null) {
            heard.put(from, notification);
        } else {
            election.onNotification(from, notification);
            maybeConclude(election);
        }
    }

    @Override
    public void onPeerReachable(long sid, boolean isReachable) {
        if (election != null) {
            election.onPeerReachable(isReachable);
            maybeConclude(election);
        }
    }

    @Override
    public void onAccepted(long link) {
        early.onAccepted(link);
    }

    @Override
    public void onLinkDown(long link) {
        early.onLinkDown(link);
    }

    @Override
    public void onMessage(long link, Message message) {
        early.onMessage(link, message);
    }

    /** The next tick begins, if that was the last we waited for. */
    @Override
    public void onDurable(long zxid) {}

    @Override
    public Notification notification() {
        if (election != null) {
            return election.notification();
        }
        return member.notification(ServerState.LOOKING, Vote.NONE, member.round());
    }

    @Override
    public ServerState state() {
        return ServerState.LOOKING;
    }

    @Override
    public String phase() {
        return election == null ? "settling" : "election";
    }

    @Override
    public long leader() {
        return -1;
    }

    @Override
    public int epoch() {
        return -1;
    }

    @Override
    public boolean isServing() {
        return false;
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
